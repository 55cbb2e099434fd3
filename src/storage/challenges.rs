//! Challenges of one-time codes. A row holds the nonce a code is derived from, never a digit of it.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Dialect, Result, StoreError, Tx, assert_safe};
use crate::{
    model::{
        ChallengeId, Language, Msisdn,
        challenge::{Closed, Door},
    },
    secrets::CodeLength,
};

/// A challenge: everything but the key that its code is derived with.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// Its id.
    pub id: ChallengeId,
    /// The account whose door it opens.
    pub subject: Uuid,
    /// What it allows.
    pub door: Door,
    /// The line that the code goes to.
    pub msisdn: Msisdn,
    /// The language of the message.
    pub language: Language,
    /// What the digits are derived from.
    pub nonce: [u8; 16],
    /// The id of the key they are derived with.
    pub code_key: String,
    /// How many digits.
    pub length: CodeLength,
    /// What message and screen both show.
    pub reference: String,
    /// Tries that were looked at.
    pub tries: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when it no longer counts.
    pub expires_at: DateTime<Utc>,
    /// Why it no longer counts.
    pub closed: Option<Closed>,
}

impl Challenge {
    /// Whether a code typed now may still be looked at.
    pub fn counts(&self, now: DateTime<Utc>) -> bool {
        self.closed.is_none() && now < self.expires_at
    }
}

const COLUMNS: &str = "id, subject, purpose, msisdn, language, nonce, code_key, digits, reference, tries, created_at, \
                       expires_at, closed_as";

#[derive(FromRow)]
struct ChallengeRow {
    id: Uuid,
    subject: Uuid,
    purpose: Door,
    msisdn: String,
    language: String,
    nonce: Vec<u8>,
    code_key: String,
    digits: i64,
    reference: String,
    tries: i64,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    closed_as: Option<Closed>,
}

impl TryFrom<ChallengeRow> for Challenge {
    type Error = StoreError;

    fn try_from(row: ChallengeRow) -> Result<Self> {
        let unreadable = || StoreError::Unreadable("a challenge");
        Ok(Self {
            id: ChallengeId(row.id),
            subject: row.subject,
            door: row.purpose,
            msisdn: Msisdn::from_network(&row.msisdn).ok_or_else(unreadable)?,
            language: Language::from_code(&row.language).ok_or_else(unreadable)?,
            nonce: row.nonce.try_into().map_err(|_| unreadable())?,
            code_key: row.code_key,
            length: CodeLength::of_digits(row.digits).ok_or_else(unreadable)?,
            reference: row.reference,
            tries: row.tries,
            created_at: row.created_at,
            expires_at: row.expires_at,
            closed: row.closed_as,
        })
    }
}

/// Keep a new challenge. One that stood open for the same door must have been closed before.
pub async fn insert(tx: &mut Tx, new: &Challenge) -> Result<()> {
    tx.query(
        "INSERT INTO challenges (id, subject, purpose, msisdn, language, nonce, code_key, digits, reference, tries,
            created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)",
    )
    .bind(new.id.0)
    .bind(new.subject)
    .bind(new.door)
    .bind(new.msisdn.as_e164())
    .bind(new.language.code())
    .bind(new.nonce.as_slice())
    .bind(new.code_key.as_str())
    .bind(i64::try_from(new.length.digits()).unwrap_or(i64::MAX))
    .bind(new.reference.as_str())
    .bind(new.created_at)
    .bind(new.expires_at)
    .execute_exactly(1)
    .await
}

/// The challenge that stands open for a door, locked until the unit of work ends so that tries are counted one by one.
/// It may have expired: [`Challenge::counts`] tells.
pub async fn open(tx: &mut Tx, subject: Uuid, door: Door) -> Result<Option<Challenge>> {
    let lock = if tx.dialect() == Dialect::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM challenges WHERE subject = $1 AND purpose = $2 AND closed_at IS NULL {lock}"
    );
    let row: Option<ChallengeRow> = tx.query(assert_safe(sql)).bind(subject).bind(door).optional().await?;
    row.map(Challenge::try_from).transpose()
}

/// A challenge, whatever became of it.
pub async fn by_id(tx: &mut Tx, id: ChallengeId) -> Result<Option<Challenge>> {
    let sql = format!("SELECT {COLUMNS} FROM challenges WHERE id = $1");
    let row: Option<ChallengeRow> = tx.query(assert_safe(sql)).bind(id.0).optional().await?;
    row.map(Challenge::try_from).transpose()
}

/// Count a try before it is looked at.
pub async fn count_try(tx: &mut Tx, id: ChallengeId) -> Result<()> {
    tx.query("UPDATE challenges SET tries = tries + 1 WHERE id = $1").bind(id.0).execute_exactly(1).await
}

/// Close a challenge that stands open; false when another did.
pub async fn close(tx: &mut Tx, id: ChallengeId, closed: Closed, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query("UPDATE challenges SET closed_as = $1, closed_at = $2 WHERE id = $3 AND closed_at IS NULL")
        .bind(closed)
        .bind(now)
        .bind(id.0)
        .execute()
        .await?;
    Ok(rows == 1)
}
