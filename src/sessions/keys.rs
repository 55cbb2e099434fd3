//! How a place is named in the stores: short, without the session's id in clear, and in Redis Cluster all of one caller
//! in one slot, so that one script may touch all of it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::SessionKey;

impl SessionKey {
    /// Provider and session in 16 bytes, however long the aggregator's ids are. SHA-256 cut to 128 bits: nobody who
    /// may choose ids can make two that meet. The zero between them stands in neither.
    pub(super) fn digest(&self) -> [u8; 16] {
        let whole = Sha256::new()
            .chain_update(self.provider)
            .chain_update([0])
            .chain_update(self.session.as_str())
            .finalize();
        let mut digest = [0; 16];
        digest.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
        digest
    }
}

/// A caller's keys in Redis. What stands in braces decides the slot.
pub(super) struct Keys {
    /// The session's state.
    pub(super) state: String,
    /// The caller's hops in this minute.
    pub(super) hops: String,
    /// The caller's new sessions in these five minutes.
    pub(super) sessions: String,
}

impl Keys {
    pub(super) fn of(key: &SessionKey) -> Self {
        let caller = URL_SAFE_NO_PAD.encode(key.caller);
        Self {
            state: state_of(&caller, key),
            hops: ["d:{", &caller, "}:h"].concat(),
            sessions: ["d:{", &caller, "}:n"].concat(),
        }
    }

    /// Only the key of the session's state.
    pub(super) fn state(key: &SessionKey) -> String {
        state_of(&URL_SAFE_NO_PAD.encode(key.caller), key)
    }
}

fn state_of(caller: &str, key: &SessionKey) -> String {
    ["d:{", caller, "}:s:", &URL_SAFE_NO_PAD.encode(key.digest())].concat()
}

#[cfg(test)]
mod tests {
    use redis::cluster_routing::Slot;

    use super::*;
    use crate::model::SessionId;

    fn key(caller: u8, provider: &'static str, session: &str) -> SessionKey {
        SessionKey { caller: [caller; 16], provider, session: SessionId::parse(session).expect("an id") }
    }

    #[test]
    fn everything_of_a_caller_shares_a_slot() {
        for caller in 0..=u8::MAX {
            let here = Keys::of(&key(caller, "africastalking", "ATUid_1"));
            let there = Keys::of(&key(caller, "hubtel", "2"));
            let slots = [&here.state, &here.hops, &here.sessions, &there.state].map(Slot::for_key);
            assert!(slots.iter().all(|slot| *slot == slots[0]));
        }
    }

    #[test]
    fn provider_and_session_are_told_apart() {
        let state = |provider, session| Keys::of(&key(1, provider, session)).state;
        assert_ne!(state("ab", "c"), state("a", "bc"));
        assert_ne!(state("ab", "c"), state("ab", "d"));
        assert_eq!(state("ab", "c"), state("ab", "c"));
    }

    #[test]
    fn a_key_is_short_and_never_shows_the_session() {
        let id = "x".repeat(128);
        let keys = Keys::of(&key(7, "africastalking", &id));
        assert!(keys.state.len() < 56, "{}", keys.state);
        assert!(!keys.state.contains("xx"));
    }
}
