//! `serve` and `migrate`.

use std::process::ExitCode;

use anyhow::Context as _;
use secrecy::ExposeSecret as _;

use crate::{
    app::App,
    clock::{Chance, Clock},
    config::Config,
    lifecycle::Ended,
    storage::{IfMissing, Store},
    telemetry::metrics::Metrics,
    web::serve,
    workers,
};

pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let app = App::start(config, Clock::System, Chance::from_system()).await?;
    let metrics = Metrics::install()?;
    let listening = serve::serve(&app, metrics).await?;
    workers::start(&app);
    app.lifecycle.listen_to_signals()?;
    tracing::info!(
        menus = app.menus.current().version,
        state = app.sessions.kind(),
        "Serving on {}; metrics on {}",
        listening.public,
        listening.admin
    );
    let ended = app.lifecycle.wait().await;
    app.deps.store.close().await;
    if ended == Ended::Hard {
        tracing::warn!(
            "Stopped before everything was finished; what was claimed is taken up at the next start"
        );
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn migrate(config: Config) -> anyhow::Result<ExitCode> {
    let database = &config.database;
    let store =
        Store::connect(database.url.expose_secret(), database.max_connections, IfMissing::Create).await?;
    store.migrate().await.context("The database is as it was")?;
    store.close().await;
    println!("The database is at this program's version.");
    Ok(ExitCode::SUCCESS)
}
