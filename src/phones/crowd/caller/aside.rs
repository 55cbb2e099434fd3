//! Screens that only some phones see (`perhaps` in a journey): answered, and then what was expected is expected still.

use super::{Caller, Next, Sending};
use crate::phones::{
    crowd::journey::{Aside, Step},
    wire::Shown,
};

impl Caller {
    /// Whether a screen is one that only some phones see here; each may come once in a call.
    pub(super) fn steps_aside(&mut self, step: &Step, shown: &Shown) -> bool {
        if shown.ends || shown.flaw().is_some() || self.is_right(step, shown) {
            return false;
        }
        let is = |(at, aside): &(usize, &Aside)| {
            !self.asides.contains(at) && aside.shows.is_surely(&shown.text, &self.person)
        };
        let Some((at, aside)) = step.asides.iter().enumerate().find(is) else { return false };
        self.asides.push(at);
        self.aside = Some(aside.input.clone());
        self.screen.clone_from(&shown.text);
        if let Some(call) = &mut self.call {
            call.note.clone_from(&shown.note);
        }
        true
    }

    /// Answer it. The answer costs a hop, is never sent twice, and has dice of its own.
    pub(super) fn answer_aside(&mut self, answer: &str) -> Next {
        self.spare_hops = self.spare_hops.saturating_sub(1);
        let typed = self.person.fill(answer);
        let after = self.habits.think.before(&self.screen, &typed, &mut self.aside_dice);
        self.take_in(typed);
        match &self.call {
            Some(call) => Next::Send(Box::new(Sending { call: call.clone(), after, twin: None })),
            None => Next::Done,
        }
    }
}
