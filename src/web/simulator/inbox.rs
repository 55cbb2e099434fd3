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
    storage::{StoreError, traces::Event},
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
            let ids = &followed.traced.provider_ids;
            let arrived: Vec<Sent> = ids.iter().filter_map(|id| sent.remove(id)).collect();
            match arrived.as_slice() {
                [] => vec![known(&followed, None)],
                // A code that showed no delivery goes out again by another route.
                all => all.iter().map(|sent| known(&followed, Some(sent))).collect(),
            }
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

fn known(followed: &Followed, arrived: Option<&Sent>) -> Entry {
    let Followed { traced, words } = followed;
    let words = arrived.map(|sent| &sent.body).or(words.as_ref());
    let words = words.map(|words| words.expose_secret().to_owned());
    let at = arrived.map_or(traced.created_at, |sent| sent.at);
    Entry {
        arrived: arrived.is_some(),
        fate: Some(traced.fate),
        reason: traced.reason,
        trace: traced.events.iter().map(step).collect(),
        ..entry(kind(arrived), arrived.map_or(traced.id.to_string(), |sent| sent.id.clone()), at, words)
    }
}

fn unfollowed(sent: Sent) -> Entry {
    let words = sent.body.expose_secret().to_owned();
    Entry { arrived: true, ..entry(kind(Some(&sent)), sent.id, sent.at, Some(words)) }
}

fn kind(arrived: Option<&Sent>) -> Kind {
    match arrived.map(|sent| sent.kind) {
        Some(simulator::Kind::Call) => Kind::Call,
        _ => Kind::Sms,
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
        trace: vec![],
        instant,
    }
}

fn step(event: &Event) -> String {
    let detail = event.detail.as_deref().map_or_else(String::new, |detail| format!(" {detail}"));
    format!("{} {}{detail}", nairobi(event.at, "%H:%M:%S"), event.what)
}

/// An instant as people in Kenya write it.
pub fn nairobi(at: DateTime<Utc>, format: &str) -> String {
    let zone: FixedOffset = NAIROBI;
    at.with_timezone(&zone).format(format).to_string()
}
