//! One phone of the page: the played phone, what it shows, its switches, and the record of what was done on it.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::time::Instant;

use super::switches::Switches;
use crate::{
    model::{Msisdn, Network},
    phones::{
        Line, Phone, PhoneFault, Shown,
        recorder::{Came, Step},
        timers,
        transcript::Act,
    },
};

/// How many SMS written on a phone are kept.
const WRITTEN: usize = 50;

/// A phone. What it shows can be read while a request of its is on its way.
pub struct Handset {
    /// Its number.
    pub msisdn: Msisdn,
    /// The phone itself; one thing at a time is done on it.
    pub phone: tokio::sync::Mutex<Phone>,
    seen: Mutex<Seen>,
}

/// What is to be seen of it between two requests.
struct Seen {
    network: Option<Network>,
    switches: Switches,
    written: Vec<Written>,
    session: Option<u64>,
    call: Option<Call>,
}

/// The call on show.
struct Call {
    shown: Option<Shown>,
    open: bool,
    look: Look,
    hops: u32,
    presses: usize,
    turn: u64,
    dialled: Instant,
    answered: Instant,
}

/// How what came looks to the person.
#[derive(Default)]
pub struct Look {
    /// Whether the screen asks for a secret.
    pub asks_secret: bool,
    /// Whether the network shows its own error instead of a screen.
    pub failed: bool,
    /// A sentence about it, beside the phone.
    pub told: Option<String>,
}

/// An SMS that was written on the phone.
#[derive(Clone)]
pub struct Written {
    /// When.
    pub at: DateTime<Utc>,
    /// The words.
    pub words: String,
    /// Whether the gateway took it.
    pub taken: bool,
}

/// What the page shows of a phone. It may hold names: it has no `Debug`.
#[derive(Serialize)]
pub struct View {
    number: String,
    network: String,
    thinking_ms: u64,
    session_ms: u64,
    switches: Switches,
    /// The number under which its latest call is recorded.
    call: Option<u64>,
    open: bool,
    screen: Option<String>,
    /// Whether the gateway ended the session with that screen.
    ended: bool,
    septets: usize,
    hops: u32,
    presses: usize,
    /// Whether the network's own error is on show.
    failed: bool,
    /// What went wrong or is worth telling, in a sentence.
    told: Option<String>,
    /// Another number with each screen.
    turn: u64,
    /// How long ago the call was dialled and the screen came.
    dialled_ms: u64,
    answered_ms: u64,
}

impl Handset {
    /// A phone that has just been switched on.
    pub fn new(phone: Phone) -> Self {
        let Line { msisdn, network } = phone.line().clone();
        let seen =
            Seen { network, switches: Switches::default(), written: vec![], session: None, call: None };
        Self { msisdn, phone: tokio::sync::Mutex::new(phone), seen: Mutex::new(seen) }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line, with the network that the phone is on now.
    pub fn line(&self) -> Line {
        Line { msisdn: self.msisdn.clone(), network: self.seen().network.clone() }
    }

    /// Go to another network.
    pub fn roam(&self, network: Network) {
        self.seen().network = Some(network);
    }

    /// How its switches stand.
    pub fn switches(&self) -> Switches {
        self.seen().switches
    }

    /// Turn its switches.
    pub fn switch(&self, switches: Switches) {
        self.seen().switches = switches;
    }

    /// The number of the session that is recorded, and from now on.
    pub fn session(&self) -> Option<u64> {
        self.seen().session
    }

    /// Record under this number from now on.
    pub fn record_as(&self, session: u64) {
        self.seen().session = Some(session);
    }

    /// Keep an SMS that was written on it.
    pub fn wrote(&self, written: Written) {
        let mut seen = self.seen();
        if seen.written.len() >= WRITTEN {
            seen.written.remove(0);
        }
        seen.written.push(written);
    }

    /// What was written on it, oldest first.
    pub fn written(&self) -> Vec<Written> {
        self.seen().written.clone()
    }

    /// Whether the screen on show asks for a secret.
    pub fn asks_secret(&self) -> bool {
        self.seen().call.as_ref().is_some_and(|call| call.look.asks_secret)
    }

    /// Keep what is to be seen now.
    pub fn show(&self, phone: &Phone, look: Look) {
        let now = Instant::now();
        let mut seen = self.seen();
        let before = seen.call.take();
        let dialled = before.as_ref().filter(|_| phone.hops() > 1).map_or(now, |call| call.dialled);
        seen.call = Some(Call {
            shown: phone.shown().cloned(),
            open: phone.is_open(),
            look: Look { asks_secret: look.asks_secret && phone.is_open(), ..look },
            hops: phone.hops(),
            presses: phone.presses(),
            turn: before.map_or(0, |call| call.turn) + 1,
            dialled,
            answered: now,
        });
    }

    /// What the page shows.
    pub fn view(&self) -> View {
        let seen = self.seen();
        let call = seen.call.as_ref();
        let shown = call.and_then(|call| call.shown.as_ref());
        View {
            number: self.msisdn.as_e164().to_owned(),
            network: seen.network.as_ref().map_or_else(String::new, |network| network.code().to_owned()),
            thinking_ms: millis(timers::thinking_time(seen.network.as_ref())),
            session_ms: millis(timers::SESSION),
            switches: seen.switches,
            call: seen.session,
            open: call.is_some_and(|call| call.open),
            screen: shown.map(|shown| shown.text.clone()),
            ended: shown.is_some_and(|shown| shown.ends),
            septets: shown.map_or(0, Shown::septets),
            hops: call.map_or(0, |call| call.hops),
            presses: call.map_or(0, |call| call.presses),
            failed: call.is_some_and(|call| call.look.failed),
            told: call.and_then(|call| call.look.told.clone()),
            turn: call.map_or(0, |call| call.turn),
            dialled_ms: call.map_or(0, |call| millis(call.dialled.elapsed())),
            answered_ms: call.map_or(0, |call| millis(call.answered.elapsed())),
        }
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A step for the record.
pub fn step(act: Act, secret: bool, twice: bool, came: &Result<Shown, PhoneFault>) -> Step {
    let came = match came {
        Ok(shown) => Came::Screen(shown.clone()),
        Err(fault) => Came::Fault(fault.to_string()),
    };
    Step { act, secret, twice, came }
}
