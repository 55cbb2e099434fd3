//! Challenges of one-time codes. A row holds the nonce a code is derived from, never a digit of it.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Dialect, Result, StoreError, Tx, assert_safe};
use crate::{
    model::{
        ChallengeId, Language, MessageId, Msisdn,
        challenge::{Closed, Door, MOST_SKEW, MOST_TRIES, Pass},
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
    /// Where the code was right, while that stands.
    pub passed: Option<Pass>,
    /// Why it no longer counts.
    pub closed: Option<Closed>,
}

impl Challenge {
    /// Whether its code may still be said and typed. One that was made later than now, on a clock that was set back
    /// since, does not count: nobody can tell how old it is.
    pub fn counts(&self, now: DateTime<Utc>) -> bool {
        self.closed.is_none() && self.created_at <= now + MOST_SKEW && now < self.expires_at
    }

    /// Whether it has tries left.
    pub fn has_tries(&self) -> bool {
        self.tries < MOST_TRIES
    }
}

const COLUMNS: &str = "id, subject, purpose, msisdn, language, nonce, code_key, digits, reference, tries, created_at, \
                       expires_at, passed_by, passed_at, closed_as";

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
    passed_by: Option<Vec<u8>>,
    passed_at: Option<DateTime<Utc>>,
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
            passed: match (row.passed_by, row.passed_at) {
                (Some(by), Some(at)) => Some(Pass { by: by.try_into().map_err(|_| unreadable())?, at }),
                _ => None,
            },
            closed: row.closed_as,
        })
    }
}

/// Keep a new challenge: false when one stands open for the same door, which another hop has just made.
pub async fn insert(tx: &mut Tx, new: &Challenge) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO challenges (id, subject, purpose, msisdn, language, nonce, code_key, digits, reference, tries,
                created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)
             ON CONFLICT (subject, purpose) WHERE closed_at IS NULL DO NOTHING",
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
        .execute()
        .await?;
    Ok(written == 1)
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

/// How many wrong codes were typed for a subject on challenges made since then. An officer's codes count by themselves.
pub async fn wrong_since(tx: &mut Tx, subject: Uuid, since: DateTime<Utc>) -> Result<i64> {
    let (wrong,) = tx
        .query(
            "SELECT CAST(COALESCE(SUM(tries), 0) AS BIGINT) FROM challenges
             WHERE subject = $1 AND created_at > $2 AND purpose <> $3",
        )
        .bind(subject)
        .bind(since)
        .bind(Door::Officer)
        .one()
        .await?;
    Ok(wrong)
}

/// A right code takes its try back: only wrong ones are counted in the end.
pub async fn give_back_try(tx: &mut Tx, id: ChallengeId) -> Result<()> {
    tx.query("UPDATE challenges SET tries = tries - 1 WHERE id = $1").bind(id.0).execute_exactly(1).await
}

/// Record where the code was right; false when it was right somewhere else before, or no longer counts.
pub async fn pass(tx: &mut Tx, id: ChallengeId, pass: Pass) -> Result<bool> {
    let rows = tx
        .query(
            "UPDATE challenges SET passed_by = $1, passed_at = $2
             WHERE id = $3 AND closed_at IS NULL AND (passed_by IS NULL OR passed_by = $1)",
        )
        .bind(pass.by.as_slice())
        .bind(pass.at)
        .bind(id.0)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Take back that a line's code was right in any session but `by`: that call is over, and whoever dials now types the
/// code again.
pub async fn take_back_pass(tx: &mut Tx, line: &Msisdn, door: Door, by: [u8; 16]) -> Result<()> {
    tx.query(
        "UPDATE challenges SET passed_by = NULL, passed_at = NULL
         WHERE subject IN (SELECT id FROM accounts WHERE msisdn = $1) AND purpose = $2 AND closed_at IS NULL
           AND passed_by IS NOT NULL AND passed_by <> $3",
    )
    .bind(line.as_e164())
    .bind(door)
    .bind(by.as_slice())
    .execute()
    .await?;
    Ok(())
}

/// The latest message that carried a challenge's code.
pub async fn latest_message(tx: &mut Tx, id: ChallengeId) -> Result<Option<MessageId>> {
    let row: Option<(Uuid,)> = tx
        .query("SELECT id FROM messages WHERE challenge = $1 ORDER BY created_at DESC, id DESC LIMIT 1")
        .bind(id.0)
        .optional()
        .await?;
    Ok(row.map(|(id,)| MessageId(id)))
}
