//! One phone of the crowd: it walks a journey, says what goes out next, and judges what came back. No I/O: whoever
//! drives it sends, waits and measures.

use std::{sync::Arc, time::Duration};

mod aside;
mod judge;

use super::{
    dice::Dice,
    finding::{Finding, Kind},
    inbox::{Inbox, Promised},
    journey::{Act, Journey, Step},
    pace::Think,
    person::Person,
    stock::Says,
};
use crate::phones::wire::{Call, Shown, WireFault};

/// Hops that a phone without think times may make in all, mishaps included: two under the gateway's 30 a minute.
const MOST_HOPS: usize = 28;
/// Hops that a dropped call costs at most in the journeys that come with the program.
const DROP_COSTS: usize = 6;
/// Calls dropped by chance in one journey.
const MOST_DROPS: u32 = 3;

/// How people of this crowd behave. Shares are from 0 to 1 and for each hop.
#[derive(Debug, Clone, PartialEq)]
pub struct Habits {
    /// Calls that drop after a screen.
    pub drops: f64,
    /// Requests that the network sends twice.
    pub duplicates: f64,
    /// Typing mistakes, where the journey has one.
    pub mistakes: f64,
    /// How often somebody dials again whose call broke off.
    pub retries: u32,
    /// Think times.
    pub think: Think,
    /// What is dialled.
    pub service_code: String,
    /// Tells the sessions of this run from those of another with the same seed, which a gateway would take for repeats.
    pub run: u128,
}

/// When the network sends a request once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Twin {
    /// Both at once.
    AtOnce,
    /// The second after the answer to the first.
    Afterwards,
}

/// What a phone does next.
pub enum Next {
    /// Send this hop.
    Send(Box<Sending>),
    /// Tell the gateway that the call is over.
    HangUp,
    /// Nothing more.
    Done,
}

/// A hop. It may hold a PIN: it has no `Debug`.
pub struct Sending {
    /// The request.
    pub call: Call,
    /// The time until it goes out, from the screen before.
    pub after: Duration,
    /// Whether it goes out twice.
    pub twin: Option<Twin>,
}

/// How a journey ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is still going on.
    NotYet,
    /// As it is written.
    Well,
    /// Something was found that it can't go on from.
    BrokenOff,
}

/// A phone with somebody who walks a journey.
pub struct Caller {
    person: Person,
    journey: Arc<Journey>,
    habits: Arc<Habits>,
    says: Arc<Says>,
    dice: Dice,
    /// For answers to screens that only some phones see: whether they come changes nothing else.
    aside_dice: Dice,
    /// The answer that such a screen waits for, and those of this call that were answered.
    aside: Option<String>,
    asides: Vec<usize>,
    /// The step to be done; none: the journey is over.
    at: Option<usize>,
    /// Where else a redial may lead, when it is not known whether the last hop still counted.
    or_at: Option<usize>,
    /// After a fault nobody knows what the gateway still did: what does not fit then is no finding.
    unsure: bool,
    call: Option<Call>,
    screen: String,
    /// The steps whose screens this call has shown.
    seen: Vec<usize>,
    hang_up: bool,
    redial: bool,
    drops_left: u32,
    retries_left: u32,
    spare_hops: usize,
    promised: Vec<Promised>,
    ended: Ended,
}

impl Caller {
    /// The `n`th phone of a seed, on its way.
    pub fn new(
        person: Person,
        journey: Arc<Journey>,
        habits: Arc<Habits>,
        says: Arc<Says>,
        seed: u64,
        n: u32,
    ) -> Self {
        let spare_hops =
            if habits.think.is_slow() { usize::MAX } else { MOST_HOPS.saturating_sub(journey.hops()) };
        let retries_left = habits.retries;
        Self {
            person,
            journey,
            habits,
            says,
            dice: Dice::of(seed, "caller", u64::from(n)),
            aside_dice: Dice::of(seed, "aside", u64::from(n)),
            aside: None,
            asides: vec![],
            at: Some(0),
            or_at: None,
            unsure: false,
            call: None,
            screen: String::new(),
            seen: vec![],
            hang_up: false,
            redial: false,
            drops_left: MOST_DROPS,
            retries_left,
            spare_hops,
            promised: vec![],
            ended: Ended::NotYet,
        }
    }

    /// How it went so far.
    pub fn ended(&self) -> Ended {
        self.ended
    }

    /// Whose phone it is.
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// What its journey is called.
    pub fn journey(&self) -> &str {
        &self.journey.name
    }

    /// The open call, or the one that was open last.
    pub fn call(&self) -> Option<&Call> {
        self.call.as_ref()
    }

    /// What this phone's inbox is judged by.
    pub fn into_inbox(self) -> Inbox {
        Inbox { person: self.person, promised: self.promised, came_to_its_end: self.ended == Ended::Well }
    }

    /// What to do next.
    pub fn go_on(&mut self) -> Next {
        if std::mem::take(&mut self.hang_up) {
            return Next::HangUp;
        }
        if let Some(answer) = self.aside.take() {
            return self.answer_aside(&answer);
        }
        let journey = self.journey.clone();
        while let Some((at, step)) = self.at.and_then(|at| Some((at, journey.step(at)?))) {
            match &step.act {
                Act::Dial => return self.send(None),
                Act::Type(typed) => return self.send(Some(typed)),
                Act::Mistake(typed) if self.makes_a_mistake() => return self.send(Some(typed)),
                Act::Mistake(_) => self.at = step.next,
                Act::Drop => {
                    self.at = step.next;
                    return Next::HangUp;
                }
                Act::Sms => {
                    let (journey, line) = (journey.name.clone(), step.line);
                    self.promised.push(Promised { journey, line, shows: journey_shows(&self.journey, at) });
                    self.at = step.next;
                }
            }
        }
        if self.ended == Ended::NotYet {
            self.ended = Ended::Well;
        }
        Next::Done
    }

    fn makes_a_mistake(&mut self) -> bool {
        let happens = self.dice.happens(self.habits.mistakes) && self.spare_hops > 0;
        if happens {
            self.spare_hops -= 1;
        }
        happens
    }

    fn send(&mut self, typed: Option<&str>) -> Next {
        let think = self.habits.think;
        let after = match typed {
            Some(typed) => {
                let typed = self.person.fill(typed);
                let after = think.before(&self.screen, &typed, &mut self.dice);
                self.take_in(typed);
                after
            }
            None => {
                let after = if self.redial { think.before_redial(&mut self.dice) } else { Duration::ZERO };
                self.open();
                after
            }
        };
        let (twice, at_once) = (self.dice.happens(self.habits.duplicates), self.dice.happens(0.5));
        let twin = twice.then_some(if at_once { Twin::AtOnce } else { Twin::Afterwards });
        match &self.call {
            Some(call) => Next::Send(Box::new(Sending { call: call.clone(), after, twin })),
            None => Next::Done,
        }
    }

    /// Put an answer into the call's next request.
    fn take_in(&mut self, typed: String) {
        if let Some(call) = &mut self.call {
            call.inputs.push(typed);
            call.hop = call.hop.saturating_add(1);
        }
    }

    fn open(&mut self) {
        self.seen.clear();
        self.asides.clear();
        self.redial = true;
        let code = self.habits.service_code.clone();
        self.call = Some(Call {
            session: format!("ATUid_{:032x}", self.dice.id() ^ self.habits.run),
            line: self.person.line.clone(),
            service_code: code.clone(),
            dialled: code,
            inputs: vec![],
            hop: 1,
            note: None,
        });
    }

    /// Judge the answer to the hop that went out last, and go on from it.
    pub fn came(&mut self, came: &Result<Shown, WireFault>) -> Option<Finding> {
        let journey = self.journey.clone();
        let (at, step) = self.at.and_then(|at| Some((at, journey.step(at)?)))?;
        let shown = match came {
            Ok(shown) => shown,
            Err(fault) => return Some(self.broke(step, fault)),
        };
        if self.steps_aside(step, shown) {
            return None;
        }
        if self.is_right(step, shown) {
            self.follow(at, step, shown);
            return None;
        }
        let other = self.or_at.take().and_then(|at| Some((at, journey.step(at)?)));
        if let Some((at, step)) = other
            && self.is_right(step, shown)
        {
            self.follow(at, step, shown);
            return None;
        }
        self.strayed(step, shown)
    }

    fn follow(&mut self, at: usize, step: &Step, shown: &Shown) {
        self.unsure &= step.in_part;
        self.or_at = None;
        self.seen.push(at);
        self.screen.clone_from(&shown.text);
        if let Some(call) = &mut self.call {
            call.note.clone_from(&shown.note);
        }
        self.at = step.next;
        let drops = self.dice.happens(self.habits.drops) && !step.ends;
        let can = self.drops_left > 0 && self.spare_hops >= DROP_COSTS;
        if shown.ends {
            self.hang_up = true;
        } else if drops && can {
            self.drops_left -= 1;
            self.spare_hops = self.spare_hops.saturating_sub(DROP_COSTS);
            self.redial_from(step.dropped);
            self.hang_up = true;
        } else if step.next.is_none() {
            self.hang_up = true;
        }
    }

    fn redial_from(&mut self, at: usize) {
        self.at = Some(at);
        self.screen.clear();
    }

    /// No screen came: somebody who has tries left dials again, and can't know whether the hop counted.
    fn broke(&mut self, step: &Step, fault: &WireFault) -> Finding {
        let finding = self.finding(judge::kind_of_fault(fault), step, vec![fault.to_string()]);
        self.dial_again_after(step);
        finding
    }

    fn dial_again_after(&mut self, step: &Step) {
        self.hang_up = true;
        let Some(left) = self.retries_left.checked_sub(1) else { return self.give_up() };
        self.retries_left = left;
        let before = self.seen.last().and_then(|at| self.journey.step(*at)).map(|step| step.dropped);
        let before = if step.act == Act::Dial { self.at } else { before };
        let before = before.unwrap_or(0);
        self.or_at = Some(step.dropped).filter(|after| *after != before);
        self.unsure = true;
        self.redial_from(before);
    }

    fn give_up(&mut self) {
        self.ended = Ended::BrokenOff;
        self.at = None;
        self.hang_up = true;
    }

    /// Another screen than the journey has.
    fn strayed(&mut self, step: &Step, shown: &Shown) -> Option<Finding> {
        let kind = self.kind_of(step, shown);
        let finding = self.finding(kind, step, self.lines_of(shown));
        match kind {
            Kind::TryAgain => self.dial_again_after(step),
            _ => {
                let quiet = self.unsure && kind != Kind::TurnedAway;
                self.give_up();
                if quiet {
                    return None;
                }
            }
        }
        Some(finding)
    }
}

fn journey_shows(journey: &Journey, at: usize) -> super::shows::Shows {
    journey.step(at).map(|step| step.shows.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
