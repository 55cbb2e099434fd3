//! The telephone exchange behind the page: its phones, and what can be done on them. Every request goes out over HTTP
//! to the gateway's own callbacks.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use secrecy::SecretString;

use super::{
    handset::{Handset, Look, Written, step},
    switches::Switches,
};
use crate::{
    app::App,
    menu::compiled::Screen,
    model::{Msisdn, Network},
    phones::{
        Aggregator, Line, Phone, PhoneFault, Shown, Sources, Wire, WireFault,
        recorder::{Came, Recorder, Step},
        transcript::Act,
    },
    services::demo::DemoPhone,
};

/// How many phones there may be.
const PHONES: usize = 100;

/// The short code to which phones write; any will do, the gateway looks at the sender.
pub const SHORT_CODE: &str = "22547";

/// The phones and what was done on them.
pub struct Exchange {
    app: App,
    aggregator: Aggregator,
    phones: Mutex<HashMap<Msisdn, Arc<Handset>>>,
    recorder: Mutex<Recorder>,
}

/// There are too many phones.
#[derive(Debug, thiserror::Error)]
#[error("there are {PHONES} phones already; start the gateway anew for others")]
pub struct TooManyPhones;

impl Exchange {
    /// An exchange for the gateway that listens there.
    pub fn new(app: &App, listening: SocketAddr) -> Result<Self, WireFault> {
        let (chance, clock) = (app.deps.chance.clone(), app.deps.clock.clone());
        let sources = Sources::new(move || chance.bytes(), move || clock.now());
        let secret =
            app.config.server.callback_secrets.first().cloned().unwrap_or_else(|| SecretString::from(""));
        let code = &app.config.ussd.service_code;
        let base = format!("http://{listening}");
        let aggregator = Aggregator::new(&base, secret, code, Wire::AfricasTalking, sources)?;
        let (phones, recorder) = (Mutex::default(), Mutex::default());
        Ok(Self { app: app.clone(), aggregator, phones, recorder })
    }

    /// The phone of a number; a new one is on Safaricom, unless the demo has it elsewhere.
    pub fn phone(&self, msisdn: &Msisdn) -> Result<Arc<Handset>, TooManyPhones> {
        let mut phones = self.phones.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handset) = phones.get(msisdn) {
            return Ok(handset.clone());
        }
        if phones.len() >= PHONES {
            return Err(TooManyPhones);
        }
        let network = DemoPhone::of(msisdn).map_or("63902", |phone| phone.network);
        let line = Line { msisdn: msisdn.clone(), network: Network::from_code(network) };
        let handset = Arc::new(Handset::new(Phone::new(self.aggregator.clone(), line)));
        if let Some(route) = &self.app.simulator {
            handset.switch(Switches::found(route, msisdn));
        }
        phones.insert(msisdn.clone(), handset.clone());
        Ok(handset)
    }

    /// What was done on the phones.
    pub fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The green key without an open call. Another network takes effect here: a call stays on the one it began on.
    pub async fn dial(&self, handset: &Handset, code: &str) {
        let mut phone = handset.phone.lock().await;
        self.hang_up(handset, &mut phone).await;
        *phone = Phone::new(self.aggregator.clone(), handset.line());
        prepare(handset, &mut phone);
        let came = phone.dial(code).await;
        let twice = handset.switches().twice;
        let dial = step(Act::Dial(code.to_owned()), false, twice, &came);
        let number = self.recorder().begin(handset.line(), self.app.deps.clock.now(), dial);
        handset.record_as(number);
        self.show(handset, &phone, &came, copies_differ(&phone));
    }

    /// The green key while a call is open.
    pub async fn answer(&self, handset: &Handset, input: &str) -> Result<(), PhoneFault> {
        let mut phone = handset.phone.lock().await;
        if !phone.is_open() {
            return Err(PhoneFault::NoCall);
        }
        prepare(handset, &mut phone);
        let secret = handset.asks_secret();
        let came = phone.answer(input).await;
        self.record(handset, step(Act::Type(input.to_owned()), secret, handset.switches().twice, &came));
        self.show(handset, &phone, &came, copies_differ(&phone));
        Ok(())
    }

    /// The aggregator sends the last request again, so many times at once.
    pub async fn repeat(&self, handset: &Handset, times: usize) -> Result<(), PhoneFault> {
        let mut phone = handset.phone.lock().await;
        prepare(handset, &mut phone);
        if phone.sent().is_none() {
            return Err(PhoneFault::NoCall);
        }
        let before = phone.shown().cloned();
        let (act, mut answers) = if times > 1 {
            let answers = phone.repeat_many(times).await?;
            (
                Act::RepeatMany(times),
                answers.into_iter().map(|answer| answer.map_err(PhoneFault::from)).collect(),
            )
        } else {
            (Act::Repeat, vec![phone.repeat().await])
        };
        let told = compared(before.as_ref(), &answers);
        if let Some(last) = answers.pop() {
            self.record(handset, step(act, false, false, &last));
        }
        handset.show(
            &phone,
            Look { asks_secret: self.asks_secret(phone.shown()), failed: false, told: Some(told) },
        );
        Ok(())
    }

    /// The red key, the network, or a timer: the call drops, and the aggregator tells the gateway.
    pub async fn drop_call(&self, handset: &Handset, why: &str) {
        let mut phone = handset.phone.lock().await;
        if self.hang_up(handset, &mut phone).await {
            handset.show(&phone, Look { told: Some(why.to_owned()), ..Look::default() });
        }
    }

    /// An SMS from the phone to the short code.
    pub async fn write(&self, handset: &Handset, words: &str) {
        let at = self.app.deps.clock.now();
        let sent = self.aggregator.sms(&handset.line(), SHORT_CODE, words).await;
        handset.wrote(Written { at, words: words.to_owned(), taken: sent.is_ok() });
    }

    /// Turn the switches of a phone.
    pub fn switch(&self, handset: &Handset, switches: Switches) {
        handset.switch(switches);
        if let Some(route) = &self.app.simulator {
            switches.tell(route, &handset.msisdn);
        }
    }

    async fn hang_up(&self, handset: &Handset, phone: &mut Phone) -> bool {
        let open = phone.is_open();
        if open {
            // An end event may get lost: nothing depends on it (`wire.md` 2).
            let _ = phone.drop_call().await;
            self.record(handset, Step { act: Act::Drop, secret: false, twice: false, came: Came::Nothing });
        }
        open
    }

    fn record(&self, handset: &Handset, step: Step) {
        if let Some(session) = handset.session() {
            self.recorder().add(session, step);
        }
    }

    fn show(&self, handset: &Handset, phone: &Phone, came: &Result<Shown, PhoneFault>, told: Option<String>) {
        let asks_secret = came.as_ref().is_ok_and(|shown| self.asks_secret(Some(shown)));
        let flaw = phone.shown().and_then(Shown::flaw).map(|flaw| sentence(&flaw.to_string()));
        let fault = came.as_ref().err().map(|fault| sentence(&fault.to_string()));
        handset.show(phone, Look { asks_secret, failed: fault.is_some(), told: fault.or(told).or(flaw) });
    }

    /// Whether a screen asks for a secret, by the name that the gateway's note gives it: `journey.screen` before the
    /// menus' version and a digest.
    fn asks_secret(&self, shown: Option<&Shown>) -> bool {
        let note = shown.and_then(|shown| shown.note.as_deref());
        let Some(name) = note.and_then(|note| note.rsplitn(3, '.').nth(2)) else { return false };
        let menus = self.app.menus.current();
        let screen = menus.by_name(name).and_then(|id| menus.screen(id));
        screen.is_some_and(Screen::is_secret)
    }
}

/// Set the phone as its switches stand.
fn prepare(handset: &Handset, phone: &mut Phone) {
    let switches = handset.switches();
    let aggregator = phone.aggregator().clone().with_lateness(switches.lateness());
    phone.use_aggregator(aggregator);
    phone.send_twice(switches.twice);
}

/// What to tell of a request that went out twice at once.
fn copies_differ(phone: &Phone) -> Option<String> {
    let same = match (phone.shown(), phone.second()?) {
        (Some(one), Ok(other)) => one.text == other.text && one.ends == other.ends,
        _ => false,
    };
    let told = if same {
        "Sent twice at once: both got this screen."
    } else {
        "Sent twice at once: the copy got ANOTHER answer."
    };
    Some(told.to_owned())
}

/// What to tell of repeats, against what was on show before.
fn compared(before: Option<&Shown>, answers: &[Result<Shown, PhoneFault>]) -> String {
    let is_same = |answer: &Result<Shown, PhoneFault>| match (before, answer) {
        (Some(before), Ok(now)) => before.text == now.text && before.ends == now.ends,
        _ => false,
    };
    let fault = answers.iter().find_map(|answer| answer.as_ref().err());
    match (fault, answers.iter().all(is_same), answers.len()) {
        (Some(fault), ..) => sentence(&fault.to_string()),
        (None, false, _) => "Sent again: ANOTHER screen came.".to_owned(),
        (None, true, 1) => "Sent again: the same screen came.".to_owned(),
        (None, true, _) => "Sent again, twice at once: both times the same screen came.".to_owned(),
    }
}

/// An error's words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
