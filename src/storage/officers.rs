//! Officers: the people whose help is on the record.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Result, StoreError, Tx, assert_safe},
    season::Place,
};
use crate::model::{CentreCode, Msisdn};

/// What an officer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Role {
    /// The director of education of a sub-county.
    SubCountyDirector,
    /// The help desk.
    Support,
    /// Headquarters.
    Headquarters,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SubCountyDirector, Self::Support, Self::Headquarters];

    /// Its name in files and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::SubCountyDirector => "sub_county_director",
            Self::Support => "support",
            Self::Headquarters => "headquarters",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// An officer.
#[derive(Debug, Clone)]
pub struct Officer {
    /// The id, by which the audit knows the officer.
    pub id: Uuid,
    /// The whole name.
    pub full_name: String,
    /// The line.
    pub msisdn: Msisdn,
    /// What the officer is.
    pub role: Role,
    /// A sub-county, a county, or empty: everywhere.
    pub scope: String,
    /// Since when.
    pub added_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct OfficerRow {
    id: Uuid,
    full_name: String,
    msisdn: String,
    role: Role,
    scope: String,
    added_at: DateTime<Utc>,
}

impl TryFrom<OfficerRow> for Officer {
    type Error = StoreError;

    fn try_from(row: OfficerRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            full_name: row.full_name,
            msisdn: Msisdn::from_network(&row.msisdn).ok_or(StoreError::Unreadable("an officer's line"))?,
            role: row.role,
            scope: row.scope,
            added_at: row.added_at,
        })
    }
}

/// Add an officer: false when somebody in office has this line.
pub async fn insert(tx: &mut Tx, new: &Officer) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO officers (id, full_name, msisdn, role, scope, added_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (msisdn) WHERE left_at IS NULL DO NOTHING",
        )
        .bind(new.id)
        .bind(new.full_name.as_str())
        .bind(new.msisdn.as_e164())
        .bind(new.role)
        .bind(new.scope.as_str())
        .bind(new.added_at)
        .execute()
        .await?;
    Ok(written == 1)
}

/// The officer in office who has this line.
pub async fn by_msisdn(tx: &mut Tx, line: &Msisdn) -> Result<Option<Officer>> {
    let row: Option<OfficerRow> = tx
        .query(
            "SELECT id, full_name, msisdn, role, scope, added_at FROM officers
             WHERE msisdn = $1 AND left_at IS NULL",
        )
        .bind(line.as_e164())
        .optional()
        .await?;
    row.map(Officer::try_from).transpose()
}

/// The directors in whose scope a place `c` lies ([`super::scopes`] says what a scope is).
const DIRECTORS: &str = "SELECT o.id, o.full_name, o.msisdn, o.role, o.scope, o.added_at \
     FROM officers o JOIN centres c ON o.scope = c.county || '/' || c.sub_county \
        OR (o.scope = c.sub_county AND NOT EXISTS (SELECT 1 FROM centres x \
            WHERE x.sub_county = c.sub_county AND x.county_code <> c.county_code AND x.removed_at IS NULL)) \
     WHERE o.left_at IS NULL AND o.role = $1";

/// The directors in whose scope a centre lies, by line.
pub async fn directors_of(tx: &mut Tx, centre: &CentreCode) -> Result<Vec<Officer>> {
    let sql = format!("{DIRECTORS} AND c.code = $2 ORDER BY o.msisdn");
    let query = tx.query(assert_safe(sql)).bind(Role::SubCountyDirector).bind(centre.as_str());
    query.all::<OfficerRow>().await?.into_iter().map(Officer::try_from).collect()
}

/// The directors of a sub-county, by line.
pub async fn directors_in(tx: &mut Tx, place: &Place) -> Result<Vec<Officer>> {
    let sql = format!(
        "{DIRECTORS} AND c.code = (SELECT MIN(code) FROM centres WHERE county_code = $2 AND sub_county = $3)
         ORDER BY o.msisdn"
    );
    let query = tx.query(assert_safe(sql)).bind(Role::SubCountyDirector);
    let query = query.bind(place.county_code.as_str()).bind(place.sub_county.as_str());
    query.all::<OfficerRow>().await?.into_iter().map(Officer::try_from).collect()
}

/// The officers of a role and a scope, by line.
pub async fn of_scope(tx: &mut Tx, role: Role, scope: &str) -> Result<Vec<Officer>> {
    let rows: Vec<OfficerRow> = tx
        .query(
            "SELECT id, full_name, msisdn, role, scope, added_at FROM officers
             WHERE left_at IS NULL AND role = $1 AND scope = $2 ORDER BY msisdn",
        )
        .bind(role)
        .bind(scope)
        .all()
        .await?;
    rows.into_iter().map(Officer::try_from).collect()
}

/// Everybody in office, by name.
pub async fn in_office(tx: &mut Tx) -> Result<Vec<Officer>> {
    let rows: Vec<OfficerRow> = tx
        .query(
            "SELECT id, full_name, msisdn, role, scope, added_at FROM officers
             WHERE left_at IS NULL ORDER BY full_name, msisdn",
        )
        .all()
        .await?;
    rows.into_iter().map(Officer::try_from).collect()
}

/// An officer leaves: what was done stays on the record under the same id.
pub async fn leave(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query("UPDATE officers SET left_at = $1 WHERE id = $2 AND left_at IS NULL")
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// The name of an officer, in office or not.
pub async fn name_of(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    let row: Option<(String,)> =
        tx.query("SELECT full_name FROM officers WHERE id = $1").bind(id).optional().await?;
    Ok(row.map(|(name,)| name))
}
