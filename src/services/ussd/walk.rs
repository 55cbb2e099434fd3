//! The fold: inputs are taken one by one through the engine, actions carried out or remembered, lists fetched. The
//! same walk serves a new input on a live session and a whole history whose state is gone.

use std::collections::HashMap;

use super::{Fault, act, history::Input, live::Live};
use crate::{
    menu::{Call, Engine, Reply, Session, Step},
    model::{Msisdn, Network},
    secrets::{Mark, Marker, Sealed},
    services::{
        Deps,
        actions::{self, Who},
    },
    storage::journal::SessionRef,
};
use chrono::{DateTime, Utc};

/// Everything about a caller that stays the same through a hop.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    pub deps: &'a Deps,
    pub engine: Engine<'a>,
    pub of: SessionRef<'a>,
    pub msisdn: &'a Msisdn,
    pub network: Option<&'a Network>,
    pub marker: &'a Marker<'a>,
    /// The session's mark before anything was typed.
    pub start: Mark,
    /// The length of all that was typed and the mark after it, where it was made already.
    pub whole: Option<(usize, Mark)>,
    pub now: DateTime<Utc>,
}

impl Caller<'_> {
    /// The note that goes out with a screen and comes back with the next hop: which screen of which menus it was,
    /// and a keyed digest of the history and of every list shown in it. Nothing personal (`wire.md` 1).
    pub fn note(&self, live: &Live) -> String {
        let screen = live.session.screen().and_then(|id| self.engine.menus.screen(id));
        let name = screen.map_or("none", |s| s.name.as_str());
        let shown = self.marker.shown(&live.mark, live.session.lists, live.session.page);
        format!("{name}.{}.{shown:016x}", live.menu_version)
    }

    fn who<'s>(&'s self, session: &'s Session) -> Who<'s> {
        Who {
            msisdn: self.msisdn,
            network: self.network,
            session,
            menus: self.engine.menus,
            constants: self.engine.constants,
            here: self.start,
            now: self.now,
        }
    }
}

/// What is known beforehand when a history is folded again.
#[derive(Default)]
pub struct Known {
    /// Outcomes from the journal.
    pub outcomes: HashMap<Mark, Sealed>,
    /// How many inputs a deep dial brought along.
    pub deep: usize,
}

/// A session on its way through a history.
pub struct Walk<'a> {
    caller: &'a Caller<'a>,
    known: &'a Known,
    /// Where it is.
    pub live: Live,
    /// Only recorded outcomes count: a list before was not proved yet.
    only_recorded: bool,
    /// A deep dial has come to where it must stop.
    deep_stopped: bool,
}

impl<'a> Walk<'a> {
    /// Go on from where a session is.
    pub fn from(caller: &'a Caller<'a>, known: &'a Known, live: Live) -> Self {
        Self { caller, known, live, only_recorded: false, deep_stopped: false }
    }

    /// Show the first screen.
    pub async fn begin(&mut self) -> Result<(), Fault> {
        let step = self.caller.engine.begin(&mut self.live.session);
        self.settle(step).await
    }

    /// Take the next input of a cumulative history.
    pub async fn take(&mut self, input: Input<'_>) -> Result<(), Fault> {
        let deep = usize::from(self.live.inputs) < self.known.deep;
        self.count(input);
        if deep { self.take_deep(input.typed).await } else { self.step(input.typed).await }
    }

    /// Take the latest input of an aggregator that sends no history.
    pub async fn take_latest(&mut self, typed: &str, sequence: Option<u32>) -> Result<(), Fault> {
        let typed_as = format!("{}:{typed}", sequence.unwrap_or(0));
        self.go_on_to(self.caller.marker.then(&self.live.mark, &typed_as));
        self.live.sequence = sequence;
        self.step(typed).await
    }

    fn count(&mut self, input: Input<'_>) {
        let made = self.caller.whole.filter(|(length, _)| *length == input.so_far.len());
        let mark =
            made.map_or_else(|| self.caller.marker.typed(&self.caller.start, input.so_far), |(_, mark)| mark);
        self.go_on_to(mark);
    }

    fn go_on_to(&mut self, mark: Mark) {
        self.live.mark = mark;
        self.live.inputs = self.live.inputs.saturating_add(1);
    }

    async fn step(&mut self, typed: &str) -> Result<(), Fault> {
        let step = self.caller.engine.input(&mut self.live.session, typed);
        self.settle(step).await
    }

    /// An input that was dialled along with the service code: it may walk menus, and stops before the first secret
    /// and before anything that must be read to be agreed to.
    async fn take_deep(&mut self, typed: &str) -> Result<(), Fault> {
        if self.deep_stopped || self.caller.engine.is_on_secret(&self.live.session) {
            self.deep_stopped = true;
            return Ok(());
        }
        let before = self.live.session.clone();
        match self.caller.engine.input(&mut self.live.session, typed) {
            Step::Act(call) if !call.action.rules().deep_dialled => {
                self.live.session = before;
                self.deep_stopped = true;
                Ok(())
            }
            step => self.settle(step).await,
        }
    }

    /// Do what a step asks for until there is a screen to show. What goes to SQL is boxed: most hops only walk menus,
    /// and each would be moved about with room for it.
    async fn settle(&mut self, mut step: Step) -> Result<(), Fault> {
        loop {
            let engine = &self.caller.engine;
            step = match step {
                Step::Show => return Ok(()),
                Step::Act(call) => {
                    let reply = self.act(&call).await?;
                    engine.outcome(&mut self.live.session, &call, reply)
                }
                Step::List(source) => {
                    let who = self.caller.who(&self.live.session);
                    match Box::pin(actions::rows(self.caller.deps, &who, source)).await? {
                        Some(rows) => engine.rows(&mut self.live.session, rows),
                        None => engine.signed_out(&mut self.live.session),
                    }
                }
            };
        }
    }

    async fn act(&self, call: &Call) -> Result<Reply, Fault> {
        let mark = &self.live.mark;
        if let Some(sealed) = self.known.outcomes.get(mark) {
            return act::read_back(self.caller.deps, mark, sealed);
        }
        if self.only_recorded {
            return Err(Fault::Unproved);
        }
        let who = self.caller.who(&self.live.session);
        let act = act::Act { deps: self.caller.deps, who: &who, of: self.caller.of, mark, call };
        Box::pin(act.once()).await
    }
}

/// Fold a whole history, from the session's first screen on. What a choice from a list meant is taken for granted
/// only when the note that the aggregator echoes proves that every list on the way was the same; else the first such
/// list is shown again, and the caller is told.
pub async fn fold(
    caller: &Caller<'_>,
    known: &Known,
    fresh: &Live,
    inputs: &[Input<'_>],
    echo: Option<&str>,
) -> Result<Live, Fault> {
    match fold_assuming(caller, known, fresh.clone(), inputs, echo).await {
        Err(Fault::Unproved) => fold_asking(caller, known, fresh.clone(), inputs).await,
        other => other,
    }
}

async fn fold_assuming(
    caller: &Caller<'_>,
    known: &Known,
    fresh: Live,
    inputs: &[Input<'_>],
    echo: Option<&str>,
) -> Result<Live, Fault> {
    let mut walk = Walk::from(caller, known, fresh);
    walk.begin().await?;
    for (n, input) in inputs.iter().enumerate() {
        walk.only_recorded |= caller.engine.is_on_list(&walk.live.session);
        if walk.only_recorded && n + 1 == inputs.len() {
            if echo != Some(caller.note(&walk.live).as_str()) {
                return Err(Fault::Unproved);
            }
            walk.only_recorded = false;
        }
        walk.take(*input).await?;
    }
    Ok(walk.live)
}

async fn fold_asking(
    caller: &Caller<'_>,
    known: &Known,
    fresh: Live,
    inputs: &[Input<'_>],
) -> Result<Live, Fault> {
    let mut walk = Walk::from(caller, known, fresh);
    walk.begin().await?;
    for (n, input) in inputs.iter().enumerate() {
        let way = matches!(input.typed.trim(), "0" | "00" | "98");
        if caller.engine.is_on_list(&walk.live.session) && !way {
            for skipped in inputs.iter().skip(n) {
                walk.count(*skipped);
            }
            caller.engine.show_list_again(&mut walk.live.session);
            break;
        }
        walk.take(*input).await?;
    }
    Ok(walk.live)
}
