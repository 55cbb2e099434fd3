//! A PIN and national IDs as canaries: typed through every flow and into every fault, then looked for in everything
//! the gateway leaves behind: log, metrics, every byte of SQL and Redis, the outbox (`security.md` 25). A test binary
//! of its own, because the log is captured for the whole process.

use daftari::clock::Chance;

use crate::town::{Backend, Town};

#[allow(dead_code, reason = "what these tests need of it")]
#[path = "../town/browser.rs"]
mod browser;
mod faults;
mod flows;
mod forms;
mod log;
mod portal;
#[allow(dead_code, reason = "what these tests need of it")]
#[path = "../town/raw.rs"]
mod raw;
#[path = "../shared/ready_made.rs"]
mod ready_made;
mod scan;
#[allow(dead_code, unused_imports, unused_macros, reason = "what these tests need of it")]
#[path = "../town/town.rs"]
mod town;

/// A PIN that everybody may choose.
const PIN: &str = "917364";
/// What all national IDs typed here begin with.
const ID: &str = "3571986";
/// What is planted to see that it would be found.
const PLANTED: &str = "402815";
/// Another PIN, of which nothing has to be hidden from these tests.
const OTHER_PIN: &str = "462085";
/// Nothing listens there.
const REDIS_AWAY: (&str, &str) = ("DAFTARI_STATE__URL", "redis://127.0.0.1:1");

/// The log and the panic hook are the process's: one town at a time.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn no_canary_is_found(backend: Backend, settings: &[(&str, &str)]) {
    let _turn = TURN.lock().await;
    log::capture();
    let mut town = Town::with(backend, settings).await;
    scan::plant(&town, &Chance::seeded(7)).await;
    scan::finds_what_is_planted(&town).await;
    let codes = flows::all(&mut town).await;
    scan::finds_nothing(&town, &codes).await;
    faults::all(&mut town).await;
    scan::finds_nothing(&town, &codes).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_is_found_on_the_embedded_default() {
    no_canary_is_found(Backend::Embedded, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_is_found_on_postgres_and_redis() {
    no_canary_is_found(Backend::Production, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_is_found_on_postgres_and_redis_cluster() {
    no_canary_is_found(Backend::Cluster, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_canary_is_found_when_redis_is_gone() {
    no_canary_is_found(Backend::Production, &[REDIS_AWAY]).await;
}
