//! The headers that every request to its APIs carries.

use http::{HeaderValue, header::ACCEPT};
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret as _, SecretString};

use crate::gateways::{Verdict, exchange::needs_operator};

/// The request with the API key, unless the key has characters that no header carries.
pub(super) fn with_key(request: RequestBuilder, api_key: &SecretString) -> Option<RequestBuilder> {
    let mut value = HeaderValue::from_str(api_key.expose_secret()).ok()?;
    value.set_sensitive(true);
    Some(request.header("apiKey", value).header(ACCEPT, "application/json"))
}

/// What becomes of a message when there is no such header.
pub(super) fn no_key() -> Verdict {
    needs_operator("the API key has characters that a header can't carry")
}
