//! What somebody was in the middle of when the call dropped: one draft a line and kind, sealed, with an end.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};
use crate::{
    model::Msisdn,
    secrets::{Place, Sealed},
};

/// The kind of a sign-up draft.
pub const SIGN_UP: &str = "sign_up";
/// The kind of a draft of somebody whom a centre adds to its roster.
pub const NEWCOMER: &str = "newcomer";

/// What the seal of a line's draft is bound to.
pub fn place(line: &Msisdn) -> Place<'_> {
    Place { table: "drafts", column: "sealed", row: line.as_e164().as_bytes() }
}

/// Keep a draft in place of the one before.
pub async fn keep(
    tx: &mut Tx,
    line: &Msisdn,
    kind: &'static str,
    draft: Sealed,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "INSERT INTO drafts (msisdn, kind, sealed, sealed_key, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (msisdn, kind) DO UPDATE
         SET sealed = excluded.sealed, sealed_key = excluded.sealed_key, expires_at = excluded.expires_at",
    )
    .bind(line.as_e164().to_owned())
    .bind(kind)
    .bind(draft.bytes)
    .bind(draft.key_id)
    .bind(expires_at)
    .execute_exactly(1)
    .await
}

/// The draft of a line, while it lives.
pub async fn find(
    tx: &mut Tx,
    line: &Msisdn,
    kind: &'static str,
    now: DateTime<Utc>,
) -> Result<Option<Sealed>> {
    let row: Option<(Vec<u8>, String)> = tx
        .query("SELECT sealed, sealed_key FROM drafts WHERE msisdn = $1 AND kind = $2 AND expires_at > $3")
        .bind(line.as_e164().to_owned())
        .bind(kind)
        .bind(now)
        .optional()
        .await?;
    Ok(row.map(|(bytes, key_id)| Sealed { key_id, bytes }))
}

/// Throw a draft away.
pub async fn remove(tx: &mut Tx, line: &Msisdn, kind: &'static str) -> Result<()> {
    tx.query("DELETE FROM drafts WHERE msisdn = $1 AND kind = $2")
        .bind(line.as_e164().to_owned())
        .bind(kind)
        .execute()
        .await?;
    Ok(())
}
