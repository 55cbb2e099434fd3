//! Wrong day codes by SMS, counted by line and day.

use chrono::NaiveDate;

use super::engine::{Result, Tx};
use crate::model::Msisdn;

/// How many wrong codes came from a line on a day.
pub async fn so_far(tx: &mut Tx, line: &Msisdn, on: NaiveDate) -> Result<i64> {
    let row: Option<(i64,)> = tx
        .query("SELECT wrong FROM day_code_tries WHERE msisdn = $1 AND on_day = $2")
        .bind(line.as_e164())
        .bind(on)
        .optional()
        .await?;
    Ok(row.map_or(0, |(wrong,)| wrong))
}

/// One more.
pub async fn add(tx: &mut Tx, line: &Msisdn, on: NaiveDate) -> Result<()> {
    tx.query(
        "INSERT INTO day_code_tries (msisdn, on_day, wrong) VALUES ($1, $2, 1)
         ON CONFLICT (msisdn, on_day) DO UPDATE SET wrong = day_code_tries.wrong + 1",
    )
    .bind(line.as_e164())
    .bind(on)
    .execute_exactly(1)
    .await
}
