//! Carrying messages from the outbox to the routes. When and how many at once is the worker's; which route a message may
//! go by is in `plan`, how one is chosen in `choosing`; what a verdict leads to in `decision`, how that is recorded in
//! `recording`.

use std::{
    num::NonZeroU32,
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use secrecy::SecretString;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Deps, day_codes, menus::MenuBook, messaging};
use crate::{
    gateways::{DeliveryReport, Outgoing, SmsGateway, Verdict},
    model::{ChallengeId, Msisdn, message::Purpose},
    secrets::Unsealable,
    storage::{
        StoreError, challenges, messages,
        outbox::{self, Claimer, RouteShare},
        placing,
    },
    telemetry::metrics,
};

mod breaker;
mod choosing;
mod decision;
mod plan;
mod recording;
mod stops;

pub use crate::storage::outbox::Claimed;
pub use decision::{Outcome, Step};
pub use plan::{Serves, Way, Wish, candidates};

use breaker::{Breaker, Resting};
use messaging::CodeWords;
use stops::Alarms;
pub use stops::SPAN as CONVERSION_SPAN;

/// How many messages may be on their way on one route at once: a second's worth, so that a route which answers within
/// a second keeps its rate, and within these bounds.
const SLOTS: RangeInclusive<u32> = 8..=128;

/// How long a claim holds. A send may wait a second for its turn and [`SEND_LIMIT`] for its answer; the rest is for a
/// database that is slow to take the verdict.
const LEASE: chrono::Duration = chrono::Duration::seconds(60);

/// The HTTP client gives up after 10 s; this is for gateways that don't keep their deadline.
const SEND_LIMIT: Duration = Duration::from_secs(15);

/// A claim with less left than this is not begun any more (the process was suspended).
const TOO_LATE: chrono::Duration = chrono::Duration::seconds(20);

/// How many outdated messages are given up in one unit of work.
const EXPIRED_AT_ONCE: i64 = 100;

/// Fetches the reports of a route that doesn't call back.
pub type Polled = Arc<dyn Fn() -> Vec<DeliveryReport> + Send + Sync>;

/// A way for messages to go.
#[derive(Clone)]
pub struct Route {
    /// Its name in the configuration.
    pub name: String,
    /// The aggregator behind it, as in the callback path: its reports are matched by it.
    pub provider: &'static str,
    /// Who sends.
    pub gateway: Arc<dyn SmsGateway>,
    /// What it takes in a second, over all nodes.
    pub per_second: u32,
    /// Where its reports are fetched, if they don't come by themselves.
    pub polled: Option<Polled>,
    /// What it is for.
    pub serves: Serves,
    /// How long it is left alone when it keeps failing; [`REST`] by default.
    pub rest: Duration,
}

/// How long a route that keeps failing is left alone: longer than most hiccups of an aggregator, and short enough that
/// nobody waits long for the preferred route.
pub const REST: Duration = Duration::from_secs(30);

impl Route {
    /// The route as far as choosing goes.
    pub fn way(&self) -> Way {
        Way { name: self.name.clone(), carries: self.gateway.carries(), serves: self.serves.clone() }
    }
}

struct Lane {
    route: Route,
    breaker: Breaker,
    pace: DefaultDirectRateLimiter,
    /// One line of the log a minute when the route fails, however many messages it fails.
    complaints: DefaultDirectRateLimiter,
    slots: Arc<Semaphore>,
}

/// The routes and the right to claim for them under a name of its own.
pub struct Delivery {
    deps: Deps,
    menus: MenuBook,
    lanes: Vec<Lane>,
    ways: Vec<Way>,
    worker: String,
    /// Whether what waited on routes that are gone has been seen to.
    begun: AtomicBool,
    alarms: Alarms,
}

impl Delivery {
    /// Over these routes, in order of preference.
    pub fn new(deps: Deps, menus: MenuBook, routes: Vec<Route>) -> Self {
        let worker = deps.chance.id(deps.clock.now()).to_string();
        let ways = routes.iter().map(Route::way).collect();
        let lanes = routes.into_iter().map(Lane::new).collect();
        Self { deps, menus, lanes, ways, worker, begun: AtomicBool::new(false), alarms: Alarms::default() }
    }

    /// What it works with.
    pub fn deps(&self) -> &Deps {
        &self.deps
    }

    /// Claim what can be begun now, most urgent first; what has grown too old expires.
    pub async fn claim(&self) -> Result<Vec<Claimed>, StoreError> {
        let now = self.deps.clock.now();
        let by = Claimer { worker: &self.worker, now, until: now + LEASE };
        let (mut claimed, mut changes) = (vec![], vec![]);
        let mut tx = self.deps.store.begin().await?;
        if !self.begun.load(Ordering::Relaxed) {
            let names: Vec<&str> = self.ways.iter().map(|way| way.name.as_str()).collect();
            placing::unplace_others(&mut tx, &names).await?;
        }
        outbox::expire(&mut tx, now, EXPIRED_AT_ONCE, &mut changes).await?;
        self.reconsider(&mut tx, now).await?;
        self.choose(&mut tx, now, &mut changes).await?;
        for lane in &self.lanes {
            claimed.extend(outbox::claim(&mut tx, &by, &lane.share(), &mut changes).await?);
        }
        tx.commit().await?;
        self.begun.store(true, Ordering::Relaxed);
        messaging::count_all(&changes);
        claimed.sort_by_key(|c| c.priority);
        Ok(claimed)
    }

    /// Wait for a slot on the message's route: one is held for each message on its way.
    pub async fn slot(&self, claimed: &Claimed) -> Option<OwnedSemaphorePermit> {
        self.lane(&claimed.claim.route)?.slots.clone().acquire_owned().await.ok()
    }

    /// Whether some route has no slot left.
    pub fn is_crowded(&self) -> bool {
        self.lanes.iter().any(|lane| lane.slots.available_permits() == 0)
    }

    /// Wait for the message's turn, so that a second's messages don't leave in one burst.
    pub async fn pace(&self, claimed: &Claimed) {
        if let Some(lane) = self.lane(&claimed.claim.route) {
            lane.pace.until_ready().await;
        }
    }

    /// Send a message and say what that leads to; nothing is recorded yet.
    pub async fn send(&self, claimed: &Claimed) -> Step {
        let outcome = self.attempt(claimed).await;
        if let Outcome::Said(Verdict::Failed { alert: true, detail, .. }) = &outcome {
            alert(claimed, detail);
        }
        let fraction = self.deps.chance.fraction();
        decision::decide(claimed, outcome, &self.ways, self.deps.clock.now(), fraction)
    }

    async fn attempt(&self, claimed: &Claimed) -> Outcome {
        let Some(lane) = self.lane(&claimed.claim.route) else { return Outcome::NotBegun };
        if self.deps.clock.now() + TOO_LATE > claimed.claim.until {
            return Outcome::NotBegun;
        }
        if claimed.given_up.contains(&lane.route.name) {
            return Outcome::NoRouteLeft;
        }
        match self.open(claimed).await {
            Ok(sms) => lane.send(&sms).await.map_or_else(|Resting| Outcome::Resting, Outcome::Said),
            Err(outcome) => outcome,
        }
    }

    /// The message as it goes out; one that can't be read fails alone.
    async fn open(&self, claimed: &Claimed) -> Result<Outgoing, Outcome> {
        let to = Msisdn::from_network(&claimed.msisdn).ok_or(Outcome::Unreadable("its number"))?;
        let CodeWords { body, spoken } = match claimed.challenge {
            Some(challenge) => self.code_words(claimed, challenge).await?,
            None => CodeWords { body: self.kept_words(claimed)?, spoken: None },
        };
        let (id, attempt) = (claimed.claim.id, claimed.claim.attempt);
        Ok(Outgoing { id, attempt, to, body, spoken })
    }

    /// The words of a code are made now, if it still counts.
    async fn code_words(&self, claimed: &Claimed, id: ChallengeId) -> Result<CodeWords, Outcome> {
        let purpose = Purpose::from_name(&claimed.purpose).ok_or(Outcome::Unreadable("its purpose"))?;
        let found = async {
            let mut tx = self.deps.store.read().await?;
            challenges::by_id(&mut tx, id).await
        };
        let challenge = match found.await {
            Ok(found) => found.filter(|challenge| challenge.counts(self.deps.clock.now())),
            Err(StoreError::Unreadable(what)) => return Err(Outcome::Unreadable(what)),
            Err(_) => return Err(Outcome::StoreAway),
        };
        let challenge = challenge.ok_or(Outcome::CodeOver)?;
        let menus = self.menus.current();
        messaging::code_words(&self.deps, &menus, purpose, &challenge).ok_or(Outcome::KeyMissing)
    }

    fn kept_words(&self, claimed: &Claimed) -> Result<SecretString, Outcome> {
        let sealed = claimed.body.as_ref().ok_or(Outcome::Unreadable("its body"))?;
        let plain = match self.deps.keys.open(messages::body_place(&claimed.claim.id), sealed) {
            Ok(plain) => plain,
            // This node may not have the newest key file yet: another one can, or this one later.
            Err(Unsealable::UnknownKey(_)) => return Err(Outcome::KeyMissing),
            Err(_) => return Err(Outcome::Unreadable("its body")),
        };
        let words = std::str::from_utf8(&plain).map_err(|_| Outcome::Unreadable("its body"))?;
        if Purpose::from_name(&claimed.purpose).is_some_and(Purpose::has_day_code) {
            return day_codes::filled(&self.deps, words).ok_or(Outcome::KeyMissing);
        }
        Ok(SecretString::from(words))
    }

    /// Take in the reports of routes that don't call back.
    pub async fn fetch_reports(&self) {
        for lane in &self.lanes {
            for report in lane.route.polled.iter().flat_map(|polled| polled()) {
                if let Err(error) = messaging::report(&self.deps, lane.route.provider, &report).await {
                    tracing::warn!(sms.route = lane.route.name, %error, "a fetched report is lost");
                }
            }
        }
    }

    fn lane(&self, route: &str) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.route.name == route)
    }
}

impl Lane {
    fn new(route: Route) -> Self {
        let per_second = NonZeroU32::new(route.per_second).unwrap_or(NonZeroU32::MIN);
        let pace = RateLimiter::direct(Quota::per_second(per_second));
        let slots = route.per_second.clamp(*SLOTS.start(), *SLOTS.end());
        let complaints = RateLimiter::direct(Quota::per_minute(NonZeroU32::MIN));
        let breaker = Breaker::new(route.rest);
        Self { route, breaker, pace, complaints, slots: Arc::new(Semaphore::new(slots as usize)) }
    }

    fn share(&self) -> RouteShare<'_> {
        let Route { name, provider, per_second, .. } = &self.route;
        RouteShare { name, provider, per_second: *per_second, room: self.slots.available_permits() }
    }

    async fn send(&self, sms: &Outgoing) -> Result<Verdict, Resting> {
        let in_time = async {
            let sent = tokio::time::timeout(SEND_LIMIT, self.route.gateway.send(sms)).await;
            sent.unwrap_or_else(|_| Verdict::Failed {
                retry: true,
                unclear: true,
                alert: false,
                detail: "the route did not answer in time".to_owned(),
            })
        };
        let verdict = self.breaker.through(in_time).await;
        metrics::route_resting(&self.route.name, self.breaker.is_resting());
        let verdict = verdict?;
        if let Verdict::Failed { detail, alert: false, .. } = &verdict
            && self.complaints.check().is_ok()
        {
            tracing::warn!(
                sms.route = self.route.name,
                sms.detail = detail,
                "an SMS route fails; messages wait or go another way"
            );
        }
        Ok(verdict)
    }
}

fn alert(claimed: &Claimed, detail: &str) {
    tracing::error!(
        message.id = %claimed.claim.id,
        sms.route = claimed.claim.route,
        sms.detail = detail,
        "an SMS route needs somebody to act (credit, credentials or sender name)"
    );
}
