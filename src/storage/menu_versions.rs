//! The menus that sessions began with: kept so that every node and every restart can end them on the same version.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};

/// Keep a version's files (JSON, file name to content). A version that is there already stays as it is.
pub async fn keep(tx: &mut Tx, version: &str, bundle: &str, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "INSERT INTO menu_versions (version, bundle, first_used_at) VALUES ($1, $2, $3)
         ON CONFLICT (version) DO NOTHING",
    )
    .bind(version.to_owned())
    .bind(bundle.to_owned())
    .bind(now)
    .execute()
    .await?;
    Ok(())
}

/// The files of a version.
pub async fn bundle(tx: &mut Tx, version: &str) -> Result<Option<String>> {
    let row: Option<(String,)> = tx
        .query("SELECT bundle FROM menu_versions WHERE version = $1")
        .bind(version.to_owned())
        .optional()
        .await?;
    Ok(row.map(|(bundle,)| bundle))
}
