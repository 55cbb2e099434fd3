//! The latest instant the program has seen: a clock that is behind it has been set back. It is all the embedded default
//! can hold its clock against; Postgres has a clock of its own.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};

/// Raise the mark to `now`, never lower it.
pub async fn raise(tx: &mut Tx, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "INSERT INTO high_water (id, at) VALUES (1, $1)
         ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE high_water.at < excluded.at",
    )
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The mark; `None` before the first.
pub async fn mark(tx: &mut Tx) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = tx.query("SELECT at FROM high_water WHERE id = 1").optional().await?;
    Ok(row.map(|(at,)| at))
}
