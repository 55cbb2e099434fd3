//! Up, and able to serve. A node without its session store or its database stays in the balancer as degraded: it
//! folds, or says "try again". Only start, stop, schema and a wrong clock make it unready.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

use crate::{
    app::App,
    storage::{OpenError, high_water},
};

/// How far the clock may be from the database's (`design.md` 3).
const CLOCK_MS: i64 = 30_000;

#[derive(Serialize)]
struct Readiness {
    /// `ready`, `degraded` or `unready`.
    status: &'static str,
    /// What is missing, in words.
    missing: Vec<String>,
    /// The menus that new sessions begin with.
    menus: String,
}

/// The process is up.
pub async fn livez() -> &'static str {
    "up\n"
}

/// Whether hops can be answered.
pub async fn readyz(State(app): State<App>) -> Response {
    let mut unready = vec![];
    let mut degraded = vec![];
    if app.lifecycle.soft().is_cancelled() {
        unready.push("stopping".to_owned());
    }
    match app.deps.store.require_version().await {
        Ok(()) => {}
        Err(error @ OpenError::Version { .. }) => unready.push(error.to_string()),
        Err(_) => degraded.push("the database does not answer: callers are told to try again".to_owned()),
    }
    unready.extend(clock_fault(&app).await);
    if app.sessions.ping().await.is_err() {
        degraded.push("the session store does not answer: histories are folded again".to_owned());
    }
    degraded
        .extend(app.lifecycle.fallen().iter().map(|task| format!("the {task} has fallen over: see the log")));
    answer(&app, unready, degraded)
}

/// What is wrong with the clock, held against the database's own or against the latest instant that was kept.
async fn clock_fault(app: &App) -> Option<String> {
    let (store, now) = (&app.deps.store, app.deps.clock.now());
    let ahead_ms = match store.clock_difference_ms(now).await.ok()? {
        Some(ms) => ms,
        None => {
            let mut tx = store.read().await.ok()?;
            let mark = high_water::mark(&mut tx).await.ok()??;
            now.signed_duration_since(mark).num_milliseconds().min(0)
        }
    };
    (ahead_ms.abs() > CLOCK_MS).then(|| format!("the clock is {} s off: set it right", ahead_ms / 1000))
}

fn answer(app: &App, unready: Vec<String>, degraded: Vec<String>) -> Response {
    let (code, status) = match (unready.is_empty(), degraded.is_empty()) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
        (_, false) => (StatusCode::OK, "degraded"),
        _ => (StatusCode::OK, "ready"),
    };
    let missing = unready.into_iter().chain(degraded).collect();
    (code, Json(Readiness { status, missing, menus: app.menus.current().version.clone() })).into_response()
}
