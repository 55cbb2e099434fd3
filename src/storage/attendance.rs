//! Attendance from the side of the person whom it is about: the series their account sees, and who changed a mark.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    engine::{Result, Tx, assert_safe, placeholders},
    season::Series,
};
use crate::model::{
    AccountId, CentreCode, DeploymentId,
    attendance::MarkedBy,
    season::{Channel, DayShape, DayState},
};

/// The series in which an account's people are deployed or were marked: those that count before those for practice, the
/// latest first.
pub async fn series_of(tx: &mut Tx, account: AccountId) -> Result<Vec<Series>> {
    tx.query(
        "SELECT DISTINCT s.code, s.exam, s.year, s.starts_on, s.ends_on, s.practice, s.closed_at
         FROM people p JOIN deployments d ON d.person = p.id JOIN series s ON s.code = d.series
         WHERE p.account = $1 AND d.accepted IS NOT FALSE
           AND (d.removed_at IS NULL OR EXISTS (SELECT 1 FROM marks m WHERE m.deployment = d.id))
         ORDER BY s.practice, s.starts_on DESC, s.code",
    )
    .bind(account.0)
    .all()
    .await
}

/// How much of each of these days a centre held, as far as it has marked them.
pub async fn shapes(
    tx: &mut Tx,
    (series, centre): (&str, &CentreCode),
    days: &[NaiveDate],
) -> Result<Vec<(NaiveDate, DayShape)>> {
    if days.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT on_day, shape FROM register_days WHERE series = $1 AND centre = $2 AND state = $3 AND on_day IN ({})",
        placeholders(4, days.len())
    );
    let query = tx.query(assert_safe(sql)).bind(series).bind(centre.as_str()).bind(DayState::Submitted);
    days.iter().fold(query, |query, day| query.bind(*day)).all().await
}

/// One mark of somebody on a day, and who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which one of the day, from 1.
    pub version: i64,
    /// Whether the person was there.
    pub present: bool,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: MarkedBy,
    /// The act's reference.
    pub reference: String,
    /// The reason of the act, unless erased.
    pub reason: Option<String>,
}

#[derive(FromRow)]
struct ChangeRow {
    version: i64,
    present: bool,
    at: DateTime<Utc>,
    channel: Channel,
    by_officer: bool,
    reference: String,
    reason: Option<String>,
}

/// Every mark of somebody on a day, the latest first.
pub async fn changes(tx: &mut Tx, deployment: DeploymentId, on: NaiveDate) -> Result<Vec<Change>> {
    let rows: Vec<ChangeRow> = tx
        .query(
            "SELECT m.version, m.present, e.at, e.channel, e.reference, e.reason,
                EXISTS (SELECT 1 FROM officers o WHERE o.id = e.actor)
                OR EXISTS (SELECT 1 FROM post_credentials c WHERE c.id = e.actor AND c.post_kind = 'officer')
                    AS by_officer
             FROM marks m
             JOIN deployments d ON d.id = m.deployment
             JOIN register_entries e ON e.series = d.series AND e.centre = d.centre AND e.seq = m.seq
             WHERE m.deployment = $1 AND m.on_day = $2 ORDER BY m.version DESC",
        )
        .bind(deployment.0)
        .bind(on)
        .all()
        .await?;
    Ok(rows.into_iter().map(Change::from).collect())
}

impl From<ChangeRow> for Change {
    fn from(row: ChangeRow) -> Self {
        let by = match row.channel {
            _ if row.by_officer => MarkedBy::Director,
            Channel::Ussd => MarkedBy::CentrePhone,
            Channel::Sms => MarkedBy::CentreSms,
            Channel::Console | Channel::Cli => MarkedBy::Desk,
        };
        Self {
            version: row.version,
            present: row.present,
            at: row.at,
            by,
            reference: row.reference,
            reason: row.reason,
        }
    }
}
