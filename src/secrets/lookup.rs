//! Look-up hashes (a "blind index"): a sealed field is found again by the HMAC of its value, under a key for its column.
//! Each look-up key owns a slot, which is a column beside the field; while keys change, both are filled and unique.
//! Which column a query names is left to `storage/`; folding a value to its one form is left to `model`.

use std::fmt;

use zeroize::Zeroizing;

use super::{key::Key, keys::Keys};

/// One of the two columns that a look-up hash may stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// The column that ends in `_a`.
    A,
    /// The column that ends in `_b`.
    B,
}

impl Slot {
    pub(super) fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub(super) fn letter(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
        }
    }
}

/// A value's look-up hashes. Write `a` and `b` as they are (`None` is NULL); find by `value` in the column of `slot`.
#[derive(Clone, PartialEq, Eq)]
pub struct Lookup {
    /// What stands in the column of slot A.
    pub a: Option<[u8; 32]>,
    /// What stands in the column of slot B.
    pub b: Option<[u8; 32]>,
    /// The slot that every row has filled: the one to find by.
    pub slot: Slot,
    /// The hash to find in that slot.
    pub value: [u8; 32],
}

/// One look-up key and the slot that it owns.
#[derive(Clone)]
pub(super) struct LookupKey {
    pub(super) id: String,
    pub(super) slot: Slot,
    pub(super) key: Key,
}

/// Where the key beside the current one stands in a change of keys. Either way its slot is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It will be current once every row has its hash.
    Next,
    /// It was current, and nodes that have not seen the change still find by it.
    Leaving,
}

/// The look-up keys: one, or two while they change, always in different slots.
#[derive(Clone)]
pub(super) struct LookupKeys {
    pub(super) current: LookupKey,
    pub(super) other: Option<(Stage, LookupKey)>,
}

impl LookupKey {
    fn hash(&self, column: &str, value: &str) -> [u8; 32] {
        let of_column = self.key.hmac(format!("column:{column}").as_bytes());
        Key::new(Zeroizing::new(of_column)).hmac(value.as_bytes())
    }
}

impl LookupKeys {
    pub(super) fn generate(random: impl FnMut(&mut [u8])) -> Self {
        let current = LookupKey { id: "l1".to_owned(), slot: Slot::A, key: Key::generate(random) };
        Self { current, other: None }
    }

    /// Every look-up key, the current one first.
    pub(super) fn all(&self) -> impl Iterator<Item = &LookupKey> {
        std::iter::once(&self.current).chain(self.other.as_ref().map(|(_, key)| key))
    }
}

impl Keys {
    /// The hashes by which `value` is found again in `column`. The value must be in its one form (digits only, E.164…),
    /// since another spelling gives another hash; `column` is a name like `people.national_id`.
    pub fn lookup(&self, column: &str, value: &str) -> Lookup {
        let LookupKeys { current, other } = &self.0.lookup;
        let found_by = current.hash(column, value);
        let beside = other.as_ref().map(|(_, key)| key.hash(column, value));
        let (a, b) = match current.slot {
            Slot::A => (Some(found_by), beside),
            Slot::B => (beside, Some(found_by)),
        };
        Lookup { a, b, slot: current.slot, value: found_by }
    }

    /// The ids of the look-up keys, the current one first.
    pub fn lookup_ids(&self) -> impl Iterator<Item = &str> {
        self.0.lookup.all().map(|key| key.id.as_str())
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lookup(… in {:?})", self.slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::keys::counted_chance;

    #[test]
    fn a_value_has_one_hash_a_column() {
        let keys = Keys::generate(counted_chance());
        let id = keys.lookup("people.national_id", "28461937");
        assert_eq!((id.a, id.b, id.slot), (Some(id.value), None, Slot::A));
        assert_eq!(id, keys.lookup("people.national_id", "28461937"));
        assert_ne!(id, keys.lookup("people.national_id", "28461938"));
        assert_ne!(id, keys.lookup("people.kra_pin", "28461937"));
    }

    #[test]
    fn other_keys_give_other_hashes() {
        let mut chance = counted_chance();
        let (one, two) = (Keys::generate(&mut chance), Keys::generate(&mut chance));
        assert_ne!(one.lookup("c", "1").value, two.lookup("c", "1").value);
    }

    #[test]
    fn a_hash_is_hmac_under_a_key_that_is_hmac_of_the_column() {
        let keys = Keys::generate(counted_chance());
        let column = keys.0.lookup.current.key.hmac(b"column:people.national_id");
        let expected = Key::new(Zeroizing::new(column)).hmac(b"28461937");
        assert_eq!(keys.lookup("people.national_id", "28461937").value, expected);
    }

    #[test]
    fn a_lookup_never_shows() {
        let lookup = Keys::generate(counted_chance()).lookup("c", "28461937");
        assert_eq!(format!("{lookup:?}"), "Lookup(… in A)");
    }
}
