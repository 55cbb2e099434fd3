//! Lines that want no more reminders and notices. Which messages those are is decided by their purpose.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};
use crate::model::Msisdn;

/// Keep that a line wants no more; the first time counts.
pub async fn stop(tx: &mut Tx, line: &Msisdn, channel: &str, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "INSERT INTO stopped_lines (msisdn, channel, stopped_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(line.as_e164())
    .bind(channel)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// Keep that it wants them again.
pub async fn start(tx: &mut Tx, line: &Msisdn) -> Result<()> {
    tx.query("DELETE FROM stopped_lines WHERE msisdn = $1").bind(line.as_e164()).execute().await?;
    Ok(())
}

/// Whether it wants no more.
pub async fn has_stopped(tx: &mut Tx, line: &Msisdn) -> Result<bool> {
    let (count,): (i64,) = tx
        .query("SELECT CAST(COUNT(*) AS BIGINT) FROM stopped_lines WHERE msisdn = $1")
        .bind(line.as_e164())
        .one()
        .await?;
    Ok(count > 0)
}
