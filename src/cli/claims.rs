//! `claims list`, `export` and `import`: what is owed, what goes to the payer, and what the payer has paid.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::private;
use crate::{
    app,
    clock::{Chance, Clock},
    config::Config,
    documents::cells::quoted,
    model::pay::Block,
    services::{
        Deps,
        pay::{self, Batch, Line, shillings},
    },
};

#[derive(Subcommand)]
pub(super) enum ClaimsCommand {
    /// Count the claims of a series by their state, and those in whose way something is by the reason.
    List {
        /// The series.
        #[arg(long)]
        series: String,
    },
    /// Approve every claim that nothing is in the way of, and write the payer's file; each claim goes once.
    Export(Export),
    /// Take in what the payer has paid, and what could not be paid.
    Import(Import),
}

#[derive(Args)]
pub(super) struct Export {
    /// The series.
    #[arg(long)]
    series: String,
    /// The file to write, readable by its owner alone.
    #[arg(long)]
    out: PathBuf,
    /// Also the claims that the payer could not pay before.
    #[arg(long)]
    again: bool,
    /// Write the file of an earlier batch once more, and approve nothing.
    #[arg(long, conflicts_with = "again")]
    batch: Option<String>,
}

#[derive(Args)]
pub(super) struct Import {
    /// The CSV file: `claim`, `outcome` (paid or failed), `payer_ref`, `reason` (`no_line`, `name`, `limit`, `other`).
    #[arg(required_unless_present = "template")]
    file: Option<PathBuf>,
    /// Say what would happen, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Print a header and a row to begin a file from.
    #[arg(long, exclusive = true)]
    template: bool,
}

impl ClaimsCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        if let Self::Import(Import { template: true, .. }) = self {
            print!("{}", pay::template());
            return Ok(ExitCode::SUCCESS);
        }
        let deps = app::open_deps(&config, Clock::System, Chance::from_system()).await?;
        let done = match self {
            Self::List { series } => list(&deps, &series).await,
            Self::Export(export) => export.run(&deps).await,
            Self::Import(import) => import.run(&deps).await,
        };
        deps.store.close().await;
        done
    }
}

async fn list(deps: &Deps, series: &str) -> anyhow::Result<ExitCode> {
    let (mut states, mut blocks) = (BTreeMap::new(), BTreeMap::new());
    pay::all(deps, series, |claim| {
        let (count, cents) = states.entry(claim.state).or_insert((0u64, 0i64));
        *count += 1;
        *cents += claim.cents;
        if let Some(block) = claim.block {
            *blocks.entry(block).or_insert(0u64) += 1;
        }
    })
    .await?;
    for (state, (count, cents)) in states {
        println!("{count} {}: KSh {}", state.word(), shillings(cents));
    }
    for (block, count) in blocks {
        println!("  {count} blocked: {}", words(block));
    }
    Ok(ExitCode::SUCCESS)
}

impl Export {
    async fn run(self, deps: &Deps) -> anyhow::Result<ExitCode> {
        let name = match self.batch {
            Some(batch) => batch,
            None => {
                let batch = pay::begin_batch(deps, &self.series, self.again).await?;
                tell(&batch);
                batch.name
            }
        };
        if name.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
        let lines = pay::lines(deps, &self.series, &name).await?;
        let again = format!(
            "The batch is kept; write its file with: daftari claims export --series {} --batch {name} --out FILE",
            self.series
        );
        write(&self.out, &lines, &name).context(again)?;
        println!("Batch {name}: {} in {}.", counted(lines.len() as u64), self.out.display());
        Ok(ExitCode::SUCCESS)
    }
}

fn counted(claims: u64) -> String {
    if claims == 1 { "1 claim".to_owned() } else { format!("{claims} claims") }
}

fn tell(batch: &Batch) {
    if batch.claims == 0 {
        println!("Nothing to pay: no claim is ready, and no file was written.");
    } else {
        println!("{} approved, KSh {}.", counted(batch.claims), shillings(batch.cents));
    }
    if batch.counting > 0 {
        println!("{} are still being counted.", batch.counting);
    }
    for (block, count) in &batch.blocked {
        println!("{count} blocked: {}.", words(*block));
    }
}

/// Beside its place first, so that nobody takes half a file for a whole one.
fn write(path: &Path, lines: &[Line], batch: &str) -> anyhow::Result<()> {
    let beside = path.with_extension("part");
    let mut csv = csv::Writer::from_writer(private::create(&beside, true)?);
    csv.write_record(["batch", "claim", "msisdn", "full_name", "national_id", "days", "amount_ksh"])?;
    for line in lines {
        let cells =
            [batch, &line.claim, &line.msisdn, &line.full_name, &line.national_id, &line.days, &line.amount];
        csv.write_record(cells.map(|cell| quoted(cell).into_owned()))?;
    }
    csv.flush()?;
    drop(csv);
    fs::rename(&beside, path).with_context(|| format!("{} can't be written", path.display()))
}

impl Import {
    async fn run(self, deps: &Deps) -> anyhow::Result<ExitCode> {
        let Some(path) = self.file else { return Ok(ExitCode::FAILURE) };
        let file = File::open(&path).with_context(|| format!("{} can't be opened", path.display()))?;
        let taken = pay::take_in(deps, BufReader::new(file), self.dry_run).await;
        let report = taken.with_context(|| format!("Nothing was taken in from {}", path.display()))?;
        for fault in report.told.first_faults() {
            eprintln!("{}: {fault}", path.display());
        }
        if report.told.faults() > 0 {
            eprintln!("Nothing was taken in: {} faults.", report.told.faults());
            return Ok(ExitCode::FAILURE);
        }
        let would = if self.dry_run { "A dry run; nothing was changed. It would be: " } else { "" };
        println!("{would}{} paid, {} failed, {} known already.", report.paid, report.failed, report.same);
        Ok(ExitCode::SUCCESS)
    }
}

/// What is in the way, as an operator reads it.
fn words(block: Block) -> &'static str {
    match block {
        Block::NotDeployed => "added at the centre, and the director has not confirmed it",
        Block::TieContested => "somebody says that the account is another's (`daftari officer`)",
        Block::NoNationalId => "no national ID is known",
        Block::NoPhone => "no phone number is known",
        Block::NameDiffers => "the deployed name is not the account's",
        Block::OnHold => "the SIM or the number changed lately",
        Block::NoRate => "the role has no rate (`daftari import rates`)",
        Block::NotSigned => "a register is not signed",
        Block::NotCountersigned => "a register is not countersigned",
        Block::NoDays => "no day counts",
        Block::PayerNoLine => "the payer: the line takes no money",
        Block::PayerName => "the payer: another name is on the line",
        Block::PayerLimit => "the payer: the line is at its limit",
        Block::PayerOther => "the payer could not pay",
    }
}
