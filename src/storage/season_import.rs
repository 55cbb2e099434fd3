//! Bulk writes of the season: many rows a statement, so that hundreds of thousands take seconds. What a row means is
//! decided in `services::season::import`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Dialect, Query, Result, StoreError, Tx, Value, assert_safe, placeholders},
    locks,
    officers::Officer,
    people::{ADDED, IMPORTED},
    season::{self, Centre, Day, Rate, Series},
};
use crate::{
    model::{CentreCode, DeploymentId, Msisdn, PersonId, season::DeployedAs},
    secrets::{Lookup, Sealed, Slot},
};

/// Rows a statement: far below the 32,766 parameters that SQLite takes.
const BLOCK: usize = 500;

/// One import at a time.
pub async fn alone(tx: &mut Tx) -> Result<()> {
    locks::hold(tx, "season import").await
}

/// An import looks at all of a season at its end: that may take longer than anything a caller waits for.
pub async fn take_time(tx: &mut Tx) -> Result<()> {
    if tx.dialect() == Dialect::Postgres {
        tx.query("SET LOCAL statement_timeout = '10min'").execute().await?;
    }
    Ok(())
}

/// `($1, $2), ($3, $4)`: placeholders of so many rows of so many values.
fn rows(count: usize, width: usize) -> String {
    let row = |n| format!("({})", placeholders(n * width + 1, width));
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

/// Bind every value of a list.
fn bind_all<'t, 'q, V: Value<'q>>(query: Query<'t>, values: impl IntoIterator<Item = V>) -> Query<'t> {
    values.into_iter().fold(query, super::engine::Query::bind)
}

/// Every series, by code.
pub async fn all_series(tx: &mut Tx) -> Result<BTreeMap<String, Series>> {
    Ok(season::all_series(tx).await?.into_iter().map(|series| (series.code.clone(), series)).collect())
}

/// Write series.
pub async fn put_series(tx: &mut Tx, all: &[Series]) -> Result<()> {
    for series in all {
        tx.query(
            "INSERT INTO series (code, exam, year, starts_on, ends_on, practice) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (code) DO UPDATE SET exam = excluded.exam, year = excluded.year,
                starts_on = excluded.starts_on, ends_on = excluded.ends_on, practice = excluded.practice",
        )
        .bind(series.code.as_str())
        .bind(series.exam.as_str())
        .bind(series.year)
        .bind(series.starts_on)
        .bind(series.ends_on)
        .bind(series.practice)
        .execute_exactly(1)
        .await?;
    }
    Ok(())
}

/// How many listed days and standing deployments lie outside the dates of a series.
pub async fn outside(tx: &mut Tx, series: &Series) -> Result<i64> {
    let (count,): (i64,) = tx
        .query(
            "SELECT (SELECT COUNT(*) FROM series_days WHERE series = $1 AND (on_day < $2 OR on_day > $3))
                  + (SELECT COUNT(*) FROM deployments WHERE series = $1 AND removed_at IS NULL
                     AND (from_on < $2 OR to_on > $3))",
        )
        .bind(series.code.as_str())
        .bind(series.starts_on)
        .bind(series.ends_on)
        .one()
        .await?;
    Ok(count)
}

/// Remove a series in which nobody was ever deployed, with its days and rates; false when somebody was.
pub async fn remove_series(tx: &mut Tx, code: &str) -> Result<bool> {
    let (deployed,): (i64,) =
        tx.query("SELECT COUNT(*) FROM deployments WHERE series = $1").bind(code).one().await?;
    if deployed > 0 {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM series_days WHERE series = $1",
        "DELETE FROM rates WHERE series = $1",
        "DELETE FROM registers WHERE series = $1 AND seq = 0",
        "DELETE FROM series WHERE code = $1",
    ] {
        tx.query(sql).bind(code).execute().await?;
    }
    Ok(true)
}

/// Write days of series.
pub async fn put_days(tx: &mut Tx, days: &[(String, Day)]) -> Result<()> {
    for (series, day) in days {
        tx.query(
            "INSERT INTO series_days (series, on_day, kind, opens, closes) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (series, on_day) DO UPDATE SET kind = excluded.kind, opens = excluded.opens,
                closes = excluded.closes",
        )
        .bind(series.as_str())
        .bind(day.on_day)
        .bind(day.kind)
        .bind(day.opens)
        .bind(day.closes)
        .execute_exactly(1)
        .await?;
    }
    Ok(())
}

/// Remove a day that nobody has marked anything on; false when somebody has.
pub async fn remove_day(tx: &mut Tx, series: &str, on: NaiveDate) -> Result<bool> {
    let rows = tx
        .query(
            "DELETE FROM series_days WHERE series = $1 AND on_day = $2
             AND NOT EXISTS (SELECT 1 FROM register_days WHERE series = $1 AND on_day = $2)",
        )
        .bind(series)
        .bind(on)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Write rates of series.
pub async fn put_rates(tx: &mut Tx, rates: &[(String, Rate)]) -> Result<()> {
    for (series, rate) in rates {
        tx.query(
            "INSERT INTO rates (series, role, from_on, ksh_per_day, half_percent) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (series, role, from_on) DO UPDATE SET ksh_per_day = excluded.ksh_per_day,
                half_percent = excluded.half_percent",
        )
        .bind(series.as_str())
        .bind(rate.role)
        .bind(rate.from_on)
        .bind(rate.ksh_per_day)
        .bind(rate.half_percent)
        .execute_exactly(1)
        .await?;
    }
    Ok(())
}

/// Remove a rate.
pub async fn remove_rate(tx: &mut Tx, series: &str, role: DeployedAs, from_on: NaiveDate) -> Result<()> {
    tx.query("DELETE FROM rates WHERE series = $1 AND role = $2 AND from_on = $3")
        .bind(series)
        .bind(role)
        .bind(from_on)
        .execute_exactly(1)
        .await
}

/// Every centre there ever was.
pub async fn all_centres(tx: &mut Tx) -> Result<Vec<Centre>> {
    season::every_centre(tx).await
}

/// The codes of all centres, and whether each is still in the lists.
pub async fn centre_codes(tx: &mut Tx) -> Result<BTreeMap<CentreCode, bool>> {
    let rows: Vec<(String, bool)> = tx.query("SELECT code, removed_at IS NULL FROM centres").all().await?;
    let code = |(code, here): (String, bool)| {
        Ok((CentreCode::parse(&code).ok_or(StoreError::Unreadable("a centre's code"))?, here))
    };
    rows.into_iter().map(code).collect()
}

/// Write centres; one that was removed is back.
pub async fn put_centres(tx: &mut Tx, centres: &[Centre]) -> Result<()> {
    for block in centres.chunks(BLOCK) {
        let sql = format!(
            "INSERT INTO centres (code, name, county_code, county, sub_county, manager_msisdn) VALUES {}
             ON CONFLICT (code) DO UPDATE SET name = excluded.name, county_code = excluded.county_code,
                county = excluded.county, sub_county = excluded.sub_county,
                manager_msisdn = excluded.manager_msisdn, removed_at = NULL",
            rows(block.len(), 6)
        );
        let mut query = tx.query(assert_safe(sql));
        for centre in block {
            query = query
                .bind(centre.code.as_str())
                .bind(centre.name.as_str())
                .bind(centre.county_code.as_str())
                .bind(centre.county.as_str())
                .bind(centre.sub_county.as_str())
                .bind(centre.manager.as_ref().map(|line| line.as_e164().to_owned()));
        }
        query.execute_exactly(block.len() as u64).await?;
    }
    Ok(())
}

/// How many people are deployed at a centre today or later.
pub async fn deployed_at(tx: &mut Tx, code: &CentreCode, today: NaiveDate) -> Result<i64> {
    let (count,): (i64,) = tx
        .query("SELECT COUNT(*) FROM deployments WHERE centre = $1 AND removed_at IS NULL AND to_on >= $2")
        .bind(code.as_str())
        .bind(today)
        .one()
        .await?;
    Ok(count)
}

/// Take centres from the lists.
pub async fn remove_centres(tx: &mut Tx, codes: &[CentreCode], now: DateTime<Utc>) -> Result<()> {
    for block in codes.chunks(BLOCK) {
        let list = placeholders(2, block.len());
        let sql = format!("UPDATE centres SET removed_at = $1 WHERE code IN ({list})");
        let query = tx.query(assert_safe(sql)).bind(now);
        bind_all(query, block.iter().map(CentreCode::as_str)).execute().await?;
    }
    Ok(())
}

/// Put an officer in office, or change what is known of the one who has this line.
pub async fn put_officer(tx: &mut Tx, officer: &Officer) -> Result<()> {
    tx.query(
        "INSERT INTO officers (id, full_name, msisdn, role, scope, added_at, imported_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)
         ON CONFLICT (msisdn) WHERE left_at IS NULL DO UPDATE SET full_name = excluded.full_name,
            role = excluded.role, scope = excluded.scope",
    )
    .bind(officer.id)
    .bind(officer.full_name.as_str())
    .bind(officer.msisdn.as_e164())
    .bind(officer.role)
    .bind(officer.scope.as_str())
    .bind(officer.added_at)
    .execute_exactly(1)
    .await
}

/// Let the officer of a line go, if a file has put them in office; false for who was put there by hand.
pub async fn dismiss(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query("UPDATE officers SET left_at = $1 WHERE msisdn = $2 AND left_at IS NULL AND imported_at IS NOT NULL")
        .bind(now)
        .bind(line.as_e164())
        .execute()
        .await?;
    Ok(rows == 1)
}

/// What an import knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingPerson {
    /// The id.
    pub id: PersonId,
    /// The whole name.
    pub full_name: String,
    /// The name as it is compared; whoever reads people makes it.
    pub folded: String,
    /// The phone.
    pub msisdn: Option<String>,
    /// The look-up of the national ID, in the slot that people are found by.
    pub hash: Option<[u8; 32]>,
    /// Whether an account sees this person's deployments.
    pub tied: bool,
}

/// What an import knows of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingDeployment {
    /// The id.
    pub id: DeploymentId,
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: DeployedAs,
    /// The ref.
    pub reference: Option<String>,
    /// The number on the roster.
    pub number: i64,
    /// The first day.
    pub from_on: NaiveDate,
    /// The last day.
    pub to_on: NaiveDate,
    /// Whether it was added at the centre.
    pub added: bool,
    /// Since when it no longer counts.
    pub removed_at: Option<DateTime<Utc>>,
}

/// What a part of a file names.
#[derive(Debug)]
pub struct Wanted {
    /// Series.
    pub series: Vec<String>,
    /// Centres.
    pub centres: Vec<String>,
    /// Refs.
    pub refs: Vec<String>,
    /// Phones.
    pub lines: Vec<String>,
    /// Look-ups of national IDs.
    pub hashes: Vec<[u8; 32]>,
    /// The slot of those.
    pub slot: Slot,
}

/// What stands of it.
#[derive(Debug, Default)]
pub struct Standing {
    /// People; `folded` is left empty.
    pub people: Vec<StandingPerson>,
    /// Deployments, all of each centre.
    pub deployments: Vec<StandingDeployment>,
}

#[derive(FromRow)]
struct PersonRow {
    person: Uuid,
    full_name: String,
    msisdn: Option<String>,
    hash: Option<Vec<u8>>,
    tied: bool,
}

impl TryFrom<PersonRow> for StandingPerson {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self> {
        let hash =
            row.hash.map(TryInto::try_into).transpose().map_err(|_| StoreError::Unreadable("a look-up"))?;
        Ok(Self {
            id: PersonId(row.person),
            full_name: row.full_name,
            folded: String::new(),
            msisdn: row.msisdn,
            hash,
            tied: row.tied,
        })
    }
}

#[derive(FromRow)]
struct DeploymentRow {
    id: Uuid,
    series: String,
    centre: String,
    role: DeployedAs,
    #[sqlx(rename = "ref")]
    reference: Option<String>,
    number: i64,
    from_on: NaiveDate,
    to_on: NaiveDate,
    origin: String,
    removed_at: Option<DateTime<Utc>>,
    #[sqlx(flatten)]
    person: PersonRow,
}

/// The people's column of a slot.
fn hash_column(slot: Slot) -> &'static str {
    match slot {
        Slot::A => "p.national_id_a",
        Slot::B => "p.national_id_b",
    }
}

/// Everything that stands of what is wanted.
pub async fn standing(tx: &mut Tx, wanted: &Wanted) -> Result<Standing> {
    let mut standing = Standing::default();
    if wanted.series.is_empty() {
        return Ok(standing);
    }
    for (column, values) in [("centre", &wanted.centres), ("ref", &wanted.refs)] {
        for row in deployments(tx, wanted, column, values).await? {
            let (deployment, person) = split(row)?;
            standing.deployments.push(deployment);
            standing.people.push(person);
        }
    }
    let hash = hash_column(wanted.slot);
    let lines = wanted.lines.iter().map(String::as_str);
    standing.people.extend(people(tx, hash, "p.msisdn", lines).await?);
    standing.people.extend(people(tx, hash, hash, wanted.hashes.iter().map(|hash| hash.to_vec())).await?);
    Ok(standing)
}

async fn deployments(
    tx: &mut Tx,
    wanted: &Wanted,
    column: &str,
    values: &[String],
) -> Result<Vec<DeploymentRow>> {
    if values.is_empty() {
        return Ok(vec![]);
    }
    let series = placeholders(1, wanted.series.len());
    let list = placeholders(1 + wanted.series.len(), values.len());
    let sql = format!(
        "SELECT d.id, d.series, d.centre, d.role, d.ref, d.number, d.from_on, d.to_on, d.origin, d.removed_at,
                p.id AS person, p.full_name, p.msisdn, {} AS hash, p.account IS NOT NULL AS tied
         FROM deployments d JOIN people p ON p.id = d.person
         WHERE d.series IN ({series}) AND d.{column} IN ({list})",
        hash_column(wanted.slot)
    );
    let query = bind_all(tx.query(assert_safe(sql)), wanted.series.iter().map(String::as_str));
    bind_all(query, values.iter().map(String::as_str)).all().await
}

async fn people<'q, V: Value<'q>>(
    tx: &mut Tx,
    hash: &str,
    column: &str,
    values: impl ExactSizeIterator<Item = V>,
) -> Result<Vec<StandingPerson>> {
    if values.len() == 0 {
        return Ok(vec![]);
    }
    let list = placeholders(1, values.len());
    let sql = format!(
        "SELECT p.id AS person, p.full_name, p.msisdn, {hash} AS hash, p.account IS NOT NULL AS tied
         FROM people p WHERE {column} IN ({list})"
    );
    let rows: Vec<PersonRow> = bind_all(tx.query(assert_safe(sql)), values).all().await?;
    rows.into_iter().map(StandingPerson::try_from).collect()
}

fn split(row: DeploymentRow) -> Result<(StandingDeployment, StandingPerson)> {
    let deployment = StandingDeployment {
        id: DeploymentId(row.id),
        series: row.series,
        centre: CentreCode::parse(&row.centre).ok_or(StoreError::Unreadable("a centre's code"))?,
        person: PersonId(row.person.person),
        role: row.role,
        reference: row.reference,
        number: row.number,
        from_on: row.from_on,
        to_on: row.to_on,
        added: row.origin == ADDED,
        removed_at: row.removed_at,
    };
    Ok((deployment, row.person.try_into()?))
}

/// Write people, with the national IDs that are new; what is known of an ID is never taken away.
pub async fn put_people(tx: &mut Tx, people: Vec<(&StandingPerson, Option<(Sealed, Lookup)>)>) -> Result<()> {
    let mut people = people.into_iter().peekable();
    while people.peek().is_some() {
        let block: Vec<_> = people.by_ref().take(BLOCK).collect();
        let sql = format!(
            "INSERT INTO people (id, full_name, msisdn, national_id, national_id_key, national_id_a, national_id_b)
             VALUES {}
             ON CONFLICT (id) DO UPDATE SET full_name = excluded.full_name, msisdn = excluded.msisdn,
                national_id = COALESCE(excluded.national_id, people.national_id),
                national_id_key = COALESCE(excluded.national_id_key, people.national_id_key),
                national_id_a = COALESCE(excluded.national_id_a, people.national_id_a),
                national_id_b = COALESCE(excluded.national_id_b, people.national_id_b)",
            rows(block.len(), 7)
        );
        let count = block.len() as u64;
        let mut query = tx.query(assert_safe(sql));
        for (person, id) in block {
            let (sealed, lookup) = id.unzip();
            let (bytes, key) = sealed.map(|sealed| (sealed.bytes, sealed.key_id)).unzip();
            let slot =
                |of: fn(&Lookup) -> Option<[u8; 32]>| lookup.as_ref().and_then(of).map(|hash| hash.to_vec());
            query = query
                .bind(person.id.0)
                .bind(person.full_name.as_str())
                .bind(person.msisdn.clone())
                .bind(bytes)
                .bind(key)
                .bind(slot(|lookup| lookup.a))
                .bind(slot(|lookup| lookup.b));
        }
        query.execute_exactly(count).await?;
    }
    Ok(())
}

/// Take their ref from deployments, which no longer count.
pub async fn release(tx: &mut Tx, ids: &[DeploymentId], now: DateTime<Utc>) -> Result<()> {
    for block in ids.chunks(BLOCK) {
        let list = placeholders(2, block.len());
        let sql = format!(
            "UPDATE deployments SET ref = NULL, removed_at = COALESCE(removed_at, $1) WHERE id IN ({list})"
        );
        let query = tx.query(assert_safe(sql)).bind(now);
        bind_all(query, block.iter().map(|id| id.0)).execute().await?;
    }
    Ok(())
}

/// Write deployments, new ones and those that stand.
pub async fn put_deployments(tx: &mut Tx, all: &[&StandingDeployment], now: DateTime<Utc>) -> Result<()> {
    for block in all.chunks(BLOCK) {
        let sql = format!(
            "INSERT INTO deployments (id, series, centre, person, role, ref, number, from_on, to_on, origin,
                                      created_at, removed_at)
             VALUES {}
             ON CONFLICT (id) DO UPDATE SET person = excluded.person, role = excluded.role, ref = excluded.ref,
                from_on = excluded.from_on, to_on = excluded.to_on, origin = excluded.origin, accepted = NULL,
                removed_at = excluded.removed_at",
            rows(block.len(), 12)
        );
        let mut query = tx.query(assert_safe(sql));
        for one in block {
            query = query
                .bind(one.id.0)
                .bind(one.series.as_str())
                .bind(one.centre.as_str())
                .bind(one.person.0)
                .bind(one.role)
                .bind(one.reference.clone())
                .bind(one.number)
                .bind(one.from_on)
                .bind(one.to_on)
                .bind(IMPORTED)
                .bind(now)
                .bind(one.removed_at);
        }
        query.execute_exactly(block.len() as u64).await?;
    }
    Ok(())
}

/// Those of these deployments that somebody has marked.
pub async fn marked(tx: &mut Tx, ids: &[DeploymentId]) -> Result<BTreeSet<DeploymentId>> {
    let mut marked = BTreeSet::new();
    for block in ids.chunks(BLOCK) {
        let list = placeholders(1, block.len());
        let sql = format!("SELECT DISTINCT deployment FROM marks WHERE deployment IN ({list})");
        let rows: Vec<(Uuid,)> =
            bind_all(tx.query(assert_safe(sql)), block.iter().map(|id| id.0)).all().await?;
        marked.extend(rows.into_iter().map(|(id,)| DeploymentId(id)));
    }
    Ok(marked)
}

/// The deployments of a series that files have made and that still count.
pub async fn imported(tx: &mut Tx, series: &str) -> Result<Vec<DeploymentId>> {
    let rows: Vec<(Uuid,)> = tx
        .query("SELECT id FROM deployments WHERE series = $1 AND origin = $2 AND removed_at IS NULL")
        .bind(series)
        .bind(IMPORTED)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| DeploymentId(id)).collect())
}

/// Deployments no longer count; what was marked of them stays.
pub async fn remove_deployments(tx: &mut Tx, ids: &[DeploymentId], now: DateTime<Utc>) -> Result<()> {
    for block in ids.chunks(BLOCK) {
        let list = placeholders(2, block.len());
        let sql = format!("UPDATE deployments SET removed_at = $1 WHERE id IN ({list})");
        let query = tx.query(assert_safe(sql)).bind(now);
        bind_all(query, block.iter().map(|id| id.0)).execute().await?;
    }
    Ok(())
}

/// Two deployments of one person on the same days, and their centres.
pub type Overlap = (DeploymentId, DeploymentId, String, String);

/// Who is deployed twice on the same days in a series.
pub async fn overlaps(tx: &mut Tx, series: &str) -> Result<Vec<Overlap>> {
    let rows: Vec<(Uuid, Uuid, String, String)> = tx
        .query(
            "SELECT a.id, b.id, a.centre, b.centre FROM deployments a
             JOIN deployments b ON b.person = a.person AND b.series = a.series AND b.id > a.id
                AND b.from_on <= a.to_on AND b.to_on >= a.from_on AND b.removed_at IS NULL
             WHERE a.series = $1 AND a.removed_at IS NULL ORDER BY a.centre, a.number",
        )
        .bind(series)
        .all()
        .await?;
    let ids = |(one, other, here, there)| (DeploymentId(one), DeploymentId(other), here, there);
    Ok(rows.into_iter().map(ids).collect())
}

/// Have Postgres count what there is now: its plans would be those of the tables as they were before the import. SQLite
/// must not count: it would go by a small table while an import makes it large, and look through all of it each time.
pub async fn look_over(tx: &mut Tx) -> Result<()> {
    if tx.dialect() == Dialect::Sqlite {
        return Ok(());
    }
    for sql in ["ANALYZE centres", "ANALYZE people", "ANALYZE deployments"] {
        tx.query(sql).execute().await?;
    }
    Ok(())
}
