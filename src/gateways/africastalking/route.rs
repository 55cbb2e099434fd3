//! Its SMS route (`wire.md` 3): one message a request, so that every message has a verdict of its own.
//!
//! No error of this file repeats the number, the message or the API key.

use std::{future::Future, pin::Pin};

use http::StatusCode;
use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::{
    key::{no_key, with_key},
    response,
};
use crate::gateways::{
    Outgoing, SmsGateway, Verdict,
    exchange::{self, Said},
    fields,
};

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
        let request =
            self.client.get(format!("{}/user", self.base_url)).query(&[("username", &self.username)]);
        let request = with_key(request, &self.api_key).ok_or(NoBalance::Unreachable)?;
        let mut answer = request.send().await.map_err(|_| NoBalance::Unreachable)?;
        if !answer.status().is_success() {
            return Err(NoBalance::Refused(answer.status()));
        }
        let body = exchange::bounded(&mut answer).await.ok_or(NoBalance::Unreadable)?;
        balance_in(&body).ok_or(NoBalance::Unreadable)
    }

    async fn verdict(&self, sms: &Outgoing) -> Verdict {
        let request = self.client.post(format!("{}/messaging", self.base_url)).form(&self.form(sms));
        match with_key(request, &self.api_key) {
            Some(request) => exchange::ask(request).await.map_or_else(|verdict| verdict, judged),
            None => no_key(),
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
}

impl SmsGateway for AfricasTalkingSms {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(self.verdict(sms))
    }
}

fn judged(said: Said) -> Verdict {
    if !said.status.is_success() {
        return exchange::of_status(said.status);
    }
    said.body.map_or_else(exchange::unreadable, |body| response::of_body(&body))
}

/// `{"UserData":{"balance":"KES 1.00"}}`; the first key is also spelled `userData`.
fn balance_in(body: &[u8]) -> Option<i64> {
    let whole: Value = serde_json::from_slice(body).ok()?;
    let user = whole.get("UserData").or_else(|| whole.get("userData"))?;
    fields::cents(user.get("balance")?.as_str()?)
}
