//! Hashes of PINs and passwords (`security.md` 13): Argon2id over HMAC-SHA256(pepper, PIN), as a PHC string with the
//! pepper's id beside it.
//! One hash takes 19 MiB and 36 ms of a core, so hashing runs on blocking threads, no more at once than there are cores.
//! Counting tries is left to `services/`.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    thread::available_parallelism,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::Error as PhcError,
};
use tokio::{sync::Semaphore, task::spawn_blocking};
use zeroize::Zeroizing;

use super::keys::{Keys, Purpose};
use crate::model::{Password, Pin};

/// Memory in KiB, passes and lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);

/// The most memory (KiB), passes and lanes that a kept hash may ask for: a row that somebody tampered with must not take
/// the machine's memory.
const MOST: (u32, u32, u32) = (256 * 1024, 16, 8);

/// A hash of nothing, at the same cost: what an unknown person's PIN is checked against.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A secret that somebody types and that is kept as a hash only.
pub trait Typed {
    /// What is hashed.
    fn bytes(&self) -> &[u8];
}

impl Typed for Pin {
    fn bytes(&self) -> &[u8] {
        self.digits().as_bytes()
    }
}

impl Typed for Password {
    fn bytes(&self) -> &[u8] {
        self.text().as_bytes()
    }
}

/// What is kept of a PIN or password.
#[derive(Clone, PartialEq, Eq)]
pub struct PinHash {
    /// The hash with its parameters and salt, as a PHC string.
    pub phc: String,
    /// The id of the pepper.
    pub pepper_id: String,
}

/// What checking a PIN gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PinCheck {
    /// It is the PIN.
    Right {
        /// The hash was made with an old pepper or old parameters: hash the PIN again while it is at hand.
        rehash: bool,
    },
    /// It is not the PIN.
    Wrong,
}

/// Why a PIN could be neither hashed nor checked. It says nothing about whether it was right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashingFailed {
    /// No pepper of that id is held: it was retired too early, or this node has not got the new key file.
    #[error("the PIN was hashed with the pepper {0}, which is not in the key file")]
    UnknownPepper(String),
    /// What was kept is no Argon2 hash, or asks for absurd work.
    #[error("the kept PIN hash can't be read")]
    Unreadable,
    /// There is no memory for it now.
    #[error("there is no memory to hash a PIN")]
    NoMemory,
    /// The program is stopping, or the work broke off.
    #[error("hashing a PIN broke off")]
    BrokeOff,
}

/// Hashes and checks PINs, no more at once than it was made for. Clones share the limit.
#[derive(Debug, Clone)]
pub struct PinHasher {
    permits: Arc<Semaphore>,
    waiting: Arc<AtomicU32>,
    runs: Arc<AtomicU64>,
}

/// One who waits for a core, until dropped.
struct Waiting(Arc<AtomicU32>);

impl Waiting {
    fn among(waiting: &Arc<AtomicU32>) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting.clone())
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

type Peppered = Zeroizing<[u8; 32]>;

impl PinHasher {
    /// A hasher that uses at most `cores` cores, and at least one.
    pub fn new(cores: usize) -> Self {
        let permits = Semaphore::new(cores.clamp(1, Semaphore::MAX_PERMITS));
        Self { permits: Arc::new(permits), waiting: Arc::default(), runs: Arc::default() }
    }

    /// How many are waiting for a core now.
    pub fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// How often it has hashed or checked: what tells whether two requests did the same work.
    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// A hasher for the cores of this machine.
    pub fn for_this_machine() -> Self {
        Self::new(available_parallelism().map_or(1, usize::from))
    }

    /// Hash a PIN or password with the current pepper; `salt` is random and used once.
    pub async fn hash(
        &self,
        keys: &Keys,
        pin: &impl Typed,
        salt: [u8; 16],
    ) -> Result<PinHash, HashingFailed> {
        let pepper_id = keys.current_id(Purpose::Pepper).to_owned();
        let peppered = peppered(keys, &pepper_id, pin)?;
        let hashed =
            self.counted(move || argon2().hash_password_with_salt(peppered.as_slice(), &salt)).await?;
        Ok(PinHash { phc: hashed.map_err(failed)?.to_string(), pepper_id })
    }

    /// Check a PIN or password against what was kept.
    pub async fn check(
        &self,
        keys: &Keys,
        pin: &impl Typed,
        kept: &PinHash,
    ) -> Result<PinCheck, HashingFailed> {
        let peppered = peppered(keys, &kept.pepper_id, pin)?;
        let hash = readable(&kept.phc)?;
        let rehash = kept.pepper_id != keys.current_id(Purpose::Pepper) || !is_of_today(&hash);
        match self.counted(move || argon2().verify_password(peppered.as_slice(), &hash)).await? {
            Ok(()) => Ok(PinCheck::Right { rehash }),
            Err(PhcError::PasswordInvalid) => Ok(PinCheck::Wrong),
            Err(error) => Err(failed(error)),
        }
    }

    /// The work of a check for somebody who is not known, so that the time it takes tells nothing. Always wrong.
    pub async fn dummy(&self, keys: &Keys, pin: &impl Typed) -> Result<PinCheck, HashingFailed> {
        let pepper_id = keys.current_id(Purpose::Pepper).to_owned();
        self.check(keys, pin, &PinHash { phc: NOBODY.to_owned(), pepper_id }).await?;
        Ok(PinCheck::Wrong)
    }

    /// Run `work` on a blocking thread. The permit goes with it: a caller who gives up while it runs frees no core.
    async fn counted<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, HashingFailed> {
        let waiting = Waiting::among(&self.waiting);
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| HashingFailed::BrokeOff)?;
        drop(waiting);
        self.runs.fetch_add(1, Ordering::Relaxed);
        let running = spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        running.await.map_err(|_| HashingFailed::BrokeOff)
    }
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, today())
}

fn today() -> Params {
    let (memory, passes, lanes) = COST;
    Params::new(memory, passes, lanes, None).expect("the cost is within Argon2's limits")
}

fn cost(params: &Params) -> (u32, u32, u32) {
    (params.m_cost(), params.t_cost(), params.p_cost())
}

fn peppered(keys: &Keys, pepper_id: &str, pin: &impl Typed) -> Result<Peppered, HashingFailed> {
    let pepper = keys.set(Purpose::Pepper).get(pepper_id);
    let pepper = pepper.ok_or_else(|| HashingFailed::UnknownPepper(pepper_id.to_owned()))?;
    Ok(Zeroizing::new(pepper.hmac(pin.bytes())))
}

fn readable(phc: &str) -> Result<PasswordHash, HashingFailed> {
    let hash = PasswordHash::new(phc).map_err(|_| HashingFailed::Unreadable)?;
    let (memory, passes, lanes) =
        Params::try_from(&hash).as_ref().map_err(|_| HashingFailed::Unreadable).map(cost)?;
    let bearable = memory <= MOST.0 && passes <= MOST.1 && lanes <= MOST.2;
    let whole = hash.salt.is_some() && hash.hash.is_some();
    if bearable && whole { Ok(hash) } else { Err(HashingFailed::Unreadable) }
}

fn is_of_today(hash: &PasswordHash) -> bool {
    hash.algorithm.as_str() == Algorithm::Argon2id.as_str()
        && hash.version == Some(Version::V0x13.into())
        && Params::try_from(hash).is_ok_and(|params| cost(&params) == COST)
}

fn failed(error: PhcError) -> HashingFailed {
    match error {
        PhcError::OutOfMemory => HashingFailed::NoMemory,
        _ => HashingFailed::Unreadable,
    }
}

impl fmt::Debug for PinHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinHash(… with {})", self.pepper_id)
    }
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::mpsc, task::Poll};

    use super::*;
    use crate::secrets::keys::counted_chance;

    fn pin(digits: &str) -> Pin {
        Pin::parse(digits, digits.len()).unwrap()
    }

    #[tokio::test]
    async fn a_pin_is_hashed_checked_and_rehashed_when_the_pepper_changes() {
        let mut chance = counted_chance();
        let old = Keys::generate(&mut chance);
        let new = old.with_new_key(Purpose::Pepper, chance);
        let hasher = PinHasher::new(2);
        let kept = hasher.hash(&old, &pin("907318"), [3; 16]).await.unwrap();
        assert!(
            kept.phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$AwMDAwMDAwMDAwMDAwMDAw$"),
            "{}",
            kept.phc
        );
        assert_eq!(format!("{kept:?}"), "PinHash(… with p1)");

        let check = async |keys, digits| hasher.check(keys, &pin(digits), &kept).await;
        assert_eq!(check(&old, "907318").await, Ok(PinCheck::Right { rehash: false }));
        assert_eq!(check(&old, "907319").await, Ok(PinCheck::Wrong));
        assert_eq!(check(&new, "907318").await, Ok(PinCheck::Right { rehash: true }));
        let retired = new.retire(Purpose::Pepper, "p1").unwrap();
        assert_eq!(check(&retired, "907318").await, Err(HashingFailed::UnknownPepper("p1".to_owned())));
    }

    #[tokio::test]
    async fn another_pepper_makes_the_right_pin_wrong() {
        let mut chance = counted_chance();
        let (ours, theirs) = (Keys::generate(&mut chance), Keys::generate(&mut chance));
        // The least that Argon2 allows, since only the pepper matters here.
        let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
        let secret = peppered(&ours, "p1", &pin("907318")).unwrap();
        let phc = cheap.hash_password_with_salt(secret.as_slice(), &[3; 16]).unwrap().to_string();
        let kept = PinHash { phc, pepper_id: "p1".to_owned() };
        let hasher = PinHasher::new(1);
        let right = hasher.check(&ours, &pin("907318"), &kept).await;
        assert_eq!(right, Ok(PinCheck::Right { rehash: true }), "old parameters ask for a new hash");
        assert_eq!(hasher.check(&theirs, &pin("907318"), &kept).await, Ok(PinCheck::Wrong));
    }

    #[tokio::test]
    async fn somebody_unknown_costs_the_same_and_is_always_wrong() {
        let hash = readable(NOBODY).unwrap();
        assert!(is_of_today(&hash));
        assert_eq!(hash.hash.unwrap().len(), Params::DEFAULT_OUTPUT_LEN);
        assert_eq!(hash.salt.unwrap().len(), 16);
        let keys = Keys::generate(counted_chance());
        assert_eq!(PinHasher::for_this_machine().dummy(&keys, &pin("907318")).await, Ok(PinCheck::Wrong));
    }

    #[tokio::test]
    async fn a_spoilt_or_greedy_hash_is_refused_before_any_work() {
        let keys = Keys::generate(counted_chance());
        let greedy = NOBODY.replace("m=19456", "m=4194304");
        let slow = NOBODY.replace("t=2", "t=1000000");
        let cut = NOBODY.rsplit_once('$').unwrap().0;
        for phc in ["", "907318", "$argon2id$", &greedy, &slow, cut] {
            let kept = PinHash { phc: phc.to_owned(), pepper_id: "p1".to_owned() };
            let checked = PinHasher::new(1).check(&keys, &pin("907318"), &kept).await;
            assert_eq!(checked, Err(HashingFailed::Unreadable), "{phc}");
        }
    }

    #[tokio::test]
    async fn a_hop_that_is_dropped_keeps_its_core_until_the_work_is_done() {
        let hasher = PinHasher::new(1);
        let (finish, until_finished) = mpsc::channel::<()>();
        {
            let mut dropped = pin!(hasher.counted(move || until_finished.recv()));
            assert!(futures_util::poll!(&mut dropped).is_pending());
        }
        let mut next = pin!(hasher.counted(|| "done"));
        assert_eq!(futures_util::poll!(&mut next), Poll::Pending);
        assert_eq!(hasher.permits.available_permits(), 0);
        finish.send(()).unwrap();
        assert_eq!(next.await, Ok("done"));
        assert_eq!(hasher.permits.available_permits(), 1);
    }

    #[tokio::test]
    async fn work_that_panics_gives_its_core_back() {
        let hasher = PinHasher::new(1);
        let broken = hasher.counted(|| std::panic::panic_any("hashing broke")).await;
        assert_eq!(broken, Err(HashingFailed::BrokeOff));
        assert_eq!(hasher.counted(|| 1).await, Ok(1));
    }
}
