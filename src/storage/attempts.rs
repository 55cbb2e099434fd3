//! Each try of a message on a route: where it went, under which id of the aggregator's, and how it ended. Written with
//! the claim and the verdict, so that a report finds its try however late it comes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    engine::{Result, Tx, assert_safe, placeholders},
    locks,
    outbox::Claim,
};
use crate::model::{ChallengeId, message::RefusalReason};

/// How a try stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Try {
    /// Claimed for its route; what the route said is not known yet.
    Begun,
    /// The route has taken it.
    Sent,
    /// The phone has it.
    Delivered,
    /// The route or the network refused it.
    Refused,
    /// The route failed, and surely did not take it.
    Failed,
    /// The route failed, and may have taken it.
    Unclear,
    /// Taken, and no report of it came in time.
    Silent,
}

/// Begin the try that each of these messages was just claimed for.
pub(super) async fn begin_of_all(tx: &mut Tx, ids: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    let sql = format!(
        "INSERT INTO message_attempts (message_id, attempt, route, provider, network, prefix, fate, begun_at)
         SELECT id, attempts, route, provider, COALESCE(network, ''),
                CASE WHEN challenge IS NOT NULL THEN substr(msisdn, 1, length(msisdn) - 4) END, $1, $2
         FROM messages WHERE id IN ({})",
        placeholders(3, ids.len())
    );
    let query = tx.query(assert_safe(sql)).bind(Try::Begun).bind(now);
    ids.iter().fold(query, |query, id| query.bind(*id)).execute_exactly(ids.len() as u64).await
}

/// The route has taken it under this id. An id that another try has is not kept a second time: gives `false` then.
pub async fn sent(tx: &mut Tx, claim: &Claim, provider_id: &str) -> Result<bool> {
    let new = tx
        .query(
            "UPDATE message_attempts SET fate = $3, provider_id = $5 WHERE message_id = $1 AND attempt = $2
             AND NOT EXISTS (SELECT 1 FROM message_attempts WHERE provider = $4 AND provider_id = $5)",
        )
        .bind(claim.id.0)
        .bind(claim.attempt)
        .bind(Try::Sent)
        .bind(claim.provider.as_str())
        .bind(provider_id)
        .execute()
        .await?;
    if new == 1 {
        return Ok(true);
    }
    tx.query("UPDATE message_attempts SET fate = $3 WHERE message_id = $1 AND attempt = $2")
        .bind(claim.id.0)
        .bind(claim.attempt)
        .bind(Try::Sent)
        .execute()
        .await?;
    Ok(false)
}

/// It came to nothing, or to nothing that is known.
pub async fn ended(
    tx: &mut Tx,
    claim: &Claim,
    (fate, reason): (Try, Option<RefusalReason>),
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "UPDATE message_attempts SET fate = $3, reason = $4, ended_at = $5 WHERE message_id = $1 AND attempt = $2",
    )
    .bind(claim.id.0)
    .bind(claim.attempt)
    .bind(fate)
    .bind(reason)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// It was not begun after all.
pub async fn forget(tx: &mut Tx, claim: &Claim) -> Result<()> {
    tx.query("DELETE FROM message_attempts WHERE message_id = $1 AND attempt = $2")
        .bind(claim.id.0)
        .bind(claim.attempt)
        .execute()
        .await?;
    Ok(())
}

/// Let nobody else have this code said again until the unit of work ends.
pub async fn hold(tx: &mut Tx, challenge: ChallengeId) -> Result<()> {
    locks::hold(tx, &format!("code {}", challenge.0)).await
}

/// The routes that messages with this code were tried on, as often as they were.
pub async fn routes_of(tx: &mut Tx, challenge: ChallengeId) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = tx
        .query(
            "SELECT a.route FROM message_attempts a JOIN messages m ON m.id = a.message_id
             WHERE m.challenge = $1 ORDER BY a.begun_at, a.attempt",
        )
        .bind(challenge.0)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(route,)| route).collect())
}

/// When the codes of this account were asked for since then, without those of which surely nothing ever left us: a
/// quota counts the others (`security.md` 6). Oldest first.
pub async fn requests_that_count(
    tx: &mut Tx,
    subject: Uuid,
    since: DateTime<Utc>,
) -> Result<Vec<DateTime<Utc>>> {
    let rows: Vec<(DateTime<Utc>,)> = tx
        .query(
            "SELECT created_at FROM challenges c WHERE subject = $1 AND created_at >= $2
             AND (NOT EXISTS (SELECT 1 FROM messages m WHERE m.challenge = c.id)
                  OR EXISTS (SELECT 1 FROM messages m WHERE m.challenge = c.id AND m.fate NOT IN ('refused', 'expired'))
                  OR EXISTS (SELECT 1 FROM messages m JOIN message_attempts a ON a.message_id = m.id
                             WHERE m.challenge = c.id
                             AND (a.provider_id IS NOT NULL OR a.fate NOT IN ('refused', 'failed'))))
             ORDER BY created_at",
        )
        .bind(subject)
        .bind(since)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(at,)| at).collect())
}
