//! Sessions of browsers. A row is known by the digest of the id in the cookie; what it holds is sealed.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};
use crate::secrets::{Place, Sealed};

/// The digest of a session's id.
pub type Digest = [u8; 32];

/// A session as it is kept.
#[derive(Debug, Clone)]
pub struct WebSession {
    /// What it holds, sealed at [`place`].
    pub data: Sealed,
    /// When it got its id.
    pub began_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
}

/// Data, its key, when it began, when it was seen.
type Row = (Vec<u8>, String, DateTime<Utc>, DateTime<Utc>);

/// What the seal of a session's data is bound to.
pub fn place(id: &Digest) -> Place<'_> {
    Place { table: "web_sessions", column: "data", row: id }
}

/// Keep a new session; false when the id is taken.
pub async fn insert(tx: &mut Tx, id: Digest, data: Sealed, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query(
            "INSERT INTO web_sessions (id, data, data_key, began_at, seen_at) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT (id) DO NOTHING",
        )
        .bind(id.to_vec())
        .bind(data.bytes)
        .bind(data.key_id)
        .bind(now)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Keep what a session holds now. One that was ended meanwhile stays ended.
pub async fn save(tx: &mut Tx, id: Digest, data: Sealed) -> Result<()> {
    tx.query("UPDATE web_sessions SET data = $1, data_key = $2 WHERE id = $3")
        .bind(data.bytes)
        .bind(data.key_id)
        .bind(id.to_vec())
        .execute()
        .await?;
    Ok(())
}

/// A session.
pub async fn find(tx: &mut Tx, id: Digest) -> Result<Option<WebSession>> {
    let row: Option<Row> = tx
        .query("SELECT data, data_key, began_at, seen_at FROM web_sessions WHERE id = $1")
        .bind(id.to_vec())
        .optional()
        .await?;
    Ok(row.map(|(bytes, key_id, began_at, seen_at)| WebSession {
        data: Sealed { key_id, bytes },
        began_at,
        seen_at,
    }))
}

/// Remember that a session was used.
pub async fn touch(tx: &mut Tx, id: Digest, now: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE web_sessions SET seen_at = $1 WHERE id = $2")
        .bind(now)
        .bind(id.to_vec())
        .execute()
        .await?;
    Ok(())
}

/// End a session.
pub async fn remove(tx: &mut Tx, id: Digest) -> Result<()> {
    tx.query("DELETE FROM web_sessions WHERE id = $1").bind(id.to_vec()).execute().await?;
    Ok(())
}
