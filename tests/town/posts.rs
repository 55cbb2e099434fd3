//! PINs of centres and officers: first PINs, lines, locks, deputies.

use chrono::Duration;
use daftari::{
    model::{CentreCode, Language, Post},
    phones::wire::Wire,
    services::{
        posts::{install, issue},
        season::import::Kind,
    },
    storage::{lines, posts::Part},
};

use crate::{
    season::{import, rows, settle},
    town::{CODE, Town, msisdn, on_every_back_end, screen},
};

mod command;

pub const CENTRE: &str = "12345001";
pub const MANAGER: &str = "+254700000002";
pub const DIRECTOR: &str = "+254700000003";
const STRANGER: &str = "+254700000070";
const PIN: &str = "24681357";
const NEW_PIN: &str = "90731846";
/// From the centre's home to its PIN and its deputy.
const SETTINGS: [&str; 2] = ["6", "6"];

fn post() -> Post {
    Post::Centre(CentreCode::parse(CENTRE).expect("a centre"))
}

/// A town in the season, with people at the centre and a director; no PIN yet.
pub async fn in_season(town: &Town) {
    settle(town).await;
    import(
        town,
        Kind::Officers,
        &format!("full_name,msisdn,role,scope\nRehema Were,{DIRECTOR},sub_county_director,Ruiru\n"),
    )
    .await;
    let row = |n: usize| format!("S26,{CENTRE},invigilator,Mtu wa {n} Mfano,,,2026-10-16,2026-11-20,r{n}");
    let people: Vec<String> = ["A", "B", "C"]
        .iter()
        .enumerate()
        .map(|(n, letter)| row(n).replace(&format!("Mtu wa {n}"), &format!("Mtu {letter}li")))
        .collect();
    import(town, Kind::Deployments, &rows(&people.iter().map(String::as_str).collect::<Vec<_>>())).await;
    for line in [MANAGER, DIRECTOR, STRANGER] {
        speaks_english(town, line).await;
    }
}

pub async fn speaks_english(town: &Town, line: &str) {
    let deps = &town.app().deps;
    let mut tx = deps.store.begin().await.expect("a write");
    lines::set_language(&mut tx, &msisdn(line), Language::En, None, deps.clock.now()).await.expect("kept");
    tx.commit().await.expect("committed");
}

/// Give a post a PIN that was chosen already, and bind its line.
pub async fn with_pin(town: &Town, post: &Post, line: &str, pin: &str) {
    let deps = &town.app().deps;
    let pin = daftari::model::Pin::parse(pin, 8).expect("a PIN");
    let hash = deps.hasher.hash(&deps.keys.current(), &pin, deps.chance.bytes()).await.expect("a hash");
    let mut tx = deps.store.begin().await.expect("a write");
    install::install(&mut tx, deps, (post, &msisdn(line)), hash, deps.clock.now()).await.expect("installed");
    tx.commit().await.expect("committed");
}

/// Issue a first PIN; its digits.
async fn issue(town: &Town, to: &str) -> String {
    use secrecy::ExposeSecret as _;
    let deps = &town.app().deps;
    let mut tx = deps.store.begin().await.expect("a write");
    let (post, to) = (post(), msisdn(to));
    let order =
        issue::Order { post: &post, part: Part::Holder, to: &to, until: None, by: "desk", channel: "cli" };
    let issued = issue::issue(&mut tx, deps, &order, deps.clock.now()).await.expect("issued");
    tx.commit().await.expect("committed");
    issued.pin.expose_secret().to_owned()
}

/// Dial and type; what is on the screen then.
async fn call(town: &mut Town, line: &str, inputs: &[&str]) -> String {
    // More sessions than one line may open in five minutes.
    town.flush(&[line]).await;
    let mut phone = town.phone(line);
    phone.dial(CODE).await.expect("a screen");
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
    screen(&phone).to_owned()
}

on_every_back_end! {
    async fn a_first_pin_only_opens_choose_your_own_and_only_from_its_line(town: Town) {
        in_season(&town).await;
        let first = issue(&town, MANAGER).await;
        town.send_messages().await;
        let sms = town.messages_to(MANAGER).join("\n");
        assert!(sms.starts_with(&first) && sms.contains("first PIN"), "{sms}");
        assert_eq!(
            town.count("SELECT COUNT(*) FROM post_credentials WHERE phc <> ''").await,
            0,
            "a first PIN leaves no hash"
        );
        let said = call(&mut town, STRANGER, &["5", CENTRE, &first]).await;
        assert!(said.starts_with("This PIN is wrong. Tries left: 2."), "another line: {said}");
        let said = call(&mut town, MANAGER, &[]).await;
        assert!(said.starts_with("Centre 12345001: first PIN."), "{said}");
        let said = call(&mut town, MANAGER, &[&first]).await;
        assert!(said.starts_with("This first PIN only opens this step."), "{said}");
        let said = call(&mut town, MANAGER, &[&first, "12345678"]).await;
        assert!(said.starts_with("Easy to guess"), "{said}");
        let said = call(&mut town, MANAGER, &[&first, "12345001"]).await;
        assert!(said.starts_with("Easy to guess"), "the centre's own code: {said}");
        let said = call(&mut town, MANAGER, &[&first, NEW_PIN, NEW_PIN]).await;
        assert!(said.contains("12345001"), "signed in at once: {said}");
        let said = call(&mut town, MANAGER, &[&first]).await;
        assert!(said.starts_with("This PIN is wrong."), "it was a first PIN once: {said}");
        let said = call(&mut town, MANAGER, &[NEW_PIN]).await;
        assert!(said.contains("12345001") && !said.contains("wrong"), "{said}");
        town.send_messages().await;
        assert!(town.messages_to(DIRECTOR).join("\n").contains("new line, 0700 ***002"), "the director is told");
    }
}

on_every_back_end! {
    async fn a_first_pin_ends_after_72_hours_and_with_the_next_one(town: Town) {
        in_season(&town).await;
        let first = issue(&town, MANAGER).await;
        let second = issue(&town, MANAGER).await;
        let said = call(&mut town, MANAGER, &[&first]).await;
        assert!(said.starts_with("This PIN is wrong."), "{said}");
        town.pass(Duration::hours(73));
        let said = call(&mut town, MANAGER, &["5", CENTRE, &second]).await;
        assert!(said.starts_with("This PIN is wrong."), "the line is like any other again: {said}");
    }
}

on_every_back_end! {
    async fn a_new_pin_from_the_director_ends_the_old_one_and_its_sessions(town: Town) {
        in_season(&town).await;
        with_pin(&town, &post(), MANAGER, PIN).await;
        let mut phone = town.phone(MANAGER);
        phone.dial(CODE).await.expect("a screen");
        phone.answer(PIN).await.expect("a screen");
        issue(&town, MANAGER).await;
        for input in SETTINGS {
            phone.answer(input).await.expect("a screen");
        }
        phone.answer("2").await.expect("a screen");
        assert!(screen(&phone).starts_with("You are signed out"), "{}", screen(&phone));
        let said = call(&mut town, MANAGER, &[PIN]).await;
        assert!(said.starts_with("This PIN is wrong."), "{said}");
    }
}

on_every_back_end! {
    async fn strangers_have_three_tries_a_day_and_never_shut_the_bound_line(town: Town) {
        in_season(&town).await;
        with_pin(&town, &post(), MANAGER, PIN).await;
        // Eight lines with three tries each: twenty in all are looked at.
        let mut refused = 0;
        for n in 70..78 {
            let line = format!("+2547000000{n}");
            speaks_english(&town, &line).await;
            for try_ in 1..=4 {
                let said = call(&mut town, &line, &["5", CENTRE, "11223344"]).await;
                let wrong = said.starts_with("This PIN is wrong.");
                assert!(wrong || said.starts_with("Too many wrong PINs from this line."), "{said}");
                assert!(!wrong || try_ <= 2, "the third wrong PIN of a line is told to wait: {said}");
                refused += i32::from(!wrong);
            }
        }
        assert_eq!(town.count("SELECT failures FROM post_tries WHERE msisdn = 'unbound'").await, 20);
        assert!(refused > 8, "{refused}");
        let said = call(&mut town, "+254700000077", &["5", CENTRE, PIN]).await;
        assert!(said.starts_with("Too many wrong PINs"), "not even the right one, today: {said}");
        let said = call(&mut town, MANAGER, &[PIN]).await;
        assert!(said.contains("12345001") && !said.contains("wrong"), "the centre goes on: {said}");
        town.pass(Duration::hours(25));
        let said = call(&mut town, "+254700000077", &["5", CENTRE, PIN]).await;
        assert!(said.contains("12345001"), "tomorrow: {said}");
        town.send_messages().await;
        assert!(town.messages_to(MANAGER).join("\n").contains("new line, 0700 ***077"), "the old line is told");
    }
}

on_every_back_end! {
    async fn waits_of_a_bound_line_grow_and_ten_in_a_row_shut_it(town: Town) {
        in_season(&town).await;
        with_pin(&town, &post(), MANAGER, PIN).await;
        assert!(call(&mut town, MANAGER, &["11223344"]).await.contains("Tries left: 2"));
        assert!(call(&mut town, MANAGER, &["11223344"]).await.contains("Tries left: 1"));
        for minutes in [1, 5, 15, 60, 60, 60, 60] {
            let said = call(&mut town, MANAGER, &["11223344"]).await;
            assert!(said.starts_with("Too many wrong PINs from this line."), "{said}");
            let said = call(&mut town, MANAGER, &[PIN]).await;
            assert!(said.starts_with("Too many wrong PINs"), "the right PIN waits as well: {said}");
            town.pass(Duration::minutes(minutes) + Duration::minutes(5));
        }
        assert!(call(&mut town, MANAGER, &["11223344"]).await.starts_with("This PIN was wrong 10 times"));
        assert!(call(&mut town, MANAGER, &[PIN]).await.starts_with("This PIN was wrong 10 times"));
        let first = issue(&town, MANAGER).await;
        let said = call(&mut town, MANAGER, &[&first]).await;
        assert!(said.starts_with("This first PIN only opens"), "a new PIN opens the line again: {said}");
    }
}

on_every_back_end! {
    async fn of_forty_guesses_at_once_from_a_strangers_line_three_are_looked_at(town: Town) {
        in_season(&town).await;
        with_pin(&town, &post(), MANAGER, PIN).await;
        town.add_node().await;
        let mut calls = vec![];
        for n in 0..40 {
            if n % 8 == 7 {
                town.flush(&[STRANGER]).await;
            }
            let mut phone = town.phone(STRANGER);
            phone.dial(CODE).await.expect("a screen");
            phone.answer("5").await.expect("a screen");
            phone.answer(CENTRE).await.expect("a screen");
            let mut call = phone.sent().expect("a call").clone();
            call.inputs.push("11223344".to_owned());
            calls.push(call);
        }
        let mut answers = vec![];
        for some in calls.chunks(20) {
            town.flush(&[STRANGER]).await;
            let nodes = [town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking)];
            let tries = some.iter().enumerate().map(|(n, call)| nodes[n % 2].hop(call));
            answers.extend(futures_util::future::join_all(tries).await);
        }
        let wrong = answers.iter().flatten().filter(|a| a.text.starts_with("This PIN is wrong.")).count();
        let waiting = answers.iter().flatten().filter(|a| a.text.starts_with("Too many wrong PINs")).count();
        assert!(wrong <= 2, "{wrong} were told how many tries are left");
        assert_eq!(wrong + waiting, 40, "every try has come to the PIN");
        assert_eq!(town.count("SELECT failures FROM post_tries WHERE msisdn = 'unbound'").await, 3);
    }
}

on_every_back_end! {
    async fn a_centre_that_is_not_there_is_told_like_a_wrong_pin(town: Town) {
        in_season(&town).await;
        with_pin(&town, &post(), MANAGER, PIN).await;
        let there = call(&mut town, STRANGER, &["5", CENTRE, "11223344"]).await;
        let nowhere = call(&mut town, STRANGER, &["5", "99999999", "11223344"]).await;
        assert_eq!(there, nowhere);
    }
}

on_every_back_end! {
    async fn whoever_stands_in_has_a_pin_of_their_own_until_the_day_is_over(town: Town) {
        in_season(&town).await;
        with_pin(&town, &post(), MANAGER, PIN).await;
        let mut phone = town.phone(MANAGER);
        phone.dial(CODE).await.expect("a screen");
        phone.answer(PIN).await.expect("a screen");
        for input in SETTINGS.into_iter().chain(["2", "0700000071", "1"]) {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("0700 ***071 stands in until"), "{}", screen(&phone));
        town.send_messages().await;
        let sms = town.messages_to("+254700000071").join("\n");
        let first: String = sms.chars().take(8).collect();
        speaks_english(&town, "+254700000071").await;
        let said = call(&mut town, "+254700000071", &[&first, NEW_PIN, NEW_PIN]).await;
        assert!(said.contains("12345001"), "{sms}: {said}");
        let said = call(&mut town, MANAGER, &[PIN]).await;
        assert!(said.contains("12345001") && !said.contains("wrong"), "the manager's PIN goes on: {said}");
        let said = call(&mut town, "+254700000071", &[NEW_PIN, "6", "6", "2", "1", "0700000072", "1"]).await;
        assert!(said.starts_with("Whoever stands in names nobody else."), "{said}");
        town.pass(Duration::hours(25));
        let said = call(&mut town, "+254700000071", &["5", CENTRE, NEW_PIN]).await;
        assert!(said.starts_with("This PIN is wrong."), "the day is over: {said}");
    }
}
