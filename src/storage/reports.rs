//! Delivery reports: each stored once, applied to its message in whatever order they come, kept as a stray while the
//! message they are about isn't known.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    attempts::Try,
    engine::{Dialect, Result, Tx, assert_safe},
    locks,
    messages::{Event, record_event},
};
use crate::model::{
    Msisdn,
    message::{Fate, RefusalReason},
};

/// A report as it came.
pub struct NewReport<'a> {
    /// The aggregator that sent it.
    pub provider: &'a str,
    /// Its id of the message.
    pub provider_id: &'a str,
    /// The word.
    pub status: &'a str,
    /// What the word means; `None` for one never seen before.
    pub news: Option<Fate>,
    /// Why it was not delivered.
    pub reason: Option<RefusalReason>,
    /// The reason as sent.
    pub detail: Option<&'a str>,
    /// The phone, where told.
    pub msisdn: Option<&'a Msisdn>,
    /// Now.
    pub received_at: DateTime<Utc>,
}

/// A message that has another fate now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its route.
    pub route: Option<String>,
    /// The new fate.
    pub fate: Fate,
    /// The network, where a report told of it.
    pub reported_on: Option<String>,
}

/// Let nobody else record anything about this id until the unit of work ends: a report and the verdict that names its
/// message must not pass each other unseen. SQLite has one writer at a time.
///
/// Whoever holds several takes them in order.
pub async fn hold(tx: &mut Tx, provider: &str, provider_id: &str) -> Result<()> {
    locks::hold(tx, &format!("message {provider} {provider_id}")).await
}

/// Store a report and apply it, if its message is known. The same report again changes nothing.
pub async fn take_in(tx: &mut Tx, report: &NewReport<'_>) -> Result<Option<Changed>> {
    hold(tx, report.provider, report.provider_id).await?;
    tx.query(
        "INSERT INTO delivery_reports (provider, provider_id, status, news, reason, detail, msisdn, matched,
            received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE, $8) ON CONFLICT DO NOTHING",
    )
    .bind(report.provider)
    .bind(report.provider_id)
    .bind(report.status)
    .bind(report.news)
    .bind(report.reason)
    .bind(report.detail)
    .bind(report.msisdn.map(Msisdn::as_e164))
    .bind(report.received_at)
    .execute()
    .await?;
    apply_waiting(tx, report.provider, report.provider_id, report.received_at).await
}

/// The id of the oldest report since then about this phone that belongs to no message.
pub(super) async fn stray(
    tx: &mut Tx,
    provider: &str,
    msisdn: &str,
    since: DateTime<Utc>,
) -> Result<Option<String>> {
    let row: Option<(String,)> = tx
        .query(
            "SELECT provider_id FROM delivery_reports
             WHERE NOT matched AND msisdn = $1 AND provider = $2 AND received_at >= $3
             ORDER BY received_at LIMIT 1",
        )
        .bind(msisdn)
        .bind(provider)
        .bind(since)
        .optional()
        .await?;
    Ok(row.map(|(id,)| id))
}

/// The try that a report is about, and how its message stands.
#[derive(FromRow)]
struct Known {
    id: Uuid,
    fate: Fate,
    attempts: i64,
    attempt: i64,
    tried: Try,
    route: String,
    begun_at: DateTime<Utc>,
    network: String,
}

#[derive(FromRow)]
struct Unapplied {
    status: String,
    news: Option<Fate>,
    reason: Option<RefusalReason>,
}

/// Apply the reports of an id that nobody has applied yet, if its message is known; the id must be held.
pub(super) async fn apply_waiting(
    tx: &mut Tx,
    provider: &str,
    provider_id: &str,
    now: DateTime<Utc>,
) -> Result<Option<Changed>> {
    let lock = if tx.dialect() == Dialect::Postgres { "FOR UPDATE OF m" } else { "" };
    let sql = format!(
        "SELECT m.id, m.fate, m.attempts, a.network, a.attempt, a.fate AS tried, a.route, a.begun_at
         FROM message_attempts a JOIN messages m ON m.id = a.message_id
         WHERE a.provider = $1 AND a.provider_id = $2 {lock}"
    );
    let known: Option<Known> = tx.query(assert_safe(sql)).bind(provider).bind(provider_id).optional().await?;
    let Some(mut message) = known else { return Ok(None) };
    let before = message.fate;
    for report in unapplied(tx, provider, provider_id).await? {
        apply(tx, &mut message, &report, now).await?;
    }
    let Known { fate, route, network, .. } = message;
    Ok((fate != before).then_some(Changed { route: Some(route), fate, reported_on: Some(network) }))
}

async fn unapplied(tx: &mut Tx, provider: &str, provider_id: &str) -> Result<Vec<Unapplied>> {
    let waiting = tx
        .query(
            "SELECT status, news, reason FROM delivery_reports
             WHERE provider = $1 AND provider_id = $2 AND NOT matched ORDER BY received_at",
        )
        .bind(provider)
        .bind(provider_id)
        .all()
        .await?;
    tx.query(
        "UPDATE delivery_reports SET matched = TRUE WHERE provider = $1 AND provider_id = $2 AND NOT matched",
    )
    .bind(provider)
    .bind(provider_id)
    .execute()
    .await?;
    Ok(waiting)
}

async fn apply(tx: &mut Tx, known: &mut Known, report: &Unapplied, now: DateTime<Utc>) -> Result<()> {
    let reason = report.reason.unwrap_or(RefusalReason::Unknown);
    match report.news {
        Some(Fate::Delivered) => end_try(tx, known, (Try::Delivered, None), now).await?,
        Some(Fate::Refused | Fate::Expired) => end_try(tx, known, (Try::Refused, Some(reason)), now).await?,
        Some(Fate::Queued | Fate::Sent) | None => {}
    }
    // Bad news of an earlier try are no news of the message: a later one is on its way.
    let news = report.news.filter(|news| *news == Fate::Delivered || known.attempt == known.attempts);
    if let Some(fate) = news.and_then(|news| known.fate.after(news)) {
        let reason = (fate == Fate::Refused).then_some(reason);
        tx.query(
            "UPDATE messages SET fate = $1, reason = $2, changed_at = $3,
                reconsider_at = CASE WHEN $4 THEN $3 WHEN $5 THEN NULL ELSE reconsider_at END
             WHERE id = $6 AND fate = $7",
        )
        .bind(fate)
        .bind(reason)
        .bind(now)
        .bind(fate == Fate::Refused)
        .bind(fate == Fate::Delivered)
        .bind(known.id)
        .bind(known.fate)
        .execute_exactly(1)
        .await?;
        known.fate = fate;
    }
    let event = Event { what: "report", route: Some(&known.route), detail: Some(report.status.as_str()) };
    record_event(tx, known.id, now, &event).await
}

/// Delivery is believed whenever it is told; nothing else moves a try on from its end.
async fn end_try(
    tx: &mut Tx,
    known: &mut Known,
    (tried, reason): (Try, Option<RefusalReason>),
    now: DateTime<Utc>,
) -> Result<()> {
    if matches!(known.tried, Try::Delivered) || known.tried == tried {
        return Ok(());
    }
    let took = (tried == Try::Delivered).then(|| (now - known.begun_at).num_milliseconds().max(0));
    tx.query(
        "UPDATE message_attempts SET fate = $3, reason = $4, ended_at = $5, took_ms = $6
         WHERE message_id = $1 AND attempt = $2",
    )
    .bind(known.id)
    .bind(known.attempt)
    .bind(tried)
    .bind(reason)
    .bind(now)
    .bind(took)
    .execute_exactly(1)
    .await?;
    known.tried = tried;
    Ok(())
}
