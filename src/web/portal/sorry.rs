//! What is shown when a page can't be: in both languages, since it may not be known which is wanted, and with a
//! reference where somebody has to look for it in the log.

use std::{any::Any, fmt::Display};

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use crate::{app::App, model::reference::reference};

/// English, and Kiswahili.
type Says = (&'static str, &'static str);

const BROKEN: Says = (
    "Something is broken on our side, not yours. Please try again in a minute.",
    "Kuna hitilafu kwetu, si kwako. Tafadhali jaribu tena baada ya dakika moja.",
);
const NOT_FOUND: Says = ("There is no such page.", "Hakuna ukurasa kama huu.");
const FORGED: Says = (
    "This did not come from our page, so nothing was done. Please go back and try again.",
    "Hii haikutoka kwenye ukurasa wetu, kwa hivyo hakuna kilichofanyika. Tafadhali rudi ujaribu tena.",
);
const UNREADABLE: Says = ("We could not read that.", "Hatukuweza kusoma hayo.");

#[derive(Template)]
#[template(path = "portal/sorry.html")]
struct Page {
    says: Says,
    reference: Option<String>,
}

/// A page that says why there is none.
#[derive(Debug)]
pub struct Sorry {
    status: StatusCode,
    says: Says,
    reference: Option<String>,
}

impl Sorry {
    /// Something behind is broken: logged here, with the reference that the page shows.
    pub fn broken(app: &App, why: impl Display) -> Self {
        let reference = reference(app.deps.chance.bytes());
        tracing::error!(%reference, "A page of the portal failed: {why}");
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, says: BROKEN, reference: Some(reference) }
    }

    /// What was sent is no form of ours.
    pub fn unreadable() -> Self {
        Self { status: StatusCode::BAD_REQUEST, says: UNREADABLE, reference: None }
    }

    /// The request was made by another site.
    pub fn forged() -> Self {
        Self { status: StatusCode::FORBIDDEN, says: FORGED, reference: None }
    }
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        let Self { status, says, reference } = self;
        match (Page { says, reference }).render() {
            Ok(page) => (status, Html(page)).into_response(),
            Err(_) => (status, says.0).into_response(),
        }
    }
}

/// The answer where there is no page.
pub fn not_found() -> Response {
    Sorry { status: StatusCode::NOT_FOUND, says: NOT_FOUND, reference: None }.into_response()
}

/// The answer to a way of asking that a page doesn't take.
pub fn wrong_method() -> Response {
    Sorry { status: StatusCode::METHOD_NOT_ALLOWED, says: NOT_FOUND, reference: None }.into_response()
}

/// The answer to a request that another site made.
pub fn forged() -> Response {
    Sorry::forged().into_response()
}

/// The answer where the program fell over.
pub fn panicked(_: Box<dyn Any + Send>) -> Response {
    // The panic itself is in the log.
    Sorry { status: StatusCode::INTERNAL_SERVER_ERROR, says: BROKEN, reference: None }.into_response()
}
