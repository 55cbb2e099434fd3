//! Phones in the browser: the page, what it asks for, and the inbox that `menu play` reads. The server plays the
//! aggregator and calls its own callbacks over HTTP like the real one, so the page never learns their secret. Served
//! only when nothing but the simulator sends and only this machine can reach the listener.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, uri::Authority};
use tower_http::{catch_panic::CatchPanicLayer, csrf::CsrfLayer};

use crate::{app::App, phones::WireFault, web::problem};

mod api;
mod assets;
mod exchange;
mod handset;
mod inbox;
mod messages;
mod replay;
mod switches;

use exchange::Exchange;

/// The most that the page sends at once.
const LONGEST_BODY: usize = 8 * 1024;

/// Everything that the page may load is ours and in files: no inline code, no other host.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                   base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What is said to those who come by another name of this machine.
const ONLY_HERE: &str = "open the simulator as http://127.0.0.1 or http://localhost";

/// What the handlers work with.
#[derive(Clone)]
struct Simulated {
    app: App,
    exchange: Arc<Exchange>,
}

impl FromRef<Simulated> for App {
    fn from_ref(simulated: &Simulated) -> Self {
        simulated.app.clone()
    }
}

/// The simulator's routes, playing the aggregator towards the gateway that listens there.
pub fn router(app: &App, listening: SocketAddr) -> Result<Router, WireFault> {
    let exchange = Arc::new(Exchange::new(app, listening)?);
    let state = Simulated { app: app.clone(), exchange };
    let page = Router::new()
        .route("/simulator", get(assets::page))
        .route("/simulator/page/{file}", get(assets::file));
    let machine = Router::new()
        .route("/simulator/messages", get(messages::messages))
        .route("/simulator/api/start", get(api::start))
        .route("/simulator/api/phones", get(api::phones))
        .route("/simulator/api/phones/{number}", post(api::act))
        .route("/simulator/api/sessions", get(replay::sessions))
        .route("/simulator/api/sessions/{number}", get(replay::session))
        .route("/simulator/api/sessions/{number}/transcript", get(replay::transcript))
        .route("/simulator/api/{*rest}", any(async || StatusCode::NOT_FOUND))
        .layer(CatchPanicLayer::custom(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response()));
    let machine = protected(machine).layer(middleware::from_fn_with_state(app.clone(), problem::tell));
    Ok(protected(page).merge(machine).with_state(state))
}

/// What holds for the page and for what it asks for.
fn protected(router: Router<Simulated>) -> Router<Simulated> {
    router
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .layer(CsrfLayer::new())
        .layer(middleware::from_fn(guarded))
}

/// Whether the router above may be served at all.
pub fn is_allowed(app: &App) -> bool {
    app.simulator.is_some() && app.config.server.is_loopback()
}

/// Answer only to names of this machine, since a foreign name may be made to point here (DNS rebinding), and let the
/// browser do nothing with the answers but show them.
async fn guarded(request: Request, next: Next) -> Response {
    let mut response = if is_for_this_machine(request.headers()) {
        next.run(request).await
    } else {
        let mut refused = problem::refusal(StatusCode::MISDIRECTED_REQUEST, ONLY_HERE);
        // For whoever opened the page, and reads it.
        *refused.body_mut() = format!("{ONLY_HERE}\n").into();
        refused
    };
    for (name, value) in protections() {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn protections() -> [(HeaderName, &'static str); 5] {
    [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ]
}

fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(host) = host.and_then(|host| host.parse::<Authority>().ok()) else { return false };
    let name = host.host().trim_start_matches('[').trim_end_matches(']');
    let address = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost")
        || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        let answered = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            is_for_this_machine(&headers)
        };
        for host in ["127.0.0.1:8080", "localhost", "LOCALHOST:8080", "[::1]:8080", "127.0.0.2"] {
            assert!(answered(host), "{host}");
        }
        for host in ["example.com", "127.0.0.1.example.com:8080", "localhost.example.com", "10.0.0.1", ""] {
            assert!(!answered(host), "{host}");
        }
        assert!(!is_for_this_machine(&HeaderMap::new()));
    }
}
