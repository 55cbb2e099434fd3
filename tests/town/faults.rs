//! What must hold when something behind the gateway breaks (`security.md` B): a file for each thing that can break.

use std::time::{Duration, Instant};

mod claims;
mod clocks;
mod disk;
mod postgres;
mod redis;

const ACCOUNTS: &str = "SELECT COUNT(*) FROM accounts";
const CONSENTS: &str = "SELECT COUNT(*) FROM consents";
const MESSAGES: &str = "SELECT COUNT(*) FROM messages";

/// Ask until it is so; half a minute is a guard against hanging, not a promise.
pub async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let guard = Instant::now() + Duration::from_secs(30);
    while !so().await {
        assert!(Instant::now() < guard, "it never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
