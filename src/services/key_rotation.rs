//! New keys while nodes are serving: sealed fields are sealed anew, the look-up of national IDs moves to its other
//! column, and only then are the old keys retired (`security.md` 34).

use std::time::Duration;

use crate::{
    clock::Chance,
    model::NationalId,
    secrets::{KeyRing, Keys, LookupChange, Purpose, RotationFailed, Slot, Unsealable},
    storage::{
        Store, StoreError,
        accounts::{self, ID_COLUMN},
        sealed::COLUMNS,
    },
};

/// How long until every node has read a changed key file: they look every few seconds (`workers::keys`).
pub const SPREAD: Duration = Duration::from_secs(10);
/// Rows a transaction, so that nobody waits long for one.
const BATCH: i64 = 200;

/// Why a rotation has stopped. It can be begun again: it goes on where it was.
#[derive(Debug, thiserror::Error)]
pub enum RotationStopped {
    /// The key file.
    #[error(transparent)]
    Keys(#[from] RotationFailed),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row can't be read with any key there is.
    #[error("a row of {0} can't be read: {1}")]
    Unsealable(String, Unsealable),
    /// Rows change faster than they are sealed anew, or not at all.
    #[error("no row of {0} could be replaced; begin again")]
    Stuck(String),
    /// An ID that was kept is none.
    #[error("a national ID can't be read back")]
    NotAnId,
}

/// What a rotation has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rotated {
    /// Values sealed anew.
    pub fields: u64,
    /// Look-ups made anew.
    pub lookups: u64,
}

/// Rotate the key of sealed fields and the key of look-ups. `tell` hears of every step.
pub async fn rotate(
    store: &Store,
    keys: &KeyRing,
    chance: &Chance,
    pause: impl AsyncFn(Duration),
    tell: &mut dyn FnMut(&str),
) -> Result<Rotated, RotationStopped> {
    let fields = rotate_fields(store, keys, chance, &pause, tell).await?;
    let lookups = rotate_lookups(store, keys, chance, &pause, tell).await?;
    Ok(Rotated { fields, lookups })
}

async fn rotate_fields(
    store: &Store,
    keys: &KeyRing,
    chance: &Chance,
    pause: &impl AsyncFn(Duration),
    tell: &mut dyn FnMut(&str),
) -> Result<u64, RotationStopped> {
    let before: Vec<String> = keys.current().ids(Purpose::Field).map(ToString::to_string).collect();
    keys.change(|keys| Ok(keys.with_new_key(Purpose::Field, |bytes| chance.fill(bytes))))?;
    tell("A new key seals what is written from now on.");
    let mut fields = seal_anew(store, keys, chance).await?;
    tell("Waiting until every node has read the new keys.");
    pause(SPREAD).await;
    // What a node has still sealed with the old key meanwhile.
    fields += seal_anew(store, keys, chance).await?;
    for old in before {
        keys.change(|keys| keys.retire(Purpose::Field, &old))?;
    }
    tell("Every field is sealed with the new key.");
    Ok(fields)
}

async fn seal_anew(store: &Store, keys: &KeyRing, chance: &Chance) -> Result<u64, RotationStopped> {
    let current = keys.current();
    let key = current.current_id(Purpose::Field);
    let mut fields = 0;
    for column in COLUMNS {
        loop {
            let mut tx = store.begin().await?;
            let found = column.under_other_keys(&mut tx, key, BATCH).await?;
            if found.is_empty() {
                break;
            }
            let mut replaced = 0;
            for old in found {
                let plain = current
                    .open(column.place(&old.row), &old.sealed)
                    .map_err(|error| RotationStopped::Unsealable(column.name(), error))?;
                let new = current.seal(column.place(&old.row), &plain, chance.bytes());
                replaced += column.replace(&mut tx, &old, new).await?;
            }
            tx.commit().await?;
            if replaced == 0 {
                return Err(RotationStopped::Stuck(column.name()));
            }
            fields += replaced;
        }
    }
    Ok(fields)
}

async fn rotate_lookups(
    store: &Store,
    keys: &KeyRing,
    chance: &Chance,
    pause: &impl AsyncFn(Duration),
    tell: &mut dyn FnMut(&str),
) -> Result<u64, RotationStopped> {
    if keys.current().lookup_change().is_none() {
        keys.change(|keys| keys.with_next_lookup_key(|bytes| chance.fill(bytes)))?;
    }
    let mut lookups = 0;
    if let Some(LookupChange::Filling(slot)) = keys.current().lookup_change() {
        tell("Waiting until every node fills the new look-ups.");
        pause(SPREAD).await;
        lookups = fill(store, keys, slot).await?;
        keys.change(Keys::promote_next_lookup)?;
        tell("People are found by the new look-ups; waiting until every node does so.");
        pause(SPREAD).await;
    }
    if let Some(LookupChange::Leaving(slot)) = keys.current().lookup_change() {
        keys.change(Keys::retire_lookup)?;
        pause(SPREAD).await;
        let mut tx = store.begin().await?;
        accounts::empty_slot(&mut tx, slot).await?;
        tx.commit().await?;
    }
    Ok(lookups)
}

async fn fill(store: &Store, keys: &KeyRing, slot: Slot) -> Result<u64, RotationStopped> {
    let current = keys.current();
    let mut filled = 0;
    loop {
        let mut tx = store.begin().await?;
        let found = accounts::without_lookup(&mut tx, slot, BATCH).await?;
        if found.is_empty() {
            return Ok(filled);
        }
        for (id, sealed) in found {
            let plain = current
                .open(accounts::id_place(&id), &sealed)
                .map_err(|error| RotationStopped::Unsealable("accounts.national_id".to_owned(), error))?;
            let digits = std::str::from_utf8(&plain).ok().and_then(|digits| NationalId::parse(digits).ok());
            let digits = digits.ok_or(RotationStopped::NotAnId)?;
            let lookup = current.lookup(ID_COLUMN, digits.digits());
            let hash = match slot {
                Slot::A => lookup.a,
                Slot::B => lookup.b,
            };
            accounts::set_lookup(&mut tx, slot, id, hash.unwrap_or(lookup.value)).await?;
            filled += 1;
        }
        tx.commit().await?;
    }
}
