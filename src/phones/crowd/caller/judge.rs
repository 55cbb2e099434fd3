//! What an answer is, against what the journey expects there.

use std::time::Duration;

use super::Caller;
use crate::phones::{
    crowd::{
        finding::{Finding, Kind},
        journey::{Act, Step},
        stock::Said,
    },
    wire::{Shown, WireFault},
};

impl Caller {
    /// Whether it is the screen expected, whole and fit for a handset.
    pub(super) fn is_right(&self, step: &Step, shown: &Shown) -> bool {
        step.shows.is(&shown.text, &self.person) && step.ends == shown.ends && shown.flaw().is_none()
    }

    pub(super) fn kind_of(&self, step: &Step, shown: &Shown) -> Kind {
        match self.says.said(&shown.text) {
            Some(Said::TryAgain) => return Kind::TryAgain,
            Some(Said::TooMany) => return Kind::TurnedAway,
            Some(Said::Forgotten) if step.act != Act::Dial => return Kind::LostSession,
            _ => {}
        }
        let is = |other: &Step| other.shows.is_surely(&shown.text, &self.person);
        let earlier = self.seen.iter().filter_map(|at| self.journey.step(*at)).any(is);
        let opening = || self.journey.dials().any(is);
        if step.act != Act::Dial && (earlier || opening()) { Kind::LostSession } else { Kind::WrongScreen }
    }

    /// Judge the answers to two equal requests, before one of them goes to [`Caller::came`]: the first, unless only the
    /// second is right. Whichever of two at once is served first, they may not differ.
    pub fn twins_came(
        &self,
        first: Result<Shown, WireFault>,
        second: Result<Shown, WireFault>,
    ) -> (Result<Shown, WireFault>, Option<Finding>) {
        let Some(step) = self.at.and_then(|at| self.journey.step(at)) else { return (first, None) };
        let right =
            |came: &Result<Shown, WireFault>| came.as_ref().is_ok_and(|shown| self.is_right(step, shown));
        match (right(&first), right(&second)) {
            // A list may have changed between the two where the journey leaves it open.
            (true, true) => (first, None),
            (true, false) => {
                let finding = self.differs(step, &second);
                (first, Some(finding))
            }
            (false, true) => {
                let finding = self.differs(step, &first);
                (second, Some(finding))
            }
            // Both are wrong: that is found once, where the phone goes on.
            (false, false) => (first, None),
        }
    }

    /// What one of two answers is, the other being right.
    fn differs(&self, step: &Step, came: &Result<Shown, WireFault>) -> Finding {
        match came {
            Err(fault) => self.finding(kind_of_fault(fault), step, vec![fault.to_string()]),
            Ok(shown) => {
                let kind = match self.says.said(&shown.text) {
                    Some(Said::TryAgain) => Kind::TryAgain,
                    Some(Said::TooMany) => Kind::TurnedAway,
                    _ => Kind::DoubleEffect,
                };
                self.finding(kind, step, self.lines_of(shown))
            }
        }
    }

    /// The step whose answer is awaited, as its file has it.
    pub fn step(&self) -> Option<String> {
        self.at.and_then(|at| self.journey.step(at)).map(|step| said(&step.act))
    }

    /// That the answer to this hop took longer than is promised, though the network still took it.
    pub fn too_slow(&self, took: Duration) -> Option<Finding> {
        let step = self.at.and_then(|at| self.journey.step(at))?;
        let took = format!("the answer took {:.1} s", took.as_secs_f64());
        Some(self.finding(Kind::OverPromise, step, vec![took]))
    }

    pub(super) fn lines_of(&self, shown: &Shown) -> Vec<String> {
        let text = self.person.redact(&shown.text);
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        lines.push(if shown.ends { "(ends)" } else { "(goes on)" }.to_owned());
        lines.extend(shown.flaw().map(|flaw| flaw.to_string()));
        lines
    }

    pub(super) fn finding(&self, kind: Kind, step: &Step, got: Vec<String>) -> Finding {
        let mut expected = step.shows.lines(self.person.language).to_vec();
        if !expected.is_empty() {
            expected.push(if step.ends { "(ends)" } else { "(goes on)" }.to_owned());
        }
        let (journey, line) = (self.journey.name.clone(), step.line);
        Finding { kind, journey, line, step: said(&step.act), expected, got }
    }
}

/// What an answer that is no screen is called.
pub(super) fn kind_of_fault(fault: &WireFault) -> Kind {
    match fault {
        WireFault::TooSlow(_) => Kind::Late,
        WireFault::Unreachable => Kind::NoAnswer,
        _ => Kind::BadAnswer,
    }
}

/// The step as its file has it: with variables in braces, so without anything personal.
fn said(act: &Act) -> String {
    match act {
        Act::Dial => "dial".to_owned(),
        Act::Type(typed) => format!("type {typed}"),
        Act::Mistake(typed) => format!("mistake {typed}"),
        Act::Drop => "drop".to_owned(),
        Act::Sms => "sms".to_owned(),
    }
}
