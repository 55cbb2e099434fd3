//! A journey of the crowd, as a plain file has it (`journeys/README.md` explains the format), with every name in it
//! resolved: each step knows what follows it, and where somebody goes on whose call drops after it.

use std::sync::Arc;

use super::{dice::Dice, shows::Shows};

pub use super::parse::parse;

/// A journey.
pub struct Journey {
    /// What it is called: the name of its file.
    pub name: String,
    /// How many of the phones walk it, against the weights of the others; 0: only when it is named, as often as any.
    pub weight: u32,
    pub(super) steps: Vec<Step>,
}

/// Something in a journey that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {says}")]
pub struct JourneyFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub says: String,
}

/// One step.
pub(super) struct Step {
    /// Where it stands, from 1.
    pub line: usize,
    pub act: Act,
    pub shows: Shows,
    /// Whether the session is over with its screen.
    pub ends: bool,
    /// The step to go on with when the call drops after this one.
    pub dropped: usize,
    /// The step that follows.
    pub next: Option<usize>,
    /// Whether it belongs to a part that only a dropped call leads to.
    pub in_part: bool,
    /// What some phones see before its own screen.
    pub asides: Vec<Aside>,
}

/// A screen that only some phones see, in place of the one that a step shows; the answer to it leads there.
#[derive(Clone)]
pub(super) struct Aside {
    /// Where it stands, from 1.
    pub line: usize,
    pub input: String,
    pub shows: Shows,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Dial the service code.
    Dial,
    /// Type this, once variables are filled in.
    Type(String),
    /// The same, now and then: it leaves the caller where they were.
    Mistake(String),
    /// Drop the call.
    Drop,
    /// A message is to come.
    Sms,
}

impl Journey {
    /// Hops of somebody who makes no mistake and is not cut off.
    pub fn hops(&self) -> usize {
        let main = self.steps.iter().filter(|step| !step.in_part);
        main.filter(|step| matches!(step.act, Act::Dial | Act::Type(_))).count()
    }

    pub(super) fn step(&self, at: usize) -> Option<&Step> {
        self.steps.get(at)
    }

    /// Those whose screens a gateway shows that knows nothing of a session.
    pub(super) fn dials(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.act == Act::Dial)
    }
}

/// The journey of the `n`th phone, by the weights.
pub fn pick(journeys: &[Arc<Journey>], seed: u64, n: u32) -> Option<&Arc<Journey>> {
    let all: u64 = journeys.iter().map(|journey| weight(journey)).sum();
    let mut left = Dice::of(seed, "journey", u64::from(n)).below(all);
    journeys.iter().find(|journey| {
        let weight = weight(journey);
        let found = left < weight;
        left = left.saturating_sub(weight);
        found
    })
}

/// What needs more than a gateway on its own, such as a season, is walked only when it is named.
fn weight(journey: &Journey) -> u64 {
    u64::from(journey.weight).max(1)
}
