//! `import`: a season from files (`design.md` 4, "Files"), and the templates of such files.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use crate::{
    app,
    clock::{Chance, Clock},
    config::Config,
    services::season::import::{self, Kind, MOST_TOLD, Options, Report},
};

#[derive(Args)]
pub(super) struct Import {
    /// What the file holds.
    #[arg(required_unless_present = "template")]
    kind: Option<KindName>,
    /// The CSV file, UTF-8 with a header.
    #[arg(required_unless_present = "template")]
    file: Option<PathBuf>,
    /// Say what would happen, and do nothing.
    #[arg(long)]
    dry_run: bool,
    /// Remove what the file does not hold; what was marked stays.
    #[arg(long)]
    replace: bool,
    /// Print a header and a row to begin a file of this kind from.
    #[arg(long, value_name = "KIND", exclusive = true)]
    template: Option<KindName>,
}

/// What a file holds.
#[derive(Clone, Copy, ValueEnum)]
enum KindName {
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

impl From<KindName> for Kind {
    fn from(name: KindName) -> Self {
        match name {
            KindName::Series => Self::Series,
            KindName::Days => Self::Days,
            KindName::Rates => Self::Rates,
            KindName::Centres => Self::Centres,
            KindName::Officers => Self::Officers,
            KindName::Deployments => Self::Deployments,
        }
    }
}

impl Import {
    /// The template, which needs no database; or nothing.
    pub(super) fn template(&self) -> Option<String> {
        self.template.map(|kind| Kind::from(kind).template())
    }

    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let (Some(kind), Some(path)) = (self.kind, self.file) else { return Ok(ExitCode::FAILURE) };
        let options = Options { dry_run: self.dry_run, replace: self.replace };
        let deps = app::open_deps(&config, Clock::System, Chance::from_system()).await?;
        let file = File::open(&path).with_context(|| format!("{} can't be opened", path.display()))?;
        let bar = bar(file.metadata().map_or(0, |file| file.len()));
        let mut progress = |bytes| bar.set_position(bytes);
        let done = import::run(&deps, kind.into(), BufReader::new(file), options, &mut progress).await;
        bar.finish_and_clear();
        deps.store.close().await;
        let report = done.with_context(|| format!("Nothing was imported from {}", path.display()))?;
        tell(&report, &path, options);
        Ok(if report.told.faults() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// A bar over the bytes of the file; where nobody looks, it draws nothing.
fn bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {percent:>3} %  {elapsed} of about {duration}")
    {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn tell(report: &Report, path: &Path, options: Options) {
    for fault in report.told.first_faults() {
        eprintln!("{}: {fault}", path.display());
    }
    and_more(report.told.faults(), "fault");
    for warning in report.told.first_warnings() {
        eprintln!("Note: {warning}");
    }
    and_more(report.told.warnings(), "note");
    let Report { added, changed, same, removed, .. } = report;
    if report.told.faults() > 0 {
        let (faults, rows) = (counted(report.told.faults(), "fault"), counted(report.rows, "row"));
        eprintln!("Nothing was imported: {faults} in {rows}.");
        return;
    }
    let removed =
        if options.replace || *removed > 0 { format!(", {removed} removed") } else { String::new() };
    let would = if options.dry_run { "A dry run; nothing was changed. It would be: " } else { "" };
    if report.tied > 0 {
        let were = if report.tied == 1 { "was" } else { "were" };
        println!("{} {were} tied to people of this file.", counted(report.tied, "account"));
    }
    println!("{would}{added} added, {changed} changed, {same} as they were{removed}.");
}

/// A number of things: `1 row`, `2 rows`.
fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn and_more(count: u64, what: &str) {
    let more = count.saturating_sub(MOST_TOLD as u64);
    if more > 0 {
        eprintln!("… and {} more.", counted(more, what));
    }
}
