//! What a dial tells of a message that did not arrive, once, and the ways on from there.

use chrono::Duration;
use daftari::{
    gateways::simulator::{Behaviour, Kind},
    model::message::RefusalReason,
    phones::phone::Phone,
};

use crate::town::{Backend, CODE, Town, msisdn, on_every_back_end, open_account, screen};

const LINE: &str = "+254700000010";
const PIN: &str = "907318";
/// An SMS route, and one that calls.
const WITH_CALLS: [(&str, &str); 4] = [
    ("DAFTARI_SMS__ROUTE__0__NAME", "sms"),
    ("DAFTARI_SMS__ROUTE__0__KIND", "simulator"),
    ("DAFTARI_SMS__ROUTE__1__NAME", "call"),
    ("DAFTARI_SMS__ROUTE__1__KIND", "simulator-voice"),
];

fn behave(town: &Town, behaviour: Behaviour) {
    town.app().simulator.as_ref().expect("a simulated route").behave(&msisdn(LINE), behaviour);
}

/// How each message came to the phone.
fn kinds(town: &Town) -> Vec<Kind> {
    let simulator = town.app().simulator.as_ref().expect("a simulated route");
    simulator.sent_to(&msisdn(LINE)).iter().map(|sent| sent.kind).collect()
}

/// A line with an account that has asked for a code; every SMS to it is refused because the line blocks them.
async fn blocked(town: &Town) -> Phone {
    let mut phone = town.phone(LINE);
    open_account(&mut phone, "28461931", PIN).await;
    town.send_messages().await;
    behave(town, Behaviour::Refuse(RefusalReason::LineBlocks));
    ask_for_a_code(&mut phone).await;
    town.send_messages().await;
    phone
}

async fn ask_for_a_code(phone: &mut Phone) {
    phone.dial(CODE).await.expect("a screen");
    let forgot = number_of(phone, "forgot");
    phone.answer(&forgot).await.expect("a screen");
    phone.answer("1").await.expect("a screen");
}

/// The number of the choice that holds a word.
fn number_of(phone: &Phone, word: &str) -> String {
    let line = screen(phone).lines().find(|line| line.to_lowercase().contains(word));
    line.and_then(|line| line.split(':').next()).unwrap_or_else(|| panic!("{}", screen(phone))).to_owned()
}

on_every_back_end! {
    async fn a_refused_notice_is_told_at_the_next_dial_and_once(town: Town) {
        behave(&town, Behaviour::Refuse(RefusalReason::LineBlocks));
        let mut phone = town.phone(LINE);
        open_account(&mut phone, "28461931", PIN).await;
        town.send_messages().await;
        for _ in 0..2 {
            phone.dial(CODE).await.expect("a screen");
            let shown = screen(&phone).to_owned();
            assert!(shown.starts_with("Our SMS of ") && shown.contains("Dial *456*9*5*5*1# to allow them."), "{shown}");
        }
        phone.repeat().await.expect("a screen");
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your PIN to sign in"), "{}", screen(&phone));
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your PIN to sign in"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn the_fate_of_a_message_stands_through_a_lost_state(town: Town) {
        behave(&town, Behaviour::Refuse(RefusalReason::PhoneFull));
        let mut phone = town.phone(LINE);
        open_account(&mut phone, "28461931", PIN).await;
        town.send_messages().await;
        phone.dial(CODE).await.expect("a screen");
        town.flush(&[LINE]).await;
        phone.use_aggregator(town.aggregator(0, daftari::phones::wire::Wire::AfricasTalking));
        phone.answer("9").await.expect("a screen");
        assert!(screen(&phone).contains("Our SMS of "), "{}", screen(&phone));
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your PIN to sign in"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_message_of_yesterday_is_no_news(town: Town) {
        behave(&town, Behaviour::Refuse(RefusalReason::LineBlocks));
        let mut phone = town.phone(LINE);
        open_account(&mut phone, "28461931", PIN).await;
        town.send_messages().await;
        town.pass(Duration::hours(25));
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your PIN to sign in"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_code_with_no_other_way_leads_to_a_person(town: Town) {
        let mut phone = blocked(&town).await;
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("Your code did not arrive. Your line blocks our SMS."), "{}", screen(&phone));
        assert!(!screen(&phone).contains("way") && !screen(&phone).contains("call"), "{}", screen(&phone));
        phone.answer(&number_of(&phone, "send it again")).await.expect("a screen");
        assert!(screen(&phone).contains("Officer's code"), "{}", screen(&phone));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_a_line_blocks_comes_by_a_call_when_the_session_has_ended() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::with(backend, &WITH_CALLS).await;
        let _phone = blocked(&town).await;
        assert_eq!(kinds(&town), [Kind::Sms], "the notice of the account");
        behave(&town, Behaviour::Deliver);
        town.pass(Duration::seconds(20));
        town.send_messages().await;
        assert_eq!(kinds(&town), [Kind::Sms, Kind::Call]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_code_comes_by_a_call_that_somebody_asks_for() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::with(backend, &WITH_CALLS).await;
        let mut phone = town.phone(LINE);
        open_account(&mut phone, "28461931", PIN).await;
        town.send_messages().await;
        behave(&town, Behaviour::Refuse(RefusalReason::PhoneAway));
        ask_for_a_code(&mut phone).await;
        town.send_messages().await;
        behave(&town, Behaviour::Deliver);
        phone.dial(CODE).await.expect("a screen");
        phone.answer(&number_of(&phone, "by a call")).await.expect("a screen");
        assert!(screen(&phone).starts_with("We call you in a moment"), "{}", screen(&phone));
        assert!(phone.shown().is_some_and(|shown| shown.ends), "a call would not get through");
        town.pass(Duration::seconds(8));
        town.send_messages().await;
        assert_eq!(kinds(&town), [Kind::Sms, Kind::Call]);
        let said = town.messages_to(LINE).pop().expect("a call");
        assert!(said.contains("Your code is:"), "it says a code");
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("Type the code"), "{}", screen(&phone));
        assert_eq!(town.count("SELECT CAST(COUNT(*) AS BIGINT) FROM challenges").await, 1, "the same code");
    }
}

/// Nothing but a route that calls.
const CALLS_ALONE: [(&str, &str); 2] =
    [("DAFTARI_SMS__ROUTE__0__NAME", "call"), ("DAFTARI_SMS__ROUTE__0__KIND", "simulator-voice")];

/// A line with an account that knows that the notice of it found no way: a voice says codes alone.
async fn told_of_the_notice(town: &Town) -> Phone {
    let mut phone = town.phone(LINE);
    open_account(&mut phone, "28461931", PIN).await;
    town.send_messages().await;
    phone.dial(CODE).await.expect("a screen");
    phone.answer(&number_of(&phone, "go on")).await.expect("a screen");
    phone
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_a_call_will_bring_is_announced_as_a_call() {
    for backend in [Backend::Embedded, Backend::Production] {
        let seen = ("DAFTARI_RECOVERY__FATE_WAIT_MS", "3000");
        let town = Town::with(backend, &[CALLS_ALONE.as_slice(), &[seen]].concat()).await;
        let mut phone = told_of_the_notice(&town).await;
        town.start_outbox();
        ask_for_a_code(&mut phone).await;
        assert!(
            screen(&phone).starts_with("We call you in a moment and read the code"),
            "{}",
            screen(&phone)
        );
        assert!(!phone.is_open(), "a call gets through only when this one has ended");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_will_come_is_no_sms_that_waits() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::with(backend, &CALLS_ALONE).await;
        let mut phone = told_of_the_notice(&town).await;
        ask_for_a_code(&mut phone).await;
        town.send_messages().await;
        let mut other = town.phone(LINE);
        other.dial(CODE).await.expect("a screen");
        other.answer(&number_of(&other, "remember")).await.expect("a screen");
        for input in [PIN, "2"] {
            other.answer(input).await.expect("a screen");
        }
        assert!(screen(&other).contains("Call PIN code: we will call"), "{}", screen(&other));
        phone.answer(&number_of(&phone, "look again")).await.expect("a screen");
        assert!(screen(&phone).starts_with("We call you in a moment"), "{}", screen(&phone));
    }
}
