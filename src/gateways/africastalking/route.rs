//! Its SMS route (`wire.md` 3): one message a request, so that every message has a verdict of its own.
//!
//! No error of this file repeats the number, the message or the API key.

use std::{error::Error as _, future::Future, pin::Pin};

use http::{HeaderValue, StatusCode, header::ACCEPT};
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::response;
use crate::gateways::{Outgoing, SmsGateway, Verdict, fields};

/// An answer to one message takes a few hundred bytes; nothing longer is read.
const ANSWER_BYTES: usize = 64 * 1024;

/// The route through Africa's Talking.
pub struct AfricasTalkingSms {
    base_url: String,
    username: String,
    api_key: SecretString,
    sender: Option<String>,
    client: Client,
}

/// Why the credit can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoBalance {
    /// No answer, or none within the client's deadlines.
    #[error("the SMS route can't be reached")]
    Unreachable,
    /// Another answer than 2xx.
    #[error("the SMS route refused to tell the balance (HTTP {0})")]
    Refused(StatusCode),
    /// An answer without a balance in it.
    #[error("the SMS route's balance can't be read")]
    Unreadable,
}

impl AfricasTalkingSms {
    /// A route by the configuration; `base_url` is the host's, with or without `/version1`.
    pub fn new(
        base_url: &str,
        username: String,
        api_key: SecretString,
        sender: Option<String>,
        client: Client,
    ) -> Self {
        let host = base_url.trim_end_matches('/').trim_end_matches("/version1").trim_end_matches('/');
        Self { base_url: format!("{host}/version1"), username, api_key, sender, client }
    }

    /// The credit left, in hundredths of the account's currency.
    pub async fn balance(&self) -> Result<i64, NoBalance> {
        let key = self.key_header().ok_or(NoBalance::Unreachable)?;
        let request =
            self.client.get(format!("{}/user", self.base_url)).query(&[("username", &self.username)]);
        let mut answer = with_headers(request, key).send().await.map_err(|_| NoBalance::Unreachable)?;
        if !answer.status().is_success() {
            return Err(NoBalance::Refused(answer.status()));
        }
        let body = bounded(&mut answer).await.ok_or(NoBalance::Unreadable)?;
        balance_in(&body).ok_or(NoBalance::Unreadable)
    }

    async fn verdict(&self, sms: &Outgoing) -> Verdict {
        let Some(key) = self.key_header() else {
            return response::needs_operator("the API key has characters that a header can't carry");
        };
        let request = self.client.post(format!("{}/messaging", self.base_url)).form(&self.form(sms));
        match with_headers(request, key).send().await {
            Ok(answer) => judged(answer).await,
            Err(error) => of_error(error),
        }
    }

    fn form<'a>(&'a self, sms: &'a Outgoing) -> Vec<(&'static str, &'a str)> {
        let mut form = vec![
            ("username", self.username.as_str()),
            ("to", sms.to.as_e164()),
            ("message", sms.body.expose_secret()),
            ("bulkSMSMode", "1"),
        ];
        form.extend(self.sender.as_deref().map(|sender| ("from", sender)));
        form
    }

    fn key_header(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_str(self.api_key.expose_secret()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl SmsGateway for AfricasTalkingSms {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.verdict(sms))
    }
}

fn with_headers(request: RequestBuilder, key: HeaderValue) -> RequestBuilder {
    request.header("apiKey", key).header(ACCEPT, "application/json")
}

async fn judged(mut answer: Response) -> Verdict {
    if !answer.status().is_success() {
        return response::of_status(answer.status());
    }
    match bounded(&mut answer).await {
        Some(body) => response::of_body(&body),
        None => response::unreadable(),
    }
}

/// The whole body, or nothing when it breaks off or grows too long.
async fn bounded(answer: &mut Response) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > ANSWER_BYTES {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}

/// Before a connection stands nothing can have been taken; after that, anything.
fn of_error(error: reqwest::Error) -> Verdict {
    if error.is_builder() {
        return response::needs_operator("no request can be made of the route's base_url");
    }
    if error.is_connect() {
        return response::transient(false, format!("the route can't be reached: {}", root_cause(error)));
    }
    if error.is_timeout() {
        return response::transient(true, "the route did not answer in time");
    }
    response::transient(true, "the connection broke before the route answered")
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

/// `{"UserData":{"balance":"KES 1.00"}}`; the first key is also spelled `userData`.
fn balance_in(body: &[u8]) -> Option<i64> {
    let whole: Value = serde_json::from_slice(body).ok()?;
    let user = whole.get("UserData").or_else(|| whole.get("userData"))?;
    fields::cents(user.get("balance")?.as_str()?)
}
