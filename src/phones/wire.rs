//! The aggregator, played: it makes session ids, posts hops and end events to the gateway's callbacks, and reads the
//! answers as strictly as the real one. One file a wire knows the field names; this one knows HTTP.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};

mod africastalking;
mod call;
mod hubtel;
mod shown;

pub use africastalking::NOTE_HEADER;
pub use call::{Call, CallEnd, EndStatus, Line};
pub use shown::{Flaw, SCREEN_SEPTETS, Shown, WireFault};

/// How long Africa's Talking waits for an answer (`wire.md` 1).
pub const DEADLINE: Duration = Duration::from_secs(10);

/// Which aggregator is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wire {
    /// Forms; everything typed so far on every hop.
    #[default]
    AfricasTalking,
    /// JSON; only the latest input, with a sequence number.
    Hubtel,
}

/// Chance for session ids and the time for end events, both handed in.
#[derive(Clone)]
pub struct Sources {
    bytes: Arc<dyn Fn() -> [u8; 16] + Send + Sync>,
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

impl Sources {
    /// From a source of random bytes and a clock.
    pub fn new(
        bytes: impl Fn() -> [u8; 16] + Send + Sync + 'static,
        now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        Self { bytes: Arc::new(bytes), now: Arc::new(now) }
    }

    /// The time it is.
    pub fn now(&self) -> DateTime<Utc> {
        (self.now)()
    }

    fn id(&self) -> String {
        format!("{:032x}", u128::from_be_bytes((self.bytes)()))
    }
}

/// An aggregator with one gateway behind it. Clones share the connections.
#[derive(Clone)]
pub struct Aggregator {
    base: Url,
    secret: SecretString,
    service_code: String,
    wire: Wire,
    sources: Sources,
    deadline: Duration,
    lateness: Lateness,
    client: reqwest::Client,
}

/// What happens to answers on their way from the gateway to the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lateness {
    /// How long they are held up.
    pub wait: Duration,
    /// Whether the aggregator has given up by then: the gateway has done its work, and the phone never sees it.
    pub lost: bool,
}

impl Aggregator {
    /// Play `wire` towards the gateway at `base_url`, which rents `service_code` (`*384*2547#`).
    pub fn new(
        base_url: &str,
        secret: SecretString,
        service_code: &str,
        wire: Wire,
        sources: Sources,
    ) -> Result<Self, WireFault> {
        let base = address(base_url)?;
        let service_code = service_code.to_owned();
        let (deadline, lateness) = (DEADLINE, Lateness::default());
        Ok(Self { base, secret, service_code, wire, sources, deadline, lateness, client: client()? })
    }

    /// The same aggregator, impatient or patient.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The same aggregator behind a slow line.
    #[must_use]
    pub fn with_lateness(mut self, lateness: Lateness) -> Self {
        self.lateness = lateness;
        self
    }

    /// The same aggregator with the gateway at another address, and no connection left from before.
    pub fn moved_to(&self, base_url: &str) -> Result<Self, WireFault> {
        Ok(Self { base: address(base_url)?, client: client()?, ..self.clone() })
    }

    /// The code that the gateway's owner rents.
    pub fn service_code(&self) -> &str {
        &self.service_code
    }

    /// The time it is.
    pub fn now(&self) -> DateTime<Utc> {
        self.sources.now()
    }

    /// A call before its first hop. Of a deep dial (`*384*2547*1*2#`) what follows the rented code is input.
    pub fn open(&self, line: &Line, dialled: &str) -> Call {
        let stem = self.service_code.trim_end_matches('#');
        let deep = dialled.strip_prefix(stem).and_then(|rest| rest.strip_prefix('*'));
        let (service_code, inputs) = match deep {
            Some(rest) => {
                let inputs = rest.trim_end_matches('#').split('*').map(str::to_owned).collect();
                (self.service_code.clone(), inputs)
            }
            None => (dialled.to_owned(), vec![]),
        };
        let id = self.sources.id();
        let session = match self.wire {
            Wire::AfricasTalking => format!("ATUid_{id}"),
            Wire::Hubtel => id,
        };
        let (line, dialled) = (line.clone(), dialled.to_owned());
        Call { session, line, service_code, dialled, inputs, hop: 1, note: None }
    }

    /// Send one request and read its answer.
    pub async fn hop(&self, call: &Call) -> Result<Shown, WireFault> {
        let answer = self.asked(call).await;
        let Lateness { wait, lost } = self.lateness;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        if lost { Err(WireFault::TooSlow(self.deadline)) } else { answer }
    }

    async fn asked(&self, call: &Call) -> Result<Shown, WireFault> {
        match self.wire {
            Wire::AfricasTalking => {
                let request = self.client.post(self.url("africastalking", "ussd")?);
                africastalking::shown(self.answered(africastalking::hop(request, call)).await?)
            }
            Wire::Hubtel => {
                let request = self.client.post(self.url("hubtel", "ussd")?);
                hubtel::shown(&self.answered(hubtel::hop(request, call)).await?)
            }
        }
    }

    /// Tell the gateway that a session is over. Hubtel only tells of sessions that the gateway didn't end itself.
    pub async fn end(&self, end: &CallEnd<'_>) -> Result<(), WireFault> {
        let request = match self.wire {
            Wire::AfricasTalking => {
                let request = self.client.post(self.url("africastalking", "ussd-end")?);
                africastalking::end(request, end, self.now())
            }
            Wire::Hubtel if end.status == EndStatus::Success => return Ok(()),
            Wire::Hubtel => hubtel::end(self.client.post(self.url("hubtel", "ussd")?), end.call),
        };
        match self.answered(request).await?.status {
            200 => Ok(()),
            status => Err(WireFault::Status(status)),
        }
    }

    /// Hand over an SMS that somebody wrote to a short code. Only Africa's Talking's wire has a callback for it.
    pub async fn sms(&self, line: &Line, short_code: &str, text: &str) -> Result<(), WireFault> {
        let request = self.client.post(self.url("africastalking", "sms")?);
        let sms = africastalking::Written { id: &self.sources.id(), line, short_code, text };
        match self.answered(africastalking::sms(request, &sms, self.now())).await?.status {
            200 => Ok(()),
            status => Err(WireFault::Status(status)),
        }
    }

    fn url(&self, provider: &str, callback: &str) -> Result<Url, WireFault> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| WireFault::Address)?.pop_if_empty().extend([
            "callbacks",
            provider,
            self.secret.expose_secret(),
            callback,
        ]);
        Ok(url)
    }

    async fn answered(&self, request: RequestBuilder) -> Result<Answered, WireFault> {
        let answer = request.timeout(self.deadline).send().await.map_err(|e| self.fault(&e))?;
        let header = |name: &str| {
            let value = answer.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let content_type = header("content-type").unwrap_or_default();
        let (status, note) = (answer.status().as_u16(), header(NOTE_HEADER));
        let body = answer.bytes().await.map_err(|e| self.fault(&e))?.to_vec();
        Ok(Answered { status, content_type, note, body })
    }

    fn fault(&self, error: &reqwest::Error) -> WireFault {
        if error.is_timeout() { WireFault::TooSlow(self.deadline) } else { WireFault::Unreachable }
    }
}

/// An HTTP answer before anybody has judged it.
struct Answered {
    status: u16,
    content_type: String,
    note: Option<String>,
    body: Vec<u8>,
}

impl Answered {
    /// Refuse what no aggregator takes: another status, another content type, an empty body.
    fn expect(&self, content_type: &str) -> Result<(), WireFault> {
        if self.status != 200 {
            return Err(WireFault::Status(self.status));
        }
        let kind = self.content_type.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case(content_type) {
            return Err(WireFault::ContentType(self.content_type.clone()));
        }
        if self.body.is_empty() { Err(WireFault::Empty) } else { Ok(()) }
    }
}

fn address(base_url: &str) -> Result<Url, WireFault> {
    Url::parse(base_url).ok().filter(|url| !url.cannot_be_a_base()).ok_or(WireFault::Address)
}

/// An HTTP client without redirects and proxies; deadlines are set by request.
pub(super) fn client() -> Result<reqwest::Client, WireFault> {
    // Rustls panics without a provider; a second installation is refused, and that is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
    builder.build().map_err(|_| WireFault::NoClient)
}
