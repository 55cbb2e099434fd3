//! Up, and able to serve. A node without its session store or its database stays in the balancer as degraded: it
//! folds, or says "try again". Only start, stop, schema and a wrong clock make it unready.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

use crate::{app::App, storage::OpenError};

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
    match app.deps.store.clock_difference_ms(app.deps.clock.now()).await {
        Ok(Some(ms)) if ms.abs() > CLOCK_MS => {
            unready.push(format!("the clock is {} s from the database's", ms / 1000));
        }
        _ => {}
    }
    if app.sessions.ping().await.is_err() {
        degraded.push("the session store does not answer: histories are folded again".to_owned());
    }
    degraded
        .extend(app.lifecycle.fallen().iter().map(|task| format!("the {task} has fallen over: see the log")));
    answer(&app, unready, degraded)
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
