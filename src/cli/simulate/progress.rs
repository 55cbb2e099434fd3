//! What an operator sees while a crowd calls: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{IsTerminal as _, stderr},
    sync::Arc,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use super::run::Run;

/// How often a bar moves, and how often a line is written where there is none.
const BAR_MOVES: Duration = Duration::from_millis(250);
const LINE_AFTER: Duration = Duration::from_secs(10);

/// The telling, until it is stopped.
pub struct Telling(Option<(JoinHandle<()>, Option<ProgressBar>)>);

/// Begin to tell how a run goes.
pub fn start(run: &Arc<Run>, phones: u32, quiet: bool) -> Telling {
    if quiet {
        return Telling(None);
    }
    let bar = stderr().is_terminal().then(|| bar(phones));
    let (run, shown) = (run.clone(), bar.clone());
    let telling = tokio::spawn(async move {
        loop {
            tokio::time::sleep(if shown.is_some() { BAR_MOVES } else { LINE_AFTER }).await;
            let (hops, done) = run.so_far();
            let words = words(&run, hops);
            match &shown {
                Some(bar) => {
                    bar.set_position(done);
                    bar.set_message(words);
                }
                None => eprintln!("{done} of {phones} phones are done; {words}"),
            }
        }
    });
    Telling(Some((telling, bar)))
}

impl Telling {
    /// Tell no more.
    pub async fn stop(self) {
        let Some((telling, bar)) = self.0 else { return };
        telling.abort();
        let _ = telling.await;
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(phones: u32) -> ProgressBar {
    let bar = ProgressBar::new(u64::from(phones));
    let style = ProgressStyle::with_template("{elapsed_precise} [{bar:30}] {pos}/{len} phones done; {msg}");
    style.map_or_else(|_| ProgressBar::hidden(), |style| bar.with_style(style.progress_chars("=> ")))
}

fn words(run: &Run, hops: u64) -> String {
    let tally = run.tally();
    let seconds = run.took().as_secs_f64().max(0.001);
    let (findings, p99) = (tally.findings(), tally.times().p99);
    let rate = f64::from(u32::try_from(hops).unwrap_or(u32::MAX)) / seconds;
    format!("{hops} hops, {rate:.0}/s, p99 {p99:.0} ms, {findings} findings")
}
