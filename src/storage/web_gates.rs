//! What is counted of tries and requests over the web: a row for each limit, known by a keyed digest of what it is for.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx, assert_safe, placeholders};

/// How a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What was counted.
    pub counted: i64,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Nothing is looked at before then.
    pub wait_until: Option<DateTime<Utc>>,
}

/// How a limit stands, made if it is not there, and locked until the unit of work ends so that it is counted one by
/// one.
pub async fn hold(tx: &mut Tx, gate: [u8; 16], now: DateTime<Utc>) -> Result<Standing> {
    let (counted, since, wait_until) = tx
        .query(
            "INSERT INTO web_gates (gate, counted, since) VALUES ($1, 0, $2)
             ON CONFLICT (gate) DO UPDATE SET gate = excluded.gate
             RETURNING counted, since, wait_until",
        )
        .bind(gate.to_vec())
        .bind(now)
        .one()
        .await?;
    Ok(Standing { counted, since, wait_until })
}

/// Keep how a limit stands that is held.
pub async fn set(tx: &mut Tx, gate: [u8; 16], standing: Standing) -> Result<()> {
    tx.query("UPDATE web_gates SET counted = $1, since = $2, wait_until = $3 WHERE gate = $4")
        .bind(standing.counted)
        .bind(standing.since)
        .bind(standing.wait_until)
        .bind(gate.to_vec())
        .execute_exactly(1)
        .await
}

/// Forget what was counted against these.
pub async fn clear(tx: &mut Tx, gates: &[[u8; 16]]) -> Result<()> {
    let sql = format!("DELETE FROM web_gates WHERE gate IN ({})", placeholders(1, gates.len()));
    let query = tx.query(assert_safe(sql));
    gates.iter().fold(query, |query, gate| query.bind(gate.to_vec())).execute().await?;
    Ok(())
}

/// Take back one that was counted against this.
pub async fn give_back(tx: &mut Tx, gate: [u8; 16]) -> Result<()> {
    tx.query("UPDATE web_gates SET counted = counted - 1, wait_until = NULL WHERE gate = $1 AND counted > 0")
        .bind(gate.to_vec())
        .execute()
        .await?;
    Ok(())
}
