//! Accounts on their way to another line, and back. Each step is a conditional update: of two at once one counts.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, StoreError, Tx, assert_safe};
use crate::model::{AccountId, Msisdn};

/// A move.
#[derive(Debug, Clone)]
pub struct Move {
    /// Its id.
    pub id: Uuid,
    /// The account that moves.
    pub account: AccountId,
    /// What officers call it by.
    pub reference: String,
    /// The line it leaves.
    pub old: Msisdn,
    /// The line it goes to.
    pub new: Msisdn,
    /// The officer who asked for it; `None`: the person did.
    pub asked_by: Option<Uuid>,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// Until when it can be confirmed and carried out.
    pub expires_at: DateTime<Utc>,
    /// When a code to the old line, or a second officer, confirmed it.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When the account went over.
    pub done_at: Option<DateTime<Utc>>,
    /// When the old line objected.
    pub objected_at: Option<DateTime<Utc>>,
    /// When it was cancelled.
    pub cancelled_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "id, account, reference, old_msisdn, new_msisdn, asked_by, asked_at, expires_at, confirmed_at, \
                       done_at, objected_at, cancelled_at";

#[derive(FromRow)]
struct MoveRow {
    id: Uuid,
    account: Uuid,
    reference: String,
    old_msisdn: String,
    new_msisdn: String,
    asked_by: Option<Uuid>,
    asked_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    confirmed_at: Option<DateTime<Utc>>,
    done_at: Option<DateTime<Utc>>,
    objected_at: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
}

impl TryFrom<MoveRow> for Move {
    type Error = StoreError;

    fn try_from(row: MoveRow) -> Result<Self> {
        let line = |line: &str| Msisdn::from_network(line).ok_or(StoreError::Unreadable("a line"));
        Ok(Self {
            id: row.id,
            account: AccountId(row.account),
            reference: row.reference,
            old: line(&row.old_msisdn)?,
            new: line(&row.new_msisdn)?,
            asked_by: row.asked_by,
            asked_at: row.asked_at,
            expires_at: row.expires_at,
            confirmed_at: row.confirmed_at,
            done_at: row.done_at,
            objected_at: row.objected_at,
            cancelled_at: row.cancelled_at,
        })
    }
}

/// Keep a new move: false when one is open for the account.
pub async fn insert(tx: &mut Tx, new: &Move) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO moves (id, account, reference, old_msisdn, new_msisdn, asked_by, asked_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (account) WHERE done_at IS NULL AND cancelled_at IS NULL DO NOTHING",
        )
        .bind(new.id)
        .bind(new.account.0)
        .bind(new.reference.as_str())
        .bind(new.old.as_e164())
        .bind(new.new.as_e164())
        .bind(new.asked_by)
        .bind(new.asked_at)
        .bind(new.expires_at)
        .execute()
        .await?;
    Ok(written == 1)
}

async fn find(tx: &mut Tx, rest: &str, text: &str, at: Option<DateTime<Utc>>) -> Result<Option<Move>> {
    let sql = format!("SELECT {COLUMNS} FROM moves WHERE {rest} ORDER BY asked_at DESC LIMIT 1");
    let query = tx.query(assert_safe(sql)).bind(text.to_owned());
    let query = match at {
        Some(at) => query.bind(at),
        None => query,
    };
    let row: Option<MoveRow> = query.optional().await?;
    row.map(Move::try_from).transpose()
}

/// The latest move of this reference.
pub async fn by_reference(tx: &mut Tx, reference: &str) -> Result<Option<Move>> {
    find(tx, "reference = $1", reference, None).await
}

/// The move that waits for a line to take the account over.
pub async fn waiting_for(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<Option<Move>> {
    let rest = "new_msisdn = $1 AND confirmed_at IS NOT NULL AND done_at IS NULL AND cancelled_at IS NULL \
                AND expires_at > $2";
    find(tx, rest, line.as_e164(), Some(now)).await
}

/// The move that took the account of a line away since then.
pub async fn away_from(tx: &mut Tx, line: &Msisdn, since: DateTime<Utc>) -> Result<Option<Move>> {
    let rest = "old_msisdn = $1 AND done_at > $2 AND cancelled_at IS NULL";
    find(tx, rest, line.as_e164(), Some(since)).await
}

/// The move of an account that is under way, whatever its age.
pub async fn open(tx: &mut Tx, account: AccountId) -> Result<Option<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM moves WHERE account = $1 AND done_at IS NULL AND cancelled_at IS NULL"
    );
    let row: Option<MoveRow> = tx.query(assert_safe(sql)).bind(account.0).optional().await?;
    row.map(Move::try_from).transpose()
}

/// The latest move of an account that was carried out since then and stands.
pub async fn done_since(tx: &mut Tx, account: AccountId, since: DateTime<Utc>) -> Result<Option<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM moves WHERE account = $1 AND done_at > $2 AND cancelled_at IS NULL
         ORDER BY done_at DESC LIMIT 1"
    );
    let row: Option<MoveRow> = tx.query(assert_safe(sql)).bind(account.0).bind(since).optional().await?;
    row.map(Move::try_from).transpose()
}

/// The moves that the old line objects to, latest first.
pub async fn objected(tx: &mut Tx, since: DateTime<Utc>) -> Result<Vec<Move>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM moves WHERE objected_at > $1 AND cancelled_at IS NULL
         ORDER BY objected_at DESC LIMIT 100"
    );
    let rows: Vec<MoveRow> = tx.query(assert_safe(sql)).bind(since).all().await?;
    rows.into_iter().map(Move::try_from).collect()
}

/// Confirm a move, by a code (`None`) or by a second officer; false when it is no longer open.
pub async fn confirm(tx: &mut Tx, id: Uuid, by: Option<Uuid>, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query(
            "UPDATE moves SET confirmed_at = $1, confirmed_by = $2
             WHERE id = $3 AND confirmed_at IS NULL AND cancelled_at IS NULL AND expires_at > $1",
        )
        .bind(now)
        .bind(by)
        .bind(id)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Keep that a confirmed move was carried out; false when it no longer can be.
pub async fn done(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query(
            "UPDATE moves SET done_at = $1
             WHERE id = $2 AND confirmed_at IS NOT NULL AND done_at IS NULL AND cancelled_at IS NULL AND expires_at > $1",
        )
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Cancel a move that stands; false when another did.
pub async fn cancel(tx: &mut Tx, id: Uuid, by: Option<Uuid>, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query("UPDATE moves SET cancelled_at = $1, cancelled_by = $2 WHERE id = $3 AND cancelled_at IS NULL")
        .bind(now)
        .bind(by)
        .bind(id)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Keep that the old line objects; the first time counts.
pub async fn object(tx: &mut Tx, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query("UPDATE moves SET objected_at = $1 WHERE id = $2 AND objected_at IS NULL")
        .bind(now)
        .bind(id)
        .execute()
        .await?;
    Ok(rows == 1)
}
