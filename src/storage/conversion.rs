//! How many of the codes that left were used, for each prefix and route (`security.md` 9): somebody who has codes sent
//! to numbers he owns uses none, and neither does anybody whose codes a route swallows.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{
    engine::{Result, Tx, assert_safe, placeholders},
    locks,
};

/// Codes to a prefix by a route.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Conversion {
    /// The numbers without their last four digits.
    pub prefix: String,
    /// The route.
    pub route: String,
    /// Codes that left by it.
    pub sent: i64,
    /// Those of them that were used, whichever route they came by.
    pub used: i64,
}

/// Let nobody else choose routes for codes until the unit of work ends: two workers must not both give out the last
/// places of a prefix.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    locks::hold(tx, "routes of codes").await
}

/// The codes to these prefixes since then. One that a route refused did not leave by it.
pub async fn of_prefixes(tx: &mut Tx, prefixes: &[&str], since: DateTime<Utc>) -> Result<Vec<Conversion>> {
    if prefixes.is_empty() {
        return Ok(vec![]);
    }
    let sql = format!(
        "SELECT a.prefix, a.route, CAST(COUNT(*) AS BIGINT) AS sent,
                CAST(COUNT(CASE WHEN c.closed_as = 'used' THEN 1 END) AS BIGINT) AS used
         FROM message_attempts a
         JOIN messages m ON m.id = a.message_id
         LEFT JOIN challenges c ON c.id = m.challenge
         WHERE a.begun_at >= $1 AND (a.provider_id IS NOT NULL OR a.fate IN ('begun', 'sent', 'unclear'))
           -- A first PIN is used within days, not within a quarter of an hour.
           AND m.purpose <> 'first_pin' AND a.prefix IN ({})
         GROUP BY a.prefix, a.route",
        placeholders(2, prefixes.len())
    );
    let query = tx.query(assert_safe(sql)).bind(since);
    prefixes.iter().fold(query, |query, prefix| query.bind(*prefix)).all().await
}
