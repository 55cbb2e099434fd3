//! The steps by which keys change while the service runs, each a new `Keys` from an old one. Sealing anew, filling the
//! other look-up column and waiting until every node has the new file are left to `keys rotate`.
//!
//! A sealing key: [`Keys::with_new_key`], seal every row of the old id anew, [`Keys::retire`]. Where each node has a
//! key file of its own: [`Keys::with_spare_key`], spread the file, [`Keys::promote`], and so on.
//! The look-up key: [`Keys::with_next_lookup_key`], fill the new slot's column until no row is without,
//! [`Keys::promote_next_lookup`], wait until every node has seen it, [`Keys::retire_lookup`], set the old column to NULL.

use std::sync::Arc;

use super::{
    key::Key,
    key_fault::KeyFileError,
    keys::{KeyTable, Keys, Purpose},
    lookup::{LookupKey, Slot, Stage},
};

/// Why a step of a rotation is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RotationRefused {
    /// There is no key of that id for that purpose.
    #[error("there is no {} key {id}", purpose.section())]
    NoSuchKey {
        /// What the key would be for.
        purpose: Purpose,
        /// The id that was named.
        id: String,
    },
    /// The key is the current one.
    #[error("the {} key {id} is in use; promote another one first", purpose.section())]
    InUse {
        /// What the key is for.
        purpose: Purpose,
        /// Its id.
        id: String,
    },
    /// Both look-up slots are taken.
    #[error("the look-up key is being changed already; finish that first")]
    LookupChanging,
    /// There is no next look-up key to promote.
    #[error("there is no next look-up key")]
    NoNextLookup,
    /// There is no look-up key that was replaced.
    #[error("there is no old look-up key to retire")]
    NoOldLookup,
}

/// Why a change of the key file was not made; the file is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RotationFailed {
    /// The step does not fit the keys as they are.
    #[error(transparent)]
    Refused(#[from] RotationRefused),
    /// The key file can't be read or written.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// Another process holds the lock on the key file's directory.
    #[error("another change of the key file is under way")]
    Busy,
}

/// How far a change of the look-up key has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookupChange {
    /// The column of this slot is being filled; nothing finds by it yet.
    Filling(Slot),
    /// Everything finds by the other column; this slot's can be emptied once every node has seen it.
    Leaving(Slot),
}

impl Keys {
    /// Add a key for `purpose` and use it from now on; the old ones still read.
    #[must_use]
    pub fn with_new_key(&self, purpose: Purpose, random: impl FnMut(&mut [u8])) -> Self {
        let id = self.next_id(purpose);
        self.changed(|table| {
            let set = table.sets.of_mut(purpose);
            let old_id = std::mem::replace(&mut set.current, id);
            let old = std::mem::replace(&mut set.key, Key::generate(random));
            set.others.insert(old_id, old);
        })
    }

    /// Add a key for `purpose` that reads and is not used yet, so that it can be spread to every node before.
    #[must_use]
    pub fn with_spare_key(&self, purpose: Purpose, random: impl FnMut(&mut [u8])) -> Self {
        let id = self.next_id(purpose);
        self.changed(|table| {
            table.sets.of_mut(purpose).others.insert(id, Key::generate(random));
        })
    }

    /// Use the key `id` from now on; the one in use until now still reads.
    pub fn promote(&self, purpose: Purpose, id: &str) -> Result<Self, RotationRefused> {
        self.refuse_unless_other(purpose, id)?;
        Ok(self.changed(|table| {
            let set = table.sets.of_mut(purpose);
            if let Some(key) = set.others.remove(id) {
                let old_id = std::mem::replace(&mut set.current, id.to_owned());
                let old = std::mem::replace(&mut set.key, key);
                set.others.insert(old_id, old);
            }
        }))
    }

    /// Forget the key `id`; what it sealed or hashed can't be read any more.
    pub fn retire(&self, purpose: Purpose, id: &str) -> Result<Self, RotationRefused> {
        self.refuse_unless_other(purpose, id)?;
        Ok(self.changed(|table| {
            table.sets.of_mut(purpose).others.remove(id);
        }))
    }

    /// Add the next look-up key in the free slot: from now on both columns are filled, and the old one is found by.
    pub fn with_next_lookup_key(&self, random: impl FnMut(&mut [u8])) -> Result<Self, RotationRefused> {
        if self.0.lookup.other.is_some() {
            return Err(RotationRefused::LookupChanging);
        }
        let id = new_id("l", self.lookup_ids());
        let slot = self.0.lookup.current.slot.other();
        let next = LookupKey { id, slot, key: Key::generate(random) };
        Ok(self.changed(|table| table.lookup.other = Some((Stage::Next, next))))
    }

    /// Find by the next look-up key; both columns are still filled, for nodes that have not seen this yet.
    pub fn promote_next_lookup(&self) -> Result<Self, RotationRefused> {
        let Some((Stage::Next, next)) = self.0.lookup.other.clone() else {
            return Err(RotationRefused::NoNextLookup);
        };
        Ok(self.changed(|table| {
            let old = std::mem::replace(&mut table.lookup.current, next);
            table.lookup.other = Some((Stage::Leaving, old));
        }))
    }

    /// Forget the look-up key that was replaced. Its column must be set to NULL before the next change begins.
    pub fn retire_lookup(&self) -> Result<Self, RotationRefused> {
        match self.0.lookup.other {
            Some((Stage::Leaving, _)) => Ok(self.changed(|table| table.lookup.other = None)),
            _ => Err(RotationRefused::NoOldLookup),
        }
    }

    /// How far a change of the look-up key has come; `None` when none is under way.
    pub fn lookup_change(&self) -> Option<LookupChange> {
        self.0.lookup.other.as_ref().map(|(stage, key)| match stage {
            Stage::Next => LookupChange::Filling(key.slot),
            Stage::Leaving => LookupChange::Leaving(key.slot),
        })
    }

    fn refuse_unless_other(&self, purpose: Purpose, id: &str) -> Result<(), RotationRefused> {
        if id == self.current_id(purpose) {
            return Err(RotationRefused::InUse { purpose, id: id.to_owned() });
        }
        if !self.has(purpose, id) {
            return Err(RotationRefused::NoSuchKey { purpose, id: id.to_owned() });
        }
        Ok(())
    }

    fn changed(&self, change: impl FnOnce(&mut KeyTable)) -> Self {
        let mut table = KeyTable::clone(&self.0);
        change(&mut table);
        Self(Arc::new(table))
    }

    fn next_id(&self, purpose: Purpose) -> String {
        new_id(purpose.section().get(..1).unwrap_or_default(), self.ids(purpose))
    }
}

/// The letter and the number after the highest there is; an id that a person named otherwise counts as 0.
fn new_id<'a>(letter: &str, taken: impl Iterator<Item = &'a str>) -> String {
    let number = |id: &str| id.strip_prefix(letter).and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
    let highest = taken.map(number).max().unwrap_or(0);
    format!("{letter}{}", u64::from(highest) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{Place, Unsealable, keys::counted_chance};

    const PLACE: Place<'static> = Place { table: "people", column: "national_id", row: b"1" };

    #[test]
    fn what_an_old_key_sealed_opens_until_it_is_retired() {
        let mut chance = counted_chance();
        let old = Keys::generate(&mut chance);
        let sealed = old.seal(PLACE, b"28461937", [1; 24]);

        let new = old.with_new_key(Purpose::Field, &mut chance);
        assert_eq!(new.current_id(Purpose::Field), "f2");
        assert_eq!(new.seal(PLACE, b"28461937", [2; 24]).key_id, "f2");
        assert_eq!(new.open(PLACE, &sealed).unwrap().as_slice(), b"28461937");

        let retired = new.retire(Purpose::Field, "f1").unwrap();
        assert_eq!(retired.open(PLACE, &sealed).unwrap_err(), Unsealable::UnknownKey("f1".to_owned()));
        assert_eq!(retired.with_new_key(Purpose::Field, chance).current_id(Purpose::Field), "f3");
    }

    #[test]
    fn a_spare_key_reads_before_it_is_used() {
        let mut chance = counted_chance();
        let old = Keys::generate(&mut chance);
        let spread = old.with_spare_key(Purpose::Field, &mut chance);
        assert_eq!(spread.current_id(Purpose::Field), "f1");

        let promoted = spread.promote(Purpose::Field, "f2").unwrap();
        let sealed = promoted.seal(PLACE, b"28461937", [1; 24]);
        assert_eq!(sealed.key_id, "f2");
        assert!(spread.open(PLACE, &sealed).is_ok(), "a node that has only the spare reads it");
        assert!(promoted.has(Purpose::Field, "f1"));
    }

    #[test]
    fn the_key_in_use_is_never_retired() {
        let keys = Keys::generate(counted_chance());
        let refused = keys.retire(Purpose::Pepper, "p1").unwrap_err();
        assert_eq!(refused.to_string(), "the pepper key p1 is in use; promote another one first");
        let refused = keys.promote(Purpose::Mark, "m9").unwrap_err();
        assert_eq!(refused.to_string(), "there is no mark key m9");
    }

    #[test]
    fn a_look_up_key_changes_in_three_steps_and_never_leaves_a_column_half_filled() {
        let mut chance = counted_chance();
        let before = Keys::generate(&mut chance);
        let filling = before.with_next_lookup_key(&mut chance).unwrap();
        let promoted = filling.promote_next_lookup().unwrap();
        let after = promoted.retire_lookup().unwrap();

        let seen = |keys: &Keys| keys.lookup("people.national_id", "28461937");
        let (a, b) = (seen(&before).a, seen(&after).b);
        assert_eq!((seen(&filling).a, seen(&filling).b, seen(&filling).slot), (a, b, Slot::A));
        assert_eq!((seen(&promoted).a, seen(&promoted).b, seen(&promoted).slot), (a, b, Slot::B));
        assert_eq!((seen(&after).a, seen(&after).slot), (None, Slot::B));
        assert!(a.is_some() && b.is_some() && a != b);

        assert_eq!(filling.lookup_change(), Some(LookupChange::Filling(Slot::B)));
        assert_eq!(promoted.lookup_change(), Some(LookupChange::Leaving(Slot::A)));
        assert_eq!(after.lookup_change(), None);
        let again = after.with_next_lookup_key(chance).unwrap();
        assert_eq!(again.lookup_change(), Some(LookupChange::Filling(Slot::A)));
        assert_eq!(again.lookup_ids().collect::<Vec<_>>(), ["l2", "l3"]);
    }

    #[test]
    fn steps_out_of_order_are_refused() {
        let mut chance = counted_chance();
        let before = Keys::generate(&mut chance);
        assert_eq!(before.promote_next_lookup().unwrap_err(), RotationRefused::NoNextLookup);
        assert_eq!(before.retire_lookup().unwrap_err(), RotationRefused::NoOldLookup);
        let filling = before.with_next_lookup_key(&mut chance).unwrap();
        assert_eq!(filling.with_next_lookup_key(&mut chance).unwrap_err(), RotationRefused::LookupChanging);
        assert_eq!(filling.retire_lookup().unwrap_err(), RotationRefused::NoOldLookup);
        let promoted = filling.promote_next_lookup().unwrap();
        assert_eq!(promoted.promote_next_lookup().unwrap_err(), RotationRefused::NoNextLookup);
        assert_eq!(promoted.with_next_lookup_key(chance).unwrap_err(), RotationRefused::LookupChanging);
    }
}
