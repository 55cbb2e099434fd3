//! What is known of a line before anybody has signed in: its language, and what a dial needs to open.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::engine::{Result, Tx};
use crate::model::{
    Language, Msisdn,
    challenge::{Door, MOST_SKEW, MOST_TRIES},
};

/// The facts that choose the first screen of a dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Situation {
    /// The line's language, once it has been chosen.
    pub language: Option<Language>,
    /// Whether it has an account.
    pub has_account: bool,
    /// Wrong PINs in a row on that account.
    pub failures: i64,
    /// Whether an earlier call left a draft that still lives.
    pub has_draft: bool,
    /// The code for a new PIN that is due, if one is.
    pub code_due: Option<CodeDue>,
}

/// A code that went to the line and still counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeDue {
    /// What its message and the screen both show.
    pub reference: String,
    /// Until when it counts.
    pub until: DateTime<Utc>,
    /// Whether it was right in a call that has not used it yet.
    pub passed: bool,
}

#[derive(FromRow)]
struct SituationRow {
    language: Option<String>,
    accounts: i64,
    failures: i64,
    drafts: i64,
    reference: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    passed_at: Option<DateTime<Utc>>,
}

/// Everything the first hop asks, in one statement.
pub async fn situation(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<Situation> {
    let row: SituationRow = tx
        .query(
            "SELECT l.language, COALESCE(a.accounts, 0) AS accounts, COALESCE(a.failures, 0) AS failures,
                    (SELECT COUNT(*) FROM drafts WHERE msisdn = $1 AND expires_at > $2) AS drafts,
                    d.reference, d.expires_at, d.passed_at
             FROM (SELECT 1 AS one) o
             LEFT JOIN lines l ON l.msisdn = $1
             LEFT JOIN (SELECT a.id, CAST(1 AS BIGINT) AS accounts, c.failures
                        FROM accounts a LEFT JOIN credentials c ON c.account_id = a.id
                        WHERE a.msisdn = $1) a ON TRUE
             LEFT JOIN challenges d ON d.subject = a.id AND d.purpose = $3 AND d.closed_at IS NULL
                                   AND d.expires_at > $2 AND d.created_at <= $4 AND d.tries < $5",
        )
        .bind(line.as_e164().to_owned())
        .bind(now)
        .bind(Door::ResetPin)
        .bind(now + MOST_SKEW)
        .bind(MOST_TRIES)
        .one()
        .await?;
    let code_due = row.reference.zip(row.expires_at);
    Ok(Situation {
        language: row.language.as_deref().and_then(Language::from_code),
        has_account: row.accounts > 0,
        failures: row.failures,
        has_draft: row.drafts > 0,
        code_due: code_due.map(|(reference, until)| CodeDue {
            reference,
            until,
            passed: row.passed_at.is_some(),
        }),
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
