//! The contracts with telco aggregators: USSD in, SMS in and out, reports. One file an aggregator absorbs how it
//! differs (`wire.md` 7); nothing beyond this module knows an aggregator's field names.

use std::{fmt, future::Future, pin::Pin};

use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, StatusCode};
use secrecy::SecretString;

use crate::model::{
    MessageId, Msisdn, Network, SessionId,
    message::{Fate, RefusalReason},
};

pub mod africastalking;
mod exchange;
mod fields;
pub mod hubtel;
pub mod kannel;
mod sim_swap;
pub mod simulated_swaps;
pub mod simulator;

pub use sim_swap::{SimSwap, SwapAnswer, SwapAsked, SwapCallbacks, SwapFinding, SwapNotAsked};

/// One callback as it came, before anybody has looked into it. It may hold a PIN: it has no `Debug`.
pub struct Raw<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The query, undecoded.
    pub query: &'a str,
    /// The body, at most 16 KiB.
    pub body: &'a [u8],
}

/// Why a callback can't be read. The sentence goes back to the aggregator with a 400 (405 for a method, 415 for a
/// content type) and never repeats what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadCallback {
    /// Another method than the adapter's.
    #[error("this callback takes {0}")]
    Method(&'static str),
    /// Another content type than the adapter's.
    #[error("this callback takes the content type {0}")]
    ContentType(&'static str),
    /// A field is missing.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field can't be read.
    #[error("the field {0} can't be read: {1}")]
    Malformed(&'static str, &'static str),
    /// The body as a whole can't be read.
    #[error("the body can't be read as {0}")]
    Unreadable(&'static str),
}

impl BadCallback {
    /// The HTTP status that goes with it.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// What an aggregator sends of the caller's typing.
#[derive(Debug, Clone)]
pub enum Typed {
    /// Everything typed in the session, joined by `*`; empty on the first hop.
    Cumulative(SecretString),
    /// Only the latest input.
    Latest {
        /// What was typed now; `None` on the dial that opens the session.
        input: Option<SecretString>,
        /// The aggregator's number of this hop (the dial is 1), where it gives one to tell a repeat from a new hop.
        sequence: Option<u32>,
    },
}

/// One hop of a USSD session.
#[derive(Debug, Clone)]
pub struct Hop {
    /// The aggregator, as in the callback path.
    pub provider: &'static str,
    /// Its id of the session.
    pub session: SessionId,
    /// The line that the network says is calling.
    pub msisdn: Msisdn,
    /// What was dialled, e.g. `*384*2547#`.
    pub service_code: String,
    /// The caller's network, where it is told.
    pub network: Option<Network>,
    /// What was typed.
    pub typed: Typed,
    /// The note we sent with the last screen, where the aggregator echoes it.
    pub metadata: Option<String>,
}

/// What the phone shows next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The screen, without any prefix.
    pub text: String,
    /// Whether the session ends with it.
    pub ends: bool,
    /// A note for the aggregator to echo with the next hop: at most 99 characters, no `|`, nothing personal.
    pub metadata: Option<String>,
}

/// A callback of a USSD URL.
#[derive(Debug, Clone)]
pub enum UssdCallback {
    /// A hop, to be answered with a screen.
    Hop(Hop),
    /// The aggregator says the session is over (drop, time-out): answered with an empty 200.
    Over {
        /// The aggregator, as in the callback path.
        provider: &'static str,
        /// Its id of the session.
        session: SessionId,
    },
}

/// What is kept of an end event. What was typed and shown is dropped while parsing.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionEnd {
    /// The aggregator's id of the session.
    pub session: SessionId,
    /// The caller, where it can be read.
    pub msisdn: Option<Msisdn>,
    /// When it ended by the aggregator's clock.
    pub at: Option<DateTime<Utc>>,
    /// `Success`, `Incomplete`, `Failed` or a word never seen before.
    pub status: String,
    /// The caller's network.
    pub network: Option<Network>,
    /// How long it lasted.
    pub duration_ms: Option<i64>,
    /// How many hops it had.
    pub hops: Option<i64>,
    /// What it cost, in hundredths of the currency.
    pub cost_cents: Option<i64>,
    /// Where it broke, by our own notes: the names of the screens, joined by `|`.
    pub screens: Option<String>,
}

/// An SMS that somebody sent to us. Shows neither its sender nor its text.
#[derive(Clone)]
pub struct InboundSms {
    /// The aggregator's id, the same on every repeat.
    pub provider_id: String,
    /// The sender as stated: a number, or an alphabetic name or short code.
    pub from: String,
    /// Our short code.
    pub to: String,
    /// The text. It may hold anything, also a PIN.
    pub text: SecretString,
    /// When it was sent by the aggregator's clock.
    pub at: Option<DateTime<Utc>>,
    /// The sender's network.
    pub network: Option<Network>,
    /// The subscription link to answer with, where the aggregator needs one.
    pub link_id: Option<String>,
}

impl fmt::Debug for InboundSms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InboundSms")
            .field("provider_id", &self.provider_id)
            .field("to", &self.to)
            .field("at", &self.at)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// A delivery report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReport {
    /// The id the route gave the message when it took it.
    pub provider_id: String,
    /// The phone it went to, where the report says.
    pub msisdn: Option<Msisdn>,
    /// The status word as sent, also one never seen before.
    pub status: String,
    /// What the word means for the message: `Sent` for interim words, `None` for words never seen before.
    pub news: Option<Fate>,
    /// Why it was not delivered.
    pub reason: Option<RefusalReason>,
    /// The reason as sent.
    pub detail: Option<String>,
    /// The network, where it is told.
    pub network: Option<Network>,
}

/// Somebody told the network that they want no more messages of a sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptOut {
    /// Our sender name or short code.
    pub sender: String,
    /// The line.
    pub msisdn: Msisdn,
}

/// How a hop's answer goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpAnswer {
    /// Always 200 for a hop.
    pub status: StatusCode,
    /// The content type.
    pub content_type: &'static str,
    /// One more header, where the aggregator echoes notes.
    pub header: Option<(&'static str, String)>,
    /// The body, complete.
    pub body: String,
}

/// An aggregator's USSD callbacks.
pub trait UssdGateway: Send + Sync {
    /// Its name in the callback path.
    fn name(&self) -> &'static str;
    /// Read a callback of the `ussd` URL.
    fn callback(&self, raw: &Raw<'_>) -> Result<UssdCallback, BadCallback>;
    /// Say a screen in the aggregator's way.
    fn answer(&self, hop: &Hop, answer: &Answer) -> HttpAnswer;
    /// Read an end event.
    fn end(&self, raw: &Raw<'_>) -> Result<SessionEnd, BadCallback>;
}

/// An aggregator's callbacks about SMS.
pub trait SmsCallbacks: Send + Sync {
    /// Read an inbound SMS.
    fn inbound(&self, raw: &Raw<'_>) -> Result<InboundSms, BadCallback>;
    /// Read a delivery report.
    fn report(&self, raw: &Raw<'_>) -> Result<DeliveryReport, BadCallback>;
    /// Read an opt-out.
    fn opt_out(&self, raw: &Raw<'_>) -> Result<OptOut, BadCallback>;
}

/// Reads what a route tells of messages under a name of its own: Kannel's reports, the ends of calls.
pub trait ReportCallbacks: Send + Sync {
    /// The provider under which the route's messages are kept.
    fn provider(&self) -> &'static str;
    /// Read one; `None` when it says nothing of a message (a call that has only begun).
    fn report(&self, raw: &Raw<'_>) -> Result<Option<DeliveryReport>, BadCallback>;
}

/// A message on its way to a route. Shows neither its words nor its line.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Our id of it, the same on every try and every route.
    pub id: MessageId,
    /// Which try this is, from 1, over all routes. Routes that give no id of their own report under both.
    pub attempt: i64,
    /// Where to.
    pub to: Msisdn,
    /// The words.
    pub body: SecretString,
    /// What a voice says instead (`text::spoken`); only messages with a code have it.
    pub spoken: Option<SecretString>,
}

/// What a route can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Carries {
    /// Any message, as words on the phone.
    #[default]
    Words,
    /// Only messages with something to say aloud; it refuses others as [`RefusalReason::NoRoute`].
    Spoken,
}

impl Carries {
    /// Whether a message that has (or has not) something to say aloud can go this way.
    pub fn takes(self, has_spoken: bool) -> bool {
        self == Self::Words || has_spoken
    }
}

/// What a route said, synchronously, to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It has taken the message and will report under this id.
    Accepted {
        /// The route's id of the message.
        provider_id: String,
        /// What it cost, in hundredths of the currency, where told.
        cost_cents: Option<i64>,
    },
    /// It will not send it, now or later.
    Refused {
        /// Why, in our kinds.
        reason: RefusalReason,
        /// The route's own word for it.
        detail: String,
    },
    /// It could not take it now.
    Failed {
        /// Whether the same message may be tried again on this route.
        retry: bool,
        /// Whether it may have been taken all the same (a time-out after sending): look for a stray report first.
        unclear: bool,
        /// Whether an operator must act (credit, credentials, sender name).
        alert: bool,
        /// What the operator reads.
        detail: String,
    },
}

/// What a route that only speaks says of any other message.
fn nothing_to_say() -> Verdict {
    Verdict::Refused { reason: RefusalReason::NoRoute, detail: "there is nothing to say aloud".to_owned() }
}

/// A route for outbound messages: SMS, or calls that read a code aloud.
pub trait SmsGateway: Send + Sync {
    /// What it can carry.
    fn carries(&self) -> Carries {
        Carries::Words
    }
    /// Send one message and say what the route answered.
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;
}

/// An HTTP client with the deadlines every route keeps: 3 s to connect, 10 s in all, no redirects, no proxies.
#[allow(clippy::disallowed_methods, reason = "this is the one place that builds clients")]
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    // Rustls panics without a provider; a second installation is refused, and that is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .connect_timeout(std::time::Duration::from_secs(3))
        .timeout(std::time::Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("daftari/", env!("CARGO_PKG_VERSION")))
        .build()
}
