//! `audit verify` and `audit head`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Subcommand;

use crate::{
    app,
    config::Config,
    storage::{
        StoreError, Tx,
        audit::{self, BrokenLink, Head, Verified},
        register_audit,
    },
};

#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Recompute every chain and name the first broken link.
    Verify {
        /// Heads exported earlier by `audit head`: finds what was cut off at the end.
        #[arg(long)]
        heads: Option<PathBuf>,
    },
    /// Print the heads of all chains as JSON, to be kept elsewhere.
    Head,
}

impl AuditCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let store = app::open_store(&config).await?;
        let mut tx = store.read().await?;
        match self {
            Self::Head => {
                let mut heads = audit::heads(&mut tx).await?;
                heads.extend(register_audit::heads(&mut tx).await?);
                println!("{}", serde_json::to_string_pretty(&heads)?);
                Ok(ExitCode::SUCCESS)
            }
            Self::Verify { heads } => {
                let exported = heads.as_deref().map(read).transpose()?.unwrap_or_default();
                match verify(&mut tx, exported).await? {
                    Ok(found) => {
                        println!(
                            "{} entries in {} chains are as they were written.",
                            found.entries, found.chains
                        );
                        Ok(ExitCode::SUCCESS)
                    }
                    Err(broken) => {
                        eprintln!("The audit is broken: {broken}");
                        Ok(ExitCode::FAILURE)
                    }
                }
            }
        }
    }
}

/// The chains of subjects first, then those of registers.
async fn verify(tx: &mut Tx, exported: Vec<Head>) -> Result<Result<Verified, BrokenLink>, StoreError> {
    let (registers, subjects): (Vec<_>, Vec<_>) = exported.into_iter().partition(register_audit::is_register);
    let found = match audit::verify(tx, &subjects).await? {
        Ok(found) => found,
        broken => return Ok(broken),
    };
    let own = register_audit::verify(tx, &registers).await?;
    Ok(own.map(|own| Verified { chains: found.chains + own.chains, entries: found.entries + own.entries }))
}

fn read(path: &Path) -> anyhow::Result<Vec<Head>> {
    let text = fs::read_to_string(path).with_context(|| format!("{} can't be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} holds no heads of `audit head`", path.display()))
}
