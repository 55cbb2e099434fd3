//! Each try of a message on a route: where it went, under which id of the aggregator's, and how it ended. Written with
//! the claim and the verdict, so that a report finds its try however late it comes.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Result, Tx, assert_safe, placeholders},
    locks,
    outbox::Claim,
};
use crate::model::{
    ChallengeId, MessageId, Network,
    message::{Purpose, RefusalReason},
};

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

/// Everything that was tried for a code.
#[derive(Debug, Clone)]
pub struct CodeTries {
    /// The latest message that carries it.
    pub message: MessageId,
    /// Why that one is sent.
    pub purpose: Purpose,
    /// The network of its phone.
    pub network: Option<Network>,
    /// The route that it was placed on last.
    pub placed: Option<String>,
    /// The tries of all messages that carried it: those of the latest message first, each message's in their order.
    pub all: Vec<Tried>,
}

/// A try of a message with a code.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The message.
    pub message: MessageId,
    /// On which route.
    pub route: String,
    /// How it stands.
    pub fate: Try,
    /// Why the route refused it.
    pub reason: Option<RefusalReason>,
}

#[derive(FromRow)]
struct CodeTryRow {
    id: Uuid,
    purpose: Purpose,
    network: Option<String>,
    placed: Option<String>,
    route: Option<String>,
    fate: Option<Try>,
    reason: Option<RefusalReason>,
}

/// What was tried for a code; `None` where no message has carried it.
pub async fn of_code(tx: &mut Tx, challenge: ChallengeId) -> Result<Option<CodeTries>> {
    let rows: Vec<CodeTryRow> = tx
        .query(
            "SELECT m.id, m.purpose, m.network, m.route AS placed, a.route, a.fate, a.reason
             FROM messages m LEFT JOIN message_attempts a ON a.message_id = m.id
             WHERE m.challenge = $1 ORDER BY m.created_at DESC, m.id DESC, a.attempt",
        )
        .bind(challenge.0)
        .all()
        .await?;
    let Some(CodeTryRow { id, purpose, network, placed, .. }) = rows.first() else { return Ok(None) };
    let network = network.as_deref().and_then(Network::from_code);
    let (message, purpose, placed) = (MessageId(*id), *purpose, placed.clone());
    let tried = |row: CodeTryRow| {
        Some(Tried { message: MessageId(row.id), route: row.route?, fate: row.fate?, reason: row.reason })
    };
    let all = rows.into_iter().filter_map(tried).collect();
    Ok(Some(CodeTries { message, purpose, network, placed, all }))
}
