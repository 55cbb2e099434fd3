//! What is known of a line before anybody has signed in: its language, and what a dial needs to open.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};
use crate::model::{Language, Msisdn};

/// The facts that choose the first screen of a dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The line's language, once it has been chosen.
    pub language: Option<Language>,
    /// Whether it has an account.
    pub has_account: bool,
    /// Wrong PINs in a row on that account.
    pub failures: i64,
    /// Whether an earlier call left a draft that still lives.
    pub has_draft: bool,
}

/// Everything the first hop asks, in one statement.
pub async fn situation(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<Situation> {
    let (language, accounts, failures, drafts): (Option<String>, i64, i64, i64) = tx
        .query(
            "SELECT (SELECT language FROM lines WHERE msisdn = $1),
                    (SELECT COUNT(*) FROM accounts WHERE msisdn = $1),
                    COALESCE((SELECT c.failures FROM accounts a JOIN credentials c ON c.account_id = a.id
                              WHERE a.msisdn = $1), 0),
                    (SELECT COUNT(*) FROM drafts WHERE msisdn = $1 AND expires_at > $2)",
        )
        .bind(line.as_e164().to_owned())
        .bind(now)
        .one()
        .await?;
    Ok(Situation {
        language: language.as_deref().and_then(Language::from_code),
        has_account: accounts > 0,
        failures,
        has_draft: drafts > 0,
    })
}

/// The language of a line, once it has been chosen.
pub async fn language(tx: &mut Tx, line: &Msisdn) -> Result<Option<Language>> {
    let row: Option<(String,)> = tx
        .query("SELECT language FROM lines WHERE msisdn = $1")
        .bind(line.as_e164().to_owned())
        .optional()
        .await?;
    Ok(row.and_then(|(code,)| Language::from_code(&code)))
}

/// Remember the language of a line.
pub async fn set_language(tx: &mut Tx, line: &Msisdn, language: Language, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "INSERT INTO lines (msisdn, language, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (msisdn) DO UPDATE SET language = excluded.language, changed_at = excluded.changed_at",
    )
    .bind(line.as_e164().to_owned())
    .bind(language.code())
    .bind(now)
    .execute_exactly(1)
    .await
}
