//! How long things are kept (`security.md` 32), and the hourly sweep that keeps to it, done once over all nodes.

use chrono::Duration;

use super::{Deps, portal, season::rollover};
use crate::storage::{
    StoreError,
    retention::{self, Kept},
};

/// The job's name.
const JOB: &str = "retention";

/// How often the sweep is done.
const EVERY: Duration = Duration::hours(1);

/// How many rows one transaction wipes: a few milliseconds of locks.
const BATCH: u64 = 500;

/// How long after its own instant a thing is kept.
fn age(what: Kept) -> Duration {
    match what {
        Kept::MessageBodies
        | Kept::InboundTexts
        | Kept::Openings
        | Kept::SessionEnds
        | Kept::DeliveryReports => Duration::days(90),
        // A session lives ten minutes; aggregators repeat a callback for hours at most.
        Kept::Journal => Duration::hours(24),
        // Codes live minutes; wrong tries count against the account for a day.
        Kept::Challenges => Duration::hours(24),
        // A day is the longest that anything of these counts for; the rest is for clocks that were set back.
        Kept::CodeRequests | Kept::CodeGates | Kept::CodeCounts => Duration::hours(48),
        // Who helped whom to which line stays in the audit, without the numbers.
        Kept::SwapQuestions | Kept::SwapAnswers | Kept::Holds | Kept::Moves => Duration::days(90),
        Kept::Drafts => Duration::zero(),
        // Only the current second counts, by the clock of any node.
        Kept::RouteSeconds => Duration::minutes(1),
        // Who writes again within this time speaks of the same thing.
        Kept::AnsweredTickets => Duration::days(14),
        // As long as a session may last, whatever happens in it.
        Kept::WebSessions => portal::sessions::LONGEST,
        // Longer than any of them counts or waits.
        Kept::WebGates | Kept::DayCodeTries => Duration::hours(48),
        // A roster is claimed the day before, and nothing of a day is done twice after it.
        Kept::Chases => Duration::days(7),
        // By then the centre marks the day no more, or begins anew from what stands.
        Kept::RegisterDrafts => Duration::days(14),
    }
}

/// Wipe what is over its time, unless that was done within the hour; says how much it was if it was done now.
pub async fn sweep(deps: &Deps) -> Result<Option<u64>, StoreError> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let ours = retention::begin_job(&mut tx, JOB, now, now - EVERY).await?;
    tx.commit().await?;
    if !ours {
        return Ok(None);
    }
    for series in rollover::close_ended(deps).await? {
        tracing::info!(series, "the series is closed for good; the PINs of its centres have ended");
    }
    let mut wiped = 0;
    for what in Kept::ALL {
        wiped += wipe_all(deps, what).await?;
    }
    Ok(Some(wiped))
}

async fn wipe_all(deps: &Deps, what: Kept) -> Result<u64, StoreError> {
    let before = deps.clock.now() - age(what);
    let mut wiped = 0;
    loop {
        let mut tx = deps.store.begin().await?;
        let batch = retention::wipe(&mut tx, what, before, BATCH.cast_signed()).await?;
        tx.commit().await?;
        wiped += batch;
        if batch < BATCH {
            return Ok(wiped);
        }
    }
}
