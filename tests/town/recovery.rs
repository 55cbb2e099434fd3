//! The forgotten PIN: a code that goes to the line, and nothing without it (`security.md` 1 to 6 and 12 to 17).

use chrono::Duration;
use daftari::{
    gateways::simulator::Behaviour,
    model::{Language, challenge::Door, message::RefusalReason},
    phones::{
        phone::Phone,
        wire::{Call, Shown, Wire},
    },
    services::{
        messaging::{self, Said, Way},
        recovery::{AskedOn, Refused, Request, Requested, request},
    },
    storage::accounts,
};
use futures_util::future::join_all;

use crate::town::{Backend, CODE, Town, msisdn, on_every_back_end, open_account, screen};

mod asking;
mod checking;
mod faults;
mod ways;

const LINE: &str = "+254700000010";
const PIN: &str = "907318";
const NEW_PIN: &str = "462085";

async fn typed(phone: &mut Phone, inputs: &[&str]) -> String {
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
    screen(phone).to_owned()
}

/// A dial, on a line whose limits are as fresh as after some minutes.
async fn dialled(town: &mut Town) -> Phone {
    town.flush(&[LINE]).await;
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    phone
}

/// Ask for a code, in a call of its own; what the screen says.
async fn ask(town: &mut Town) -> String {
    let mut phone = dialled(town).await;
    if screen(&phone).starts_with("Type the code") {
        // It came, or did not: either way it can be sent again.
        town.send_messages().await;
        typed(&mut phone, &["1"]).await;
        return press(&mut phone, "Send it again").await;
    }
    typed(&mut phone, &["1", "1"]).await
}

/// Take the choice of these words.
async fn press(phone: &mut Phone, words: &str) -> String {
    let line = screen(phone).lines().find(|line| line.ends_with(words)).map(str::to_owned);
    let line = line.unwrap_or_else(|| panic!("no {words} on {}", screen(phone)));
    typed(phone, &[line.split(':').next().expect("a number")]).await
}

/// The codes that the phone was sent, with their references.
async fn codes(town: &Town) -> Vec<(String, String)> {
    town.send_messages().await;
    let is_code = |sms: &String| sms.contains("is your code for a new PIN");
    let read = |sms: String| {
        let (code, rest) = sms.split_once(' ').expect("the code comes first");
        let (_, reference) = rest.rsplit_once("Ref ").expect("a reference");
        (code.to_owned(), reference.to_owned())
    };
    town.messages_to(LINE).into_iter().filter(is_code).map(read).collect()
}

/// An account whose owner has asked for a code; the code.
async fn with_a_code(town: &mut Town) -> String {
    open_account(&mut town.phone(LINE), "28461937", PIN).await;
    ask(town).await;
    codes(town).await.remove(0).0
}

/// Another code of as many digits.
fn wrong(code: &str) -> String {
    let last = code.chars().last().and_then(|c| c.to_digit(10)).expect("a digit");
    format!("{}{}", &code[..code.len() - 1], (last + 1) % 10)
}

/// Calls that have come to the screen that asks for the code, dialled over a time that the limits allow.
async fn calls_before_the_code(town: &mut Town, count: usize) -> Vec<Call> {
    let mut calls = vec![];
    for n in 0..count {
        if n % 8 == 0 {
            town.flush(&[LINE]).await;
        }
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("Type the code"), "{}", screen(&phone));
        calls.push(phone.sent().expect("a call").clone());
    }
    calls
}

/// Type the same into all of these at once, over both nodes; as many at once as one line's hops in a minute allow.
async fn all_type(town: &mut Town, calls: &[Call], input: &str) -> Vec<Shown> {
    let mut answers = vec![];
    for some in calls.chunks(25) {
        town.flush(&[LINE]).await;
        let nodes = [town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking)];
        let hops = some.iter().enumerate().map(|(n, call)| {
            let mut call = call.clone();
            call.inputs.push(input.to_owned());
            let node = &nodes[n % 2];
            async move { node.hop(&call).await.expect("an answer") }
        });
        answers.extend(join_all(hops).await);
    }
    answers
}

async fn signs_in(town: &mut Town, pin: &str) -> bool {
    let mut phone = dialled(town).await;
    if screen(&phone).starts_with("Type the code") {
        typed(&mut phone, &["2"]).await;
    }
    typed(&mut phone, &[pin]).await.starts_with("Hello")
}
