//! What an answer sets and forgets, and what of it may hold where: found for all variables in one pass over the steps,
//! for there are some hundred thousand of them.

use std::collections::VecDeque;

use super::{Answer, Did, Ways};
use crate::menu::{
    compiled::Screen,
    registry::{Action, Var},
    session::Flags,
};

/// A set of variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vars([u128; 2]);

const _: () = assert!(Var::ALL.len() <= 2 * 128, "a set of variables has a bit for each");

impl Vars {
    const NONE: Self = Self([0; 2]);

    fn of(vars: impl IntoIterator<Item = Var>) -> Self {
        let mut all = Self::NONE;
        for var in vars {
            let (half, bit) = place(var);
            all.0[half] |= bit;
        }
        all
    }

    /// Whether the variable is in it.
    pub fn has(self, var: Var) -> bool {
        let (half, bit) = place(var);
        self.0[half] & bit != 0
    }

    fn with(self, other: Self) -> Self {
        Self([self.0[0] | other.0[0], self.0[1] | other.0[1]])
    }

    fn without(self, other: Self) -> Self {
        Self([self.0[0] & !other.0[0], self.0[1] & !other.0[1]])
    }
}

fn place(var: Var) -> (usize, u128) {
    let n = var as usize;
    (n / 128 % 2, 1 << (n % 128))
}

/// What an answer does to variables; the order is the engine's: what it forgets is forgotten, whatever else sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// The variables that it sets.
    pub sets: Vars,
    /// The variables that it forgets.
    pub forgets: Vars,
    from_draft: bool,
}

/// What a step changes that changes nothing.
pub const NO_CHANGES: Changes = Changes { sets: Vars::NONE, forgets: Vars::NONE, from_draft: false };

impl Changes {
    /// What an answer on a screen changes when this was done.
    pub fn of(screen: &Screen, answer: Answer, did: Did) -> Self {
        let typed = screen.input.as_ref().filter(|_| answer == Answer::Typed);
        let is_checked = did.is_some() && typed.is_some_and(|input| input.validator.is_checked());
        let by_answer: Vec<Var> = match answer {
            Answer::Choice(n) => {
                screen.choices.get(n).into_iter().flat_map(|c| c.set.iter().map(|(var, _)| *var)).collect()
            }
            Answer::Typed => typed.and_then(|input| input.keep_as).into_iter().collect(),
            Answer::Row => {
                let source = screen.list.as_ref().map(|list| list.source);
                source.into_iter().flat_map(|s| s.row().iter().copied().chain([s.chosen()])).collect()
            }
            Answer::NoRows | Answer::Back | Answer::Main => vec![],
        };
        let by_action = did.map_or(&[][..], |(action, outcome)| action.sets(outcome));
        let forgets = Vars::of(is_checked.then_some(Var::NewPin));
        Self {
            sets: Vars::of(by_answer.into_iter().chain(by_action.iter().copied())).without(forgets),
            forgets,
            from_draft: did.is_some_and(|(action, _)| action == Action::TakeUpDraft),
        }
    }
}

/// What may be the case at a spot, on one way there at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Maybe {
    /// Variables that are not set.
    pub unset: Vars,
    /// Variables that hold what an earlier call typed.
    pub kept: Vars,
}

impl Maybe {
    fn after(self, changes: &Changes) -> Self {
        let touched = changes.sets.with(changes.forgets);
        let from_draft = if changes.from_draft { touched } else { Vars::NONE };
        Self {
            unset: self.unset.without(changes.sets).with(changes.forgets),
            kept: self.kept.without(touched).with(from_draft),
        }
    }

    fn or(self, other: Self) -> Self {
        Self { unset: self.unset.with(other.unset), kept: self.kept.with(other.kept) }
    }
}

/// What may be the case at each spot.
pub fn everywhere(ways: &Ways<'_>) -> Vec<Maybe> {
    let mut all = vec![None; ways.spots.len()];
    let mut queue = VecDeque::new();
    let mut news = |at: usize, maybe: Maybe, queue: &mut VecDeque<(usize, Maybe)>| {
        if let Some(known) = all.get_mut(at) {
            let now = known.map_or(maybe, |known: Maybe| known.or(maybe));
            if *known != Some(now) {
                *known = Some(now);
                queue.push_back((at, now));
            }
        }
    };
    for root in &ways.roots {
        news(*root, at_dial(ways, *root), &mut queue);
    }
    while let Some((at, maybe)) = queue.pop_front() {
        for step in ways.steps(at) {
            news(step.to, maybe.after(ways.changes(step)), &mut queue);
        }
    }
    all.into_iter().map(Option::unwrap_or_default).collect()
}

/// At a dial nothing is set but what goes with a situation.
fn at_dial(ways: &Ways<'_>, root: usize) -> Maybe {
    let Some(spot) = ways.spots.get(root) else { return Maybe::default() };
    let unset = Var::ALL.iter().copied().filter(|var| !is_known_at(*var, spot.flags));
    Maybe { unset: Vars::of(unset), kept: Vars::NONE }
}

/// Whether a dial in this situation begins with the variable set.
pub fn is_known_at(var: Var, flags: Flags) -> bool {
    var.known_with().iter().any(|flag| flags.has(*flag))
}
