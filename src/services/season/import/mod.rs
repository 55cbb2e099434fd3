//! Loading a season from files (`design.md` 4, "Files"): adds and updates, removes only when it is told to. Every bad row
//! is told with line, column and reason; one transaction holds all of a file or nothing.

use std::io::Read;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    super::{Deps, accounts::NAIROBI},
    tie,
};
use crate::{
    secrets::{KeyFileError, Keys},
    storage::{StoreError, Tx, audit, season_import},
};

mod cells;
mod centres;
mod days;
mod deployments;
mod merge;
mod names;
mod officers;
mod rates;
mod series;
pub(in crate::services) mod table;
mod taken;
pub(in crate::services) mod told;
mod who;

pub use table::{Column, HeaderRefused};
pub use told::{Fault, MOST_TOLD, Told};

use table::Table;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Examinations of a year.
    Series,
    /// Their days.
    Days,
    /// What roles are paid.
    Rates,
    /// Centres.
    Centres,
    /// Officers.
    Officers,
    /// Who is deployed where.
    Deployments,
}

impl Kind {
    /// Its name on the command line and in the audit.
    pub fn name(self) -> &'static str {
        match self {
            Self::Series => "series",
            Self::Days => "days",
            Self::Rates => "rates",
            Self::Centres => "centres",
            Self::Officers => "officers",
            Self::Deployments => "deployments",
        }
    }

    /// Its columns, in the order of the template.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Series => &series::COLUMNS,
            Self::Days => &days::COLUMNS,
            Self::Rates => &rates::COLUMNS,
            Self::Centres => &centres::COLUMNS,
            Self::Officers => &officers::COLUMNS,
            Self::Deployments => &deployments::COLUMNS,
        }
    }

    /// A header and one row to begin from.
    pub fn template(self) -> String {
        let line =
            |of: fn(&Column) -> &'static str| self.columns().iter().map(of).collect::<Vec<_>>().join(",");
        format!("{}\n{}\n", line(|column| column.name), line(|column| column.example))
    }
}

/// How to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Say what would happen, and do nothing.
    pub dry_run: bool,
    /// Remove what the file does not hold.
    pub replace: bool,
}

/// What an import did, or would have done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Rows of the file.
    pub rows: u64,
    /// Things that are new.
    pub added: u64,
    /// Things that are different now.
    pub changed: u64,
    /// Things that stay as they were.
    pub same: u64,
    /// Things that no longer count.
    pub removed: u64,
    /// What was wrong, and what somebody should look at.
    pub told: Told,
    /// Whether it was kept.
    pub kept: bool,
    /// Accounts that see these deployments since then.
    pub tied: u64,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportFailed {
    /// Its header.
    #[error(transparent)]
    Header(#[from] HeaderRefused),
    /// It can't be read.
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] csv::Error),
    /// Somebody added people at a centre at the same moment.
    #[error("people were added at a centre at the same moment; nothing was kept: import the file again")]
    Crossed,
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The database.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ImportFailed {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint } if constraint.contains("number") => Self::Crossed,
            error => Self::Store(error),
        }
    }
}

/// What each kind works with.
struct Import<'a> {
    tx: &'a mut Tx,
    deps: &'a Deps,
    /// The keys, the same from the first row to the last.
    keys: Keys,
    options: Options,
    report: Report,
    now: DateTime<Utc>,
    /// Hears how many bytes of the file have been read.
    progress: &'a mut (dyn FnMut(u64) + Send),
}

impl Import<'_> {
    /// Today, in Nairobi.
    fn today(&self) -> NaiveDate {
        self.now.with_timezone(&NAIROBI).date_naive()
    }
}

/// Import a file. With a bad row in it, or for a dry run, the report tells what would have been and nothing is kept.
pub async fn run(
    deps: &Deps,
    kind: Kind,
    input: impl Read + Send,
    options: Options,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Result<Report, ImportFailed> {
    let mut table = Table::open(input, kind.columns())?;
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    season_import::take_time(&mut tx).await?;
    season_import::alone(&mut tx).await?;
    // Whoever changes keys waits for an import that has begun; one that begins later works with the new keys.
    deps.keys.reload_if_changed()?;
    let keys = deps.keys.current();
    let mut import = Import { tx: &mut tx, deps, keys, options, report: Report::default(), now, progress };
    match kind {
        Kind::Series => series::import(&mut import, &mut table).await?,
        Kind::Days => days::import(&mut import, &mut table).await?,
        Kind::Rates => rates::import(&mut import, &mut table).await?,
        Kind::Centres => centres::import(&mut import, &mut table).await?,
        Kind::Officers => officers::import(&mut import, &mut table).await?,
        Kind::Deployments => deployments::import(&mut import, &mut table).await?,
    }
    let mut report = import.report;
    report.rows = table.rows();
    if report.told.faults() > 0 || options.dry_run {
        return Ok(report);
    }
    record(&mut tx, deps, kind, &report, now).await?;
    season_import::look_over(&mut tx).await?;
    tx.commit().await?;
    report.kept = true;
    if kind == Kind::Deployments {
        report.tied = tie::everybody(deps).await?;
    }
    Ok(report)
}

/// That something was imported, and how much of it changed what; a file that changes nothing leaves no trace.
async fn record(
    tx: &mut Tx,
    deps: &Deps,
    kind: Kind,
    report: &Report,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if report.added + report.changed + report.removed == 0 {
        return Ok(());
    }
    let Report { added, changed, removed, .. } = report;
    let detail = format!("{}: {added} added, {changed} changed, {removed} removed", kind.name());
    let event = audit::Event {
        at: now,
        actor: "desk",
        action: "season_imported",
        subject: deps.chance.id(now),
        channel: "cli",
        detail: Some((&detail, deps.chance.bytes())),
    };
    audit::append(tx, event).await
}
