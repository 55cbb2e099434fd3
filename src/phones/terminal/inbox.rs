//! Where the terminal finds the messages that reached a phone.

use std::future::Future;

use chrono::{DateTime, Utc};
use reqwest::Url;
use serde::Deserialize;

use crate::{
    model::Msisdn,
    phones::wire::{self, WireFault},
};

/// A message as the phone got it. Its body may hold a code: it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct InboxMessage {
    /// Its id, by which it is known again.
    pub id: String,
    /// How it came.
    #[serde(default)]
    pub kind: InboxKind,
    /// The words; of a call, what the voice said.
    pub body: String,
    /// When it arrived.
    pub at: DateTime<Utc>,
}

/// How a message comes to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InboxKind {
    /// As an SMS.
    #[default]
    Sms,
    /// As a call that says it.
    Call,
}

impl InboxKind {
    /// What stands over it in the terminal.
    pub fn title(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Call => "CALL",
        }
    }
}

/// The inbox can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the messages can't be read: the gateway's simulator does not answer")]
pub struct InboxFault;

/// The messages of phones.
pub trait Inbox: Sync {
    /// All messages to a phone, oldest first.
    fn messages_to(&self, to: &Msisdn) -> impl Future<Output = Result<Vec<InboxMessage>, InboxFault>> + Send;
}

/// An inbox that is always empty.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoInbox;

impl Inbox for NoInbox {
    async fn messages_to(&self, _: &Msisdn) -> Result<Vec<InboxMessage>, InboxFault> {
        Ok(vec![])
    }
}

/// The gateway's own simulator: `GET /simulator/messages?to=…` answers
/// `[{"id":"…","kind":"sms","body":"…","at":"…"}]`.
#[derive(Debug, Clone)]
pub struct HttpInbox {
    url: Url,
    client: reqwest::Client,
}

impl HttpInbox {
    /// The inbox of the gateway at an address.
    pub fn new(base_url: &str) -> Result<Self, WireFault> {
        let base = base_url.trim_end_matches('/');
        let url = Url::parse(&format!("{base}/simulator/messages")).map_err(|_| WireFault::Address)?;
        Ok(Self { url, client: wire::client()? })
    }
}

impl Inbox for HttpInbox {
    async fn messages_to(&self, to: &Msisdn) -> Result<Vec<InboxMessage>, InboxFault> {
        let request = self.client.get(self.url.clone()).query(&[("to", to.as_e164())]);
        let answer = request.timeout(wire::DEADLINE).send().await.map_err(|_| InboxFault)?;
        let answer = answer.error_for_status().map_err(|_| InboxFault)?;
        let mut messages: Vec<InboxMessage> = answer.json().await.map_err(|_| InboxFault)?;
        // Messages of one instant stay as they came.
        messages.sort_by_key(|message| message.at);
        Ok(messages)
    }
}
