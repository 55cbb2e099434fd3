//! Where the state of a live USSD session is kept: in this process or in Redis, with one behaviour.
//!
//! What is kept is a cache of the fold (`design.md` 1): losing it costs a fold, never a promise. The bytes arrive
//! sealed, the caller's number and the session's id as keyed hashes; this module could not read any of them. What a hop does when the
//! store gives no answer (fold, and count with [`SessionStore::admit_locally`]) is the hop's business.

use std::{fmt, time::Duration};

mod address;
mod keys;
mod limits;
mod link;
mod memory;
mod redis;
mod together;

pub use self::{
    address::ConnectError,
    limits::{Admission, Arrival, Limits},
    memory::Memory,
    redis::{DEADLINE, Redis},
};

/// No state lives longer than a day, whatever is asked: a session is over after ten minutes.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

/// One caller's place. Everything of a caller shares a Redis Cluster slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionKey {
    /// A keyed hash of the caller's number, made by whoever holds the key.
    pub caller: [u8; 16],
    /// A keyed hash of the aggregator and its id of the session.
    pub session: [u8; 16],
}

/// A state as it stands in the store.
#[derive(Clone, PartialEq, Eq)]
pub struct Stored {
    /// Counts the saves of this state, from 1.
    pub version: u64,
    /// The sealed bytes, as they were saved.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stored").field("version", &self.version).field("len", &self.bytes.len()).finish()
    }
}

/// What a hop learns from the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The session's state, when there is one.
    pub state: Option<Stored>,
    /// Whether the caller is within the limits.
    pub admitted: Admission,
}

/// The store of session state gave no answer in time, or none was asked for because it gave none before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store of session state gives no answer")]
pub struct StateUnavailable;

/// The store of session state. Both kinds behave alike; the tests run on both.
pub enum SessionStore {
    /// In this process: the embedded default, for one node.
    Memory(Memory),
    /// In Redis, single or clustered: any number of nodes.
    Redis(Box<Redis>),
}

impl SessionStore {
    /// Opens the store that `url` names: `memory:`, `redis://…`, `rediss://…` or `redis+cluster://host:port,host:port,…`
    /// (`rediss+cluster://` with TLS).
    ///
    /// Only a URL that can't be read is an error. A Redis that can't be reached is logged and tried again with the
    /// next hops: a node without Redis serves by folding, and must also be able to start that way.
    pub async fn connect(url: &str, limits: Limits) -> Result<Self, ConnectError> {
        let Some(link) = link::Link::open(address::Address::parse(url)?)? else {
            return Ok(Self::Memory(Memory::new(limits)));
        };
        let redis = Redis::new(link, limits);
        if redis.ping().await.is_err() {
            tracing::warn!(
                state.kind = redis.kind(),
                "Redis can't be reached; sessions are folded from what was typed until it can"
            );
        }
        Ok(Self::Redis(Box::new(redis)))
    }

    /// Reads the state and counts the hop, and the session too when the hop `opens` one and no state is there; one
    /// round trip. A hop over a limit is counted all the same.
    pub async fn load(
        &self,
        key: &SessionKey,
        arrival: impl Into<Arrival>,
    ) -> Result<Loaded, StateUnavailable> {
        match self {
            Self::Memory(memory) => Ok(memory.load(key, arrival.into())),
            Self::Redis(redis) => redis.load(key, arrival.into()).await,
        }
    }

    /// Stores `bytes` as version `expected + 1` for `ttl` (1 ms to a day) if version `expected` stands there (0: if
    /// nothing does); one round trip. `false` says that another version stands there and nothing was changed.
    ///
    /// The Redis client may repeat a save whose answer was lost, and the repeat finds the first one's work: then
    /// `false` comes back although these bytes were stored. After an error, too, they may have been. Both are harmless
    /// to whoever loads again after a conflict, as a hop does.
    pub async fn save(
        &self,
        key: &SessionKey,
        expected: u64,
        bytes: &[u8],
        ttl: Duration,
    ) -> Result<bool, StateUnavailable> {
        let Some(version) = expected.checked_add(1) else {
            return Ok(false);
        };
        let ttl = ttl.clamp(Duration::from_millis(1), LONGEST_LIFE);
        match self {
            Self::Memory(memory) => Ok(memory.save(key, version, bytes, ttl)),
            Self::Redis(redis) => redis.save(key, version, bytes, ttl).await,
        }
    }

    /// Counts a hop, and the session that it `opens`, in this process only: what the hop does when `load` gave no
    /// answer, so that losing Redis opens no door.
    pub fn admit_locally(&self, key: &SessionKey, arrival: impl Into<Arrival>) -> Admission {
        match self {
            Self::Memory(memory) => memory.admit(key, arrival.into()),
            Self::Redis(redis) => redis.admit_locally(key, arrival.into()),
        }
    }

    /// Asks whether the store answers; of a cluster, every master.
    pub async fn ping(&self) -> Result<(), StateUnavailable> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(redis) => redis.ping().await,
        }
    }

    /// How many requests went over the network so far; 0 in memory. What the Redis client repeats by itself after a
    /// moved slot or a broken connection is not seen here.
    pub fn round_trips(&self) -> u64 {
        match self {
            Self::Memory(_) => 0,
            Self::Redis(redis) => redis.round_trips(),
        }
    }

    /// `memory`, `redis` or `redis-cluster`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Memory(_) => "memory",
            Self::Redis(redis) => redis.kind(),
        }
    }
}
