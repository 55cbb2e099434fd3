//! What must hold when something behind the gateway breaks (`security.md` B): a file for each thing that can break,
//! and here what they share.

use std::time::{Duration, Instant};

use daftari::phones::wire::{Aggregator, Call, Shown, Wire};

use crate::town::{CODE, Town};

mod claims;
mod clocks;
mod disk;
mod postgres;
mod redis;

/// Opening an account, what is typed hop by hop and how the screen then begins.
const ACCOUNT: [(&str, &str); 10] = [
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
const ID: &str = "ID";
const PIN: &str = "907318";
const WRONG_PIN: &str = "135790";
const SOMETHING_IS_BROKEN: &str = "Something is broken on our side";

/// A call whose every request is kept, so that it can be sent again whatever was answered.
struct Caller {
    aggregator: Aggregator,
    call: Call,
    last: u32,
}

impl Caller {
    /// A call from `+2547000000NN` that has not been dialled yet.
    fn new(town: &Town, last: u32) -> Self {
        let aggregator = town.aggregator(0, Wire::AfricasTalking);
        let phone = town.phone(&format!("+2547000000{last:02}"));
        let call = aggregator.open(phone.line(), CODE);
        Self { aggregator, call, last }
    }

    /// Type what the journey types at this step (the dial is 0), without sending it.
    fn prepare(&mut self, step: usize) {
        match ACCOUNT[step].0 {
            "" => {}
            ID => self.call.inputs.push(format!("284619{:02}", self.last)),
            typed => self.call.inputs.push(typed.to_owned()),
        }
    }

    /// The last request, once more. Whatever happens, there is an answer, with 200.
    async fn send(&mut self) -> Shown {
        let shown = self.aggregator.hop(&self.call).await.expect("every hop is answered");
        self.call.note.clone_from(&shown.note);
        shown
    }

    async fn answer(&mut self, typed: &str) -> Shown {
        self.call.inputs.push(typed.to_owned());
        self.send().await
    }

    /// Walk these steps of the journey; every screen is what it must be.
    async fn walk(&mut self, steps: std::ops::Range<usize>) {
        for step in steps {
            self.prepare(step);
            let shown = self.send().await;
            assert!(shown.text.starts_with(ACCOUNT[step].1), "step {step}: {}", shown.text);
        }
    }
}

/// Ask until it is so; half a minute is a guard against hanging, not a promise.
async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let guard = Instant::now() + Duration::from_secs(30);
    while !so().await {
        assert!(Instant::now() < guard, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
