//! The HTTP side: callbacks of aggregators, the portal, health, metrics on their own listener, and the simulator's
//! inbox.

use axum::{
    Router,
    http::StatusCode,
    response::IntoResponse,
    routing::{any, get},
};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{app::App, telemetry::metrics::Metrics};

pub mod callbacks;
mod guard;
pub mod health;
mod portal;
pub mod serve;
mod simulator;

/// Everything on the public listener. Nothing here logs a path or a query: the secret is in the one, PINs may be in
/// the other.
pub fn router(app: App) -> Router {
    let simulated = app.simulator.is_some() && app.config.server.is_loopback();
    let router = Router::new()
        .route("/callbacks/{gateway}/{secret}/{event}", any(callbacks::callback))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz));
    let router =
        if simulated { router.route("/simulator/messages", get(simulator::messages)) } else { router };
    router
        .merge(portal::router(&app))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()))
        .with_state(app)
}

/// What the operator's listener serves.
pub fn admin_router(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(async move || metrics.render()))
        .route("/livez", get(health::livez))
        .fallback(async || StatusCode::NOT_FOUND)
}
