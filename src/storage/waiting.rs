//! Which signed registers wait for their countersignature, for telling their directors: the places that have any, and one
//! place's. Both from an index that holds nothing else (`register_documents_waiting`).

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    engine::{Result, Tx, assert_safe},
    season::Place,
};

/// A register that waits.
#[derive(Clone, PartialEq, Eq, FromRow)]
pub struct Waiting {
    /// The centre's code.
    pub centre: String,
    /// Its name.
    pub centre_name: String,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
}

/// Of a closed series nobody is told any more.
const WAITING: &str = "FROM register_documents d JOIN centres c ON c.code = d.centre \
     JOIN series s ON s.code = d.series AND s.closed_at IS NULL \
     WHERE d.replaced_at IS NULL AND d.countersigned_at IS NULL";

/// The sub-counties that have a register that waits.
pub async fn places(tx: &mut Tx) -> Result<Vec<Place>> {
    let sql = format!(
        "SELECT DISTINCT c.county_code, c.county, c.sub_county {WAITING}
         ORDER BY c.county_code, c.county, c.sub_county"
    );
    tx.query(assert_safe(sql)).all().await
}

/// The registers of a sub-county that wait, in the order of their centres.
pub async fn of_place(tx: &mut Tx, place: &Place) -> Result<Vec<Waiting>> {
    let query = tx.query(assert_safe(of_place_sql()));
    query.bind(place.county_code.as_str()).bind(place.sub_county.as_str()).all().await
}

/// The text of [`of_place`]; public so that a test can ask for its plan.
pub fn of_place_sql() -> String {
    format!(
        "SELECT d.centre, c.name AS centre_name, d.signed_at {WAITING} AND c.county_code = $1 AND c.sub_county = $2
         ORDER BY d.centre, d.series"
    )
}
