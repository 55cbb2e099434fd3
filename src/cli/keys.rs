//! `keys rotate`.

use std::process::ExitCode;

use clap::Subcommand;

use crate::{app, clock::Chance, config::Config, services::key_rotation};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make new keys for fields and look-ups and re-encrypt everything, while nodes are serving.
    Rotate,
}

impl KeysCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let Self::Rotate = self;
        let chance = Chance::from_system();
        let store = app::open_store(&config).await?;
        let keys = app::open_keys(&config, &chance)?;
        let rotated =
            key_rotation::rotate(&store, &keys, &chance, tokio::time::sleep, &mut |step| println!("{step}"))
                .await?;
        println!(
            "{} fields re-encrypted, {} look-ups made anew. The old keys are retired.",
            rotated.fields, rotated.lookups
        );
        Ok(ExitCode::SUCCESS)
    }
}
