//! `kill -9` at any instant and `SIGTERM`: what was promised is in the database, nothing is there twice.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use daftari::clock::Chance;
use futures_util::{StreamExt as _, future::join_all, stream::FuturesUnordered};

use super::{Program, text};
use crate::{
    caller::{ACCOUNT, Caller, PIN, SOMETHING_IS_BROKEN},
    faults::eventually,
    town::SECRET,
};

const PHONES: usize = 20;
const HOPS: usize = PHONES * ACCOUNT.len();

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_on_after_kill_nine_before_every_hop() {
    let mut program = Program::serving().await;
    let mut caller = Caller::on(program.aggregator(SECRET), 10);
    for step in 0..ACCOUNT.len() {
        program.kill();
        program.serve().await;
        caller.aggregator = program.aggregator(SECRET);
        caller.walk(step..step + 1).await;
    }
    program.kill();
    assert_eq!(program.texts("SELECT msisdn FROM accounts").await, ["+254700000010"]);
    program.serve().await;
    let mut caller = Caller::on(program.aggregator(SECRET), 10);
    caller.send().await;
    assert!(caller.answer(PIN).await.text.starts_with("Hello Asha Njeri."));
}

/// What somebody types on a screen who wants an account; `None` when there is nothing left to do.
fn reply(caller: &Caller, screen: &str) -> Option<String> {
    let at = ACCOUNT.iter().position(|(_, begins)| screen.starts_with(begins));
    match at {
        Some(0..=2 | 6) | None if screen.contains("1: ") && !screen.starts_with("Type your PIN") => {
            Some("1".to_owned())
        }
        Some(3) => Some("Asha Njeri".to_owned()),
        Some(4) => Some("Wanjiku".to_owned()),
        Some(5) => Some(caller.national_id()),
        Some(7 | 8) => Some(PIN.to_owned()),
        _ => None,
    }
}

/// Open an account, whatever happens to the gateway meanwhile, and say whether the screen said so. Where a hop gets no
/// screen, one kind of aggregator sends it again, and with the other kind the person dials anew.
async fn open_account(mut caller: Caller, repeats: bool, answered: &AtomicUsize) -> bool {
    let guard = Instant::now() + Duration::from_mins(2);
    loop {
        assert!(Instant::now() < guard, "no account after two minutes");
        let shown = match caller.try_to_send().await {
            Ok(shown) if !shown.text.starts_with(SOMETHING_IS_BROKEN) => shown,
            _ => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if !repeats {
                    caller = caller.anew();
                }
                continue;
            }
        };
        answered.fetch_add(1, Ordering::Relaxed);
        match reply(&caller, &shown.text) {
            Some(typed) => caller.call.inputs.push(typed),
            None if shown.text.starts_with("Type your PIN") => return false,
            None => {
                assert!(shown.text.starts_with("Your account is open."), "{}", shown.text);
                return true;
            }
        }
    }
}

/// Ten seeded instants, as numbers of hops answered.
fn instants() -> Vec<usize> {
    let chance = Chance::seeded(20_261_122);
    let instants: BTreeSet<usize> =
        std::iter::repeat_with(|| usize::from(u16::from_be_bytes(chance.bytes())) % (HOPS - 10))
            .take(10)
            .collect();
    instants.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_nine_under_load_breaks_no_promise_and_doubles_nothing() {
    let mut program = Program::serving().await;
    let answered = AtomicUsize::new(0);
    let phones = (10..).take(PHONES).map(|last| Caller::on(program.aggregator(SECRET), last));
    let phones: Vec<Caller> = phones.collect();
    let calling = phones.into_iter().enumerate().map(|(n, phone)| open_account(phone, n % 2 == 0, &answered));
    let calling = join_all(calling);
    let killing = async {
        for instant in instants() {
            eventually("hops are answered", async || answered.load(Ordering::Relaxed) >= instant).await;
            program.kill();
            program.serve().await;
        }
    };
    let (told, ()) = tokio::join!(calling, killing);
    assert!(
        told.iter().step_by(2).all(|told| *told),
        "whoever's hops are repeated sees that the account is open"
    );
    assert!(program.terminate().await.success());
    let everybody: Vec<String> = (10..).take(PHONES).map(|last| format!("+2547000000{last}")).collect();
    assert_eq!(program.texts("SELECT msisdn FROM accounts ORDER BY msisdn").await, everybody);
    let told = "SELECT msisdn FROM messages WHERE purpose = 'account_opened' ORDER BY msisdn";
    assert_eq!(program.texts(told).await, everybody, "each is told once");
    assert_eq!(program.texts("SELECT action FROM audit_entries").await, vec!["account_opened"; PHONES]);
    let verified = program.run(&["audit", "verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soft_stop_answers_the_hops_that_are_in_flight() {
    let mut program = Program::serving().await;
    let mut callers = vec![];
    for last in 10..26 {
        let mut caller = Caller::on(program.aggregator(SECRET), last);
        caller.walk(0..9).await;
        caller.prepare(9);
        callers.push(caller);
    }
    // One hash takes a core for a while: when the first is answered, the others have been read and wait.
    let mut hops: FuturesUnordered<_> = callers.iter_mut().map(Caller::try_to_send).collect();
    let first = hops.next().await.expect("a hop").expect("an answer");
    let (status, others) = tokio::join!(program.terminate(), hops.collect::<Vec<_>>());
    assert_eq!(status.code(), Some(0));
    for shown in others.into_iter().map(|answer| answer.expect("it is answered")).chain([first]) {
        assert!(shown.ends && shown.text.starts_with("Your account is open."), "{}", shown.text);
    }
    assert_eq!(program.texts("SELECT msisdn FROM accounts").await.len(), 16);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_without_work_is_at_once_and_the_next_start_finds_everything() {
    let mut program = Program::serving().await;
    Caller::on(program.aggregator(SECRET), 10).walk(0..10).await;
    assert!(program.terminate().await.success());
    program.serve().await;
    let mut caller = Caller::on(program.aggregator(SECRET), 10);
    assert!(caller.send().await.text.starts_with("Type your PIN to sign in"));
}
