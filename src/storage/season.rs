//! The season as it was imported: series, their days and rates, centres. Writing it is left to `season_import`; which
//! days are open now to `services::season`.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sqlx::FromRow;

use super::engine::{Result, StoreError, Tx};
use crate::model::{
    CentreCode, Msisdn,
    season::{DayKind, DeployedAs},
};

/// An examination of a year.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Series {
    /// Its code, like `KCSE2026`.
    pub code: String,
    /// The examination.
    pub exam: String,
    /// The year.
    pub year: i64,
    /// Its first day.
    pub starts_on: NaiveDate,
    /// Its last day.
    pub ends_on: NaiveDate,
    /// For training: nothing of it is paid.
    pub practice: bool,
    /// When it closed for good.
    pub closed_at: Option<DateTime<Utc>>,
}

/// A day on which a register is marked.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Day {
    /// The day.
    pub on_day: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// From when marks are taken; none: as configured.
    pub opens: Option<NaiveTime>,
    /// Until when; none: as configured.
    pub closes: Option<NaiveTime>,
}

/// What a role gets a day, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Rate {
    /// The role.
    pub role: DeployedAs,
    /// From this day, until another rate of the role begins.
    pub from_on: NaiveDate,
    /// Shillings a whole day.
    pub ksh_per_day: i64,
    /// What a half day counts of it, in hundredths.
    pub half_percent: i64,
}

/// A place where examinations are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Centre {
    /// Its code.
    pub code: CentreCode,
    /// Its name.
    pub name: String,
    /// The county's code, `001` to `047`.
    pub county_code: String,
    /// The county.
    pub county: String,
    /// The sub-county.
    pub sub_county: String,
    /// The line of whoever manages it, where that is known.
    pub manager: Option<Msisdn>,
    /// Since when it is no longer in the lists.
    pub removed_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
pub(super) struct CentreRow {
    code: String,
    name: String,
    county_code: String,
    county: String,
    sub_county: String,
    manager_msisdn: Option<String>,
    removed_at: Option<DateTime<Utc>>,
}

impl TryFrom<CentreRow> for Centre {
    type Error = StoreError;

    fn try_from(row: CentreRow) -> Result<Self> {
        let manager = row.manager_msisdn.map(|line| Msisdn::from_network(&line));
        if manager == Some(None) {
            return Err(StoreError::Unreadable("a manager's line"));
        }
        Ok(Self {
            code: CentreCode::parse(&row.code).ok_or(StoreError::Unreadable("a centre's code"))?,
            name: row.name,
            county_code: row.county_code,
            county: row.county,
            sub_county: row.sub_county,
            manager: manager.flatten(),
            removed_at: row.removed_at,
        })
    }
}

/// The series of a code.
pub async fn series(tx: &mut Tx, code: &str) -> Result<Option<Series>> {
    tx.query("SELECT code, exam, year, starts_on, ends_on, practice, closed_at FROM series WHERE code = $1")
        .bind(code)
        .optional()
        .await
}

/// Every series there is, the latest first.
pub async fn all_series(tx: &mut Tx) -> Result<Vec<Series>> {
    tx.query(
        "SELECT code, exam, year, starts_on, ends_on, practice, closed_at FROM series
         ORDER BY starts_on DESC, code",
    )
    .all()
    .await
}

/// The series that run on a day and are not closed: those that count before those for practice.
pub async fn current(tx: &mut Tx, on: NaiveDate) -> Result<Vec<Series>> {
    tx.query(
        "SELECT code, exam, year, starts_on, ends_on, practice, closed_at FROM series
         WHERE starts_on <= $1 AND ends_on >= $1 AND closed_at IS NULL ORDER BY practice, starts_on, code",
    )
    .bind(on)
    .all()
    .await
}

/// The series that are not closed and begin tomorrow at the latest: those that count before those for practice, those
/// that run before those that are over, the latest first. With a centre, those in which it has people.
pub async fn open_for(tx: &mut Tx, centre: Option<&CentreCode>, on: NaiveDate) -> Result<Vec<Series>> {
    tx.query(
        "SELECT code, exam, year, starts_on, ends_on, practice, closed_at FROM series s
         WHERE closed_at IS NULL AND starts_on <= $1
            AND ($2 IS NULL OR EXISTS (SELECT 1 FROM deployments d WHERE d.series = s.code AND d.centre = $2
                 AND d.removed_at IS NULL))
         ORDER BY practice, ends_on < $3, starts_on DESC, code",
    )
    .bind(on.succ_opt().unwrap_or(on))
    .bind(centre.map(|centre| centre.as_str().to_owned()))
    .bind(on)
    .all()
    .await
}

/// The days that were imported for a series; none: every weekday between its dates is an exam day.
pub async fn days(tx: &mut Tx, series: &str) -> Result<Vec<Day>> {
    tx.query("SELECT on_day, kind, opens, closes FROM series_days WHERE series = $1 ORDER BY on_day")
        .bind(series)
        .all()
        .await
}

/// The rates of a series, by role and day.
pub async fn rates(tx: &mut Tx, series: &str) -> Result<Vec<Rate>> {
    tx.query(
        "SELECT role, from_on, ksh_per_day, half_percent FROM rates WHERE series = $1 ORDER BY role, from_on",
    )
    .bind(series)
    .all()
    .await
}

/// The centre of a code, also one that was removed.
pub async fn centre(tx: &mut Tx, code: &CentreCode) -> Result<Option<Centre>> {
    let row: Option<CentreRow> = tx
        .query(
            "SELECT code, name, county_code, county, sub_county, manager_msisdn, removed_at FROM centres
             WHERE code = $1",
        )
        .bind(code.as_str())
        .optional()
        .await?;
    row.map(Centre::try_from).transpose()
}

/// Every centre there ever was, by code.
pub async fn every_centre(tx: &mut Tx) -> Result<Vec<Centre>> {
    let rows: Vec<CentreRow> = tx
        .query(
            "SELECT code, name, county_code, county, sub_county, manager_msisdn, removed_at FROM centres
             ORDER BY code",
        )
        .all()
        .await?;
    rows.into_iter().map(Centre::try_from).collect()
}

/// The centres of a sub-county, by code.
pub async fn centres_of(tx: &mut Tx, county_code: &str, sub_county: &str) -> Result<Vec<Centre>> {
    let rows: Vec<CentreRow> = tx
        .query(
            "SELECT code, name, county_code, county, sub_county, manager_msisdn, removed_at FROM centres
             WHERE county_code = $1 AND sub_county = $2 AND removed_at IS NULL ORDER BY code",
        )
        .bind(county_code)
        .bind(sub_county)
        .all()
        .await?;
    rows.into_iter().map(Centre::try_from).collect()
}

/// A sub-county and the county that it lies in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, FromRow)]
pub struct Place {
    /// The county's code.
    pub county_code: String,
    /// The county.
    pub county: String,
    /// The sub-county.
    pub sub_county: String,
}

/// Every sub-county that has a centre.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>> {
    tx.query(
        "SELECT DISTINCT county_code, county, sub_county FROM centres WHERE removed_at IS NULL
         ORDER BY county_code, county, sub_county",
    )
    .all()
    .await
}

/// The series that ended before a day and are not closed yet.
pub async fn over(tx: &mut Tx, before: NaiveDate) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = tx
        .query("SELECT code FROM series WHERE ends_on < $1 AND closed_at IS NULL ORDER BY ends_on, code")
        .bind(before)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(code,)| code).collect())
}

/// Close a series for good; false when it is closed already.
pub async fn close(tx: &mut Tx, code: &str, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query("UPDATE series SET closed_at = $1 WHERE code = $2 AND closed_at IS NULL")
        .bind(now)
        .bind(code)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// End the credentials that were issued for a series, with every sign-in that stands on them; says how many there were.
pub async fn end_credentials(tx: &mut Tx, code: &str, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE post_credentials SET revoked_at = $1, revoked_by = 'rollover', epoch = epoch + 1
         WHERE series = $2 AND revoked_at IS NULL",
    )
    .bind(now)
    .bind(code)
    .execute()
    .await
}
