//! New keys while nodes are serving: sealed fields are sealed anew, the look-up of national IDs moves to its other
//! column, and only then are the old keys retired (`security.md` 34).

use std::time::Duration;

use crate::{
    clock::Chance,
    model::NationalId,
    secrets::{KeyRing, Keys, LookupChange, Purpose, RotationFailed, Slot, Unsealable},
    storage::{
        Store, StoreError,
        accounts::ID_COLUMN,
        lookups::{TABLES, Table},
        sealed::{COLUMNS, Column},
        season_import,
    },
};

/// How long until nobody works with what stood in the key file before it changed: nodes look every 3 s
/// (`workers::reload`), and a hop may take 7.5 s with the keys it began with.
pub const SPREAD: Duration = Duration::from_secs(15);
/// Rows a transaction, so that nobody waits long for one.
const BATCH: i64 = 200;
/// How often a column may be looked through without replacing any of what was found: each row may have been changed
/// by somebody at that very moment, but not time after time.
const MOST_IN_VAIN: u32 = 10;

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
    /// Rows stay under an old key, however often they are sealed anew.
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
    spread(store, pause).await?;
    // What a node has still sealed with the old key meanwhile.
    fields += seal_anew(store, keys, chance).await?;
    for old in before {
        keys.change(|keys| keys.retire(Purpose::Field, &old))?;
    }
    tell("Every field is sealed with the new key.");
    Ok(fields)
}

/// Wait until nobody works with the keys as they were: nodes, and an import that has begun, however long it takes.
async fn spread(store: &Store, pause: &impl AsyncFn(Duration)) -> Result<(), StoreError> {
    pause(SPREAD).await;
    let mut tx = store.begin().await?;
    season_import::alone(&mut tx).await?;
    tx.commit().await
}

/// Seal anew until no value is under another key.
async fn seal_anew(store: &Store, keys: &KeyRing, chance: &Chance) -> Result<u64, RotationStopped> {
    let current = keys.current();
    let mut fields = 0;
    for column in COLUMNS {
        let mut in_vain = 0;
        loop {
            let (found, replaced) = look_through(store, &current, chance, &column).await?;
            if found == 0 {
                break;
            }
            in_vain = if replaced == 0 { in_vain + 1 } else { 0 };
            if in_vain == MOST_IN_VAIN {
                return Err(RotationStopped::Stuck(column.name()));
            }
            fields += replaced;
        }
    }
    Ok(fields)
}

/// Go through a column once; how many values were under other keys, and how many are no more.
async fn look_through(
    store: &Store,
    keys: &Keys,
    chance: &Chance,
    column: &Column,
) -> Result<(u64, u64), RotationStopped> {
    let key = keys.current_id(Purpose::Field);
    let (mut found, mut replaced, mut after) = (0, 0, None);
    loop {
        let mut tx = store.begin().await?;
        let batch = column.under_other_keys(&mut tx, key, after.as_ref(), BATCH).await?;
        let Some(last) = batch.last() else { return Ok((found, replaced)) };
        after = Some(last.at());
        for old in batch {
            let plain = keys
                .open(column.place(&old.row), &old.sealed)
                .map_err(|error| RotationStopped::Unsealable(column.name(), error))?;
            let new = keys.seal(column.place(&old.row), &plain, chance.bytes());
            replaced += column.replace(&mut tx, &old, new).await?;
            found += 1;
        }
        tx.commit().await?;
    }
}

async fn rotate_lookups(
    store: &Store,
    keys: &KeyRing,
    chance: &Chance,
    pause: &impl AsyncFn(Duration),
    tell: &mut dyn FnMut(&str),
) -> Result<u64, RotationStopped> {
    if keys.current().lookup_change().is_none() {
        // A rotation that stopped before its last step has left hashes of a key that is gone: `fill` would take them
        // for those of the next key, and nobody would be found by them.
        empty(store, other(keys.current().lookup(ID_COLUMN, "").slot)).await?;
        keys.change(|keys| keys.with_next_lookup_key(|bytes| chance.fill(bytes)))?;
    }
    let mut lookups = 0;
    if let Some(LookupChange::Filling(slot)) = keys.current().lookup_change() {
        tell("Waiting until every node fills the new look-ups.");
        spread(store, pause).await?;
        lookups += fill(store, keys, slot).await?;
        keys.change(Keys::promote_next_lookup)?;
    }
    if let Some(LookupChange::Leaving(slot)) = keys.current().lookup_change() {
        tell("People are found by the new look-ups; waiting until every node does so.");
        spread(store, pause).await?;
        // What a node has still written without them, as slow as it was.
        lookups += fill(store, keys, other(slot)).await?;
        keys.change(Keys::retire_lookup)?;
        tell("Waiting until no node fills the old look-ups.");
        spread(store, pause).await?;
        empty(store, slot).await?;
    }
    Ok(lookups)
}

fn other(slot: Slot) -> Slot {
    match slot {
        Slot::A => Slot::B,
        Slot::B => Slot::A,
    }
}

async fn empty(store: &Store, slot: Slot) -> Result<(), RotationStopped> {
    for table in TABLES {
        loop {
            let mut tx = store.begin().await?;
            if table.empty(&mut tx, slot, BATCH).await? == 0 {
                break;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn fill(store: &Store, keys: &KeyRing, slot: Slot) -> Result<u64, RotationStopped> {
    let mut filled = 0;
    for table in TABLES {
        filled += fill_table(store, &keys.current(), table, slot).await?;
    }
    Ok(filled)
}

async fn fill_table(store: &Store, keys: &Keys, table: Table, slot: Slot) -> Result<u64, RotationStopped> {
    let mut filled = 0;
    loop {
        let mut tx = store.begin().await?;
        let found = table.missing(&mut tx, slot, BATCH).await?;
        if found.is_empty() {
            return Ok(filled);
        }
        for row in found {
            let plain = keys
                .open(table.place(&row.id), &row.sealed)
                .map_err(|error| RotationStopped::Unsealable(table.column.to_owned(), error))?;
            let digits = std::str::from_utf8(&plain).ok().and_then(|digits| NationalId::parse(digits).ok());
            let digits = digits.ok_or(RotationStopped::NotAnId)?;
            let lookup = keys.lookup(table.column, digits.digits());
            let hash = match slot {
                Slot::A => lookup.a,
                Slot::B => lookup.b,
            };
            table.fill(&mut tx, slot, row.id, hash.unwrap_or(lookup.value)).await?;
            filled += 1;
        }
        tx.commit().await?;
    }
}
