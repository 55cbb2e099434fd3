//! The command itself: whom it loads, how it ends, and with which code.

use crate::{
    binary::daftari,
    gateway::{Fault, Gateway},
    town::{Backend, SECRET, Town},
};

async fn fault_free() -> Gateway {
    Gateway::of(Town::open(Backend::Embedded).await, Fault::None).await
}

/// What is said by a run that can't be, with the code for that.
async fn refused(arguments: &[&str]) -> String {
    let said = daftari(&[&["simulate"], arguments].concat(), &[]).await;
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    said.err
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_host_is_loaded_only_with_the_words() {
    let far = refused(&["--url", "http://gateway.invalid", "--secret", SECRET]).await;
    assert!(
        far.contains("gateway.invalid is not this machine") && far.contains("--i-may-load-this-host"),
        "{far}"
    );
    let far = refused(&["--url", "http://127.0.0.1:1", "--secret", SECRET, "--i-may-load-this-host"]).await;
    assert!(far.contains("Nobody answers at http://127.0.0.1:1"), "with the words it is tried: {far}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_run_ends_with_two() {
    let gateway = fault_free().await;
    let url = gateway.url.as_str();
    let wrong = refused(&["--url", url, "--secret", "another-secret-than-the-gateway-has"]).await;
    assert!(wrong.contains("the secret is wrong"), "{wrong}");
    assert!(refused(&["--url", url]).await.contains("--secret"));
    assert!(
        refused(&["--url", url, "--secret", SECRET, "--budget", "fast=1"]).await.contains("fast is none of")
    );
    assert!(refused(&["--phones", "0"]).await.contains("0 is not in"));
    let journey = refused(&["--url", url, "--secret", SECRET, "--journey", "Cargo.toml"]).await;
    assert!(journey.contains("The journey Cargo.toml is wrong: line 1: this is no step"), "{journey}");
    let listen = refused(&["--url", url, "--secret", SECRET, "--sms-listen", "0.0.0.0:0"]).await;
    assert!(listen.contains("--sms-listen takes an address of this machine"), "{listen}");
    assert!(gateway.sent().is_empty(), "nothing was dialled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_budget_decides_the_code() {
    let gateway = fault_free().await;
    let kept = gateway.simulate(&["--phones", "3", "--seed", "1"]).await;
    assert_eq!(kept.said.code, 0, "{}", kept.said.out);
    assert!(kept.said.out.trim_end().ends_with("budget     kept"), "{}", kept.said.out);
    let over = gateway.simulate(&["--phones", "3", "--seed", "2", "--budget", "p50=0"]).await;
    assert_eq!(over.said.code, 1, "{}", over.said.out);
    assert!(
        over.said.out.contains("p50: ") && over.said.out.contains("0 ms are allowed"),
        "{}",
        over.said.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_ends_when_its_hops_or_its_time_are_used_up() {
    let gateway = fault_free().await;
    let run = gateway
        .simulate(&["--phones", "9", "--at-most-hops", "20", "--seed", "7", "--duplicates", "0"])
        .await;
    assert_eq!((run.number("hops"), run.said.code), (20, 1), "{}", run.said.out);
    assert_eq!(run.summary["stopped_early"], true);
    assert!(run.said.out.contains("unfinished journeys"), "{}", run.said.out);
    let run = gateway.simulate(&["--phones", "9", "--over", "10m", "--for", "10ms", "--seed", "8"]).await;
    assert!(run.number("unfinished") > 0 && run.summary["stopped_early"] == true, "{}", run.said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_that_the_gateway_has_met_is_told_so() {
    let gateway = fault_free().await;
    let journey = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/account.txt");
    for again in [false, true] {
        let run = gateway.simulate(&["--phones", "3", "--seed", "9", "--journey", journey]).await;
        let told = run.said.out.contains("Has this gateway met this crowd before?");
        assert_eq!((told, run.said.code == 0), (again, !again), "{}", run.said.out);
    }
}
