//! What is done once for a centre, a sub-county or a whole series on a day: rosters, reminders, lists. A claim is made in
//! the unit of work that promises the messages, so it stands with them or not at all.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    coverage::DEPLOYED,
    engine::{Result, StoreError, Tx, assert_safe},
};
use crate::model::CentreCode;

/// Which work of which day.
#[derive(Debug, Clone, Copy)]
pub struct Chase<'a> {
    /// The series.
    pub series: &'a str,
    /// The day that it is about.
    pub on: NaiveDate,
    /// What is done.
    pub step: &'a str,
}

/// Whom all of a step is done for.
pub const ALL: &str = "";

/// Claim the work for a centre, a place or [`ALL`]: false when somebody has it. Who comes second waits until the first is
/// done or gone.
pub async fn claim(tx: &mut Tx, chase: Chase<'_>, whom: &str, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query(
            "INSERT INTO chases (series, on_day, step, whom, done_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (series, on_day, step, whom) DO NOTHING",
        )
        .bind(chase.series)
        .bind(chase.on)
        .bind(chase.step)
        .bind(whom)
        .bind(now)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Whether it is done for all.
pub async fn is_done(tx: &mut Tx, chase: Chase<'_>) -> Result<bool> {
    let row: Option<(String,)> = tx
        .query("SELECT whom FROM chases WHERE series = $1 AND on_day = $2 AND step = $3 AND whom = $4")
        .bind(chase.series)
        .bind(chase.on)
        .bind(chase.step)
        .bind(ALL)
        .optional()
        .await?;
    Ok(row.is_some())
}

/// When the day's latest step before this one was done for a centre, a place or [`ALL`]; steps are in the order of their
/// names. `None` when none was.
pub async fn done_before(tx: &mut Tx, chase: Chase<'_>, whom: &str) -> Result<Option<DateTime<Utc>>> {
    let row: Option<(DateTime<Utc>,)> = tx
        .query(
            "SELECT done_at FROM chases WHERE series = $1 AND on_day = $2 AND step < $3 AND whom = $4
             ORDER BY step DESC LIMIT 1",
        )
        .bind(chase.series)
        .bind(chase.on)
        .bind(chase.step)
        .bind(whom)
        .optional()
        .await?;
    Ok(row.map(|(at,)| at))
}

/// The centres after one of them that have a line and people on the day, and for which it is not done: in the order of
/// their codes, as many as `limit`.
pub async fn centres_left(tx: &mut Tx, chase: Chase<'_>, after: &str, limit: i64) -> Result<Vec<CentreCode>> {
    let sql = format!(
        "SELECT c.code FROM centres c
         WHERE c.code > $4 AND c.removed_at IS NULL
            AND EXISTS (SELECT 1 FROM post_lines l WHERE l.post_kind = 'centre' AND l.post = c.code
                        AND l.unbound_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM chases h WHERE h.series = $1 AND h.on_day = $2 AND h.step = $3
                            AND h.whom = c.code)
            AND {DEPLOYED}
         ORDER BY c.code LIMIT $5"
    );
    let query = tx.query(assert_safe(sql)).bind(chase.series).bind(chase.on).bind(chase.step);
    let rows: Vec<(String,)> = query.bind(after).bind(limit).all().await?;
    let code = |(code,): (String,)| CentreCode::parse(&code).ok_or(StoreError::Unreadable("a centre's code"));
    rows.into_iter().map(code).collect()
}
