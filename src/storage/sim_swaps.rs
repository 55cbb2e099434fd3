//! Questions to networks about lines, and what they answered. A question is written in the transaction in which a
//! recovery begins, so that a crash loses none; its answer is kept by itself, because it may come first.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Dialect, Result, StoreError, Tx, assert_safe};
use crate::model::{AccountId, Msisdn};

/// What is known of a line, as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Finding {
    /// Its SIM was swapped.
    Swapped,
    /// It was not.
    NotSwapped,
    /// The network could not tell.
    Unknown,
}

/// A question that no worker has got taken yet.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its id.
    pub id: Uuid,
    /// The line it is about.
    pub msisdn: Msisdn,
    /// How often it was tried, this time counted.
    pub attempts: i64,
}

/// What a network said of a line.
#[derive(Debug, Clone)]
pub struct Answered {
    /// When the question was wanted.
    pub wanted_at: DateTime<Utc>,
    /// When the answer came.
    pub answered_at: DateTime<Utc>,
    /// What it was.
    pub finding: Finding,
    /// The day of the last swap, where told.
    pub swapped_on: Option<NaiveDate>,
}

/// An answer under the id of its question.
#[derive(Debug, Clone, Copy)]
pub struct NewAnswer<'a> {
    /// Who told it.
    pub provider: &'a str,
    /// The id under which the question was taken.
    pub request_id: &'a str,
    /// What was found.
    pub finding: Finding,
    /// The day of the last swap.
    pub swapped_on: Option<NaiveDate>,
    /// When it came.
    pub at: DateTime<Utc>,
}

/// Want to know about a line: false when that is wanted since `since` already.
pub async fn want(
    tx: &mut Tx,
    (id, account, line): (Uuid, AccountId, &Msisdn),
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO sim_swap_questions (id, account, msisdn, wanted_at, due_at, attempts)
             SELECT $1, $2, $3, $4, $4, 0
             WHERE NOT EXISTS (SELECT 1 FROM sim_swap_questions WHERE msisdn = $3 AND wanted_at > $5)",
        )
        .bind(id)
        .bind(account.0)
        .bind(line.as_e164())
        .bind(now)
        .bind(since)
        .execute()
        .await?;
    Ok(written == 1)
}

/// Claim questions that are due and not older than `since`: until `again_at` they are this worker's.
pub async fn claim(
    tx: &mut Tx,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
    again_at: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let lock = if tx.dialect() == Dialect::Postgres { "FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "UPDATE sim_swap_questions SET due_at = $1, attempts = attempts + 1
         WHERE id IN (SELECT id FROM sim_swap_questions WHERE asked_at IS NULL AND due_at <= $2 AND wanted_at > $3
                      ORDER BY due_at LIMIT $4 {lock})
         RETURNING id, msisdn, attempts"
    );
    let rows: Vec<(Uuid, String, i64)> =
        tx.query(assert_safe(sql)).bind(again_at).bind(now).bind(since).bind(limit).all().await?;
    let waiting = rows.into_iter().map(|(id, msisdn, attempts)| {
        let msisdn = Msisdn::from_network(&msisdn).ok_or(StoreError::Unreadable("a line"))?;
        Ok(Waiting { id, msisdn, attempts })
    });
    waiting.collect()
}

/// Keep that a question was taken.
pub async fn taken(
    tx: &mut Tx,
    id: Uuid,
    provider: &str,
    request_id: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "UPDATE sim_swap_questions SET asked_at = $1, provider = $2, request_id = $3
         WHERE id = $4 AND asked_at IS NULL",
    )
    .bind(now)
    .bind(provider)
    .bind(request_id)
    .bind(id)
    .execute()
    .await?;
    Ok(())
}

/// Let a question be tried again at this time.
pub async fn later(tx: &mut Tx, id: Uuid, due_at: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE sim_swap_questions SET due_at = $1 WHERE id = $2 AND asked_at IS NULL")
        .bind(due_at)
        .bind(id)
        .execute()
        .await?;
    Ok(())
}

/// Keep an answer; says whether it was news. The same again changes nothing, and nothing takes a swap back: of two
/// answers to one question the worse is believed.
pub async fn answer(tx: &mut Tx, new: &NewAnswer<'_>) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO sim_swap_answers (provider, request_id, finding, swapped_on, answered_at)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (provider, request_id) DO UPDATE
             SET finding = excluded.finding, swapped_on = excluded.swapped_on, answered_at = excluded.answered_at
             WHERE excluded.finding = 'swapped' AND sim_swap_answers.finding <> 'swapped'",
        )
        .bind(new.provider)
        .bind(new.request_id)
        .bind(new.finding)
        .bind(new.swapped_on.map(|day| day.to_string()))
        .bind(new.at)
        .execute()
        .await?;
    Ok(written == 1)
}

#[derive(FromRow)]
struct AnsweredRow {
    wanted_at: DateTime<Utc>,
    answered_at: DateTime<Utc>,
    finding: Finding,
    swapped_on: Option<String>,
}

/// What was answered to questions about a line since then.
pub async fn answers(tx: &mut Tx, line: &Msisdn, since: DateTime<Utc>) -> Result<Vec<Answered>> {
    let rows: Vec<AnsweredRow> = tx
        .query(
            "SELECT q.wanted_at, a.answered_at, a.finding, a.swapped_on
             FROM sim_swap_questions q
             JOIN sim_swap_answers a ON a.provider = q.provider AND a.request_id = q.request_id
             WHERE q.msisdn = $1 AND q.wanted_at > $2",
        )
        .bind(line.as_e164())
        .bind(since)
        .all()
        .await?;
    let answered = rows.into_iter().map(|row| {
        let day = row.swapped_on.map(|day| day.parse().map_err(|_| StoreError::Unreadable("a day")));
        Ok(Answered {
            wanted_at: row.wanted_at,
            answered_at: row.answered_at,
            finding: row.finding,
            swapped_on: day.transpose()?,
        })
    });
    answered.collect()
}
