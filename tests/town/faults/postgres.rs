//! Postgres stopped at once (`-m immediate`) in the middle of everything, and started again: callers are told to try
//! again, what was confirmed is there, nothing is half-done, and the gateway needs no restart.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use daftari::{gateways::http_client, phones::wire::Wire};
use futures_util::future::join_all;

use super::{ACCOUNTS, CONSENTS, MESSAGES, clocks::readiness, eventually};
use crate::{
    caller::{ACCOUNT, Caller, SOMETHING_IS_BROKEN},
    town::{Backend, CODE, SECRET, Town, open_account, screen},
};

/// A Postgres of this test's own; it is gone when the test is.
struct Postgres {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Postgres {
    /// A running server and its URL.
    fn start() -> (Self, String) {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/servers/own-postgres");
        let mut process = Command::new(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("tests/servers/own-postgres runs");
        let orders = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut postgres = Self { process, orders, answers };
        let url = postgres.says();
        (postgres, url)
    }

    fn says(&mut self) -> String {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it says something");
        assert!(!line.is_empty(), "own-postgres has ended; what it wrote above says why");
        line.trim_end().to_owned()
    }

    fn order(&mut self, what: &str) {
        writeln!(self.orders.as_mut().expect("it runs"), "{what}").expect("it listens");
        assert_eq!(self.says(), "done");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.process.wait();
    }
}

/// One node on a Postgres of its own, with its state in process.
async fn town() -> (Postgres, Town) {
    let (postgres, url) = Postgres::start();
    let town = Town::with(Backend::Embedded, &[("DAFTARI_DATABASE__URL", &url)]).await;
    (postgres, town)
}

/// An aggregator's callback about SMS; gives the status.
async fn callback(town: &Town, event: &str, fields: &[(&str, &str)]) -> u16 {
    let url = format!("{}/callbacks/africastalking/{SECRET}/{event}", town.nodes[0].url);
    let client = http_client().expect("a client");
    client.post(url).form(fields).send().await.expect("an answer").status().as_u16()
}

/// The status that an inbound SMS, a delivery report, an opt-out and the end of a session get.
async fn callbacks(town: &Town) -> [u16; 4] {
    let number = ("phoneNumber", "+254700000050");
    let sms = [("id", "in-1"), ("from", "+254700000050"), ("to", "20880"), ("text", "HELP")];
    let end = [("sessionId", "ATUid_50"), ("serviceCode", "*384*2547#"), ("status", "Success"), number];
    [
        callback(town, "sms", &sms).await,
        callback(town, "delivery", &[("id", "ATXid_50"), ("status", "Success"), number]).await,
        callback(town, "opt-out", &[("senderId", "20880"), number]).await,
        callback(town, "ussd-end", &end).await,
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_crashes_costs_a_try_again_and_nothing_else() {
    let (mut postgres, town) = town().await;
    // One caller before each hop of the journey.
    let mut callers = vec![];
    for (step, last) in (0..ACCOUNT.len()).zip(10..) {
        let mut caller = Caller::new(&town, last);
        caller.walk(0..step).await;
        caller.prepare(step);
        callers.push(caller);
    }
    postgres.order("stop");
    let answers = join_all(callers.iter_mut().map(Caller::send)).await;
    for (step, shown) in answers.iter().enumerate() {
        // Menus alone need no SQL (see the tables in counts.rs).
        let menus_only = [2, 7, 8].contains(&step);
        let says = if menus_only { ACCOUNT[step].1 } else { SOMETHING_IS_BROKEN };
        assert!(shown.text.starts_with(says) && shown.ends != menus_only, "step {step}: {}", shown.text);
    }
    let (status, told) = readiness(&town).await;
    assert!(status == 200 && told.contains("degraded") && told.contains("database"), "{status} {told}");
    assert_eq!(callbacks(&town).await, [503; 4], "the aggregator must send them again");
    postgres.order("start");
    for (step, caller) in callers.iter_mut().enumerate() {
        let shown = caller.send().await;
        assert!(shown.text.starts_with(ACCOUNT[step].1), "step {step}: {}", shown.text);
        caller.walk(step + 1..ACCOUNT.len()).await;
    }
    Caller::new(&town, 30).walk(0..ACCOUNT.len()).await;
    assert_eq!(town.count(ACCOUNTS).await, 11);
    assert_eq!(town.count(CONSENTS).await, 11);
    assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'account_opened'").await, 11);
    assert_eq!(callbacks(&town).await, [200; 4]);
    assert_eq!(callbacks(&town).await, [200; 4]);
    assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'help_reply'").await, 1);
    assert_eq!(readiness(&town).await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sentence_is_in_the_callers_language() {
    let (mut postgres, town) = town().await;
    let mut caller = Caller::new(&town, 10);
    caller.send().await;
    caller.answer("2").await;
    caller.answer("1").await;
    postgres.order("stop");
    let shown = caller.answer("1").await;
    assert!(shown.ends && shown.text.starts_with("Kuna hitilafu kwetu, si kwako."), "{}", shown.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_started_anew_before_every_hop_of_a_recovery_costs_a_try_again() {
    const LINE: &str = "+254700000010";
    let (mut postgres, town) = town().await;
    let mut phone = town.phone(LINE);
    open_account(&mut phone, "28461937", "907318").await;
    phone.dial(CODE).await.expect("a screen");
    for input in ["1", "1"] {
        phone.answer(input).await.expect("a screen");
    }
    town.send_messages().await;
    // Codes go before notices: the SMS about the account comes last.
    let sms = town.messages_to(LINE).into_iter().find(|sms| sms.contains("is your code"));
    let code = sms.and_then(|sms| sms.get(..6).map(str::to_owned)).expect("a code");
    postgres.order("stop");
    phone.dial(CODE).await.expect("a screen");
    assert!(screen(&phone).starts_with(SOMETHING_IS_BROKEN), "{}", screen(&phone));
    postgres.order("start");
    phone.dial(CODE).await.expect("a screen");
    assert!(screen(&phone).starts_with("Type the code from our SMS"), "{}", screen(&phone));
    let aggregator = town.aggregator(0, Wire::AfricasTalking);
    let mut call = phone.sent().expect("a call").clone();
    for (typed, says) in [
        (code.as_str(), "The code is right."),
        ("462085", "Type the new PIN once more."),
        ("462085", "Your new PIN is set"),
        ("462085", "Hello Asha Njeri."),
    ] {
        call.inputs.push(typed.to_owned());
        postgres.order("stop");
        let told = aggregator.hop(&call).await.expect("an answer").text;
        postgres.order("start");
        // Menus alone need no SQL; everything else the aggregator sends again.
        assert!(told.starts_with(SOMETHING_IS_BROKEN) || says.starts_with("Type the new PIN"), "{told}");
        let shown = aggregator.hop(&call).await.expect("an answer");
        assert!(shown.text.starts_with(says), "{says}: {}", shown.text);
    }
    assert_eq!(town.count("SELECT COUNT(*) FROM challenges WHERE closed_as = 'used'").await, 1);
    assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 1);
    assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'pin_reset'").await, 1);
}

/// Walk a journey like an aggregator that sends a hop again until it gets a screen.
async fn insist(caller: &mut Caller, answered: &AtomicUsize, broken: &AtomicUsize) {
    let guard = Instant::now() + Duration::from_mins(1);
    for (step, (_, says)) in ACCOUNT.iter().enumerate() {
        caller.prepare(step);
        loop {
            let shown = caller.send().await;
            if shown.text.starts_with(says) {
                break;
            }
            assert!(shown.ends && shown.text.starts_with(SOMETHING_IS_BROKEN), "step {step}: {}", shown.text);
            assert!(Instant::now() < guard, "step {step} never works again");
            broken.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_crashes_under_load_loses_nothing_and_doubles_nothing() {
    let (mut postgres, town) = town().await;
    let (answered, broken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let mut callers: Vec<Caller> = (10..34).map(|last| Caller::new(&town, last)).collect();
    let walking = join_all(callers.iter_mut().map(|caller| insist(caller, &answered, &broken)));
    let breaking = async {
        for stop_after in [30, 100, 170, 215] {
            eventually("some hops are answered", async || answered.load(Ordering::Relaxed) >= stop_after)
                .await;
            postgres.order("stop");
            let so_far = broken.load(Ordering::Relaxed);
            eventually("a hop is told", async || broken.load(Ordering::Relaxed) > so_far).await;
            postgres.order("start");
            // What died between the two transactions of its secret is taken over by a repeat.
            town.pass(chrono::Duration::seconds(10));
        }
    };
    tokio::join!(walking, breaking);
    assert_eq!(town.count(ACCOUNTS).await, 24);
    assert_eq!(town.count(CONSENTS).await, 24);
    assert_eq!(town.count(MESSAGES).await, 24);
    assert_eq!(town.count("SELECT COUNT(DISTINCT msisdn) FROM messages").await, 24);
    assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries").await, 24);
    assert_eq!(town.count("SELECT COUNT(*) FROM journal WHERE reply IS NULL").await, 0);
    Caller::new(&town, 40).walk(0..ACCOUNT.len()).await;
}
