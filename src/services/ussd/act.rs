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

/// An action of a session, at a place in its history.
pub struct Act<'a> {
    /// What services work with.
    pub deps: &'a Deps,
    /// For whom.
    pub who: &'a Who<'a>,
    /// In which session.
    pub of: SessionRef<'a>,
    /// After which inputs.
    pub mark: &'a Mark,
    /// What.
    pub call: &'a Call,
}

impl Act<'_> {
    /// Carry it out once, and give what it came out as.
    pub async fn once(&self) -> Result<Reply, Fault> {
        let mut tx = self.deps.store.begin().await?;
        let (action, now) = (self.call.action.name(), self.deps.clock.now());
        match journal::claim(&mut tx, self.of, self.mark, action, now).await? {
            Claim::Ours => self.carry_out(tx, false).await,
            Claim::Done(reply) => read_back(self.deps, self.mark, &reply),
            Claim::Theirs(_) => {
                drop(tx);
                self.wait().await
            }
        }
    }

    /// Do it and record it: in one transaction, or in two around the work on a secret or a wait for the
    /// network, so that the try is counted before the secret is looked at and nothing is held meanwhile. `counted`: a hop that died has counted it.
    async fn carry_out(&self, mut tx: Tx, counted: bool) -> Result<Reply, Fault> {
        match actions::prepare(&mut tx, self.deps, self.who, self.call, counted).await? {
            Prepared::Settled(reply) => self.keep(tx, reply).await,
            Prepared::Work(work) => {
                tx.commit().await?;
                let worked = actions::work(self.deps, *work).await?;
                let mut tx = self.deps.store.begin().await?;
                let reply = actions::finish(&mut tx, self.deps, self.who, worked).await?;
                self.keep(tx, reply).await
            }
        }
    }

    async fn keep(&self, mut tx: Tx, reply: Reply) -> Result<Reply, Fault> {
        let sealed = seal(self.deps, self.mark, &reply)?;
        if !journal::record(&mut tx, self.of, self.mark, sealed).await? {
            // Held for dead and taken over: what the other recorded counts, and nothing of this is kept.
            drop(tx);
            let mut tx = self.deps.store.read().await?;
            return match journal::standing(&mut tx, self.of, self.mark).await? {
                Claim::Done(reply) => read_back(self.deps, self.mark, &reply),
                _ => Err(Fault::Busy),
            };
        }
        tx.commit().await?;
        self.deps.outbox.notify_one();
        Ok(reply)
    }

    /// Wait for the copy that is at work; take over from it when it must have died.
    async fn wait(&self) -> Result<Reply, Fault> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(20))
            .with_max_delay(Duration::from_millis(250))
            .without_max_times()
            .with_total_delay(Some(WAIT))
            .build();
        for pause in pauses {
            tokio::time::sleep(pause).await;
            let mut tx = self.deps.store.read().await?;
            match journal::standing(&mut tx, self.of, self.mark).await? {
                Claim::Done(reply) => return read_back(self.deps, self.mark, &reply),
                Claim::Theirs(since) if self.deps.clock.now() - since > DEAD => {
                    drop(tx);
                    let mut tx = self.deps.store.begin().await?;
                    let now = self.deps.clock.now();
                    if journal::take_over(&mut tx, self.of, self.mark, since, now).await? {
                        return self.carry_out(tx, true).await;
                    }
                }
                _ => {}
            }
        }
        Err(Fault::Busy)
    }
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
