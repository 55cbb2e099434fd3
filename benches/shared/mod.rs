//! What both benches need: medians, resident memory, and stores full of sessions.

use std::{fs, ops::Range, time::Duration};

use anyhow::{Context as _, ensure};
use daftari::sessions::{Arrival, SessionKey, SessionStore};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

/// How many are put into a store at once.
const AT_ONCE: usize = 256;
/// Longer than any measurement.
const LIFE: Duration = Duration::from_hours(2);

/// The middle of some figures.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The memory that a process has resident, in bytes. `self` is this one.
pub fn resident(process: &str) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "nobody counts so far")]
pub fn figure(count: u64) -> f64 {
    count as f64
}

/// Count a dial of each of these callers, as their first hop does.
pub async fn fill_counters(store: &SessionStore, callers: Range<u64>) -> anyhow::Result<()> {
    stream::iter(callers)
        .map(async |n| {
            let hop = n.to_le_bytes().first_chunk().copied();
            store.load(&key(n), Arrival { opens: true, hop }).await?;
            anyhow::Ok(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// Keep a state of so many bytes for each of these callers.
pub async fn fill_states(store: &SessionStore, callers: Range<u64>, bytes: usize) -> anyhow::Result<()> {
    let state = vec![7; bytes];
    stream::iter(callers)
        .map(async |n| {
            ensure!(store.save(&key(n), 0, &state, LIFE).await?, "there was a state already");
            Ok(())
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await
}

/// As spread as a keyed hash of the number is.
fn key(n: u64) -> SessionKey {
    let caller = (u128::from(n) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes();
    SessionKey { caller, session: caller }
}
