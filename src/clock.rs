//! Now and chance, handed in so that tests can freeze the one and seed the other.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, Utc};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use uuid::Uuid;

/// The current time, in whole microseconds: what both database engines keep.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's own clock.
    #[default]
    System,
    /// A clock that only moves when a test moves it.
    Frozen(Arc<Mutex<DateTime<Utc>>>),
}

impl Clock {
    /// A clock that stands still at `at`.
    pub fn frozen(at: DateTime<Utc>) -> Self {
        Self::Frozen(Arc::new(Mutex::new(at)))
    }

    /// The instant it is now.
    #[allow(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::System => Utc::now(),
            Self::Frozen(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
        .trunc_subsecs(6)
    }

    /// Move a frozen clock by `by`; the system clock can't be moved and stays.
    pub fn advance(&self, by: chrono::Duration) {
        if let Self::Frozen(at) = self {
            let mut at = at.lock().unwrap_or_else(PoisonError::into_inner);
            *at += by;
        }
    }
}

/// Random bytes for nonces, ids and jitter: the operating system's generator, or a seeded one in tests.
#[derive(Clone)]
pub struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    /// Seeded once by the operating system.
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the one place that seeds from the operating system"
    )]
    pub fn from_system() -> Self {
        Self(Arc::new(Mutex::new(rand::make_rng())))
    }

    /// The same sequence every time, for tests and `simulate`.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// Random bytes into a slice.
    pub fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }

    /// A time-ordered id (UUID version 7) for a thing made at `now`.
    pub fn id(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }

    /// A number between 0 and 1, for jitter.
    pub fn fraction(&self) -> f64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random::<f64>()
    }
}
