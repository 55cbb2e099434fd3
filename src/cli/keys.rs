//! `keys make` and `keys rotate`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

use super::Configured;
use crate::{app, clock::Chance, config::Config, secrets::Keys, services::key_rotation};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// Make a new file of keys, for `keys.file`; a file that is there stays as it is.
    Make {
        /// Where to write it, readable by its owner alone.
        file: PathBuf,
    },
    /// Make new keys for fields and look-ups and re-encrypt everything, while nodes are serving.
    Rotate,
}

impl KeysCommand {
    /// A new file needs no configuration: it is made before there is a working one.
    pub(super) async fn run(self, configured: &Configured) -> anyhow::Result<ExitCode> {
        match self {
            Self::Make { file } => make(&file),
            Self::Rotate => rotate(super::load(configured)?).await,
        }
    }
}

fn make(file: &Path) -> anyhow::Result<ExitCode> {
    let chance = Chance::from_system();
    Keys::create(file, |bytes| chance.fill(bytes))?;
    println!(
        "The keys are in {}, readable by you alone. Whoever runs daftari must own the file.\n\
         Keep a copy apart from the database: without them neither a field nor a PIN can be read again.",
        file.display()
    );
    Ok(ExitCode::SUCCESS)
}

async fn rotate(config: Config) -> anyhow::Result<ExitCode> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_made_that_the_program_loads_and_never_made_twice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys");
        make(&file).unwrap();
        let made = std::fs::read(&file).unwrap();
        assert!(Keys::load(&file).is_ok());
        assert!(make(&file).unwrap_err().to_string().contains("exists already"));
        assert_eq!(std::fs::read(&file).unwrap(), made);
    }
}
