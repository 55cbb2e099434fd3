//! Session state in Redis: one round trip a call, a deadline over it, and a breaker over the deadlines.
//!
//! A value is its version (8 bytes, big-endian) and the sealed bytes. Every write is conditional or puts something into
//! a set, so what the client repeats after a failover does no harm: a save reports a conflict, a hop is counted once.

use std::{
    io,
    num::NonZeroU32,
    pin::pin,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use recloser::{AsyncRecloser, Recloser};
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult, Script, ServerErrorKind};

use super::{
    Loaded, SessionKey, StateUnavailable, Stored,
    keys::Keys,
    limits::{Admission, Arrival, HOPS_WINDOW, Limits, SESSIONS_WINDOW, Windows},
    link::Link,
};

/// How long a call may take in all. Africa's Talking gives up on a hop after 10 s, a paused Redis held calls for as
/// long, and without the state the hop folds, which needs no Redis: so it isn't worth waiting for. A call within a
/// data centre takes under 1 ms.
pub const DEADLINE: Duration = Duration::from_millis(250);

/// How long nothing is asked of a Redis that failed; then a few calls probe it.
const REST: Duration = Duration::from_secs(1);

/// Session state and limits shared by any number of nodes.
pub struct Redis {
    link: Link,
    limits: Limits,
    alone: Windows,
    load: Lua,
    save: Lua,
    /// Whether the server knows the plain commands that most hops are counted with; false from the first refusal on.
    plain: AtomicBool,
    breaker: AsyncRecloser,
    round_trips: AtomicU64,
    complaints: DefaultDirectRateLimiter,
}

impl Redis {
    pub(super) fn new(link: Link, limits: Limits) -> Self {
        Self {
            breaker: breaker(&link),
            link,
            limits,
            alone: Windows::new(limits),
            load: Lua::new(include_str!("load.lua")),
            save: Lua::new(include_str!("save.lua")),
            plain: AtomicBool::new(true),
            round_trips: AtomicU64::new(0),
            complaints: RateLimiter::direct(Quota::per_minute(NonZeroU32::MIN)),
        }
    }

    pub(super) async fn load(&self, key: &SessionKey, arrival: Arrival) -> Result<Loaded, StateUnavailable> {
        let (keys, hop) = (Keys::of(key), arrival.hop.map(i32::from_be_bytes));
        let (value, hops, sessions) = self
            .guarded(async {
                if let Some(hop) = hop.filter(|_| !arrival.opens && self.plain.load(Ordering::Relaxed)) {
                    match self.load_plainly(&keys, hop).await {
                        // Before version 7 of Redis PEXPIRE has no NX.
                        Err(e) if e.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) => {
                            self.plain.store(false, Ordering::Relaxed);
                        }
                        loaded => return loaded,
                    }
                }
                self.load_by_script(&keys, hop, arrival.opens).await
            })
            .await?;
        Ok(Loaded { state: value.as_deref().and_then(stored), admitted: self.limits.judge(hops, sessions) })
    }

    /// A hop that opens nothing, by plain commands: a third of what the script takes of Redis. Each does by itself what
    /// it should however often it is carried out, so it doesn't matter what comes between them.
    async fn load_plainly(&self, keys: &Keys, hop: i32) -> RedisResult<Counted> {
        let command = |name, key: &str| {
            let mut command = redis::cmd(name);
            command.arg(key);
            command
        };
        let state = command("GET", &keys.state);
        let mut counted = command("SADD", &keys.hops);
        counted.arg(hop);
        let mut until = command("PEXPIRE", &keys.hops);
        until.arg(millis(HOPS_WINDOW)).arg("NX");
        let count = command("SCARD", &keys.hops);
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        let (value, _, _, hops): (_, u64, u64, _) =
            self.link.query_all([state, counted, until, count]).await?;
        Ok((value, hops, 0))
    }

    async fn load_by_script(&self, keys: &Keys, hop: Option<i32>, opens: bool) -> RedisResult<Counted> {
        let [opens, minute, minutes] =
            [u64::from(opens), HOPS_WINDOW.as_secs(), SESSIONS_WINDOW.as_secs()].map(|arg| arg.to_string());
        let hop = hop.map(|hop| hop.to_string()).unwrap_or_default();
        let args = [&opens, &minute, &minutes, &hop].map(String::as_bytes);
        self.run(&self.load, &[&keys.state, &keys.hops, &keys.sessions], &args).await
    }

    pub(super) async fn save(
        &self,
        key: &SessionKey,
        version: u64,
        bytes: &[u8],
        ttl: Duration,
    ) -> Result<bool, StateUnavailable> {
        let expected = version.saturating_sub(1).to_be_bytes();
        let value = [&version.to_be_bytes(), bytes].concat();
        let ttl = millis(ttl).to_string();
        let args = [&expected, value.as_slice(), ttl.as_bytes()];
        self.guarded(self.run(&self.save, &[&Keys::state(key)], &args)).await
    }

    pub(super) fn admit_locally(&self, key: &SessionKey, arrival: Arrival) -> Admission {
        self.alone.admit(key.caller, arrival)
    }

    pub(super) async fn ping(&self) -> Result<(), StateUnavailable> {
        self.guarded(self.send::<String>(redis::cmd("PING"))).await.map(drop)
    }

    pub(super) fn round_trips(&self) -> u64 {
        self.round_trips.load(Ordering::Relaxed)
    }

    pub(super) fn kind(&self) -> &'static str {
        match self.link {
            Link::Single(_) => "redis",
            Link::Cluster(_) => "redis-cluster",
        }
    }

    /// Runs a script by its hash. A server that doesn't know it (new, restarted, flushed) is sent the text instead, and
    /// knows it from then on. Sent to the key's own node, so a dead master elsewhere can't stop it, as it would stop
    /// the `SCRIPT LOAD` to all masters that the client has for this.
    async fn run<T: FromRedisValue>(&self, lua: &Lua, keys: &[&str], args: &[&[u8]]) -> RedisResult<T> {
        match self.send(lua.by_hash(keys, args)).await {
            Err(e) if e.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.send(lua.in_full(keys, args)).await
            }
            answer => answer,
        }
    }

    async fn send<T: FromRedisValue>(&self, command: Cmd) -> RedisResult<T> {
        self.round_trips.fetch_add(1, Ordering::Relaxed);
        self.link.query(command).await
    }

    /// Waits for `call` until the deadline, or not at all while the breaker is open.
    async fn guarded<T>(&self, call: impl Future<Output = RedisResult<T>>) -> Result<T, StateUnavailable> {
        // Pinned here, because the timer and the breaker would move all of it about.
        let call = pin!(call);
        let in_time = async {
            let late = |_| Err(io::Error::from(io::ErrorKind::TimedOut).into());
            tokio::time::timeout(DEADLINE, call).await.unwrap_or_else(late)
        };
        self.breaker.call(in_time).await.map_err(|error| {
            if let recloser::Error::Inner(error) = error {
                self.complain(&error);
            }
            StateUnavailable
        })
    }

    /// Says at most once a minute why Redis fails. Only the kind: a server's own words may quote what it was sent.
    fn complain(&self, error: &RedisError) {
        if self.complaints.check().is_ok() {
            tracing::warn!(
                redis.error = ?error.kind(),
                redis.late = error.is_timeout(),
                "Redis failed a call; sessions are folded until it answers"
            );
        }
    }
}

/// The breaker decides with the first call after its window is full. On a single Redis most of a handful of calls say
/// enough. On a cluster one dead master of three fails a third of all calls, and must not take the others with it.
fn breaker(link: &Link) -> AsyncRecloser {
    let (calls, probes, failing) = match link {
        Link::Single(_) => (4, 1, 0.5),
        Link::Cluster(_) => (20, 4, 0.75),
    };
    Recloser::custom()
        .closed_len(calls)
        .half_open_len(probes)
        .error_rate(failing)
        .open_wait(REST)
        .build()
        .into()
}

/// Anything too short to hold a version was not written by us, and counts as nothing.
fn stored(value: &[u8]) -> Option<Stored> {
    let (version, bytes) = value.split_first_chunk()?;
    Some(Stored { version: u64::from_be_bytes(*version), bytes: bytes.to_vec() })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A state as it is kept, the hops and the new sessions counted.
type Counted = (Option<Vec<u8>>, u64, u64);

/// A script and the hash that Redis knows it by.
struct Lua {
    text: &'static str,
    hash: String,
}

impl Lua {
    fn new(text: &'static str) -> Self {
        Self { text, hash: Script::new(text).get_hash().to_owned() }
    }

    fn by_hash(&self, keys: &[&str], args: &[&[u8]]) -> Cmd {
        command("EVALSHA", &self.hash, keys, args)
    }

    fn in_full(&self, keys: &[&str], args: &[&[u8]]) -> Cmd {
        command("EVAL", self.text, keys, args)
    }
}

fn command(name: &str, script: &str, keys: &[&str], args: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd(name);
    command.arg(script).arg(keys.len()).arg(keys).arg(args);
    command
}
