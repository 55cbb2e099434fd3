//! Sees to it that rosters, reminders and lists go out when they are due. What is due and for whom is in
//! `services/chasing`; nodes share the work through the database.

use std::time::Duration;

use crate::{
    lifecycle::Lifecycle,
    services::{Deps, chasing, menus::MenuBook},
};

/// How often it looks what is due.
const LOOK: Duration = Duration::from_secs(20);

/// Look until this life is softly stopped.
pub async fn run(deps: Deps, menus: MenuBook, life: Lifecycle) {
    let soft = life.soft().clone();
    loop {
        // Every sub-county and centre has a small transaction of its own: it may be dropped at any point.
        tokio::select! {
            () = soft.cancelled() => return,
            () = turn(&deps, &menus) => {}
        }
        tokio::select! {
            () = soft.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn turn(deps: &Deps, menus: &MenuBook) {
    match chasing::turn(deps, &menus.current()).await {
        Ok(0) => {}
        Ok(messages) => tracing::info!(messages, "rosters or reminders are on their way"),
        Err(error) => {
            tracing::warn!(%error, "rosters and reminders could not be promised; they are tried again");
        }
    }
}
