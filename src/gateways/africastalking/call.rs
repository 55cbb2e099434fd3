//! Its voice route (`wire.md` 6): a call that reads a code aloud. The words come with the request, so that nobody has
//! to be asked for them while it rings.
//!
//! No error of this file repeats the number, the words or the API key.

use std::{future::Future, pin::Pin};

use reqwest::Client;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::key::{no_key, with_key};
use crate::{
    gateways::{
        Carries, Outgoing, SmsGateway, Verdict,
        exchange::{self, Said, needs_operator, unreadable},
        fields, nothing_to_say,
    },
    model::message::RefusalReason,
};

/// The route through Africa's Talking's voice.
pub struct AfricasTalkingVoice {
    url: String,
    username: String,
    api_key: SecretString,
    from: String,
    client: Client,
}

impl AfricasTalkingVoice {
    /// A route by the configuration; `from` is the number that the calls come from.
    pub fn new(
        base_url: &str,
        username: String,
        api_key: SecretString,
        from: String,
        client: Client,
    ) -> Self {
        let host = base_url.trim_end_matches('/');
        Self { url: format!("{host}/call"), username, api_key, from, client }
    }

    async fn verdict(&self, to: &str, spoken: &SecretString) -> Verdict {
        let call = json!({
            "username": self.username,
            "from": self.from,
            "to": to,
            "callActions": [{"actionType": "Say", "text": spoken.expose_secret()}],
        });
        match with_key(self.client.post(&self.url).json(&call), &self.api_key) {
            Some(request) => exchange::ask(request).await.map_or_else(|verdict| verdict, judged),
            None => no_key(),
        }
    }
}

impl SmsGateway for AfricasTalkingVoice {
    fn carries(&self) -> Carries {
        Carries::Spoken
    }

    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(async move {
            match &sms.spoken {
                Some(spoken) => self.verdict(sms.to.as_e164(), spoken).await,
                None => nothing_to_say(),
            }
        })
    }
}

fn judged(said: Said) -> Verdict {
    if !said.status.is_success() {
        return exchange::of_status(said.status);
    }
    said.body.map_or_else(unreadable, |body| of_body(&body))
}

/// `{"entries":[{"phoneNumber":…,"status":"Queued","sessionId":"ATVId_…"}],"errorMessage":"None"}`
fn of_body(body: &[u8]) -> Verdict {
    let Ok(whole) = serde_json::from_slice::<Value>(body) else { return unreadable() };
    let entries = whole.get("entries").and_then(Value::as_array);
    match (entries.and_then(|all| all.first()), whole.get("errorMessage")) {
        (Some(entry), _) => of_entry(entry),
        // It names our number or the phone's, so it is not repeated.
        (None, Some(_)) => {
            needs_operator("the route took no call: look at its credit and at our number there")
        }
        (None, None) => unreadable(),
    }
}

fn of_entry(entry: &Value) -> Verdict {
    let text = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
    let refused = |reason, detail: &str| Verdict::Refused { reason, detail: detail.to_owned() };
    match fields::plain(text("status")).as_str() {
        "queued" => accepted(text("sessionId")),
        "invalidphonenumber" => refused(RefusalReason::BadNumber, "InvalidPhoneNumber"),
        "destinationnotsupported" => refused(RefusalReason::NoRoute, "DestinationNotSupported"),
        "insufficientcredit" => needs_operator("InsufficientCredit"),
        _ => Verdict::Failed {
            retry: false,
            unclear: true,
            alert: true,
            detail: "the route answered with a word never seen before".to_owned(),
        },
    }
}

/// Without an id no end of the call could be matched: it may ring, and somebody has to look.
fn accepted(session: &str) -> Verdict {
    match fields::message_id("sessionId", session) {
        Ok(provider_id) if !provider_id.eq_ignore_ascii_case("none") => {
            Verdict::Accepted { provider_id, cost_cents: None }
        }
        _ => Verdict::Failed {
            retry: false,
            unclear: true,
            alert: true,
            detail: "the route took the call and gave it no id".to_owned(),
        },
    }
}
