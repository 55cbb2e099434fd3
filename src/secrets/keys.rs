//! The keys a deployment holds: a set for each purpose, of which one is current and the others stay readable until they
//! are retired. How they are written is `key_text`, where they are kept `key_file`, how they change `rotation`.

use std::{collections::BTreeMap, fmt, sync::Arc};

use super::{key::Key, lookup::LookupKeys};

/// Every key of a deployment. Cheap to clone; wiped when the last clone is dropped; its `Debug` shows key ids only.
#[derive(Clone)]
pub struct Keys(pub(super) Arc<KeyTable>);

/// The keys, a set for each purpose.
#[derive(Clone)]
pub(super) struct KeyTable {
    pub(super) sets: KeySets,
    pub(super) lookup: LookupKeys,
}

/// A set for each purpose whose keys need nothing but an id.
#[derive(Clone)]
pub(super) struct KeySets {
    pub(super) field: KeySet,
    pub(super) pepper: KeySet,
    pub(super) code: KeySet,
    pub(super) session: KeySet,
    pub(super) mark: KeySet,
}

/// What a key is for. Look-up keys are apart, since each owns a column ([`super::Slot`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Sealing of fields in SQL: its id stands beside what it sealed.
    Field,
    /// The pepper of PIN hashes: its id stands beside the hash.
    Pepper,
    /// One-time codes: its id stands in the challenge.
    Code,
    /// Sealing of session state: its id is in the blob.
    Session,
    /// Digests of what was typed, and callers' tags: its id stands in the session's opening.
    Mark,
}

impl Purpose {
    /// Every purpose, in the order of the key file.
    pub const ALL: [Self; 5] = [Self::Field, Self::Pepper, Self::Code, Self::Session, Self::Mark];

    /// The name of its section in the key file; ids begin with its first letter.
    pub fn section(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Pepper => "pepper",
            Self::Code => "code",
            Self::Session => "session",
            Self::Mark => "mark",
        }
    }
}

/// The keys of one purpose: the one in use, and those that only read what was made before (or will be used next).
#[derive(Clone)]
pub(super) struct KeySet {
    pub(super) current: String,
    pub(super) key: Key,
    pub(super) others: BTreeMap<String, Key>,
}

impl KeySet {
    fn of_one(id: String, key: Key) -> Self {
        Self { current: id, key, others: BTreeMap::new() }
    }

    /// The key of that id, current or not.
    pub(super) fn get(&self, id: &str) -> Option<&Key> {
        if id == self.current { Some(&self.key) } else { self.others.get(id) }
    }

    /// Every key with its id, the current one first.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Key)> {
        let others = self.others.iter().map(|(id, key)| (id.as_str(), key));
        std::iter::once((self.current.as_str(), &self.key)).chain(others)
    }
}

impl KeySets {
    pub(super) fn of(&self, purpose: Purpose) -> &KeySet {
        match purpose {
            Purpose::Field => &self.field,
            Purpose::Pepper => &self.pepper,
            Purpose::Code => &self.code,
            Purpose::Session => &self.session,
            Purpose::Mark => &self.mark,
        }
    }

    pub(super) fn of_mut(&mut self, purpose: Purpose) -> &mut KeySet {
        match purpose {
            Purpose::Field => &mut self.field,
            Purpose::Pepper => &mut self.pepper,
            Purpose::Code => &mut self.code,
            Purpose::Session => &mut self.session,
            Purpose::Mark => &mut self.mark,
        }
    }
}

impl Keys {
    /// A whole new set of keys; `random` fills what it is given with bytes nobody can foresee.
    pub fn generate(mut random: impl FnMut(&mut [u8])) -> Self {
        let lookup = LookupKeys::generate(&mut random);
        let mut set = |id: &str| KeySet::of_one(id.to_owned(), Key::generate(&mut random));
        let sets = KeySets {
            field: set("f1"),
            pepper: set("p1"),
            code: set("c1"),
            session: set("s1"),
            mark: set("m1"),
        };
        Self(Arc::new(KeyTable { sets, lookup }))
    }

    /// The id of the key now used for `purpose`.
    pub fn current_id(&self, purpose: Purpose) -> &str {
        &self.set(purpose).current
    }

    /// The ids of all keys for `purpose`, the current one first.
    pub fn ids(&self, purpose: Purpose) -> impl Iterator<Item = &str> {
        self.set(purpose).all().map(|(id, _)| id)
    }

    /// Whether what was made with the key `id` can still be read.
    pub fn has(&self, purpose: Purpose, id: &str) -> bool {
        self.set(purpose).get(id).is_some()
    }

    pub(super) fn set(&self, purpose: Purpose) -> &KeySet {
        self.0.sets.of(purpose)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Keys");
        for purpose in Purpose::ALL.iter().copied() {
            shown.field(purpose.section(), &self.ids(purpose).collect::<Vec<_>>());
        }
        shown.field("lookup", &self.lookup_ids().collect::<Vec<_>>()).finish()
    }
}

/// Chance for the tests of this module: every call gives bytes that no call before gave.
#[cfg(test)]
pub(crate) fn counted_chance() -> impl FnMut(&mut [u8]) {
    let key = Key::new(zeroize::Zeroizing::new([7; super::key::KEY_BYTES]));
    let mut calls = 0_u64;
    move |bytes| {
        calls += 1;
        bytes.iter_mut().zip(key.hmac(&calls.to_be_bytes())).for_each(|(to, from)| *to = from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_set_has_a_key_of_its_own_for_each_purpose() {
        let keys = Keys::generate(counted_chance());
        let all: Vec<&Key> = Purpose::ALL.iter().map(|p| &keys.set(*p).key).collect();
        for (i, one) in all.iter().enumerate() {
            assert!(all.iter().skip(i + 1).all(|other| !one.is_same(other)), "{:?}", Purpose::ALL[i]);
        }
        assert!(keys.has(Purpose::Field, "f1"));
        assert!(!keys.has(Purpose::Field, "f2"));
    }

    #[test]
    fn keys_show_their_ids_and_nothing_else() {
        let keys = Keys::generate(|bytes| bytes.fill(0xAB));
        assert_eq!(
            format!("{keys:?}"),
            r#"Keys { field: ["f1"], pepper: ["p1"], code: ["c1"], session: ["s1"], mark: ["m1"], lookup: ["l1"] }"#
        );
    }
}
