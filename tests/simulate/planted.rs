//! Faults planted in the gateway: each is found and named as what it is, and nothing else is reported.

use crate::{
    gateway::{Fault, Gateway, Run},
    town::{Backend, Town},
};

async fn with(fault: Fault, more: &[&str]) -> Run {
    let gateway = Gateway::of(Town::open(Backend::Embedded).await, fault).await;
    let arguments: Vec<&str> = ["--phones", "15", "--seed", "3", "--duplicates", "0"]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    gateway.simulate(&arguments).await
}

fn only(run: &Run, kind: &str) {
    assert_eq!(run.found(), [(kind.to_owned(), 1)], "{}", run.said.out);
    assert_eq!(run.summary["shown"].as_array().map(Vec::len), Some(1));
    assert_eq!(run.summary["shown"][0]["kind"], kind);
}

fn is_over(run: &Run, words: &str) {
    assert_eq!(run.said.code, 1, "{}", run.said.out);
    assert!(run.said.out.contains("budget     NOT kept") && run.said.out.contains(words), "{}", run.said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_session_is_found() {
    let run = with(Fault::LosesASession, &[]).await;
    only(&run, "lost");
    is_over(&run, "lost sessions: 1, and 0 are allowed");
    assert_eq!((run.number("well"), run.number("broken_off")), (14, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_screen_is_found_and_shown_without_what_is_personal() {
    let run = with(Fault::ShowsAnotherScreen, &[]).await;
    only(&run, "wrong");
    is_over(&run, "wrong screens: 1, and 0 are allowed");
    assert!(run.said.out.contains("got      | 1: Your neighbour's account"), "{}", run.said.out);
    assert!(run.said.out.contains("#####") && !run.said.out.contains("12345678"), "{}", run.said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_after_the_network_has_hung_up_is_found() {
    let run = with(Fault::NeverAnswers, &["--late-after", "6s", "--retries", "1"]).await;
    only(&run, "late");
    is_over(&run, "late answers: 1, and 0 are allowed");
    assert_eq!(run.number("well"), 15, "who was cut off has dialled again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_no_screen_is_found() {
    let run = with(Fault::AnswersWithAnError, &["--retries", "0"]).await;
    only(&run, "bad_answer");
    is_over(&run, "unusable answers: 1, and 0 are allowed");
    assert_eq!(run.number("broken_off"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_asks_to_try_again_is_counted_and_forgiven() {
    let run = with(Fault::SaysItIsBroken, &[]).await;
    only(&run, "try_again");
    assert_eq!((run.said.code, run.number("well")), (0, 15), "{}", run.said.out);
    let run = with(Fault::SaysItIsBroken, &["--budget", "try_again=0"]).await;
    is_over(&run, "asked to try again: 1, and 0 are allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_twice_is_a_double_effect() {
    let run = with(Fault::SendsEachSmsTwice, &[]).await;
    let promised = run.summary["sms"]["promised"].as_u64().expect("a number");
    assert!(promised > 0);
    assert_eq!(run.found(), [("double".to_owned(), promised)], "{}", run.said.out);
    is_over(&run, "double effects");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_that_counts_twice_is_a_double_effect() {
    let wrong_pin = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/wrong_pin.txt");
    let arguments =
        ["--journey", wrong_pin, "--phones", "6", "--duplicates", "1", "--kiswahili", "0", "--drops", "0"];
    let run = with_journey(&arguments).await;
    assert_eq!(run.found(), [("double".to_owned(), 6)], "{}", run.said.out);
    assert!(run.said.out.contains("wrong_pin, line"), "{}", run.said.out);
}

async fn with_journey(arguments: &[&str]) -> Run {
    let gateway = Gateway::of(Town::open(Backend::Embedded).await, Fault::CountsARepeat).await;
    gateway.simulate(&[&["--seed", "4"], arguments].concat()).await
}
