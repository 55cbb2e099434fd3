//! What machines are told when something is refused: `application/problem+json` (RFC 9457) with an id that also stands
//! in the log. A layer says it, so that refusals of extractors and of other layers look like those of handlers.
//!
//! Callbacks don't speak it: an aggregator gets a sentence (`design.md` 4). Nor do the portal's pages, which people read.

use axum::{
    Json,
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{app::App, model::reference::reference};

/// The content type.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A refusal. Its members are those of RFC 9457; `id` is our own.
#[derive(Serialize)]
struct Problem<'a> {
    /// No page explains it further.
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
    id: &'a str,
}

/// Why something is refused, on its way from a handler to the layer.
#[derive(Clone)]
struct Detail(String);

/// A refusal in a sentence, which must hold nothing that was sent.
pub fn refusal(status: StatusCode, detail: impl Into<String>) -> Response {
    let mut response = status.into_response();
    response.extensions_mut().insert(Detail(detail.into()));
    response
}

/// The layer: make a problem of every refusal, and log it once.
pub async fn tell(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let said = response.extensions().get::<Detail>().map(|Detail(said)| said.clone());
    let detail = said.unwrap_or_else(|| usual(status).to_owned());
    let id = reference(app.deps.chance.bytes());
    if status.is_server_error() {
        tracing::error!(problem.id = id, http.status = status.as_u16(), "A request failed: {detail}");
    } else {
        tracing::info!(problem.id = id, http.status = status.as_u16(), "A request was refused: {detail}");
    }
    with_body(response, &detail, &id)
}

/// The same answer with a problem as its body. Other headers stay: they protect, or name the methods that are taken.
fn with_body(response: Response, detail: &str, id: &str) -> Response {
    let (mut parts, _) = response.into_parts();
    let title = parts.status.canonical_reason().unwrap_or("Refused");
    let problem = Problem { r#type: "about:blank", title, status: parts.status.as_u16(), detail, id };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    let mut told = (parts, Json(problem)).into_response();
    told.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
    told
}

/// What is said where nobody has said more. The words of extractors are not passed on: they quote what was sent.
fn usual(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "this came from another site, so nothing was done",
        StatusCode::NOT_FOUND => "there is nothing at this address",
        StatusCode::METHOD_NOT_ALLOWED => "this address does not take that method",
        StatusCode::PAYLOAD_TOO_LARGE => "the body is too long",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "this takes the content type application/json",
        status if status.is_server_error() => "something is broken on our side; please try again in a minute",
        _ => "the request can't be read",
    }
}
