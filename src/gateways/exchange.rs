//! One exchange with a route over HTTP, and what its failures mean for a message. What an answer says is read by the
//! adapters.
//!
//! No sentence here repeats a URL: Kannel's holds the number, the message and the password.

use std::error::Error as _;

use http::StatusCode;
use reqwest::{RequestBuilder, Response};

use super::{Verdict, fields};

/// An answer to one message takes a few hundred bytes; nothing longer is read.
const ANSWER_BYTES: usize = 64 * 1024;

/// What came back: the status, and the body if it came whole.
pub(super) struct Said {
    pub(super) status: StatusCode,
    pub(super) body: Option<Vec<u8>>,
}

/// Send a request and read what comes back; without an answer there is a verdict already.
pub(super) async fn ask(request: RequestBuilder) -> Result<Said, Verdict> {
    let mut answer = request.send().await.map_err(of_error)?;
    let status = answer.status();
    Ok(Said { status, body: bounded(&mut answer).await })
}

/// The whole body, or nothing when it breaks off or grows too long.
pub(super) async fn bounded(answer: &mut Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// Failed, and the same message may be tried again on this route.
pub(super) fn transient(unclear: bool, detail: impl Into<String>) -> Verdict {
    Verdict::Failed { retry: true, unclear, alert: false, detail: detail.into() }
}

/// Failed until an operator acts; the message was not taken.
pub(super) fn needs_operator(detail: impl Into<String>) -> Verdict {
    Verdict::Failed { retry: false, unclear: false, alert: true, detail: detail.into() }
}

/// Taken or not, it can't be told.
pub(super) fn unreadable() -> Verdict {
    transient(true, "the route's answer can't be read")
}

/// The verdict of an HTTP status other than 2xx; its body (plain text) is not looked at.
pub(super) fn of_status(status: StatusCode) -> Verdict {
    let code = status.as_u16();
    match code {
        401 | 403 => needs_operator(format!("the route refused our user name or API key (HTTP {code})")),
        408 | 429 => transient(false, format!("the route asks to wait (HTTP {code})")),
        // Unavailable says that the request was not handled. Any other 5xx may have come after the message was
        // taken (a proxy that lost its back end, a fault while answering).
        503 => transient(false, "the route is unavailable (HTTP 503)"),
        500..=599 => transient(true, format!("the route failed while answering (HTTP {code})")),
        _ => needs_operator(format!("the route did not accept the request (HTTP {code})")),
    }
}

/// Before a connection stands nothing can have been taken; after that, anything.
pub(super) fn of_error(error: reqwest::Error) -> Verdict {
    if error.is_builder() {
        return needs_operator("no request can be made of the route's base_url");
    }
    if error.is_connect() {
        return transient(false, format!("the route can't be reached: {}", root_cause(error)));
    }
    if error.is_timeout() {
        return transient(true, "the route did not answer in time");
    }
    transient(true, "the connection broke before the route answered")
}

/// What the operating system or TLS said about a connection that never stood: nothing was sent yet.
fn root_cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| "no cause was given".to_owned(), |cause| fields::words(&cause.to_string(), 120))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_other_than_success_is_never_an_acceptance() {
        for code in (300..=599).filter_map(|code| StatusCode::from_u16(code).ok()) {
            assert!(matches!(of_status(code), Verdict::Failed { .. }), "{code}");
        }
    }
}
