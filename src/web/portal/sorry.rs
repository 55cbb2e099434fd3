//! What is shown when a page can't be, with a reference where somebody has to look for it in the log. It is drawn when
//! the answer is dressed, in the language of whoever asked.

use std::{any::Any, fmt::Display};

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

use super::words::{self, Words};
use crate::{
    app::App,
    model::{Language, reference::reference},
};

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
const UNREADABLE: Says = (
    "We could not read that, so nothing was done. Please go back and try again.",
    "Hatukuweza kusoma hayo, kwa hivyo hakuna kilichofanyika. Tafadhali rudi ujaribu tena.",
);
const TOO_LONG: Says = (
    "That was too long, so nothing was done. Please go back and type less.",
    "Hayo ni marefu mno, kwa hivyo hakuna kilichofanyika. Tafadhali rudi uandike machache.",
);

#[derive(Template)]
#[template(path = "portal/sorry.html")]
struct Page<'a> {
    words: &'static Words,
    says: &'static str,
    reference: Option<&'a str>,
}

/// A page that says why there is none.
#[derive(Debug, Clone)]
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

    /// What was sent is longer than any form of ours.
    pub fn too_long() -> Self {
        Self { status: StatusCode::PAYLOAD_TOO_LARGE, says: TOO_LONG, reference: None }
    }

    /// What was sent did not come in time.
    pub fn too_slow() -> Self {
        Self { status: StatusCode::REQUEST_TIMEOUT, ..Self::unreadable() }
    }

    /// The request was made by another site.
    pub fn forged() -> Self {
        Self { status: StatusCode::FORBIDDEN, says: FORGED, reference: None }
    }
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Draw what an answer is sorry for; other answers stay as they are.
pub fn draw(response: &mut Response, language: Language) {
    let Some(Sorry { says, reference, .. }) = response.extensions_mut().remove::<Sorry>() else { return };
    let says = match language {
        Language::En => says.0,
        Language::Sw => says.1,
    };
    let page = Page { words: words::of(language), says, reference: reference.as_deref() };
    let drawn = match page.render() {
        Ok(page) => Html(page).into_response(),
        Err(_) => says.into_response(),
    };
    let (parts, body) = drawn.into_parts();
    *response.body_mut() = body;
    response.headers_mut().extend(parts.headers);
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
