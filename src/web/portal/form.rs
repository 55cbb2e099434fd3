//! What a form sends: a few short fields, some of them secret.

use std::time::Duration;

use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
};
use secrecy::{SecretString, zeroize::Zeroizing};

use super::sorry::Sorry;
use crate::app::App;

/// The most a form may send: every field at its longest, escaped.
const LONGEST: usize = 8 * 1024;
/// How long it may take to send it, over a slow network.
const SLOWEST: Duration = Duration::from_secs(20);

/// The fields of a form.
pub struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// A field; empty where there is none.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    }

    /// A secret field.
    pub fn secret(&self, name: &str) -> SecretString {
        self.text(name).into()
    }

    /// Whether something was typed in each of these.
    pub fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| !self.text(name).trim().is_empty())
    }
}

impl FromRequest<App> for Form {
    type Rejection = Sorry;

    async fn from_request(request: Request, _: &App) -> Result<Self, Sorry> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(Sorry::unreadable());
        }
        let body = tokio::time::timeout(SLOWEST, to_bytes(request.into_body(), LONGEST)).await;
        let body = body.map_err(|_| Sorry::too_slow())?.map_err(|_| Sorry::too_long())?;
        let fields = form_urlencoded::parse(&body);
        Ok(Self(
            fields.map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned()))).collect(),
        ))
    }
}
