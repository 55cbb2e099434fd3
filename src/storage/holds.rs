//! What of an account must rest for a while: changed pay details after a recovery that nobody could vouch for.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, Tx};
use crate::model::AccountId;

/// What rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum HoldKind {
    /// Where pay goes.
    PayDetails,
}

/// Why it rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum HoldReason {
    /// The network had not told of SIM swaps when the new PIN was chosen.
    SwapUnknown,
    /// The SIM was swapped a short time before an officer helped.
    SwapRecent,
    /// The account went over to another line.
    Moved,
}

/// A hold to be put on an account.
#[derive(Debug, Clone, Copy)]
pub struct NewHold {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub account: AccountId,
    /// What rests.
    pub kind: HoldKind,
    /// Why.
    pub reason: HoldReason,
    /// Since when.
    pub at: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// Put a hold on an account, beside those that stand.
pub async fn put(tx: &mut Tx, hold: &NewHold) -> Result<()> {
    tx.query(
        "INSERT INTO holds (id, account, kind, reason, created_at, until) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(hold.id)
    .bind(hold.account.0)
    .bind(hold.kind)
    .bind(hold.reason)
    .bind(hold.at)
    .bind(hold.until)
    .execute_exactly(1)
    .await
}

/// A hold that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// Until when.
    pub until: DateTime<Utc>,
}

/// What keeps this at rest now: the longest of the holds that stand.
pub async fn standing(
    tx: &mut Tx,
    account: AccountId,
    kind: HoldKind,
    now: DateTime<Utc>,
) -> Result<Option<Hold>> {
    tx.query(
        "SELECT reason, until FROM holds WHERE account = $1 AND kind = $2 AND until > $3
         ORDER BY until DESC LIMIT 1",
    )
    .bind(account.0)
    .bind(kind)
    .bind(now)
    .optional()
    .await
}
