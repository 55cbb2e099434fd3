//! Claiming what waits in the outbox: any number of workers on any number of nodes, each message for one of them. A
//! claim that lapsed without a verdict may have been sent: `strays` looks for a report of it.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    attempts,
    engine::{Dialect, Result, Tx, assert_safe, placeholders},
    messages::record_event_of_all,
    rates,
    reports::Changed,
    strays::without_adopted,
};
use crate::{
    model::{ChallengeId, MessageId, Network, message::Fate},
    secrets::Sealed,
};

/// Who claims, and for how long.
#[derive(Debug, Clone)]
pub struct Claimer<'a> {
    /// A name that no other worker has.
    pub worker: &'a str,
    /// Now.
    pub now: DateTime<Utc>,
    /// When others may take over.
    pub until: DateTime<Utc>,
}

/// One of the routes, and how much it can be given now.
#[derive(Debug, Clone, Copy)]
pub struct RouteShare<'a> {
    /// Its name.
    pub name: &'a str,
    /// The aggregator behind it.
    pub provider: &'a str,
    /// What it takes in a second, over all nodes.
    pub per_second: u32,
    /// How many the worker can begin to send.
    pub room: usize,
}

/// The right to decide on a message until it lapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The message.
    pub id: MessageId,
    /// Whose it is.
    pub worker: String,
    /// Until when nobody else takes over.
    pub until: DateTime<Utc>,
    /// The route to try.
    pub route: String,
    /// The aggregator behind it.
    pub provider: String,
    /// Which try this is, from 1, over all routes.
    pub attempt: i64,
}

/// A message to be sent now. It holds a number: it has no `Debug`.
pub struct Claimed {
    /// The claim, for the verdict.
    pub claim: Claim,
    /// Which go first: the smaller number.
    pub priority: i64,
    /// The phone, as stored.
    pub msisdn: String,
    /// The words, unless they were wiped.
    pub body: Option<Sealed>,
    /// Why it is sent, as stored.
    pub purpose: String,
    /// The challenge whose code it carries instead of words.
    pub challenge: Option<ChallengeId>,
    /// The network of the phone, where it is known.
    pub network: Option<Network>,
    /// Routes that will not take it.
    pub given_up: Vec<String>,
    /// The age past which it is not sent.
    pub not_after: DateTime<Utc>,
}

/// Claim what is due on a route, most urgent first, no more than the route takes in this second.
pub async fn claim(
    tx: &mut Tx,
    by: &Claimer<'_>,
    route: &RouteShare<'_>,
    changes: &mut Vec<Changed>,
) -> Result<Vec<Claimed>> {
    let due = due(tx, by.now, route).await?;
    let mut due = without_adopted(tx, due, by.now, changes).await?;
    due.truncate(rates::take(tx, route.name, route.per_second, due.len(), by.now).await?);
    if !due.is_empty() {
        mark(tx, by, route, &due).await?;
    }
    Ok(due.into_iter().map(|row| row.claimed(by, route)).collect())
}

/// Give up at most `limit` of those that have grown too old.
pub async fn expire(tx: &mut Tx, now: DateTime<Utc>, limit: i64, changes: &mut Vec<Changed>) -> Result<()> {
    let rows: Vec<Waiting> = tx
        .query(assert_safe(format!(
            "SELECT {COLUMNS} FROM messages WHERE fate = 'queued' AND not_after <= $1
             AND (claimed_until IS NULL OR claimed_until <= $1) ORDER BY not_after LIMIT $2 {}",
            skip_locked(tx)
        )))
        .bind(now)
        .bind(limit)
        .all()
        .await?;
    let old = without_adopted(tx, rows, now, changes).await?;
    if old.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = old.iter().map(|row| row.id).collect();
    let sql = format!(
        "UPDATE messages SET fate = $1, claimed_by = NULL, claimed_until = NULL, changed_at = $2 WHERE id IN ({})",
        placeholders(3, ids.len())
    );
    let query = tx.query(assert_safe(sql)).bind(Fate::Expired).bind(now);
    ids.iter().fold(query, |query, id| query.bind(*id)).execute_exactly(ids.len() as u64).await?;
    record_event_of_all(tx, &ids, now, "expired").await?;
    changes.extend(old.into_iter().map(|row| Changed {
        route: row.route,
        fate: Fate::Expired,
        reported_on: None,
    }));
    Ok(())
}

const COLUMNS: &str = "id, purpose, priority, msisdn, body, body_key, challenge, network, route, provider, given_up, attempts, \
                       attempted_at, unclear_since, not_after, claimed_by";

/// Only what a poison row can't spoil is read here: no enum, no number that must parse.
#[derive(FromRow)]
pub(super) struct Waiting {
    pub id: Uuid,
    pub purpose: String,
    pub priority: i64,
    pub msisdn: String,
    pub body: Option<Vec<u8>>,
    pub body_key: Option<String>,
    pub challenge: Option<Uuid>,
    pub network: Option<String>,
    pub route: Option<String>,
    pub provider: Option<String>,
    pub given_up: String,
    pub attempts: i64,
    pub attempted_at: Option<DateTime<Utc>>,
    pub unclear_since: Option<DateTime<Utc>>,
    pub not_after: DateTime<Utc>,
    pub claimed_by: Option<String>,
}

impl Waiting {
    /// Since when it may have been sent without our learning its id. A claim that lapsed tells of a worker that died
    /// somewhere between claiming and recording.
    pub fn unclear_since(&self) -> Option<DateTime<Utc>> {
        self.unclear_since.or(self.claimed_by.as_ref().and(self.attempted_at))
    }

    fn claimed(self, by: &Claimer<'_>, route: &RouteShare<'_>) -> Claimed {
        Claimed {
            claim: Claim {
                id: MessageId(self.id),
                worker: by.worker.to_owned(),
                until: by.until,
                route: route.name.to_owned(),
                provider: route.provider.to_owned(),
                attempt: self.attempts + 1,
            },
            priority: self.priority,
            msisdn: self.msisdn,
            body: self.body.zip(self.body_key).map(|(bytes, key_id)| Sealed { key_id, bytes }),
            purpose: self.purpose,
            challenge: self.challenge.map(ChallengeId),
            network: self.network.as_deref().and_then(Network::from_code),
            given_up: self.given_up.split_whitespace().map(str::to_owned).collect(),
            not_after: self.not_after,
        }
    }
}

/// What another worker is just looking at is left to it; SQLite has one writer at a time.
pub(super) fn skip_locked(tx: &Tx) -> &'static str {
    match tx.dialect() {
        Dialect::Postgres => "FOR UPDATE SKIP LOCKED",
        Dialect::Sqlite => "",
    }
}

async fn due(tx: &mut Tx, now: DateTime<Utc>, route: &RouteShare<'_>) -> Result<Vec<Waiting>> {
    let room = route.room.min(usize::try_from(route.per_second).unwrap_or(usize::MAX));
    if room == 0 {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE fate = 'queued' AND placed AND route = $2 AND due_at <= $1
         AND not_after > $1 AND (claimed_until IS NULL OR claimed_until <= $1)
         ORDER BY priority, due_at LIMIT $3 {}",
        skip_locked(tx)
    );
    let room = i64::try_from(room).unwrap_or(i64::MAX);
    tx.query(assert_safe(sql)).bind(now).bind(route.name).bind(room).all().await
}

async fn mark(tx: &mut Tx, by: &Claimer<'_>, route: &RouteShare<'_>, due: &[Waiting]) -> Result<()> {
    let ids: Vec<Uuid> = due.iter().map(|row| row.id).collect();
    let sql = format!(
        "UPDATE messages SET
            unclear_since = CASE WHEN claimed_by IS NULL THEN unclear_since
                            ELSE COALESCE(unclear_since, attempted_at) END,
            claimed_by = $1, claimed_until = $2, attempted_at = $3, changed_at = $3, attempts = attempts + 1,
            after_session = FALSE, route = $4, provider = $5
         WHERE id IN ({})",
        placeholders(6, ids.len())
    );
    let query = tx.query(assert_safe(sql)).bind(by.worker).bind(by.until).bind(by.now);
    let query = query.bind(route.name).bind(route.provider);
    ids.iter().fold(query, |query, id| query.bind(*id)).execute_exactly(ids.len() as u64).await?;
    attempts::begin_of_all(tx, &ids, by.now).await?;
    record_event_of_all(tx, &ids, by.now, "claimed").await
}
