//! Keeps the latest instant seen, so that a clock that was set back is noticed, also over a restart.

use std::time::Duration;

use crate::{
    lifecycle::Lifecycle,
    services::Deps,
    storage::{StoreError, high_water},
};

/// How often the mark is raised: a clock set back by less is not worth noticing.
const RAISED: Duration = Duration::from_secs(20);

/// Raise the mark until this life is softly stopped.
pub async fn run(deps: Deps, life: Lifecycle) {
    loop {
        if let Err(error) = raise(&deps).await {
            tracing::debug!("The high-water instant could not be raised: {error}");
        }
        tokio::select! {
            () = life.soft().cancelled() => return,
            () = tokio::time::sleep(RAISED) => {}
        }
    }
}

/// Raise the mark once.
pub async fn raise(deps: &Deps) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    high_water::raise(&mut tx, deps.clock.now()).await?;
    tx.commit().await
}
