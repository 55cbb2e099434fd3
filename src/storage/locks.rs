//! Names that one unit of work at a time may hold, where there is no row yet that could be locked.

use super::engine::{Dialect, Result, Tx};

/// Wait until nobody else holds the name, and hold it until the unit of work ends. SQLite has one writer at a time, so
/// there is nothing to wait for. Two names that share a hash only wait for each other needlessly.
pub(super) async fn hold(tx: &mut Tx, name: &str) -> Result<()> {
    if tx.dialect() == Dialect::Postgres {
        tx.query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").bind(name).execute().await?;
    }
    Ok(())
}
