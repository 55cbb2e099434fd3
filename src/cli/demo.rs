//! `demo`: the embedded default with demo data, in a folder that is gone afterwards, so that every start is the same.

use std::{net::SocketAddr, path::Path, process::ExitCode};

use anyhow::Context as _;
use clap::Args;

use super::menu::{DIAL_FILE, DialFile};
use crate::{
    app::App,
    clock::{Chance, Clock},
    config::{Config, Environment},
    services::demo,
    telemetry::{logs, metrics::Metrics},
    web::serve,
    workers,
};

#[derive(Args)]
pub(super) struct Demo {
    /// Where to listen; loopback only.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Serve the menus of this folder and read them again when they change.
    #[arg(long)]
    menus: Option<std::path::PathBuf>,
}

impl Demo {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let folder = tempfile::tempdir().context("The demo needs a folder for its database")?;
        let chance = Chance::from_system();
        let config = Config::demo(&self.environment(folder.path()), &mut |bytes| chance.fill(bytes))
            .map_err(|faults| anyhow::anyhow!("{faults}"))?;
        logs::install(&config.log)?;
        let app = App::start(config, Clock::System, chance).await?;
        if let Some(route) = &app.simulator {
            demo::set_lines(route);
        }
        demo::fill(&app.deps, &app.menus.current()).await?;
        let listening = serve::serve(&app, Metrics::install()?).await?;
        workers::start(&app);
        app.lifecycle.listen_to_signals()?;
        let dial = DialFile::of(listening.public, &app.config.server.callback_secrets);
        let written = dial.write(Path::new(DIAL_FILE));
        if let Err(error) = &written {
            tracing::warn!(
                "`menu play` will need --url and --secret, because var/ can't be written: {error}"
            );
        }
        banner(&app, listening);
        app.lifecycle.wait().await;
        app.deps.store.close().await;
        dial.remove(Path::new(DIAL_FILE));
        Ok(ExitCode::SUCCESS)
    }

    /// The demo's configuration, elsewhere, and nothing of the machine's own environment.
    fn environment(&self, folder: &Path) -> Environment {
        let database = format!("sqlite://{}", folder.join("daftari.db").display());
        let mut pairs = vec![
            ("DAFTARI_DATABASE__URL", database),
            ("DAFTARI_SERVER__LISTEN", self.listen.to_string()),
            ("DAFTARI_SERVER__ADMIN_LISTEN", SocketAddr::new(self.listen.ip(), 0).to_string()),
            ("DAFTARI_LOG__LEVEL", "warn".to_owned()),
        ];
        if let Some(menus) = &self.menus {
            pairs.push(("DAFTARI_MENUS__DIR", menus.display().to_string()));
        }
        pairs.into_iter().collect()
    }
}

fn banner(app: &App, listening: serve::Listening) {
    let code = &app.config.ussd.service_code;
    println!(
        "daftari demo: nothing leaves this machine, and every start is the same.\n\
         \n\
         Phones in the browser, with their SMS:\n\
         \x20   http://{}/simulator\n\
         \n\
         Or dial it from a second terminal:\n\
         \x20   cargo run -- menu play                          a phone without an account (+254700000010)\n\
         \x20   cargo run -- menu play --phone +254700000001    a phone with an account, PIN 135790\n\
         \x20   cargo run -- menu play --phone +254700000002    a centre's manager: centre 12345001, PIN 24681357\n\
         \x20   cargo run -- menu play --phone +254700000003    the director of its sub-county, PIN 86427531\n\
         \x20   cargo run -- menu play --phone +254700000004    an account as above; its line refuses SMS, so codes come as calls\n\
         \x20   cargo run -- menu play --phone +254700000005    the same; no SMS is reported on, so codes come twice\n\
         The portal: http://{}/portal (for a first password dial, type the PIN, choose Web portal)\n\
         \n\
         Numbers +254700000010 to +254700000099 have no account. The service code is {code}.\n\
         \n\
         Health:  http://{}/readyz\n\
         Metrics: http://{}/metrics\n\
         Stop it with Ctrl-C.",
        listening.public, listening.public, listening.public, listening.admin
    );
}
