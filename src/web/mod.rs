//! The HTTP side: callbacks of aggregators, the portal, health, metrics on their own listener, and the simulator's
//! phones. What machines are told when something is refused is `problem`'s.

use std::net::SocketAddr;

use axum::{
    Router,
    http::StatusCode,
    response::IntoResponse,
    routing::{any, get},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{app::App, telemetry::metrics::Metrics};

pub mod callbacks;
mod finish;
mod guard;
pub mod health;
mod portal;
mod problem;
pub mod serve;
mod simulator;

/// Everything on the public listener, which is bound to that address. Nothing here logs a path or a query: the secret
/// is in the one, PINs may be in the other.
pub fn router(app: App, listening: SocketAddr) -> Router {
    let simulator = simulator(&app, listening);
    Router::new()
        .route("/callbacks/{gateway}/{secret}/{event}", any(callbacks::callback))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .merge(portal::router(&app))
        .with_state(app)
        .merge(simulator)
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
}

/// The simulator's routes where it may be served, else none.
fn simulator(app: &App, listening: SocketAddr) -> Router {
    if !simulator::is_allowed(app) {
        return Router::new();
    }
    simulator::router(app, listening).unwrap_or_else(|fault| {
        tracing::warn!("The simulator is not served: {fault}");
        Router::new()
    })
}

/// What the operator's listener serves.
pub fn admin_router(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(async move || metrics.render()))
        .route("/livez", get(health::livez))
        .fallback(async || StatusCode::NOT_FOUND)
}
