//! Whom an act of the ledger marked absent, or no longer, and on which line they are told of it.

use sqlx::FromRow;

use super::{
    engine::{Result, StoreError, Tx},
    registers::DayOf,
};
use crate::model::{Language, Msisdn};

/// Somebody whom an act marked absent, or present after they had been absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Whether they are present now.
    pub present: bool,
    /// Their line: the account's, and where nobody has one, the number that was imported.
    pub line: Msisdn,
    /// What that line is spoken to in, where it has said so.
    pub language: Option<Language>,
}

#[derive(FromRow)]
struct Row {
    present: bool,
    line: String,
    language: Option<String>,
}

/// The text of [`changed_by`]; public so that a test can ask for its plan.
pub const CHANGED_BY: &str = "SELECT m.present, COALESCE(a.msisdn, p.msisdn) AS line, l.language
     FROM deployments d
     JOIN series s ON s.code = d.series
     JOIN marks m ON m.deployment = d.id AND m.on_day = $3 AND m.seq = $4
     LEFT JOIN marks b ON b.deployment = m.deployment AND b.on_day = m.on_day AND b.version = m.version - 1
     JOIN people p ON p.id = d.person
     LEFT JOIN accounts a ON a.id = p.account AND p.contested_at IS NULL
     LEFT JOIN lines l ON l.msisdn = COALESCE(a.msisdn, p.msisdn)
     WHERE d.series = $1 AND d.centre = $2 AND s.practice IS FALSE
        AND (m.present IS FALSE OR b.present IS FALSE) AND COALESCE(a.msisdn, p.msisdn) IS NOT NULL
     ORDER BY d.number";

/// Whom the act of this place in the chain marked absent, or no longer, as far as they have a line; nobody in a series
/// for training. One statement.
pub async fn changed_by(tx: &mut Tx, of: DayOf<'_>, seq: i64) -> Result<Vec<Changed>> {
    let query = tx.query(CHANGED_BY).bind(of.series).bind(of.centre.as_str()).bind(of.on).bind(seq);
    let rows: Vec<Row> = query.all().await?;
    let changed = |row: Row| {
        Ok(Changed {
            present: row.present,
            line: Msisdn::from_network(&row.line).ok_or(StoreError::Unreadable("a person's line"))?,
            language: row.language.as_deref().and_then(Language::from_code),
        })
    };
    rows.into_iter().map(changed).collect()
}
