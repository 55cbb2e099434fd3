//! Keeps the latest instant that was seen; `/readyz` holds the clock against it where the database has no clock.

use super::Deps;
use crate::storage::{StoreError, high_water};

/// Raise the mark to now.
pub async fn raise(deps: &Deps) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    high_water::raise(&mut tx, deps.clock.now()).await?;
    tx.commit().await
}
