//! Where an officer's word counts: the one place that says so, and the WHERE clause that keeps to it.
//!
//! A scope is a name. Two sub-counties in two counties may have one name: then it says nothing, and nobody sees anything
//! by it, until it is written with its county: `Nakuru/Central`.

use super::{
    engine::{Result, Tx},
    officers::{Officer, Role},
    season::{self, Centre, CentreRow},
};
use crate::model::CentreCode;

/// Everywhere, a county, or a sub-county. Only an officer in office has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Territory {
    /// The county's code; empty: every county.
    county_code: String,
    /// The sub-county; empty: all of the county.
    sub_county: String,
}

impl Territory {
    /// The sub-county that it is, as county code and name.
    pub fn sub_county(&self) -> Option<(&str, &str)> {
        (!self.sub_county.is_empty()).then_some((self.county_code.as_str(), self.sub_county.as_str()))
    }

    /// The county that it is, or lies in.
    pub fn county(&self) -> Option<&str> {
        (!self.county_code.is_empty()).then_some(self.county_code.as_str())
    }

    /// Whether a sub-county lies in it.
    pub fn holds(&self, county_code: &str, sub_county: &str) -> bool {
        (self.county_code.is_empty() || self.county_code == county_code)
            && (self.sub_county.is_empty() || self.sub_county == sub_county)
    }
}

/// Where an officer's word counts. `None` where the scope names no place, or more than one. At most two statements.
pub async fn territory(tx: &mut Tx, officer: &Officer) -> Result<Option<Territory>> {
    let everywhere = Territory { county_code: String::new(), sub_county: String::new() };
    match (officer.role, officer.scope.as_str()) {
        (Role::SubCountyDirector, "") => Ok(None),
        (Role::SubCountyDirector, scope) => sub_county(tx, scope).await,
        (Role::Support | Role::Headquarters, "") => Ok(Some(everywhere)),
        (Role::Support | Role::Headquarters, scope) => match county(tx, scope).await? {
            Some(county) => Ok(Some(county)),
            None => sub_county(tx, scope).await,
        },
    }
}

async fn county(tx: &mut Tx, scope: &str) -> Result<Option<Territory>> {
    let rows: Vec<(String,)> = tx
        .query(
            "SELECT DISTINCT county_code FROM centres WHERE county = $1 AND removed_at IS NULL
             ORDER BY county_code LIMIT 2",
        )
        .bind(scope)
        .all()
        .await?;
    Ok(match rows.as_slice() {
        [(code,)] => Some(Territory { county_code: code.clone(), sub_county: String::new() }),
        _ => None,
    })
}

async fn sub_county(tx: &mut Tx, scope: &str) -> Result<Option<Territory>> {
    let (county, name) = scope.split_once('/').unwrap_or(("", scope));
    let rows: Vec<(String, String)> = tx
        .query(
            "SELECT DISTINCT county_code, sub_county FROM centres
             WHERE (sub_county = $1 OR (sub_county = $2 AND county = $3)) AND removed_at IS NULL
             ORDER BY county_code, sub_county LIMIT 2",
        )
        .bind(scope)
        .bind(name)
        .bind(county)
        .all()
        .await?;
    Ok(match rows.as_slice() {
        [(county_code, sub_county)] => {
            Some(Territory { county_code: county_code.clone(), sub_county: sub_county.clone() })
        }
        _ => None,
    })
}

/// Whether an officer's word counts for a centre, also for one that is in the lists no more: its register may be left.
pub async fn reaches(tx: &mut Tx, officer: &Officer, code: &CentreCode) -> Result<bool> {
    let Some(territory) = territory(tx, officer).await? else { return Ok(false) };
    let centre = season::centre(tx, code).await?;
    Ok(centre.is_some_and(|centre| territory.holds(&centre.county_code, &centre.sub_county)))
}

/// The centre of a code, if it lies in a territory: a foreign one is none at all.
pub async fn centre(tx: &mut Tx, within: &Territory, code: &CentreCode) -> Result<Option<Centre>> {
    let row: Option<CentreRow> = tx
        .query(
            "SELECT code, name, county_code, county, sub_county, manager_msisdn, removed_at FROM centres
             WHERE code = $1 AND removed_at IS NULL AND ($2 = '' OR county_code = $2)
                AND ($3 = '' OR sub_county = $3)",
        )
        .bind(code.as_str())
        .bind(within.county_code.as_str())
        .bind(within.sub_county.as_str())
        .optional()
        .await?;
    row.map(Centre::try_from).transpose()
}
