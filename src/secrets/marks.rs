//! Keyed digests of what must not be kept: what a caller typed (it holds the PIN) and whose line it is. Equal histories
//! of a session have equal marks, and nothing can be read back from them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    key::Key,
    keys::{Keys, Purpose},
};
use crate::model::{Msisdn, SessionId};

/// The digest of everything typed in a session so far, 16 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mark(pub [u8; 16]);

/// One mark key at work. A session stays with the key it began under, whose id stands in its opening; another key would
/// give other marks, and the journal would not know a repeat.
#[derive(Debug, Clone, Copy)]
pub struct Marker<'a> {
    id: &'a str,
    key: &'a Key,
}

impl Keys {
    /// The marker for what begins now.
    pub fn marker(&self) -> Marker<'_> {
        let set = self.set(Purpose::Mark);
        Marker { id: &set.current, key: &set.key }
    }

    /// The marker with the key `id`; `None` when it was retired, or this node has not got the new key file.
    pub fn marker_of<'a>(&'a self, id: &'a str) -> Option<Marker<'a>> {
        self.set(Purpose::Mark).get(id).map(|key| Marker { id, key })
    }
}

impl<'a> Marker<'a> {
    /// The id of its key, to be kept in the session's opening.
    pub fn key_id(&self) -> &'a str {
        self.id
    }

    /// What stands for a caller's number in keys of the state store and in limits. Changes with the mark key.
    pub fn caller_tag(&self, caller: &Msisdn) -> [u8; 16] {
        self.key.short_digest("caller", &[caller.as_e164().as_bytes()])
    }

    /// What stands for a limit of the web: a source, a user name, both together. Changes with the mark key.
    pub fn gate_tag(&self, what: &str, parts: &[&str]) -> [u8; 16] {
        let parts: Vec<&[u8]> =
            std::iter::once(what).chain(parts.iter().copied()).map(str::as_bytes).collect();
        self.key.short_digest("gate", &parts)
    }

    /// What stands for the source of a web request in limits. Changes with the mark key.
    pub fn source_tag(&self, source: &str) -> [u8; 16] {
        self.key.short_digest("source", &[source.as_bytes()])
    }

    /// The mark of a session in which nothing has been typed.
    pub fn start(&self, provider: &str, session: &SessionId) -> Mark {
        Mark(self.key.short_digest("start", &[provider.as_bytes(), session.as_str().as_bytes()]))
    }

    /// The mark of a session in which all this has been typed, from its first input on. One digest however long the
    /// session has been, where a chain would take one for every input.
    pub fn typed(&self, start: &Mark, text: &str) -> Mark {
        Mark(self.key.short_digest("typed", &[&start.0, text.as_bytes()]))
    }

    /// The digest that goes out with a screen: of what was typed, and of the lists and the page on show.
    pub fn shown(&self, mark: &Mark, lists: u64, page: u8) -> u64 {
        let digest = self.key.short_digest("shown", &[&mark.0, &lists.to_be_bytes(), &[page]]);
        digest.iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
    }

    /// The mark after one more input, where only the latest is known.
    pub fn then(&self, mark: &Mark, input: &str) -> Mark {
        Mark(self.key.short_digest("then", &[&mark.0, input.as_bytes()]))
    }

    /// A digest of a secret typed for `purpose`, by which the same secret is known when it is typed again in the same
    /// session (its start's mark is in it), and nowhere else.
    pub fn secret_digest(&self, start: &Mark, purpose: &str, digits: &str) -> [u8; 16] {
        self.key.short_digest("secret", &[&start.0, purpose.as_bytes(), digits.as_bytes()])
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mark(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::keys::counted_chance;

    fn session(id: &str) -> SessionId {
        SessionId::parse(id).unwrap()
    }

    fn typed(marker: Marker<'_>, provider: &str, id: &str, text: &str) -> Mark {
        marker.typed(&marker.start(provider, &session(id)), text)
    }

    fn one_by_one(marker: Marker<'_>, inputs: &[&str]) -> Mark {
        inputs.iter().fold(marker.start("at", &session("1")), |mark, input| marker.then(&mark, input))
    }

    #[test]
    fn equal_histories_have_equal_marks_and_no_others_do() {
        let keys = Keys::generate(counted_chance());
        let mark = |provider, id, text: &str| typed(keys.marker(), provider, id, text).0;
        let one = mark("at", "ATUid_1", "1*2");
        assert_eq!(one, mark("at", "ATUid_1", "1*2"));
        for other in [
            mark("at", "ATUid_1", "12"),
            mark("at", "ATUid_1", "2*1"),
            mark("at", "ATUid_1", "1*2*"),
            mark("at", "ATUid_1", "1"),
            mark("at", "ATUid_2", "1*2"),
            mark("hubtel", "ATUid_1", "1*2"),
            mark("atA", "TUid_1", "1*2"),
        ] {
            assert_ne!(one, other);
        }
        let chain = |inputs: &[&str]| one_by_one(keys.marker(), inputs).0;
        assert_eq!(chain(&["1", "2"]), chain(&["1", "2"]));
        for other in [chain(&["12"]), chain(&["2", "1"]), chain(&["1", "2", ""]), chain(&["1"])] {
            assert_ne!(chain(&["1", "2"]), other);
        }
    }

    #[test]
    fn what_was_shown_is_known_by_history_lists_and_page() {
        let keys = Keys::generate(counted_chance());
        let (one, two) = (typed(keys.marker(), "at", "1", "1"), typed(keys.marker(), "at", "1", "2"));
        let shown = keys.marker().shown(&one, 7, 1);
        assert_eq!(shown, keys.marker().shown(&one, 7, 1));
        for (mark, lists, page) in [(&two, 7, 1), (&one, 8, 1), (&one, 7, 2)] {
            assert_ne!(shown, keys.marker().shown(mark, lists, page));
        }
    }

    #[test]
    fn a_secret_is_known_again_in_its_session_and_purpose_only() {
        let keys = Keys::generate(counted_chance());
        let marker = keys.marker();
        let (one, two) = (marker.start("at", &session("1")), marker.start("at", &session("2")));
        let first = marker.secret_digest(&one, "new_pin", "907318");
        assert_eq!(first, marker.secret_digest(&one, "new_pin", "907318"));
        assert_ne!(first, marker.secret_digest(&one, "new_pin", "907319"));
        assert_ne!(first, marker.secret_digest(&one, "pin", "907318"));
        assert_ne!(first, marker.secret_digest(&two, "new_pin", "907318"));
    }

    #[test]
    fn a_session_keeps_the_key_it_began_under() {
        let mut chance = counted_chance();
        let before = Keys::generate(&mut chance);
        let after = before.with_new_key(Purpose::Mark, chance);
        let began_under = before.marker().key_id();
        let mark = typed(before.marker(), "at", "1", "1");
        assert_ne!(mark, typed(after.marker(), "at", "1", "1"));
        assert_eq!(mark, typed(after.marker_of(began_under).unwrap(), "at", "1", "1"));
        assert!(before.marker_of("m2").is_none());
    }

    #[test]
    fn a_caller_has_one_tag_and_nothing_shows_it() {
        let keys = Keys::generate(counted_chance());
        let line = |number| keys.marker().caller_tag(&Msisdn::from_network(number).unwrap());
        assert_eq!(line("+254700000010"), line("254700000010"));
        assert_ne!(line("+254700000010"), line("+254700000011"));
        let shown = format!("{:?} {:?}", keys.marker(), typed(keys.marker(), "at", "1", "907318"));
        assert_eq!(shown, r#"Marker { id: "m1", key: Key(…) } Mark(…)"#);
    }
}
