//! A call whose every request is kept, so that a test can send it again whatever was answered; and the journey that
//! most of them walk.

use std::ops::Range;

use daftari::{
    model::Network,
    phones::wire::{Aggregator, Call, Line, Shown, Wire, WireFault},
};

use crate::town::{CODE, Town, msisdn};

/// Opening an account, what is typed hop by hop and how the screen then begins.
pub const ACCOUNT: [(&str, &str); 10] = [
    ("", "Examination staff register"),
    ("1", "This line has no account yet."),
    ("1", "We keep your name"),
    ("1", "Type your first and middle names"),
    ("Asha Njeri", "Type your surname"),
    ("Wanjiku", "Type your national ID"),
    (ID, "Is this right?"),
    ("1", "Choose a secret PIN"),
    (PIN, "Type the same PIN once more"),
    (PIN, "Your account is open."),
];
/// Stands for an ID number of the line's own.
pub const ID: &str = "(ID number)";
pub const PIN: &str = "907318";
pub const WRONG_PIN: &str = "135790";
pub const SOMETHING_IS_BROKEN: &str = "Something is broken on our side";

pub struct Caller {
    pub aggregator: Aggregator,
    pub call: Call,
    last: u32,
}

impl Caller {
    /// A call from `+2547000000NN` that has not been dialled yet.
    pub fn new(town: &Town, last: u32) -> Self {
        Self::on(town.aggregator(0, Wire::AfricasTalking), last)
    }

    /// The same on any aggregator.
    pub fn on(aggregator: Aggregator, last: u32) -> Self {
        let call = aggregator.open(&line(last), CODE);
        Self { aggregator, call, last }
    }

    /// The person dials again.
    pub fn anew(self) -> Self {
        Self::on(self.aggregator, self.last)
    }

    /// Type what the journey types at this step (the dial is 0), without sending it.
    pub fn prepare(&mut self, step: usize) {
        match ACCOUNT[step].0 {
            "" => {}
            ID => self.call.inputs.push(self.national_id()),
            typed => self.call.inputs.push(typed.to_owned()),
        }
    }

    /// The ID number of this line's owner.
    pub fn national_id(&self) -> String {
        format!("284619{:02}", self.last)
    }

    /// The last request, once more.
    pub async fn try_to_send(&mut self) -> Result<Shown, WireFault> {
        let shown = self.aggregator.hop(&self.call).await?;
        self.call.note.clone_from(&shown.note);
        Ok(shown)
    }

    /// The same where there must be an answer, with 200, whatever is broken.
    pub async fn send(&mut self) -> Shown {
        self.try_to_send().await.expect("every hop is answered")
    }

    pub async fn answer(&mut self, typed: &str) -> Shown {
        self.call.inputs.push(typed.to_owned());
        self.send().await
    }

    /// Walk these steps of the journey; every screen is what it must be.
    pub async fn walk(&mut self, steps: Range<usize>) {
        for step in steps {
            self.prepare(step);
            let shown = self.send().await;
            assert!(shown.text.starts_with(ACCOUNT[step].1), "step {step}: {}", shown.text);
        }
    }
}

fn line(last: u32) -> Line {
    Line { msisdn: msisdn(&format!("+2547000000{last:02}")), network: Network::from_code("63902") }
}
