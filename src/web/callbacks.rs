//! Callbacks: a wrong secret is a bare 404; after the right one a body that can't be read is a 400 with a sentence,
//! and a hop always gets `CON`/`END` with 200.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, RawPathParams, Request, State, rejection::RawPathParamsRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};

use super::{
    finish::{Finish, Panicked},
    guard,
};
use crate::{
    app::{self, App},
    gateways::{BadCallback, Hop, HttpAnswer, Raw, ReportCallbacks, UssdCallback, UssdGateway},
    services::{inbound, messaging, session_ends, sim_swap},
    storage::StoreError,
    telemetry::metrics,
};

/// The most a callback may send.
const LONGEST_BODY: usize = 16 * 1024;
/// How long it may take to send it.
const SLOWEST_BODY: Duration = Duration::from_secs(5);

/// One callback. A hop is not broken off when the aggregator hangs up: what was begun is finished.
pub async fn callback(
    State(app): State<App>,
    path: Result<RawPathParams, RawPathParamsRejection>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    // A path that is not UTF-8 carries no secret, and is answered like any that doesn't.
    let Ok(path) = path else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let part = |wanted| path.iter().find(|(name, _)| *name == wanted).map_or("", |(_, part)| part);
    let (gateway, secret, event) = (part("gateway"), part("secret"), part("event"));
    let server = &app.config.server;
    if !guard::knows_secret(&server.callback_secrets, secret) {
        metrics::callback_refused("secret");
        return StatusCode::NOT_FOUND.into_response();
    }
    if !guard::is_allowed(server, peer, request.headers()) {
        metrics::callback_refused("source");
        return StatusCode::NOT_FOUND.into_response();
    }
    let (parts, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(status) => return refused(status, "the body is too long or came too slowly"),
    };
    let query = parts.uri.query().unwrap_or_default();
    if query.len() > LONGEST_BODY {
        return refused(StatusCode::URI_TOO_LONG, "the query is too long");
    }
    let raw = Raw { method: &parts.method, headers: &parts.headers, query, body: &body };
    match dispatch(&app, gateway, event, &raw).await {
        Ok(response) => response,
        Err(Refusal::Nowhere) => StatusCode::NOT_FOUND.into_response(),
        Err(Refusal::Bad(bad)) => {
            let mut response = refused(bad.status(), &bad.to_string());
            if let BadCallback::Method(method) = bad {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(method));
            }
            response
        }
        Err(Refusal::NotKept(error)) => {
            // Anything but a 200 makes the aggregator send it again.
            tracing::error!(event, "A callback could not be kept: {error}");
            refused(StatusCode::SERVICE_UNAVAILABLE, "it could not be kept; please send it again")
        }
    }
}

/// Why a callback is not answered with a 200.
enum Refusal {
    /// There is no such callback.
    Nowhere,
    /// It can't be read.
    Bad(BadCallback),
    /// It could not be kept.
    NotKept(StoreError),
}

impl From<BadCallback> for Refusal {
    fn from(bad: BadCallback) -> Self {
        Self::Bad(bad)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::NotKept(error)
    }
}

async fn read(body: Body) -> Result<axum::body::Bytes, StatusCode> {
    match tokio::time::timeout(SLOWEST_BODY, to_bytes(body, LONGEST_BODY)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn refused(status: StatusCode, sentence: &str) -> Response {
    metrics::callback_refused("body");
    (status, format!("{sentence}\n")).into_response()
}

async fn dispatch(app: &App, gateway: &str, event: &str, raw: &Raw<'_>) -> Result<Response, Refusal> {
    match (event, app::ussd_gateway(gateway)) {
        ("ussd", Some(adapter)) => match adapter.callback(raw)? {
            UssdCallback::Hop(hop) => Ok(hop_answer(app, adapter, hop).await),
            UssdCallback::Over { .. } => Ok(StatusCode::OK.into_response()),
        },
        // Boxed: these write to SQL, and every hop would be moved about with room for them.
        _ => Box::pin(keep(app, gateway, event, raw)).await,
    }
}

/// What is answered with an empty 200 once it is kept.
async fn keep(app: &App, gateway: &str, event: &str, raw: &Raw<'_>) -> Result<Response, Refusal> {
    match (event, app::ussd_gateway(gateway), app::sms_callbacks(gateway)) {
        ("ussd-end", Some(adapter), _) => {
            session_ends::keep(&app.deps, adapter.name(), adapter.end(raw)?).await?;
        }
        ("sms", _, Some(callbacks)) => {
            inbound::receive(&app.deps, &app.menus.current(), gateway, &callbacks.inbound(raw)?).await?;
        }
        ("delivery", _, Some(callbacks)) => {
            messaging::report(&app.deps, gateway, &callbacks.report(raw)?).await?;
        }
        ("opt-out", _, Some(callbacks)) => {
            messaging::opt_out(&app.deps, &callbacks.opt_out(raw)?).await?;
        }
        ("sim-swap", ..) if let Some(callbacks) = app::swap_callbacks(gateway) => {
            sim_swap::take_in(&app.deps, gateway, &callbacks.sim_swap(raw)?).await?;
        }
        _ => match app::report_callbacks(gateway, event) {
            Some(callbacks) => report(app, callbacks, raw).await?,
            None => return Err(Refusal::Nowhere),
        },
    }
    Ok(StatusCode::OK.into_response())
}

async fn report(app: &App, callbacks: &dyn ReportCallbacks, raw: &Raw<'_>) -> Result<(), Refusal> {
    if let Some(report) = callbacks.report(raw)? {
        messaging::report(&app.deps, callbacks.provider(), &report).await?;
    }
    Ok(())
}

async fn hop_answer(app: &App, adapter: &'static dyn UssdGateway, hop: Hop) -> Response {
    let began = tokio::time::Instant::now();
    let hop = Arc::new(hop);
    let (gateway, asked) = (app.clone(), hop.clone());
    let answer = match Finish::new(async move { gateway.ussd.hop(&asked).await }).await {
        Ok(answer) => answer,
        // The caller gets the same sentence as for anything else that is broken.
        Err(Panicked) => app.ussd.broken(&hop),
    };
    let outcome = if answer.ends { "end" } else { "continue" };
    metrics::hop(adapter.name(), outcome, began.elapsed().as_secs_f64());
    let HttpAnswer { status, content_type, header, body } = adapter.answer(&hop, &answer);
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some((name, value)) = header
        && let Ok(value) = HeaderValue::try_from(value)
    {
        response.headers_mut().insert(name, value);
    }
    response
}
