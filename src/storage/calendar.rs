//! What the ledger must know of a series and one of its days. What it means is `services/season/calendar`'s.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::FromRow;

use super::engine::{Result, Tx};
use crate::model::season::DayKind;

/// A series, and what its table of days says of one day.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DayFacts {
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// Whether it is for training.
    pub practice: bool,
    /// When it ended for good.
    pub closed_at: Option<DateTime<Utc>>,
    /// Whether it has a table of days; without one every weekday is a day.
    pub has_days: bool,
    /// What the table says of the day; `None` where it does not have it.
    pub kind: Option<DayKind>,
    /// From when marks are taken, where the day says so.
    pub opens: Option<NaiveTime>,
    /// Until when, where the day says so.
    pub closes: Option<NaiveTime>,
}

/// The columns of [`DayFacts`], of `series s` and `series_days t`.
pub(super) const FACTS: &str = "s.starts_on, s.ends_on, s.practice, s.closed_at, \
     EXISTS (SELECT 1 FROM series_days x WHERE x.series = s.code) AS has_days, t.kind, t.opens, t.closes";

/// The series and a day of it; `None` when there is no such series.
pub async fn day_facts(tx: &mut Tx, series: &str, on: NaiveDate) -> Result<Option<DayFacts>> {
    let sql = format!(
        "SELECT {FACTS} FROM series s LEFT JOIN series_days t ON t.series = s.code AND t.on_day = $2
         WHERE s.code = $1"
    );
    tx.query(super::engine::assert_safe(sql)).bind(series).bind(on).optional().await
}

/// The rows of a series' table of days from one day to another, both of them in.
pub async fn listed(
    tx: &mut Tx,
    series: &str,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Vec<(NaiveDate, DayFacts)>> {
    #[derive(FromRow)]
    struct Row {
        on_day: NaiveDate,
        #[sqlx(flatten)]
        facts: DayFacts,
    }
    let sql = format!(
        "SELECT t.on_day, {FACTS} FROM series s JOIN series_days t ON t.series = s.code
         WHERE s.code = $1 AND t.on_day >= $2 AND t.on_day <= $3 ORDER BY t.on_day"
    );
    let query = tx.query(super::engine::assert_safe(sql)).bind(series).bind(from).bind(to);
    Ok(query.all::<Row>().await?.into_iter().map(|row| (row.on_day, row.facts)).collect())
}
