//! The messages of a phone as the page shows them: what arrived, what didn't and why, and what was written on it.

use std::collections::HashMap;

use chrono::{DateTime, FixedOffset, Utc};
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::handset::{Handset, Written};
use crate::{
    app::App,
    gateways::simulator::{self, Sent},
    model::message::{Fate, RefusalReason},
    services::{
        accounts::NAIROBI,
        traces::{self, Followed},
    },
    storage::{
        StoreError,
        attempts::Try,
        traces::{Event, Taken},
    },
    text::gsm,
};

/// How many messages are shown.
const MOST: i64 = 20;

/// What stands in an inbox. `kind` leaves room for other ways to reach a person.
#[derive(Serialize)]
pub struct Entry {
    kind: Kind,
    id: String,
    /// When, in Nairobi.
    at: String,
    words: Option<String>,
    parts: usize,
    units: usize,
    gsm7: bool,
    /// Whether the phone has it; what it hasn't is shown all the same.
    arrived: bool,
    /// What has become of it as the gateway knows it; none while it doesn't know it.
    fate: Option<Fate>,
    reason: Option<RefusalReason>,
    /// The route that took it, or this copy of it.
    by: Option<String>,
    /// Whether no report of this copy came in time, so that the message went on by another route.
    silent: bool,
    /// What happened to it, in order.
    trace: Vec<String>,
    #[serde(skip)]
    instant: DateTime<Utc>,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// An SMS to the phone.
    Sms,
    /// A call to the phone: its words are what the voice says.
    Call,
    /// An SMS from the phone.
    Written,
}

/// The messages of a phone, newest first.
pub async fn of(app: &App, handset: &Handset) -> Result<Vec<Entry>, StoreError> {
    let sent = app.simulator.as_ref().map(|route| route.sent_to(&handset.msisdn)).unwrap_or_default();
    let mut sent: HashMap<String, Sent> = sent.into_iter().map(|sent| (sent.id.clone(), sent)).collect();
    let followed = traces::to_line(&app.deps, &handset.msisdn, MOST).await?;
    let mut entries: Vec<Entry> = followed
        .into_iter()
        .flat_map(|followed| {
            let taken = followed.traced.taken.iter();
            let arrived = taken.filter_map(|taken| Some((taken, sent.remove(&taken.provider_id)?)));
            let copies: Vec<Entry> = arrived.map(|(taken, sent)| copy(&followed, taken, &sent)).collect();
            // A code that showed no delivery goes out again by another route.
            if copies.is_empty() { vec![unseen(&followed)] } else { copies }
        })
        .collect();
    // What is left has arrived, and its answer got lost on the way to the gateway; or it is too old to be followed.
    let oldest = entries.iter().map(|entry| entry.instant).min();
    let unknown = sent.into_values().filter(|sent| oldest.is_none_or(|oldest| sent.at >= oldest));
    entries.extend(unknown.map(unfollowed));
    entries.extend(handset.written().iter().enumerate().map(|(n, written)| from_the_phone(n, written)));
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.instant));
    Ok(entries)
}

/// A message that has not arrived, as far as anybody can see.
fn unseen(Followed { traced, words }: &Followed) -> Entry {
    let words = words.as_ref().map(|words| words.expose_secret().to_owned());
    Entry {
        fate: Some(traced.fate),
        reason: traced.reason,
        by: traced.taken.last().map(|taken| taken.route.clone()),
        trace: traced.events.iter().map(step).collect(),
        ..entry(Kind::Sms, traced.id.to_string(), traced.created_at, words)
    }
}

/// A message, or one copy of it, that has arrived.
fn copy(followed: &Followed, taken: &Taken, sent: &Sent) -> Entry {
    let words = sent.body.expose_secret().to_owned();
    let fate = match taken.fate {
        Try::Delivered => Fate::Delivered,
        Try::Begun | Try::Sent | Try::Unclear | Try::Silent => Fate::Sent,
        Try::Refused | Try::Failed => followed.traced.fate,
    };
    Entry {
        arrived: true,
        fate: Some(fate),
        reason: followed.traced.reason,
        by: Some(taken.route.clone()),
        silent: taken.fate == Try::Silent,
        trace: followed.traced.events.iter().map(step).collect(),
        ..entry(kind(sent), sent.id.clone(), sent.at, Some(words))
    }
}

fn unfollowed(sent: Sent) -> Entry {
    let words = sent.body.expose_secret().to_owned();
    Entry { arrived: true, ..entry(kind(&sent), sent.id, sent.at, Some(words)) }
}

fn kind(sent: &Sent) -> Kind {
    match sent.kind {
        simulator::Kind::Call => Kind::Call,
        simulator::Kind::Sms => Kind::Sms,
    }
}

fn from_the_phone(n: usize, written: &Written) -> Entry {
    let words = Some(written.words.clone());
    Entry { arrived: written.taken, ..entry(Kind::Written, format!("written-{n}"), written.at, words) }
}

fn entry(kind: Kind, id: String, instant: DateTime<Utc>, words: Option<String>) -> Entry {
    let parts = gsm::parts(words.as_deref().unwrap_or_default());
    Entry {
        kind,
        id,
        at: nairobi(instant, "%H:%M:%S"),
        words,
        parts: parts.parts,
        units: parts.units,
        gsm7: parts.gsm7,
        arrived: false,
        fate: None,
        reason: None,
        by: None,
        silent: false,
        trace: vec![],
        instant,
    }
}

fn step(event: &Event) -> String {
    let route = event.route.as_deref().map_or_else(String::new, |route| format!(" ({route})"));
    let detail = event.detail.as_deref().map_or_else(String::new, |detail| format!(": {detail}"));
    format!("{} {}{route}{detail}", nairobi(event.at, "%H:%M:%S"), event.what)
}

/// An instant as people in Kenya write it.
pub fn nairobi(at: DateTime<Utc>, format: &str) -> String {
    let zone: FixedOffset = NAIROBI;
    at.with_timezone(&zone).format(format).to_string()
}
