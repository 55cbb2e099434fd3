//! `menu check`, `menu play` and `menu graph`.

use std::{
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::Configured;
use crate::{
    app,
    clock::{Chance, Clock},
    menu::{
        Menus, check,
        definition::{Bundle, Complaint},
        graph,
    },
    model::{Language, Msisdn, Network},
    phones::{
        phone::Phone,
        terminal::{self, HttpInbox},
        wire::{Aggregator, Line, Sources, Wire},
    },
    services::demo::DemoPhone,
};

/// Where a running demo says how to dial it.
pub(super) const DIAL_FILE: &str = "var/demo-dial.json";

#[derive(Subcommand)]
pub(super) enum MenuCommand {
    /// Prove the menus: reachable, complete, and every screen within its budget in every language.
    Check {
        /// The folder with the menus; without it those of the configuration.
        dir: Option<PathBuf>,
    },
    /// A phone in the terminal.
    Play(Play),
    /// A picture of a journey, as Mermaid text.
    Graph {
        /// The journey, e.g. `account`; without it all of them.
        journey: Option<String>,
        /// The language of the labels.
        #[arg(long, value_enum, default_value = "en")]
        language: Tongue,
        /// The folder with the menus.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Tongue {
    En,
    Sw,
}

/// How to dial.
#[derive(Args)]
pub(super) struct Play {
    /// The gateway, e.g. <http://127.0.0.1:8080>; without it the demo that is running.
    #[arg(long)]
    url: Option<String>,
    /// The callback secret of that gateway.
    #[arg(long, env = "DAFTARI_SERVER__CALLBACK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// The phone's number.
    #[arg(long, default_value = "+254700000010")]
    phone: String,
    /// The network's code; without it that of the demo's phone, else 63902.
    #[arg(long)]
    network: Option<String>,
    /// What to dial.
    #[arg(long, default_value = "*384*2547#")]
    code: String,
    /// Play an aggregator that sends only the latest input.
    #[arg(long)]
    hubtel: bool,
    /// Walk the menus without a gateway: you choose how each action comes out.
    #[arg(long)]
    menus_only: bool,
    /// The folder with the menus, with --menus-only.
    #[arg(long)]
    dir: Option<PathBuf>,
}

impl MenuCommand {
    pub(super) async fn run(self, configured: &Configured) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check { dir } => check(configured, dir.as_deref()),
            Self::Play(play) => play.run(configured).await,
            Self::Graph { journey, language, dir } => {
                let menus = Menus::compile(bundle(configured, dir.as_deref())?.0).map_err(told)?;
                let language = match language {
                    Tongue::En => Language::En,
                    Tongue::Sw => Language::Sw,
                };
                print!("{}", graph::mermaid(&menus, journey.as_deref(), language));
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// The menus to look at and how many septets a screen of theirs may have.
fn bundle(configured: &Configured, dir: Option<&Path>) -> anyhow::Result<(Bundle, usize)> {
    let config =
        super::read(configured).map_err(|faults| anyhow::anyhow!("The configuration is wrong:\n{faults}"))?;
    let bundle = match dir {
        Some(dir) => Bundle::read(dir).with_context(|| format!("{} can't be read", dir.display()))?,
        None => app::bundle(&config)?,
    };
    Ok((bundle, config.ussd.screen_septets))
}

fn check(configured: &Configured, dir: Option<&Path>) -> anyhow::Result<ExitCode> {
    let (bundle, budget) = bundle(configured, dir)?;
    match check::load(bundle, budget) {
        Ok(menus) => {
            println!(
                "{} screens in {} languages are proved: each within {budget} septets with the longest values.",
                menus.screens.len(),
                Language::ALL.len()
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(complaints) => {
            eprintln!("{}", listed(&complaints));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn listed(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[allow(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn told(complaints: Vec<Complaint>) -> anyhow::Error {
    anyhow::anyhow!("{}", listed(&complaints))
}

impl Play {
    async fn run(self, configured: &Configured) -> anyhow::Result<ExitCode> {
        let mut keys = tokio::io::BufReader::new(tokio::io::stdin());
        if self.menus_only {
            let (bundle, budget) = bundle(configured, self.dir.as_deref())?;
            let menus: Arc<Menus> = check::load(bundle, budget).map_err(told)?;
            terminal::play_menus_alone(&menus, &mut keys, &mut io::stdout()).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let dial = self.dial()?;
        let Some(msisdn) = Msisdn::from_network(&self.phone) else {
            bail!("--phone takes a number such as +254700000010");
        };
        let wire = if self.hubtel { Wire::Hubtel } else { Wire::AfricasTalking };
        let (chance, clock) = (Chance::from_system(), Clock::System);
        let sources = Sources::new(move || chance.bytes(), move || clock.now());
        let secret = SecretString::from(dial.secret);
        let aggregator = Aggregator::new(&dial.url, secret, &self.code, wire, sources)?;
        let usual = DemoPhone::of(&msisdn).map_or("63902", |phone| phone.network);
        let network = Network::from_code(self.network.as_deref().unwrap_or(usual));
        let line = Line { msisdn, network };
        let inbox = HttpInbox::new(&dial.url)?;
        terminal::play(Phone::new(aggregator, line), &inbox, &self.code, &mut keys, &mut io::stdout())
            .await?;
        Ok(ExitCode::SUCCESS)
    }

    fn dial(&self) -> anyhow::Result<DialFile> {
        match (&self.url, &self.secret) {
            (Some(url), Some(secret)) => Ok(DialFile { url: url.clone(), secret: secret.clone() }),
            (Some(_), None) => bail!("--url needs the gateway's callback secret: --secret, or DAFTARI_SERVER__CALLBACK_SECRET"),
            _ => DialFile::read(Path::new(DIAL_FILE)).context(
                "No demo is running here. Start one with `cargo run -- demo`, or name a gateway with --url and --secret",
            ),
        }
    }
}

/// How to dial a running demo.
#[derive(Serialize, Deserialize)]
pub(super) struct DialFile {
    pub(super) url: String,
    pub(super) secret: String,
}

impl DialFile {
    pub(super) fn of(listening: SocketAddr, secrets: &[SecretString]) -> Self {
        let secret = secrets.first().map(|s| s.expose_secret().to_owned()).unwrap_or_default();
        Self { url: format!("http://{listening}"), secret }
    }

    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        Ok(serde_json::from_str(&fs::read_to_string(path)?)?)
    }

    /// Write it for this user alone.
    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let _ = fs::remove_file(path);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(serde_json::to_string(self)?.as_bytes())
    }

    /// Remove it, unless another demo has written its own since.
    pub(super) fn remove(&self, path: &Path) {
        if Self::read(path).is_ok_and(|there| there.url == self.url && there.secret == self.secret) {
            let _ = fs::remove_file(path);
        }
    }
}
