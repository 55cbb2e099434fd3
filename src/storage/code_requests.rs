//! Who asked for codes and when: what the limits on requests are held by, on every node and through restarts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::engine::{Result, Tx};

/// A request that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// When.
    pub at: DateTime<Utc>,
    /// Whether a code may have left us because of it: surely not if every route refused its message at once.
    pub left: bool,
}

/// The requests that count against a gate, newest first: the latest `limit`, and before them as many that a code may
/// have left for. The gate is held until the unit of work ends: whoever asks at the same time comes after.
pub async fn hold(
    tx: &mut Tx,
    gate: &str,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Counted>> {
    tx.query(
        "INSERT INTO code_gates (gate, passed_at) VALUES ($1, $2)
         ON CONFLICT (gate) DO UPDATE SET passed_at = excluded.passed_at",
    )
    .bind(gate)
    .bind(now)
    .execute_exactly(1)
    .await?;
    let rows: Vec<(DateTime<Utc>, i64)> = tx
        .query(
            "SELECT requested_at, code_left FROM (
                 SELECT r.requested_at, ROW_NUMBER() OVER (ORDER BY r.requested_at DESC) AS place,
                     CAST(CASE WHEN
                         NOT EXISTS (SELECT 1 FROM messages m WHERE m.id = r.id)
                         OR EXISTS (
                             SELECT 1 FROM messages m JOIN messages n ON n.challenge = m.challenge
                             -- Its own message, or one that said the code another way before the next request.
                             WHERE m.id = r.id AND (n.id = m.id OR (n.created_at >= m.created_at AND NOT EXISTS (
                                 SELECT 1 FROM code_requests q WHERE q.gate = r.gate
                                 AND q.requested_at > r.requested_at AND q.requested_at <= n.created_at)))
                             AND (n.fate NOT IN ('refused', 'expired') OR EXISTS (
                                 SELECT 1 FROM message_attempts a WHERE a.message_id = n.id
                                 AND (a.provider_id IS NOT NULL OR a.fate NOT IN ('refused', 'failed')))))
                     THEN 1 ELSE 0 END AS BIGINT) AS code_left
                 FROM code_requests r WHERE r.gate = $1 AND r.requested_at > $2) counted
             WHERE code_left = 1 OR place <= $3
             ORDER BY requested_at DESC LIMIT 2 * $3",
        )
        .bind(gate)
        .bind(since)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(at, left)| Counted { at, left: left == 1 }).collect())
}

/// Count a request against a gate that is held, under the id of the message that it caused.
pub async fn count(tx: &mut Tx, gate: &str, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.query("INSERT INTO code_requests (id, gate, requested_at) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(gate)
        .bind(now)
        .execute_exactly(1)
        .await
}
