//! Asks networks about lines, after the commit in which somebody wanted to know, and fetches the answers of the
//! simulated look-up. What is asked and what follows is in `services/sim_swap`.

use std::time::Duration;

use crate::{
    app::SimSwapLookUp,
    lifecycle::Lifecycle,
    services::{Deps, sim_swap},
};

/// How often it looks for questions that another node, or one that died, has left.
const LOOK: Duration = Duration::from_secs(5);

/// Ask until this life is softly stopped.
pub async fn run(deps: Deps, look_up: SimSwapLookUp, life: Lifecycle) {
    let soft = life.soft().clone();
    while !soft.is_cancelled() {
        turn(&deps, &look_up).await;
        tokio::select! {
            () = soft.cancelled() => return,
            () = deps.swaps.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Ask everything that is due, and take in what the simulated look-up has answered.
pub async fn turn(deps: &Deps, look_up: &SimSwapLookUp) {
    loop {
        match sim_swap::turn(deps, look_up.asks.as_ref(), &look_up.provider).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "questions about SIM swaps could not be kept; they are tried again");
                break;
            }
        }
    }
    let Some(simulated) = &look_up.simulated else { return };
    for answer in simulated.take_answers() {
        if let Err(error) = sim_swap::take_in(deps, &look_up.provider, &answer).await {
            tracing::warn!(%error, "an answer about a SIM swap could not be kept");
        }
    }
}
