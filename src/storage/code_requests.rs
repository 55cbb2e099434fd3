//! Who asked for codes and when: what the limits on requests are held by, on every node and through restarts.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::engine::{Result, Tx};

/// The times of the latest requests that count against a gate, newest first, at most `limit`. The gate is held until
/// the unit of work ends: whoever asks at the same time comes after.
pub async fn hold(
    tx: &mut Tx,
    gate: &str,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DateTime<Utc>>> {
    tx.query(
        "INSERT INTO code_gates (gate, passed_at) VALUES ($1, $2)
         ON CONFLICT (gate) DO UPDATE SET passed_at = excluded.passed_at",
    )
    .bind(gate)
    .bind(now)
    .execute_exactly(1)
    .await?;
    let rows: Vec<(DateTime<Utc>,)> = tx
        .query(
            "SELECT requested_at FROM code_requests WHERE gate = $1 AND requested_at > $2
             ORDER BY requested_at DESC LIMIT $3",
        )
        .bind(gate)
        .bind(since)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(at,)| at).collect())
}

/// Count a request against a gate that is held.
pub async fn count(tx: &mut Tx, gate: &str, id: Uuid, now: DateTime<Utc>) -> Result<()> {
    tx.query("INSERT INTO code_requests (id, gate, requested_at) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(gate)
        .bind(now)
        .execute_exactly(1)
        .await
}
