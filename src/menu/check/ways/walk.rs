//! Walking the menus as the engine would: forward, by `0` and by `00`, for every outcome and every situation a dial can
//! begin in.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use super::{Answer, Changes, Did, NO_CHANGES, Spot, Step, Ways, everywhere};
use crate::menu::{
    compiled::{Goto, Menus, Screen, ScreenId, Target, Then},
    registry::{Action, Flag, Needs, Outcome},
    session::Flags,
};

/// How many spots are walked at most, so that menus of which every screen leads to every other are refused instead of
/// walked for ever. The built-in menus have two thirds of them.
const MOST_SPOTS: usize = 300_000;

impl<'m> Ways<'m> {
    /// Walk the menus.
    pub fn of(menus: &'m Menus) -> Self {
        let mut ways = Self {
            menus,
            spots: vec![],
            cut_short: false,
            steps: vec![],
            roots: vec![],
            index: HashMap::new(),
            by_screen: HashMap::new(),
            flags: asked_for(menus),
            changes: vec![],
            changes_of: HashMap::new(),
            maybe: vec![],
        };
        ways.open(&menus.entry, false);
        let walked = ways.walk_from(0);
        // Menus need not use `main` and `signed_out`; what they name counts as reached all the same.
        ways.open(&menus.main, true);
        ways.open(&menus.signed_out, true);
        ways.walk_from(walked);
        ways.maybe = everywhere(&ways);
        ways
    }

    /// Begin where a `goto` leads at a dial; only on screens that were not reached, if so asked.
    fn open(&mut self, goto: &Goto, only_new: bool) {
        for flags in self.openings() {
            let screen = destination(self.menus, goto, flags);
            let screen = screen.filter(|id| !(only_new && self.by_screen.contains_key(id)));
            if let Some(screen) = screen {
                let root = self.spot(Spot { flags, trail: vec![screen] });
                self.roots.push(root);
            }
        }
    }

    /// Leave every spot from this one on, and those that are found by it; how many there are then.
    fn walk_from(&mut self, first: usize) -> usize {
        let mut at = first;
        while let Some(spot) = self.spots.get(at).cloned() {
            if self.spots.len() > MOST_SPOTS {
                self.cut_short = true;
                break;
            }
            self.leave(at, &spot);
            at += 1;
        }
        at
    }

    /// Take every step from a spot.
    fn leave(&mut self, at: usize, spot: &Spot) {
        let menus = self.menus;
        let Some((id, before)) = spot.trail.split_last() else { return };
        let Some(screen) = menus.screen(*id).filter(|screen| !screen.ends) else { return };
        for (n, choice) in screen.choices.iter().enumerate() {
            if choice.when.is_none_or(|when| when.holds(spot.flags)) {
                self.then(at, spot, Answer::Choice(n), &choice.then);
            }
        }
        if let Some(input) = &screen.input {
            self.then(at, spot, Answer::Typed, &input.then);
        }
        if let Some(list) = &screen.list {
            self.then(at, spot, Answer::Row, &list.then);
            let popped = Spot { flags: spot.flags, trail: before.to_vec() };
            self.follow(at, &popped, &list.empty, Answer::NoRows, None);
        }
        if screen.main {
            self.follow(at, spot, &menus.main, Answer::Main, None);
        }
        if let Some((last, rest)) = before.split_last().filter(|_| screen.back) {
            let popped = Spot { flags: spot.flags, trail: rest.to_vec() };
            self.enter(at, &popped, *last, Answer::Back, None);
        }
    }

    fn then(&mut self, at: usize, spot: &Spot, answer: Answer, then: &Then) {
        let (action, on) = match then {
            Then::Goto(goto) => return self.follow(at, spot, goto, answer, None),
            Then::Do(action, on) => (*action, on),
        };
        for (outcome, goto) in on {
            for flags in self.after(spot.flags, action, *outcome) {
                let after = Spot { flags, trail: spot.trail.clone() };
                self.follow(at, &after, goto, answer, Some((action, *outcome)));
            }
        }
        if action.rules().needs != Needs::Nobody {
            self.signed_out(at, spot, answer, (action, Outcome::SignedOut));
        }
    }

    /// The engine's `signed_out`: where to is asked of the situation before.
    fn signed_out(&mut self, at: usize, spot: &Spot, answer: Answer, did: (Action, Outcome)) {
        let Some(id) = destination(self.menus, &self.menus.signed_out, spot.flags) else { return };
        for flags in self.after(spot.flags, did.0, did.1) {
            self.enter(at, &Spot { flags, trail: spot.trail.clone() }, id, answer, Some(did));
        }
    }

    fn follow(&mut self, at: usize, spot: &Spot, goto: &Goto, answer: Answer, did: Did) {
        if let Some(id) = destination(self.menus, goto, spot.flags) {
            self.enter(at, spot, id, answer, did);
        }
    }

    /// The engine's `enter`: a screen without `back` clears the trail, one that was passed already is gone back to, one with
    /// a screen always `behind` it has that one there, any other is put on top.
    fn enter(&mut self, at: usize, spot: &Spot, id: ScreenId, answer: Answer, did: Did) {
        let (Some(from), Some(screen)) = (self.shown(at), self.menus.screen(id)) else { return };
        let passed = spot.trail.iter().copied().take_while(|s| screen.back && *s != id);
        let trail = match screen.behind {
            Some(behind) => vec![behind, id],
            None => passed.chain([id]).collect(),
        };
        let changes = self.changed(from, answer, did);
        let step = Step { from, to: self.spot(Spot { flags: spot.flags, trail }), answer, did, changes };
        if let Some(steps) = self.steps.get_mut(at) {
            steps.push(step);
        }
    }

    /// The index of what an answer on a screen changes when this was done.
    fn changed(&mut self, from: ScreenId, answer: Answer, did: Did) -> usize {
        if let Some(known) = self.changes_of.get(&(from, answer, did)) {
            return *known;
        }
        let index = self.changes.len();
        let screen = self.menus.screen(from);
        self.changes.push(screen.map_or(NO_CHANGES, |screen| Changes::of(screen, answer, did)));
        self.changes_of.insert((from, answer, did), index);
        index
    }

    /// The screen on show at a spot.
    pub(super) fn shown(&self, at: usize) -> Option<ScreenId> {
        self.spots.get(at)?.trail.last().copied()
    }

    /// The situations that an outcome can lead to.
    fn after(&self, mut flags: Flags, action: Action, outcome: Outcome) -> Vec<Flags> {
        for (flag, up) in action.flags_after(outcome) {
            flags.set(*flag, *up && self.flags.contains(flag));
        }
        let mut all = vec![flags];
        for flag in action.tells(outcome).iter().filter(|flag| self.flags.contains(flag)) {
            all = all
                .into_iter()
                .flat_map(|flags| [flags.with(*flag, false), flags.with(*flag, true)])
                .collect();
        }
        all
    }

    fn spot(&mut self, spot: Spot) -> usize {
        let index = self.spots.len();
        let place = match self.index.entry(spot) {
            Entry::Occupied(known) => return *known.get(),
            Entry::Vacant(place) => place,
        };
        let spot = place.key().clone();
        place.insert(index);
        if let Some(id) = spot.trail.last() {
            self.by_screen.entry(*id).or_default().push(index);
        }
        self.spots.push(spot);
        self.steps.push(vec![]);
        index
    }
}

/// Where a `goto` leads: the engine's `follow`. `None` where `entry` and `main` lead only to one another.
pub fn destination(menus: &Menus, goto: &Goto, flags: Flags) -> Option<ScreenId> {
    let mut target = goto.target(flags);
    for _ in 0..4 {
        target = match target? {
            Target::Entry => menus.entry.target(flags),
            Target::Main => menus.main.target(flags),
            Target::Screen(id) => return Some(id),
        };
    }
    None
}

/// Every `goto` of a screen.
fn gotos(screen: &Screen) -> impl Iterator<Item = &Goto> {
    let follows = screen.follows().flat_map(|then| match then {
        Then::Goto(goto) => vec![goto],
        Then::Do(_, on) => on.iter().map(|(_, goto)| goto).collect(),
    });
    follows.chain(screen.list.iter().map(|list| &list.empty))
}

/// The flags that matter: those a rule or choice asks for, and those that the check itself looks at. Leaving out the
/// others halves the number of situations for each.
fn asked_for(menus: &Menus) -> Vec<Flag> {
    let gotos = menus.screens.iter().flat_map(gotos).chain([&menus.entry, &menus.main, &menus.signed_out]);
    let by_rules = gotos.flat_map(|goto| goto.0.iter().filter_map(|(when, _)| *when));
    let by_choices = menus.screens.iter().flat_map(|s| s.choices.iter().filter_map(|c| c.when));
    let asked: HashSet<Flag> = by_rules.chain(by_choices).map(|when| when.flag).collect();
    let always = [
        Flag::SignedIn,
        Flag::HasDraft,
        Flag::CodeDue,
        Flag::CodeRight,
        Flag::PostLine,
        Flag::CentreIn,
        Flag::OfficerIn,
        Flag::MarksKept,
    ];
    Flag::ALL.iter().copied().filter(|f| asked.contains(f) || always.contains(f)).collect()
}
