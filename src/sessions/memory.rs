//! Session state in this process: bounded, each entry with its own end, saved by compare-and-set.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::{
    Expiry,
    ops::compute::{CompResult, Op},
    policy::EvictionPolicy,
    sync::Cache,
};

use super::{
    Loaded, SessionKey, Stored,
    limits::{Admission, Arrival, Limits, Windows},
};

/// Sessions held at once; past that the longest untouched is dropped, and folded again if its caller comes back.
const SESSIONS: u64 = 200_000;

/// Session state and limits of a single node.
pub struct Memory {
    places: Cache<SessionKey, Held>,
    windows: Windows,
}

#[derive(Clone)]
struct Held {
    version: u64,
    bytes: Arc<[u8]>,
    ttl: Duration,
}

impl Memory {
    /// An empty store.
    pub fn new(limits: Limits) -> Self {
        // Least recently used goes first: the default policy would rather turn away a session it has never seen.
        let places = Cache::builder()
            .max_capacity(SESSIONS)
            .eviction_policy(EvictionPolicy::lru())
            .expire_after(OwnEnd)
            .build();
        Self { places, windows: Windows::new(limits) }
    }

    pub(super) fn load(&self, key: &SessionKey, arrival: Arrival) -> Loaded {
        let held = self.places.get(key);
        let admitted = self.admit(key, Arrival { opens: arrival.opens && held.is_none(), ..arrival });
        let state = held.map(|held| Stored { version: held.version, bytes: held.bytes.to_vec() });
        Loaded { state, admitted }
    }

    /// Stores `version` if the one before it stands there; moka runs one such decision a key at a time.
    pub(super) fn save(&self, key: &SessionKey, version: u64, bytes: &[u8], ttl: Duration) -> bool {
        let new = Held { version, bytes: bytes.into(), ttl };
        let outcome = self.places.entry(*key).and_compute_with(|entry| {
            let stands = entry.map_or(0, |entry| entry.value().version);
            if stands.checked_add(1) == Some(version) { Op::Put(new) } else { Op::Nop }
        });
        matches!(outcome, CompResult::Inserted(_) | CompResult::ReplacedWith(_))
    }

    pub(super) fn admit(&self, key: &SessionKey, arrival: Arrival) -> Admission {
        self.windows.admit(key.caller, arrival)
    }
}

/// Each entry ends when its last save said it would; reading it doesn't prolong it.
struct OwnEnd;

impl Expiry<SessionKey, Held> for OwnEnd {
    fn expire_after_create(&self, _: &SessionKey, held: &Held, _: Instant) -> Option<Duration> {
        Some(held.ttl)
    }

    fn expire_after_update(
        &self,
        _: &SessionKey,
        held: &Held,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(held.ttl)
    }
}
