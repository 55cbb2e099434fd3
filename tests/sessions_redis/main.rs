//! The store of session state, in memory, on a single Redis and on a Redis Cluster: `suite` is what all three do alike,
//! `faults` is what happens when Redis goes away, pauses, forgets or comes back.
//!
//! The suite shares the servers that `tests/run` starts; whoever breaks a server starts its own (`servers`).

mod faults;
mod servers;
mod suite;

use std::time::{Duration, Instant};

use daftari::{
    clock::Chance,
    sessions::{Arrival, Limits, SessionKey, SessionStore},
};

/// How long a session's state lives in these tests, unless that is what is tested.
const TTL: Duration = Duration::from_mins(1);

/// A store with the limits of `security.md` 28.
async fn open(url: &str) -> SessionStore {
    SessionStore::connect(url, Limits::default()).await.expect("the URL is well formed")
}

/// A place of a caller that nobody else has.
fn a_place() -> SessionKey {
    a_place_of(Chance::from_system().bytes(), 1)
}

fn a_place_of(caller: [u8; 16], session: u8) -> SessionKey {
    SessionKey { caller, session: [session; 16] }
}

/// A hop of an open session that differs from those of other numbers.
fn a_hop(n: u8) -> Arrival {
    Arrival { opens: false, hop: Some([n ^ 0x80, 1, 2, 3]) }
}

/// Asks again until the answer is yes. Fails after 30 s: that is no expectation, only a guard against hanging.
async fn eventually<F: Future<Output = bool>>(what: &str, mut ask: impl FnMut() -> F) {
    let guard = Instant::now() + Duration::from_secs(30);
    while !ask().await {
        assert!(Instant::now() < guard, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits for `answer`, and fails when it hangs.
async fn unhung<T>(answer: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), answer).await.expect("the call hangs")
}
