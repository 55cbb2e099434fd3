//! How a place is named in Redis: short, and in Redis Cluster all of one caller in one slot, so that one script may touch
//! all of it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::SessionKey;

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
            hops: ["d:{", &caller, "}:m"].concat(),
            sessions: ["d:{", &caller, "}:f"].concat(),
        }
    }

    /// Only the key of the session's state.
    pub(super) fn state(key: &SessionKey) -> String {
        state_of(&URL_SAFE_NO_PAD.encode(key.caller), key)
    }
}

fn state_of(caller: &str, key: &SessionKey) -> String {
    ["d:{", caller, "}:s:", &URL_SAFE_NO_PAD.encode(key.session)].concat()
}

#[cfg(test)]
mod tests {
    use redis::cluster_routing::Slot;

    use super::*;

    #[test]
    fn everything_of_a_caller_shares_a_slot() {
        for caller in 0..=u8::MAX {
            let [here, there] =
                [1, 2].map(|n| Keys::of(&SessionKey { caller: [caller; 16], session: [n; 16] }));
            assert_ne!(here.state, there.state);
            let slots = [&here.state, &here.hops, &here.sessions, &there.state].map(Slot::for_key);
            assert!(slots.iter().all(|slot| *slot == slots[0]));
            assert!(here.state.len() < 56, "{}", here.state);
        }
    }
}
