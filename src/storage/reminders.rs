//! That a centre was reminded of a day in some step: once, whoever asks for it at the same moment.

use chrono::{DateTime, Utc};

use super::{
    engine::{Result, Tx},
    registers::DayOf,
};

/// Note it; false when it was done.
pub async fn once(tx: &mut Tx, of: DayOf<'_>, step: &str, now: DateTime<Utc>) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO chases (series, on_day, step, whom, done_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (series, on_day, step, whom) DO NOTHING",
        )
        .bind(of.series)
        .bind(of.on)
        .bind(step)
        .bind(of.centre.as_str())
        .bind(now)
        .execute()
        .await?;
    Ok(written == 1)
}
