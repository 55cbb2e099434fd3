//! What is needed to choose a route for a message, and the choice written down. Choosing is `services/delivery`'s,
//! claiming `outbox`'.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    attempts::Try,
    engine::{Result, Tx, assert_safe, placeholders},
    messages::{Event, record_event},
    outbox::skip_locked,
    reports::Changed,
};
use crate::model::{
    MessageId, Msisdn, Network,
    message::{Fate, Purpose, RefusalReason},
};

/// A message that needs a route, or perhaps another.
pub struct Unplaced {
    /// The message.
    pub id: MessageId,
    /// Why it is sent; `None` when that can't be read.
    pub purpose: Option<Purpose>,
    /// The network of the phone, where it is known.
    pub network: Option<Network>,
    /// The number without its last four digits.
    pub prefix: String,
    /// The route it was tried on, or is to be tried on next.
    pub route: Option<String>,
    /// Routes that shall not take it.
    pub given_up: Vec<String>,
    /// When it was promised.
    pub created_at: DateTime<Utc>,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// The age past which it is not sent.
    pub not_after: DateTime<Utc>,
    /// Whether it waits for the end of the session that asked for it.
    pub after_session: bool,
    /// What has become of it so far.
    pub fate: Fate,
    /// Why it was refused.
    pub reason: Option<RefusalReason>,
    /// Whether the code it carries was used, or died.
    pub over: bool,
}

#[derive(FromRow)]
struct UnplacedRow {
    id: Uuid,
    purpose: String,
    network: Option<String>,
    msisdn: String,
    route: Option<String>,
    given_up: String,
    created_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    not_after: DateTime<Utc>,
    after_session: bool,
    fate: Fate,
    reason: Option<String>,
    over: bool,
}

impl From<UnplacedRow> for Unplaced {
    fn from(row: UnplacedRow) -> Self {
        let line = Msisdn::from_network(&row.msisdn);
        Self {
            id: MessageId(row.id),
            purpose: Purpose::from_name(&row.purpose),
            network: row.network.as_deref().and_then(Network::from_code),
            prefix: line.map(|line| line.prefix().to_owned()).unwrap_or_default(),
            route: row.route,
            given_up: row.given_up.split_whitespace().map(str::to_owned).collect(),
            created_at: row.created_at,
            due_at: row.due_at,
            not_after: row.not_after,
            after_session: row.after_session,
            fate: row.fate,
            reason: row.reason.as_deref().and_then(RefusalReason::from_name),
            over: row.over,
        }
    }
}

const COLUMNS: &str = "id, purpose, network, msisdn, route, given_up, created_at, due_at, not_after, after_session, fate, reason, \
                       EXISTS (SELECT 1 FROM challenges c WHERE c.id = messages.challenge AND c.closed_at IS NOT NULL) \
                       AS over";

/// What is due and has no chosen route, most urgent first.
pub async fn unplaced(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<Vec<Unplaced>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE fate = 'queued' AND NOT placed AND due_at <= $1 AND not_after > $1
         AND (claimed_until IS NULL OR claimed_until <= $1)
         ORDER BY priority, due_at LIMIT $2 {}",
        skip_locked(tx)
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<UnplacedRow> = tx.query(assert_safe(sql)).bind(now).bind(limit).all().await?;
    Ok(rows.into_iter().map(Unplaced::from).collect())
}

/// Those whose silence has lasted too long or that were reported badly, for which another route might do better.
pub async fn to_reconsider(tx: &mut Tx, now: DateTime<Utc>, limit: usize) -> Result<Vec<Unplaced>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages WHERE reconsider_at <= $1 ORDER BY reconsider_at LIMIT $2 {}",
        skip_locked(tx)
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows: Vec<UnplacedRow> = tx.query(assert_safe(sql)).bind(now).bind(limit).all().await?;
    Ok(rows.into_iter().map(Unplaced::from).collect())
}

/// Have these go by a route.
pub async fn place(tx: &mut Tx, ids: &[MessageId], route: &str) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql =
        format!("UPDATE messages SET placed = TRUE, route = $1 WHERE id IN ({})", placeholders(2, ids.len()));
    let query = tx.query(assert_safe(sql)).bind(route);
    ids.iter().fold(query, |query, id| query.bind(id.0)).execute_exactly(ids.len() as u64).await
}

/// Have one go by a call, not before then unless the session that asked for it ends earlier.
pub async fn place_call(tx: &mut Tx, id: MessageId, route: &str, due_at: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE messages SET placed = TRUE, after_session = TRUE, route = $1, due_at = $2 WHERE id = $3")
        .bind(route)
        .bind(due_at)
        .bind(id.0)
        .execute_exactly(1)
        .await
}

/// Somebody has asked for a call, on a screen that ended the session: it is due then, or when the session's end is told.
pub async fn wait_for_end(tx: &mut Tx, id: MessageId, due_at: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE messages SET after_session = TRUE, due_at = $1 WHERE id = $2")
        .bind(due_at)
        .bind(id.0)
        .execute_exactly(1)
        .await
}

/// A session of this line has ended: calls that waited for that are due. Says how many there were.
pub async fn session_ended(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE messages SET due_at = $2
         WHERE msisdn = $1 AND fate = 'queued' AND after_session AND due_at > $2",
    )
    .bind(line.as_e164())
    .bind(now)
    .execute()
    .await
}

/// No route may take it: its fate is the last refusal it met, or that there is no way.
pub async fn refuse(tx: &mut Tx, message: &Unplaced, now: DateTime<Utc>) -> Result<Changed> {
    tx.query(
        "UPDATE messages SET fate = $2, changed_at = $3, claimed_by = NULL, claimed_until = NULL,
            reason = COALESCE((SELECT a.reason FROM message_attempts a WHERE a.message_id = $1
                               AND a.reason IS NOT NULL ORDER BY a.attempt DESC LIMIT 1), $4)
         WHERE id = $1",
    )
    .bind(message.id.0)
    .bind(Fate::Refused)
    .bind(now)
    .bind(RefusalReason::NoRoute)
    .execute_exactly(1)
    .await?;
    let event = Event { what: "refused", route: None, detail: Some("no route may take it") };
    record_event(tx, message.id.0, now, &event).await?;
    Ok(Changed { route: message.route.clone(), fate: Fate::Refused, reported_on: None })
}

/// It stays as it is.
pub async fn settle(tx: &mut Tx, id: MessageId) -> Result<()> {
    tx.query("UPDATE messages SET reconsider_at = NULL WHERE id = $1").bind(id.0).execute_exactly(1).await
}

/// Have it tried on another route.
pub async fn move_on(
    tx: &mut Tx,
    message: &Unplaced,
    (route, given_up): (&str, &[String]),
    now: DateTime<Utc>,
) -> Result<()> {
    let silent = message.fate == Fate::Sent;
    if silent {
        tx.query(
            "UPDATE message_attempts SET fate = $2, ended_at = $3 WHERE message_id = $1 AND fate = 'sent'",
        )
        .bind(message.id.0)
        .bind(Try::Silent)
        .bind(now)
        .execute()
        .await?;
    }
    tx.query(
        "UPDATE messages SET fate = $2, reason = NULL, route = $3, given_up = $4, placed = FALSE, due_at = $5,
            reconsider_at = NULL, changed_at = $5
         WHERE id = $1",
    )
    .bind(message.id.0)
    .bind(Fate::Queued)
    .bind(route)
    .bind(given_up.join(" "))
    .bind(now)
    .execute_exactly(1)
    .await?;
    let event = Event {
        what: "moved",
        route: message.route.as_deref(),
        detail: silent.then_some("no report in time"),
    };
    record_event(tx, message.id.0, now, &event).await
}

/// Choose anew for what waits on other routes than these, which are gone from the configuration.
pub async fn unplace_others(tx: &mut Tx, routes: &[&str]) -> Result<()> {
    if routes.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE messages SET placed = FALSE WHERE fate = 'queued' AND placed AND route NOT IN ({})",
        placeholders(1, routes.len())
    );
    let query = tx.query(assert_safe(sql));
    routes.iter().fold(query, |query, route| query.bind(*route)).execute().await?;
    Ok(())
}
