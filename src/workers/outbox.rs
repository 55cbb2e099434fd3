//! The outbox sender: claims what is due, keeps some messages on their way on each route, records what came of them.
//! What a claim, a send and a verdict mean is in `services/delivery`.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{Notify, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    lifecycle::Lifecycle,
    services::{
        Deps,
        delivery::{Claimed, Delivery, Route, Step},
        menus::MenuBook,
        messaging,
    },
};

/// How long it sleeps when nobody rings: retries fall due and route seconds pass without a bell.
const TICK: Duration = Duration::from_secs(1);

/// How often the waiting messages are counted for the metric.
const COUNTED: Duration = Duration::from_secs(5);

/// Every how many of these counts the routes are measured too: it takes a look at a quarter of an hour.
const ROUTES_COUNTED: u32 = 12;

/// How many verdicts one commit takes.
const VERDICTS: usize = 100;

/// One outbox sender; a node has one, any number of nodes may.
pub struct Outbox {
    delivery: Arc<Delivery>,
    soft: CancellationToken,
    freed: Arc<Notify>,
}

type Done = (Claimed, Step);

impl Outbox {
    /// A sender over these routes, in order of preference, until this life is softly stopped.
    pub fn new(deps: Deps, menus: MenuBook, routes: Vec<Route>, life: &Lifecycle) -> Self {
        let delivery = Arc::new(Delivery::new(deps, menus, routes));
        Self { delivery, soft: life.soft().clone(), freed: Arc::default() }
    }

    /// One round: claim, send, record, fetch reports. Says how many messages were claimed.
    pub async fn turn(&self) -> usize {
        let claimed = self.claim().await;
        let count = claimed.len();
        let (done, to_record) = mpsc::channel(VERDICTS);
        let send = async {
            let mut sends = JoinSet::new();
            self.begin(claimed, &mut sends, &done).await;
            drop(done);
            sends.join_all().await;
        };
        tokio::join!(send, self.record(to_record));
        self.delivery.fetch_reports().await;
        count
    }

    /// Rounds without end, except that the next begins while slow messages of the last are still on their way. After a
    /// soft stop what is on its way is finished, and what is not begun is given back.
    pub async fn run(&self) {
        let (done, to_record) = mpsc::channel(VERDICTS);
        tokio::join!(self.feed(done), self.record(to_record), self.count());
    }

    async fn feed(&self, done: mpsc::Sender<Done>) {
        let mut sends = JoinSet::new();
        while !self.soft.is_cancelled() {
            let claimed = self.claim().await;
            let idle = claimed.is_empty();
            self.begin(claimed, &mut sends, &done).await;
            while sends.try_join_next().is_some() {}
            self.delivery.fetch_reports().await;
            if idle {
                self.rest().await;
            }
        }
        drop(done);
        while sends.join_next().await.is_some() {}
    }

    async fn rest(&self) {
        tokio::select! {
            () = self.soft.cancelled() => {}
            () = self.delivery.deps().outbox.notified() => {}
            () = self.freed.notified(), if self.delivery.is_crowded() => {}
            () = tokio::time::sleep(TICK) => {}
        }
    }

    async fn claim(&self) -> Vec<Claimed> {
        self.delivery.claim().await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the outbox can't be read; it is tried again");
            vec![]
        })
    }

    /// Set messages on their way, each in a task of its own: one that is slow or panics holds up no other. A panic
    /// leaves a claim that lapses.
    async fn begin(&self, claimed: Vec<Claimed>, sends: &mut JoinSet<()>, done: &mpsc::Sender<Done>) {
        for message in claimed {
            let slot = self.delivery.slot(&message).await;
            let (delivery, soft) = (self.delivery.clone(), self.soft.clone());
            let (done, freed) = (done.clone(), self.freed.clone());
            sends.spawn(async move {
                let step = tokio::select! {
                    biased;
                    () = soft.cancelled() => Step::Released,
                    () = delivery.pace(&message) => delivery.send(&message).await,
                };
                // Nobody listens any more only after a hard stop.
                let _ = done.send((message, step)).await;
                drop(slot);
                freed.notify_one();
            });
        }
    }

    /// Commits are the bottleneck: whatever is ready shares one.
    async fn record(&self, mut to_record: mpsc::Receiver<Done>) {
        let mut ready = Vec::with_capacity(VERDICTS);
        while to_record.recv_many(&mut ready, VERDICTS).await > 0 {
            self.delivery.record(&ready).await;
            ready.clear();
        }
    }

    async fn count(&self) {
        let mut rounds = 0_u32;
        while !self.soft.is_cancelled() {
            if let Err(error) = messaging::measure(self.delivery.deps()).await {
                tracing::debug!(%error, "the waiting messages can't be counted");
            }
            if rounds.is_multiple_of(ROUTES_COUNTED)
                && let Err(error) = messaging::measure_routes(self.delivery.deps()).await
            {
                tracing::debug!(%error, "the routes can't be measured");
            }
            rounds = rounds.wrapping_add(1);
            tokio::select! {
                () = self.soft.cancelled() => {}
                () = tokio::time::sleep(COUNTED) => {}
            }
        }
    }
}
