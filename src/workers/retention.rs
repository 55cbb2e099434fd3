//! Sees to it that what is over its time gets wiped. What that is and how often is in `services/retention`.

use std::time::Duration;

use crate::{
    lifecycle::Lifecycle,
    services::{Deps, retention},
};

/// How often it looks whether the hourly sweep is due. Some node does it; the others find it done.
const LOOK: Duration = Duration::from_mins(5);

/// Sweep until this life is softly stopped.
pub async fn run(deps: Deps, life: Lifecycle) {
    let soft = life.soft().clone();
    loop {
        // A sweep is many small transactions: it may be dropped between any two.
        tokio::select! {
            () = soft.cancelled() => return,
            () = sweep(&deps) => {}
        }
        tokio::select! {
            () = soft.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn sweep(deps: &Deps) {
    match retention::sweep(deps).await {
        Ok(Some(rows)) => tracing::info!(rows, "what was over its time has been wiped"),
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(%error, "what is over its time could not be wiped; the next sweep is in an hour");
        }
    }
}
