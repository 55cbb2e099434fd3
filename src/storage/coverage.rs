//! Which centres have marked a day: one sub-county's, and one county's totals. One query each, from indexes: the centres
//! of the place, and for each of them its day and whether anybody is deployed there.

use chrono::NaiveDate;
use sqlx::FromRow;

use super::engine::{Result, Tx};

/// A centre that has people on a day.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct CentreDay {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The line of whoever manages it, as it was imported.
    pub manager_msisdn: Option<String>,
    /// Whether the day is marked.
    pub marked: bool,
}

/// What must be so for a centre to have somebody to mark: one look into the index of rosters for each centre. As an EXISTS,
/// Postgres would rather read all deployments of the country once.
pub(super) const DEPLOYED: &str = "(SELECT 1 FROM deployments d WHERE d.series = $1 AND d.centre = c.code \
     AND d.removed_at IS NULL AND d.accepted IS NOT FALSE AND d.from_on <= $2 AND d.to_on >= $2 LIMIT 1) IS NOT NULL";

/// The centres of a sub-county that have people on a day.
const OF_SUB_COUNTY: &str = "SELECT c.code, c.name, c.manager_msisdn, \
     COALESCE(y.state = 'submitted', FALSE) AS marked \
     FROM centres c LEFT JOIN register_days y ON y.series = $1 AND y.on_day = $2 AND y.centre = c.code \
     WHERE c.county_code = $3 AND c.sub_county = $4 AND c.removed_at IS NULL AND ";

/// The centres of a sub-county that have people on a day, in the order of their codes.
pub async fn of_sub_county(
    tx: &mut Tx,
    series: &str,
    (county_code, sub_county): (&str, &str),
    on: NaiveDate,
) -> Result<Vec<CentreDay>> {
    let query = tx.query(super::engine::assert_safe(sub_county_sql()));
    query.bind(series).bind(on).bind(county_code).bind(sub_county).all().await
}

/// The text of [`of_sub_county`]; public so that a test can ask for its plan.
pub fn sub_county_sql() -> String {
    format!("{OF_SUB_COUNTY}{DEPLOYED} ORDER BY c.code")
}

/// What a place has marked of a day.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Covered {
    /// The place: a sub-county's name, or a county's code.
    pub place: String,
    /// How people call it.
    pub name: String,
    /// Its centres that have people on the day.
    pub centres: i64,
    /// Those that have marked it.
    pub marked: i64,
    /// Who was there.
    pub present: i64,
    /// Who was not.
    pub absent: i64,
    /// Who was there and waits for the director's word.
    pub added: i64,
}

const TOTALS: &str = "COUNT(*) AS centres, \
     CAST(COALESCE(SUM(CASE WHEN y.state = 'submitted' THEN 1 ELSE 0 END), 0) AS BIGINT) AS marked, \
     CAST(COALESCE(SUM(y.present), 0) AS BIGINT) AS present, \
     CAST(COALESCE(SUM(y.absent), 0) AS BIGINT) AS absent, \
     CAST(COALESCE(SUM(y.added), 0) AS BIGINT) AS added \
     FROM centres c LEFT JOIN register_days y ON y.series = $1 AND y.on_day = $2 AND y.centre = c.code";

/// A county's coverage of a day, by sub-county.
pub async fn of_county(tx: &mut Tx, series: &str, county_code: &str, on: NaiveDate) -> Result<Vec<Covered>> {
    let query = tx.query(super::engine::assert_safe(county_sql()));
    query.bind(series).bind(on).bind(county_code).all().await
}

/// The text of [`of_county`]; public so that a test can ask for its plan.
pub fn county_sql() -> String {
    format!(
        "SELECT c.sub_county AS place, c.sub_county AS name, {TOTALS} WHERE c.county_code = $3 AND c.removed_at IS NULL AND {DEPLOYED}
         GROUP BY c.sub_county ORDER BY c.sub_county"
    )
}

/// The country's coverage of a day, by county; it looks at every centre, once.
pub async fn of_country(tx: &mut Tx, series: &str, on: NaiveDate) -> Result<Vec<Covered>> {
    let sql = format!(
        "SELECT c.county_code AS place, MIN(c.county) AS name, {TOTALS} WHERE c.removed_at IS NULL AND {DEPLOYED}
         GROUP BY c.county_code ORDER BY c.county_code"
    );
    tx.query(super::engine::assert_safe(sql)).bind(series).bind(on).all().await
}
