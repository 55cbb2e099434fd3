//! How many hops and new sessions one caller may have (`security.md` 28), and counting them in this process.
//!
//! Windows are fixed here as in Redis: one begins with the first event counted and forgets all at its end.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use moka::{policy::EvictionPolicy, sync::Cache};

/// How long hops are counted together.
pub(super) const HOPS_WINDOW: Duration = Duration::from_mins(1);
/// How long new sessions are counted together.
pub(super) const SESSIONS_WINDOW: Duration = Duration::from_mins(5);

/// Callers counted at once: a node's share of a season's peak, in about 20 MB. The longest silent are dropped first.
const CALLERS: u64 = 200_000;

/// What one caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Hops in one minute.
    pub hops_per_minute: u32,
    /// New sessions in five minutes.
    pub sessions_per_5_minutes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { hops_per_minute: 30, sessions_per_5_minutes: 10 }
    }
}

impl Limits {
    /// What follows from so many hops and new sessions in their windows, this one included.
    pub(super) fn judge(self, hops: u64, sessions: u64) -> Admission {
        if hops > u64::from(self.hops_per_minute) {
            Admission::TooManyHops
        } else if sessions > u64::from(self.sessions_per_5_minutes) {
            Admission::TooManySessions
        } else {
            Admission::Admitted
        }
    }
}

/// Whether a caller is within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Within both.
    Admitted,
    /// More hops in a minute than allowed.
    TooManyHops,
    /// More new sessions in five minutes than allowed.
    TooManySessions,
}

/// A hop as the limits see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Whether it opens a session.
    pub opens: bool,
    /// Four bytes that tell it from other hops of its caller, so that no hop is counted twice in a window;
    /// `None` where nothing tells a repeat.
    pub hop: Option<[u8; 4]>,
}

impl From<bool> for Arrival {
    fn from(opens: bool) -> Self {
        Self { opens, hop: None }
    }
}

/// What was counted: events that can be told apart, and how many can't.
#[derive(Default)]
struct Counted {
    known: Vec<[u8; 4]>,
    others: u64,
}

type Counters = Cache<[u8; 16], Arc<Mutex<Counted>>>;

/// The counters of this process.
pub(super) struct Windows {
    limits: Limits,
    hops: Counters,
    sessions: Counters,
}

impl Windows {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, hops: counters(HOPS_WINDOW), sessions: counters(SESSIONS_WINDOW) }
    }

    /// Counts a hop and, where it opens one, a session.
    pub(super) fn admit(&self, caller: [u8; 16], arrival: Arrival) -> Admission {
        let Limits { hops_per_minute, sessions_per_5_minutes } = self.limits;
        let hops = count(&self.hops, caller, arrival.hop, hops_per_minute);
        let sessions = if arrival.opens {
            count(&self.sessions, caller, arrival.hop, sessions_per_5_minutes)
        } else {
            0
        };
        self.limits.judge(hops, sessions)
    }
}

/// Least recently used goes first: the default policy would rather turn away a caller it has never seen.
fn counters(window: Duration) -> Counters {
    Cache::builder().max_capacity(CALLERS).eviction_policy(EvictionPolicy::lru()).time_to_live(window).build()
}

/// Counting changes what is inside the entry, not the entry, so its window doesn't begin anew. What comes when the
/// `limit` is passed is not remembered: it could change nothing.
fn count(counters: &Counters, caller: [u8; 16], hop: Option<[u8; 4]>, limit: u32) -> u64 {
    let counted = counters.get_with(caller, Arc::default);
    let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
    if counted.total() <= u64::from(limit) {
        match hop {
            None => counted.others += 1,
            Some(hop) if counted.known.contains(&hop) => {}
            Some(hop) => counted.known.push(hop),
        }
    }
    counted.total()
}

impl Counted {
    fn total(&self) -> u64 {
        self.known.len() as u64 + self.others
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_hops_a_minute_and_ten_sessions_in_five_are_the_default() {
        let limits = Limits::default();
        assert_eq!(limits.judge(30, 10), Admission::Admitted);
        assert_eq!(limits.judge(31, 10), Admission::TooManyHops);
        assert_eq!(limits.judge(30, 11), Admission::TooManySessions);
    }

    #[test]
    fn one_caller_never_uses_up_anothers_hops() {
        let windows = Windows::new(Limits { hops_per_minute: 1, sessions_per_5_minutes: 1 });
        assert_eq!(windows.admit([1; 16], true.into()), Admission::Admitted);
        assert_eq!(windows.admit([1; 16], false.into()), Admission::TooManyHops);
        assert_eq!(windows.admit([2; 16], true.into()), Admission::Admitted);
    }

    #[test]
    fn the_same_hop_again_is_not_counted() {
        let windows = Windows::new(Limits { hops_per_minute: 2, sessions_per_5_minutes: 1 });
        let hop = |n: u8| Arrival { opens: true, hop: Some([n; 4]) };
        for _ in 0..64 {
            assert_eq!(windows.admit([1; 16], hop(1)), Admission::Admitted);
        }
        assert_eq!(windows.admit([1; 16], hop(2)), Admission::TooManySessions);
    }

    #[test]
    fn counting_never_prolongs_a_window() {
        let counters = counters(Duration::from_millis(50));
        assert_eq!(count(&counters, [1; 16], None, 30), 1);
        // Counted without a pause, a window that counting prolonged would never end.
        let hang_guard = std::time::Instant::now() + Duration::from_secs(20);
        while count(&counters, [1; 16], None, 30) != 1 {
            assert!(std::time::Instant::now() < hang_guard, "the window never ended");
        }
    }
}
