//! Where the messages of the crowd's phones are found, and what is said of them at the end.

use std::time::Duration;

use anyhow::bail;
use futures_util::{StreamExt as _, stream};
use tokio::time::Instant;

use super::{
    carrier::{Carried, Carrier},
    run::Run,
    target::Target,
};
use crate::{
    model::Msisdn,
    phones::{
        crowd::{Person, inbox::Inbox},
        terminal::{HttpInbox, Inbox as _},
    },
};

/// Phones whose messages the gateway's own simulator can be asked for: it keeps the last 10,000.
const MOST_PHONES: u32 = 5_000;
/// Between two looks for messages that are not there yet.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// Phones that are looked at together.
const AT_ONCE: usize = 16;

/// Where messages are.
pub enum Post {
    /// In the gateway's simulator.
    Simulator(HttpInbox),
    /// Here, in the played API.
    Played(Carrier),
    /// Nowhere that could be read, for this reason.
    Unread(&'static str),
}

/// What became of the messages.
#[derive(Debug, Clone, Default, serde::Serialize)]
pub struct Sms {
    /// Messages that journeys promised.
    pub promised: usize,
    /// Messages that came.
    pub came: usize,
    /// Why they were not looked at, if they were not.
    pub not_checked: Option<&'static str>,
    /// What the played API did, where it was played.
    pub carried: Option<Carried>,
}

impl Post {
    /// Find out where messages are. A gateway whose SMS may go out for real is not loaded without the words.
    pub async fn of(target: &Target, carrier: Option<Carrier>, phones: u32) -> anyhow::Result<Self> {
        if let Some(carrier) = carrier {
            return Ok(Self::Played(carrier));
        }
        let inbox = HttpInbox::new(&target.url)?;
        let Some(nobody) = Msisdn::from_network("+254749000000") else { bail!("no number to ask for") };
        match inbox.messages_to(&nobody).await {
            Ok(_) if phones > MOST_PHONES => {
                Ok(Self::Unread("the simulator keeps the last 10,000; --sms-listen checks any number"))
            }
            Ok(_) => Ok(Self::Simulator(inbox)),
            Err(_) if target.allowed => Ok(Self::Unread("the gateway's SMS can't be read from here")),
            Err(_) => bail!(
                "This gateway has no simulated SMS route: what the crowd causes would be sent to real numbers. Point its \
                 route's base_url at --sms-listen and name that here, or, if its SMS go nowhere, say \
                 --i-may-load-this-host"
            ),
        }
    }

    /// Whether journeys can be walked that need what is in the messages.
    pub fn why_unread(&self) -> Option<&'static str> {
        match self {
            Self::Unread(reason) => Some(reason),
            Self::Simulator(_) | Self::Played(_) => None,
        }
    }

    /// Wait until every promised message is there (or `longest` has passed), then judge all inboxes.
    pub async fn settle(&self, inboxes: Vec<Inbox>, longest: Duration, run: &Run, quiet: bool) -> Sms {
        let promised = inboxes.iter().map(|inbox| inbox.promised.len()).sum();
        if let Self::Unread(reason) = self {
            return Sms { promised, not_checked: Some(reason), ..Sms::default() };
        }
        if !quiet && promised > 0 {
            eprintln!("Waiting for the last SMS …");
        }
        let until = Instant::now() + longest;
        let mut waiting: Vec<&Inbox> = inboxes.iter().collect();
        let mut came = 0;
        while !waiting.is_empty() {
            let last_look = Instant::now() >= until;
            let looks =
                stream::iter(waiting).map(|inbox| async move { (inbox, self.sent_to(&inbox.person).await) });
            let looked: Vec<(&Inbox, Vec<String>)> = looks.buffer_unordered(AT_ONCE).collect().await;
            let settled = |(inbox, got): &(&Inbox, Vec<String>)| last_look || inbox.is_complete(got);
            let (done, rest): (Vec<_>, Vec<_>) = looked.into_iter().partition(settled);
            waiting = rest.into_iter().map(|(inbox, _)| inbox).collect();
            for (inbox, got) in done {
                came += got.len();
                for text in &got {
                    run.keep_sms(&inbox.person, text);
                }
                for finding in inbox.judge(&got) {
                    run.tally().found(finding);
                }
            }
            if !waiting.is_empty() {
                tokio::time::sleep(BETWEEN_LOOKS).await;
            }
        }
        Sms { promised, came, not_checked: None, carried: self.reports_done(until).await }
    }

    /// The messages that somebody has got so far.
    pub async fn messages_to(&self, person: &Person) -> Vec<String> {
        let msisdn = &person.line.msisdn;
        match self {
            Self::Played(carrier) => carrier.messages_to(msisdn.as_e164()),
            Self::Simulator(simulator) => {
                let messages = simulator.messages_to(msisdn).await.unwrap_or_default();
                messages.into_iter().map(|message| message.body).collect()
            }
            Self::Unread(_) => vec![],
        }
    }

    /// The same with those whose fate it is that no route brings them.
    async fn sent_to(&self, person: &Person) -> Vec<String> {
        match self {
            Self::Played(carrier) => carrier.sent_to(person.line.msisdn.as_e164()),
            Self::Simulator(_) | Self::Unread(_) => self.messages_to(person).await,
        }
    }

    async fn reports_done(&self, until: Instant) -> Option<Carried> {
        let Self::Played(carrier) = self else { return None };
        while carrier.is_busy() && Instant::now() < until {
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Some(carrier.carried())
    }
}
