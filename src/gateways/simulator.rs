//! The SMS route of the demo and of the tests: it keeps what was sent for whoever asks, and nothing leaves the
//! machine. How a phone behaves can be set per number; who reads the reports it makes is up to a worker.

use std::{
    collections::{HashMap, VecDeque},
    future::{self, Future},
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};

use super::{Carries, DeliveryReport, Outgoing, SmsGateway, Verdict};
use crate::{
    model::{Msisdn, message::RefusalReason},
    text::gsm::{self, Parts},
};

mod reports;

pub use reports::Reports;
use reports::{Due, absent, delivered};

/// How many messages, and how many reports nobody took, are kept; the oldest go first.
const KEPT: usize = 10_000;

/// Numbers the messages of all simulators of this process.
static NUMBER: AtomicU64 = AtomicU64::new(1);

/// A route that goes nowhere. Clones share what was sent.
#[derive(Clone)]
pub struct Simulator {
    now: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// Part of every id, since an embedded database outlives the process.
    run: i64,
    /// Which of the simulated routes this is.
    route: Arc<str>,
    state: Arc<Mutex<State>>,
}

/// A message that the route took.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Grows from message to message; a cursor for [`Simulator::all_since`].
    pub number: u64,
    /// The id it was accepted under.
    pub id: String,
    /// The phone it went to.
    pub to: Msisdn,
    /// How it came.
    pub kind: Kind,
    /// The words; of a call, what was said.
    pub body: SecretString,
    /// When the route took it.
    pub at: DateTime<Utc>,
    /// How it would go over the air.
    pub parts: Parts,
}

/// How a message comes to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As words on the screen.
    Sms,
    /// As a call that says them.
    Call,
}

/// The simulator as a route that calls: what it says is among the sent messages. Phones behave as with SMS, but that a
/// line which blocks, loses or has no room for SMS can be called all the same.
#[derive(Clone)]
pub struct SimulatedCalls(pub Simulator);

/// The simulator as a route that swallows every report: messages arrive, and nobody hears of it.
#[derive(Clone)]
pub struct Unreported(pub Simulator);

/// What becomes of messages to one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// They are accepted and reported as delivered.
    Deliver,
    /// They are refused at once, for this reason.
    Refuse(RefusalReason),
    /// So many sends fail and may be tried again; then it delivers.
    FailTransiently(u32),
    /// So many messages are taken, but the answer is lost; then it delivers.
    Unclear(u32),
    /// They are accepted, and no report ever comes.
    Silent,
    /// They are accepted, never reach the phone, and no report ever comes.
    Lose,
    /// They are accepted, never reach the phone, and a report says that it was off.
    Away,
}

#[derive(Default)]
struct State {
    sent: VecDeque<Sent>,
    reports: VecDeque<Due>,
    behaviours: HashMap<Msisdn, Behaviour>,
    routes: HashMap<String, Behaviour>,
    reporting: HashMap<Msisdn, Reports>,
}

impl Simulator {
    /// A route on which nothing was sent yet; `now` stamps the messages.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let run = now().timestamp_micros();
        Self { now: Arc::new(now), run, route: "".into(), state: Arc::default() }
    }

    /// The same phones, reached by a route of this name.
    #[must_use]
    pub fn named(&self, route: &str) -> Self {
        Self { route: route.into(), ..self.clone() }
    }

    /// From now on, all messages by the route of this name have this lot, whatever holds for their numbers; `None`:
    /// no more.
    pub fn behave_on(&self, route: &str, behaviour: Option<Behaviour>) {
        let mut state = self.state();
        match behaviour {
            Some(behaviour) => state.routes.insert(route.to_owned(), behaviour),
            None => state.routes.remove(route),
        };
    }

    /// From now on, messages to this number have this lot.
    pub fn behave(&self, to: &Msisdn, behaviour: Behaviour) {
        self.state().behaviours.insert(to.clone(), behaviour);
    }

    /// The lot of messages to this number.
    pub fn behaviour(&self, to: &Msisdn) -> Behaviour {
        self.state().behaviours.get(to).copied().unwrap_or(Behaviour::Deliver)
    }

    /// From now on, reports of messages to this number come like this.
    pub fn report(&self, to: &Msisdn, reports: Reports) {
        self.state().reporting.insert(to.clone(), reports);
    }

    /// What was sent to one number, oldest first.
    pub fn sent_to(&self, to: &Msisdn) -> Vec<Sent> {
        self.state().sent.iter().filter(|sent| sent.to == *to).cloned().collect()
    }

    /// What was sent after the message of this number (0: everything that is kept), oldest first.
    pub fn all_since(&self, cursor: u64) -> Vec<Sent> {
        self.state().sent.iter().filter(|sent| sent.number > cursor).cloned().collect()
    }

    /// The delivery reports that are due and nobody has taken yet, oldest first; each is given once.
    pub fn take_reports(&self) -> Vec<DeliveryReport> {
        let now = (self.now)();
        let mut state = self.state();
        let (due, later) = std::mem::take(&mut state.reports).into_iter().partition(|due| due.at <= now);
        state.reports = later;
        let due: VecDeque<Due> = due;
        due.into_iter().map(|due| due.report).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn verdict(&self, kind: Kind, sms: &Outgoing, reports: bool) -> Verdict {
        let mut state = self.state();
        match state.behaviour_now(&self.route, &sms.to, kind) {
            Behaviour::Deliver => accepted(self.take(&mut state, kind, sms, reports)),
            Behaviour::Silent => accepted(self.take(&mut state, kind, sms, false)),
            Behaviour::Lose => accepted(self.new_id().1),
            Behaviour::Away => {
                let (_, id) = self.new_id();
                if reports {
                    self.announce(&mut state, absent(&id, &sms.to), &sms.to);
                }
                accepted(id)
            }
            Behaviour::Refuse(reason) => Verdict::Refused { reason, detail: "simulated refusal".to_owned() },
            Behaviour::FailTransiently(_) => failed(false),
            Behaviour::Unclear(_) => {
                self.take(&mut state, kind, sms, reports);
                failed(true)
            }
        }
    }

    /// Keep a message under a new id, with its report if there is to be one.
    fn take(&self, state: &mut State, kind: Kind, sms: &Outgoing, report: bool) -> String {
        let body = sms.spoken.as_ref().filter(|_| kind == Kind::Call).unwrap_or(&sms.body);
        let (number, id) = self.new_id();
        let parts = gsm::parts(body.expose_secret());
        if report {
            self.announce(state, delivered(&id, &sms.to), &sms.to);
        }
        let sent = Sent {
            number,
            id: id.clone(),
            to: sms.to.clone(),
            kind,
            body: body.clone(),
            at: (self.now)(),
            parts,
        };
        push(&mut state.sent, sent);
        id
    }

    fn new_id(&self) -> (u64, String) {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        (number, format!("sim-{:x}-{number}", self.run))
    }

    /// Keep a report, in the way that reports to this number come.
    fn announce(&self, state: &mut State, report: DeliveryReport, to: &Msisdn) {
        let reporting = state.reporting.get(to).copied().unwrap_or_default();
        for due in reporting.of(report, (self.now)()) {
            push(&mut state.reports, due);
        }
    }
}

impl SmsGateway for Simulator {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(future::ready(self.verdict(Kind::Sms, sms, true)))
    }
}

impl SmsGateway for Unreported {
    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        Box::pin(future::ready(self.0.verdict(Kind::Sms, sms, false)))
    }
}

impl SmsGateway for SimulatedCalls {
    fn carries(&self) -> Carries {
        Carries::Spoken
    }

    fn send<'a>(&'a self, sms: &'a Outgoing) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>> {
        let said = sms.spoken.is_some().then(|| self.0.verdict(Kind::Call, sms, true));
        Box::pin(future::ready(said.unwrap_or_else(super::nothing_to_say)))
    }
}

impl Behaviour {
    /// Whether it is the fault of words, which a call gets around.
    fn spares_calls(self) -> bool {
        matches!(self, Self::Lose | Self::Refuse(RefusalReason::LineBlocks | RefusalReason::PhoneFull))
    }
}

impl State {
    /// What happens to the message that comes now; what happens only so many times is counted down.
    fn behaviour_now(&mut self, route: &str, to: &Msisdn, kind: Kind) -> Behaviour {
        let by_route = self.routes.get_mut(route);
        let is_of_the_route = by_route.is_some();
        let Some(behaviour) = by_route.or_else(|| self.behaviours.get_mut(to)) else {
            return Behaviour::Deliver;
        };
        let now = *behaviour;
        if kind == Kind::Call && !is_of_the_route && now.spares_calls() {
            return Behaviour::Deliver;
        }
        match behaviour {
            Behaviour::FailTransiently(0) | Behaviour::Unclear(0) => return Behaviour::Deliver,
            Behaviour::FailTransiently(times) | Behaviour::Unclear(times) => *times -= 1,
            Behaviour::Deliver
            | Behaviour::Refuse(_)
            | Behaviour::Silent
            | Behaviour::Lose
            | Behaviour::Away => {}
        }
        now
    }
}

fn push<T>(kept: &mut VecDeque<T>, new: T) {
    if kept.len() >= KEPT {
        kept.pop_front();
    }
    kept.push_back(new);
}

fn accepted(provider_id: String) -> Verdict {
    Verdict::Accepted { provider_id, cost_cents: Some(0) }
}

fn failed(unclear: bool) -> Verdict {
    Verdict::Failed { retry: true, unclear, alert: false, detail: "simulated failure".to_owned() }
}
