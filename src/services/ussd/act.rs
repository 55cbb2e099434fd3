//! One effect: an action of a session is claimed in the journal, done, and recorded with its outcome in the
//! transaction of the effect. Whoever comes second, on any node, gets the recorded outcome.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use chrono::TimeDelta;

use super::Fault;
use crate::{
    menu::{Call, Reply},
    secrets::{Mark, Sealed},
    services::{
        Deps,
        actions::{self, Prepared, Who},
    },
    storage::{
        StoreError, Tx,
        journal::{self, Claim, SessionRef},
    },
};

/// How long a repeat waits for the outcome of the copy that is at work (`security.md` 12).
const WAIT: Duration = Duration::from_secs(3);
/// How old a claim must be before its hop is held for dead: longer than any hop may take.
const DEAD: TimeDelta = TimeDelta::seconds(9);

/// Carry out an action once, and give what it came out as.
pub async fn act(
    deps: &Deps,
    who: &Who<'_>,
    of: SessionRef<'_>,
    mark: &Mark,
    call: &Call,
) -> Result<Reply, Fault> {
    let mut tx = deps.store.begin().await?;
    match journal::claim(&mut tx, of, mark, call.action.name(), deps.clock.now()).await? {
        Claim::Ours => carry_out(deps, who, of, mark, call, tx, false).await,
        Claim::Done(reply) => read_back(deps, mark, &reply),
        Claim::Theirs(_) => {
            drop(tx);
            wait_for(deps, who, of, mark, call).await
        }
    }
}

/// Do it and record it: in one transaction, or in two around the work on a secret, so that the try is counted before
/// the secret is looked at and nothing is held over Argon2id.
async fn carry_out(
    deps: &Deps,
    who: &Who<'_>,
    of: SessionRef<'_>,
    mark: &Mark,
    call: &Call,
    mut tx: Tx,
    counted: bool,
) -> Result<Reply, Fault> {
    match actions::prepare(&mut tx, deps, who, call, counted).await? {
        Prepared::Settled(reply) => keep(deps, of, mark, tx, reply).await,
        Prepared::Work(work) => {
            tx.commit().await?;
            let worked = actions::work(deps, *work).await?;
            let mut tx = deps.store.begin().await?;
            let reply = actions::finish(&mut tx, deps, who, worked).await?;
            keep(deps, of, mark, tx, reply).await
        }
    }
}

async fn keep(
    deps: &Deps,
    of: SessionRef<'_>,
    mark: &Mark,
    mut tx: Tx,
    reply: Reply,
) -> Result<Reply, Fault> {
    if !journal::record(&mut tx, of, mark, seal(deps, mark, &reply)?).await? {
        // Held for dead and taken over: what the other recorded counts, and nothing of this is kept.
        drop(tx);
        let mut tx = deps.store.read().await?;
        return match journal::standing(&mut tx, of, mark).await? {
            Claim::Done(reply) => read_back(deps, mark, &reply),
            _ => Err(Fault::Busy),
        };
    }
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(reply)
}

/// Wait for the copy that is at work; take over from it when it must have died.
async fn wait_for(
    deps: &Deps,
    who: &Who<'_>,
    of: SessionRef<'_>,
    mark: &Mark,
    call: &Call,
) -> Result<Reply, Fault> {
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(20))
        .with_max_delay(Duration::from_millis(250))
        .without_max_times()
        .with_total_delay(Some(WAIT))
        .build();
    for pause in pauses {
        tokio::time::sleep(pause).await;
        let mut tx = deps.store.read().await?;
        match journal::standing(&mut tx, of, mark).await? {
            Claim::Done(reply) => return read_back(deps, mark, &reply),
            Claim::Theirs(since) if deps.clock.now() - since > DEAD => {
                drop(tx);
                let mut tx = deps.store.begin().await?;
                if journal::take_over(&mut tx, of, mark, since, deps.clock.now()).await? {
                    return carry_out(deps, who, of, mark, call, tx, true).await;
                }
            }
            _ => {}
        }
    }
    Err(Fault::Busy)
}

fn seal(deps: &Deps, mark: &Mark, reply: &Reply) -> Result<Sealed, Fault> {
    let plain = postcard::to_stdvec(reply).map_err(|_| StoreError::Unreadable("an outcome"))?;
    Ok(deps.keys.current().seal(journal::place(mark), &plain, deps.chance.bytes()))
}

/// A recorded outcome as it was.
pub fn read_back(deps: &Deps, mark: &Mark, sealed: &Sealed) -> Result<Reply, Fault> {
    let plain = deps.keys.open(journal::place(mark), sealed)?;
    postcard::from_bytes(&plain).map_err(|_| Fault::Store(StoreError::Unreadable("an outcome")))
}
