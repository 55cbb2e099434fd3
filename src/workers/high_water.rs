//! Keeps the latest instant seen, so that a clock that was set back is noticed, also over a restart.

use std::time::Duration;

use crate::{
    lifecycle::Lifecycle,
    services::{Deps, clock_watch},
};

/// How often the mark is raised: a clock set back by less is not worth noticing.
const RAISED: Duration = Duration::from_secs(20);

/// Raise the mark until this life is softly stopped.
pub async fn run(deps: Deps, life: Lifecycle) {
    loop {
        if let Err(error) = clock_watch::raise(&deps).await {
            tracing::debug!("The high-water instant could not be raised: {error}");
        }
        tokio::select! {
            () = life.soft().cancelled() => return,
            () = tokio::time::sleep(RAISED) => {}
        }
    }
}
