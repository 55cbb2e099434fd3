//! The row of a centre's day: what is looked at without counting marks. Written only under the register's lock.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    engine::{Result, Tx},
    registers::DayOf,
};
use crate::model::{
    CentreCode,
    season::{DayShape, DayState},
};

/// What a day's marks come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Who was there.
    pub present: i64,
    /// Who was not.
    pub absent: i64,
    /// Who was there but was added at the centre and waits for the director's word.
    pub added: i64,
}

/// A day is marked: its shape, its counts and the reference of the act.
pub async fn submitted(
    tx: &mut Tx,
    of: DayOf<'_>,
    (shape, counts): (DayShape, Counts),
    reference: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "INSERT INTO register_days (series, on_day, centre, state, shape, present, absent, added, submitted_at, reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (series, on_day, centre) DO UPDATE
         SET state = excluded.state, shape = excluded.shape, present = excluded.present, absent = excluded.absent,
            added = excluded.added, reference = excluded.reference,
            submitted_at = COALESCE(register_days.submitted_at, excluded.submitted_at)",
    )
    .bind(of.series)
    .bind(of.on)
    .bind(of.centre.as_str())
    .bind(DayState::Submitted)
    .bind(shape)
    .bind(counts.present)
    .bind(counts.absent)
    .bind(counts.added)
    .bind(now)
    .bind(reference)
    .execute_exactly(1)
    .await
}

/// The days of a centre that the director has opened and that stand open now, the oldest first.
pub async fn opened(
    tx: &mut Tx,
    series: &str,
    centre: &CentreCode,
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>> {
    let rows: Vec<(NaiveDate,)> = tx
        .query(
            "SELECT on_day FROM register_days WHERE series = $1 AND centre = $2 AND unlocked_until > $3 ORDER BY on_day",
        )
        .bind(series)
        .bind(centre.as_str())
        .bind(now)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(on,)| on).collect())
}

/// A day stands open until then, or no longer.
pub async fn unlocked(tx: &mut Tx, of: DayOf<'_>, until: Option<DateTime<Utc>>) -> Result<()> {
    tx.query(
        "INSERT INTO register_days (series, on_day, centre, state, shape, present, absent, added, unlocked_until)
         VALUES ($1, $2, $3, $4, $5, 0, 0, 0, $6)
         ON CONFLICT (series, on_day, centre) DO UPDATE SET unlocked_until = excluded.unlocked_until",
    )
    .bind(of.series)
    .bind(of.on)
    .bind(of.centre.as_str())
    .bind(DayState::Open)
    .bind(DayShape::Full)
    .bind(until)
    .execute_exactly(1)
    .await
}

/// The last day before this one that the centre has marked.
pub async fn last_marked(tx: &mut Tx, of: DayOf<'_>) -> Result<Option<NaiveDate>> {
    let row: Option<(NaiveDate,)> = tx
        .query(
            "SELECT on_day FROM register_days WHERE series = $1 AND centre = $2 AND state = $4 AND on_day < $3
             ORDER BY on_day DESC LIMIT 1",
        )
        .bind(of.series)
        .bind(of.centre.as_str())
        .bind(of.on)
        .bind(DayState::Submitted)
        .optional()
        .await?;
    Ok(row.map(|(day,)| day))
}

/// Which days of a centre are marked, from one day to another, both of them in.
pub async fn marked(
    tx: &mut Tx,
    series: &str,
    centre: &CentreCode,
    days: &[NaiveDate],
) -> Result<Vec<NaiveDate>> {
    if days.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT on_day FROM register_days WHERE series = $1 AND centre = $2 AND state = $3 AND on_day IN ({})",
        super::engine::placeholders(4, days.len())
    );
    let query = tx
        .query(super::engine::assert_safe(sql))
        .bind(series)
        .bind(centre.as_str())
        .bind(DayState::Submitted);
    let rows: Vec<(NaiveDate,)> = days.iter().fold(query, |query, day| query.bind(*day)).all().await?;
    Ok(rows.into_iter().map(|(day,)| day).collect())
}
