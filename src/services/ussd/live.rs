//! The state of a live session as it is kept between two hops: the engine's session and how far the history has been
//! folded. It is a cache of that fold, sealed, and holds no secret.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    menu::Session,
    secrets::{KeyRing, Mark, SESSION_NONCE_BYTES},
};

/// How long a caller may leave a screen alone (`security.md` 22; the aggregator's own limit in Kenya).
pub const IDLE: TimeDelta = TimeDelta::seconds(180);
/// How long a session may last in all.
pub const LONGEST: TimeDelta = TimeDelta::seconds(600);
/// How many hops it may have.
pub const MOST_HOPS: u16 = 60;

/// Room for most sessions, so that writing one asks for memory once.
const USUAL_BYTES: usize = 256;

/// A live session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Live {
    /// The line it is bound to, without plus.
    pub msisdn: String,
    /// The service code it is bound to.
    pub service_code: String,
    /// The menus it is on.
    pub menu_version: String,
    /// Which key its marks are made with.
    pub mark_key: String,
    /// How many inputs have been folded.
    pub inputs: u16,
    /// The keyed digest of those inputs, in their order.
    pub mark: Mark,
    /// The aggregator's number of the last hop, where it gives one.
    pub sequence: Option<u32>,
    /// When it was opened, in milliseconds.
    pub opened_at_ms: i64,
    /// When the last hop came, in milliseconds.
    pub last_at_ms: i64,
    /// Where the caller is.
    pub session: Session,
}

impl Live {
    /// Whether it has been open, idle or busy for too long.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        let since = |at_ms: i64| now.timestamp_millis().saturating_sub(at_ms);
        since(self.opened_at_ms) > LONGEST.num_milliseconds()
            || since(self.last_at_ms) > IDLE.num_milliseconds()
            || self.inputs >= MOST_HOPS
    }

    /// Sealed for the session store.
    pub fn seal(&self, keys: &KeyRing, place: &[u8], nonce: [u8; SESSION_NONCE_BYTES]) -> Option<Vec<u8>> {
        let plain = postcard::to_extend(self, Vec::with_capacity(USUAL_BYTES)).ok()?;
        Some(keys.current().seal_session(place, &plain, nonce))
    }

    /// Read back; `None` when it is not ours or not of this program's version: then the history is folded again.
    pub fn open(keys: &KeyRing, place: &[u8], sealed: &[u8]) -> Option<Self> {
        let plain = keys.open_session(place, sealed).ok()?;
        postcard::from_bytes(&plain).ok()
    }
}
