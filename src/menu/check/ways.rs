//! Every situation the menus can put a caller in, and what can be asked about the ways there. `walk` finds them; what
//! must hold on the ways is left to the other parts of the check.

use std::collections::{HashMap, VecDeque};

use crate::menu::{
    compiled::{Menus, Screen, ScreenId},
    registry::{Action, Flag, Outcome, Var},
    session::Flags,
};

mod changes;
#[cfg(test)]
mod tests;
mod walk;

pub use walk::destination;

use changes::{Changes, Maybe, NO_CHANGES, everywhere, is_known_at};

/// Where a caller can be: what a session holds of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spot {
    /// The situation.
    pub flags: Flags,
    /// The screens behind, the one on show last.
    pub trail: Vec<ScreenId>,
}

impl Spot {
    /// Whether `0` has somewhere to lead.
    pub fn has_behind(&self) -> bool {
        self.trail.len() > 1
    }
}

/// What the caller did to get on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Took the choice of this index.
    Choice(usize),
    /// Typed something that was accepted.
    Typed,
    /// Chose a row of the list.
    Row,
    /// Nothing: the list had no rows.
    NoRows,
    /// `0`.
    Back,
    /// `00`.
    Main,
}

/// The action that was done in a step, and how it came out.
pub type Did = Option<(Action, Outcome)>;

/// A step from one spot to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The screen it leaves.
    pub from: ScreenId,
    /// The index of the spot it leads to.
    pub to: usize,
    /// What the caller did.
    pub answer: Answer,
    /// The action that was done, and how it came out.
    pub did: Did,
    changes: usize,
}

/// All spots that can be reached, and the steps between them.
pub struct Ways<'m> {
    /// The menus.
    pub menus: &'m Menus,
    /// The spots, in the order in which they were found.
    pub spots: Vec<Spot>,
    /// Whether there were too many to walk them all.
    pub cut_short: bool,
    steps: Vec<Vec<Step>>,
    roots: Vec<usize>,
    index: HashMap<Spot, usize>,
    by_screen: HashMap<ScreenId, Vec<usize>>,
    flags: Vec<Flag>,
    /// What steps do to variables: the same for all from one screen by one answer.
    changes: Vec<Changes>,
    changes_of: HashMap<(ScreenId, Answer, Did), usize>,
    maybe: Vec<Maybe>,
}

impl<'m> Ways<'m> {
    /// Every situation a dial can begin in: nobody is signed in, no draft taken up, no code typed yet.
    pub fn openings(&self) -> Vec<Flags> {
        let mut all = vec![Flags::default()];
        for flag in self.flags.iter().filter(|f| !is_of_this_call(**f)) {
            let mut up = all.clone();
            for flags in &mut up {
                flags.set(*flag, true);
            }
            all.extend(up);
        }
        all.retain(|flags| self.can_be_at_a_dial(*flags));
        all
    }

    /// Whether all flags are up together with what goes with them, as far as the menus ask for it.
    fn can_be_at_a_dial(&self, flags: Flags) -> bool {
        let fits = |(flag, up): &(Flag, bool)| !self.flags.contains(flag) || flags.has(*flag) == *up;
        GOES_WITH.iter().filter(|(flag, _)| flags.has(*flag)).all(|(_, with)| with.iter().all(fits))
    }

    /// The spots on which a screen is on show, with their indexes.
    pub fn of_screen(&self, id: ScreenId) -> impl Iterator<Item = (usize, &Spot)> {
        let indexes = self.by_screen.get(&id).into_iter().flatten();
        indexes.filter_map(|index| Some((*index, self.spots.get(*index)?)))
    }

    /// All screens with their ids.
    pub fn screens(&self) -> impl Iterator<Item = (ScreenId, &'m Screen)> + use<'m> {
        (0u16..).map(ScreenId).zip(&self.menus.screens)
    }

    /// The steps from a spot.
    pub fn steps(&self, spot: usize) -> &[Step] {
        self.steps.get(spot).map_or(&[], Vec::as_slice)
    }

    /// What a step does to variables.
    fn changes(&self, step: &Step) -> &Changes {
        self.changes.get(step.changes).unwrap_or(&NO_CHANGES)
    }

    /// Whether a step sets (`true`) or forgets (`false`) a variable.
    pub fn sets(&self, step: &Step, var: Var) -> Option<bool> {
        let changes = self.changes(step);
        if changes.forgets.has(var) { Some(false) } else { changes.sets.has(var).then_some(true) }
    }

    /// The shortest way to a spot, as the names of its screens.
    pub fn way(&self, spot: usize) -> Option<String> {
        self.reached(false, |_| None).way(spot)
    }

    /// The shortest way to a spot on which a variable is not set, if there is one.
    pub fn without(&self, spot: usize, var: Var) -> Option<String> {
        let unset = self.maybe.get(spot).is_some_and(|maybe| maybe.unset.has(var));
        let at_dial = |spot: &Spot| is_known_at(var, spot.flags);
        let reached = unset.then(|| self.reached_from(false, at_dial, |step| self.sets(step, var)))?;
        reached.way(spot)
    }

    /// The shortest way to a spot on which a variable holds what an earlier call typed, if there is one.
    pub fn with_kept(&self, spot: usize, var: Var) -> Option<String> {
        let kept = self.maybe.get(spot).is_some_and(|maybe| maybe.kept.has(var));
        let from_draft = |step: &Step| step.did.is_some_and(|(action, _)| action == Action::TakeUpDraft);
        let reached =
            kept.then(|| self.reached(true, |step| self.sets(step, var).map(|_| from_draft(step))))?;
        reached.way(spot)
    }

    /// Which spots can be reached with a fact being `wanted`. It is false at the dial; `changes` says what a step
    /// makes of it.
    pub fn reached(&self, wanted: bool, changes: impl Fn(&Step) -> Option<bool>) -> Reached<'_> {
        self.reached_from(wanted, |_| false, changes)
    }

    /// The same where the fact may hold at the dial already.
    fn reached_from(
        &self,
        wanted: bool,
        at_dial: impl Fn(&Spot) -> bool,
        changes: impl Fn(&Step) -> Option<bool>,
    ) -> Reached<'_> {
        let mut from = vec![None; self.spots.len() * 2];
        let mut queue = VecDeque::new();
        for root in &self.roots {
            let fact = self.spots.get(*root).is_some_and(&at_dial);
            visit(&mut from, &mut queue, (*root, fact), Origin::Dial);
        }
        while let Some((spot, fact)) = queue.pop_front() {
            for step in self.steps(spot) {
                let next = (step.to, changes(step).unwrap_or(fact));
                visit(&mut from, &mut queue, next, Origin::From((spot, fact)));
            }
        }
        Reached { ways: self, from, wanted }
    }
}

/// Whether a flag goes up in the course of a call, and never stands at a dial.
fn is_of_this_call(flag: Flag) -> bool {
    matches!(
        flag,
        Flag::SignedIn
            | Flag::Resumed
            | Flag::CodeRight
            | Flag::CentreIn
            | Flag::OfficerIn
            | Flag::Practice
            | Flag::MarksKept
            | Flag::SeesMore
            | Flag::MayAct
    )
}

/// What goes with a flag at every dial (`lines::situation` sees to it): situations that can't be are not walked, for
/// each flag more would double them.
const GOES_WITH: [(Flag, &[(Flag, bool)]); 10] = [
    (Flag::ManyPosts, &[(Flag::PostLine, true)]),
    (Flag::Deployed, &[(Flag::HasAccount, true)]),
    (Flag::PinDisabled, &[(Flag::HasAccount, true)]),
    (Flag::CodeDue, &[(Flag::HasAccount, true)]),
    (Flag::MoveWaiting, &[(Flag::HasAccount, false), (Flag::MovedAway, false)]),
    (Flag::MovedAway, &[(Flag::HasAccount, false)]),
    (Flag::CodeMissing, &[(Flag::FateDue, true), (Flag::CodeDue, true)]),
    (Flag::CodeStuck, &[(Flag::FateDue, true), (Flag::CodeDue, true), (Flag::CodeMissing, false)]),
    (Flag::OtherWay, &[(Flag::CodeMissing, true)]),
    (Flag::ByCall, &[(Flag::CodeMissing, true)]),
];

/// A spot and whether the fact holds there.
type State = (usize, bool);

/// How a state was first reached.
#[derive(Clone, Copy)]
enum Origin {
    Dial,
    From(State),
}

fn slot((spot, fact): State) -> usize {
    spot * 2 + usize::from(fact)
}

fn visit(from: &mut [Option<Origin>], queue: &mut VecDeque<State>, state: State, origin: Origin) {
    if let Some(slot) = from.get_mut(slot(state)).filter(|slot| slot.is_none()) {
        *slot = Some(origin);
        queue.push_back(state);
    }
}

/// The spots that can be reached with a fact as wanted.
pub struct Reached<'w> {
    ways: &'w Ways<'w>,
    from: Vec<Option<Origin>>,
    wanted: bool,
}

impl Reached<'_> {
    /// Whether a spot can be reached like this.
    pub fn at(&self, spot: usize) -> bool {
        matches!(self.from.get(slot((spot, self.wanted))), Some(Some(_)))
    }

    /// The shortest way to a spot, as the names of its screens; `None` if it can't be reached like this.
    pub fn way(&self, spot: usize) -> Option<String> {
        let mut state = (spot, self.wanted);
        let mut names = vec![];
        loop {
            let origin = (*self.from.get(slot(state))?)?;
            names.push(self.ways.menus.screen(self.ways.shown(state.0)?)?);
            match origin {
                Origin::From(before) => state = before,
                Origin::Dial => break,
            }
        }
        let names: Vec<&str> = names.iter().rev().map(|screen| screen.name.as_str()).collect();
        Some(names.join(" > "))
    }
}
