//! People put on a roster at the centre, because they turned up, and what the director says of them. Written only under
//! the register's lock.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    engine::{Result, Tx},
    registers::DayOf,
};
use crate::model::{DeploymentId, Msisdn, PersonId, season::DeployedAs};

/// Somebody to put on a roster.
pub struct Addition<'a> {
    /// The deployment to make.
    pub deployment: DeploymentId,
    /// The person to make, unless there is one of this name and number already.
    pub person: PersonId,
    /// The name as it was typed.
    pub full_name: &'a str,
    /// The number as it was typed.
    pub msisdn: Option<&'a Msisdn>,
    /// As what.
    pub role: DeployedAs,
    /// Up to which day.
    pub to_on: NaiveDate,
    /// When.
    pub at: DateTime<Utc>,
}

/// The person of this name and number, if there is one.
pub async fn known(tx: &mut Tx, full_name: &str, msisdn: &Msisdn) -> Result<Option<PersonId>> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT id FROM people WHERE msisdn = $1 AND full_name = $2 ORDER BY id LIMIT 1")
        .bind(msisdn.as_e164())
        .bind(full_name)
        .optional()
        .await?;
    Ok(row.map(|(id,)| PersonId(id)))
}

/// Make a person.
pub async fn insert_person(tx: &mut Tx, new: &Addition<'_>) -> Result<()> {
    tx.query("INSERT INTO people (id, full_name, msisdn) VALUES ($1, $2, $3)")
        .bind(new.person.0)
        .bind(new.full_name)
        .bind(new.msisdn.map(|line| line.as_e164().to_owned()))
        .execute_exactly(1)
        .await
}

/// Put somebody on a roster under this number. `false` when an import has just given it to somebody else.
pub async fn deploy(tx: &mut Tx, of: DayOf<'_>, new: &Addition<'_>, number: i64) -> Result<bool> {
    let inserted = tx
        .query(
            "INSERT INTO deployments (id, series, centre, person, role, number, from_on, to_on, origin, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'added', $9)
             ON CONFLICT (series, centre, number) DO NOTHING",
        )
        .bind(new.deployment.0)
        .bind(of.series)
        .bind(of.centre.as_str())
        .bind(new.person.0)
        .bind(new.role)
        .bind(number)
        .bind(of.on)
        .bind(new.to_on)
        .bind(new.at)
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// Keep the director's answer. `false` when nobody waits for one under this id.
pub async fn answer(tx: &mut Tx, of: DayOf<'_>, deployment: DeploymentId, accepted: bool) -> Result<bool> {
    let answered = tx
        .query(
            "UPDATE deployments SET accepted = $1
             WHERE id = $2 AND series = $3 AND centre = $4 AND origin = 'added' AND accepted IS NULL",
        )
        .bind(accepted)
        .bind(deployment.0)
        .bind(of.series)
        .bind(of.centre.as_str())
        .execute()
        .await?;
    Ok(answered == 1)
}

/// Count anew the days on which a deployment has marks: how it counts has changed.
pub async fn recount(tx: &mut Tx, of: DayOf<'_>, deployment: DeploymentId) -> Result<()> {
    let counted = |what: &str| {
        format!(
            "(SELECT COUNT(*) FROM deployments d JOIN marks m ON m.deployment = d.id AND m.on_day = register_days.on_day
              AND m.version = (SELECT MAX(v.version) FROM marks v
                               WHERE v.deployment = m.deployment AND v.on_day = m.on_day)
              WHERE d.series = $1 AND d.centre = $2 AND d.accepted IS NOT FALSE AND {what})"
        )
    };
    let sql = format!(
        "UPDATE register_days SET present = {}, absent = {}, added = {}
         WHERE series = $1 AND centre = $2 AND shape <> 'closed'
         AND on_day IN (SELECT on_day FROM marks WHERE deployment = $3)",
        counted("m.present AND (d.origin <> 'added' OR d.accepted IS NOT NULL)"),
        counted("NOT m.present"),
        counted("m.present AND d.origin = 'added' AND d.accepted IS NULL"),
    );
    let query = tx.query(super::engine::assert_safe(sql));
    query.bind(of.series).bind(of.centre.as_str()).bind(deployment.0).execute().await?;
    Ok(())
}

/// Somebody who was added and waits for the director's word.
#[derive(Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Waiting {
    /// As what and where.
    #[sqlx(rename = "id")]
    pub deployment: Uuid,
    /// The centre's code.
    pub centre: String,
    /// The number on its roster.
    pub number: i64,
    /// The name as it was typed.
    pub full_name: String,
    /// As what.
    pub role: DeployedAs,
    /// From which day.
    pub from_on: NaiveDate,
}

/// Who was added in a sub-county and waits for an answer, in the order of centres and numbers.
pub async fn waiting(
    tx: &mut Tx,
    series: &str,
    (county_code, sub_county): (&str, &str),
) -> Result<Vec<Waiting>> {
    tx.query(
        "SELECT d.id, d.centre, d.number, p.full_name, d.role, d.from_on
         FROM centres c JOIN deployments d ON d.series = $1 AND d.centre = c.code JOIN people p ON p.id = d.person
         WHERE c.county_code = $2 AND c.sub_county = $3 AND d.origin = 'added' AND d.accepted IS NULL
            AND d.removed_at IS NULL
         ORDER BY d.centre, d.number",
    )
    .bind(series)
    .bind(county_code)
    .bind(sub_county)
    .all()
    .await
}
