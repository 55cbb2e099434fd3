//! Every table whose people are found by a look-up of their national ID, for the change of the key of look-ups.

use sqlx::FromRow;
use uuid::Uuid;

use super::{
    accounts,
    engine::{Result, Tx, assert_safe},
    people,
};
use crate::secrets::{Place, Sealed, Slot};

/// A table with a sealed national ID and its look-ups in two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    name: &'static str,
    /// What its look-ups are made for.
    pub column: &'static str,
}

/// All of them.
pub const TABLES: [Table; 2] = [
    Table { name: "accounts", column: accounts::ID_COLUMN },
    Table { name: "people", column: people::ID_COLUMN },
];

/// A row whose look-up in a slot is missing.
#[derive(Debug)]
pub struct Missing {
    /// The row.
    pub id: Uuid,
    /// Its national ID.
    pub sealed: Sealed,
}

#[derive(FromRow)]
struct MissingRow {
    id: Uuid,
    national_id: Vec<u8>,
    national_id_key: String,
}

impl Table {
    /// What the seal of a row's national ID is bound to.
    pub fn place(self, id: &Uuid) -> Place<'_> {
        Place { table: self.name, column: "national_id", row: id.as_bytes() }
    }

    fn slot(slot: Slot) -> &'static str {
        match slot {
            Slot::A => "national_id_a",
            Slot::B => "national_id_b",
        }
    }

    /// Rows whose look-up in this slot is missing, a batch at a time; who has no national ID has no look-up.
    pub async fn missing(self, tx: &mut Tx, slot: Slot, batch: i64) -> Result<Vec<Missing>> {
        let (name, slot) = (self.name, Self::slot(slot));
        let sql = format!(
            "SELECT id, national_id, national_id_key FROM {name}
             WHERE {slot} IS NULL AND national_id IS NOT NULL LIMIT $1"
        );
        let rows: Vec<MissingRow> = tx.query(assert_safe(sql)).bind(batch).all().await?;
        let missing = |row: MissingRow| Missing {
            id: row.id,
            sealed: Sealed { key_id: row.national_id_key, bytes: row.national_id },
        };
        Ok(rows.into_iter().map(missing).collect())
    }

    /// Fill the look-up of a row in this slot.
    pub async fn fill(self, tx: &mut Tx, slot: Slot, id: Uuid, hash: [u8; 32]) -> Result<()> {
        let (name, slot) = (self.name, Self::slot(slot));
        let sql = format!("UPDATE {name} SET {slot} = $1 WHERE id = $2");
        tx.query(assert_safe(sql)).bind(hash.to_vec()).bind(id).execute_exactly(1).await
    }

    /// Empty a slot that nothing is found by any more, a batch at a time; 0 once it is empty.
    pub async fn empty(self, tx: &mut Tx, slot: Slot, batch: i64) -> Result<u64> {
        let (name, slot) = (self.name, Self::slot(slot));
        let sql = format!(
            "UPDATE {name} SET {slot} = NULL
             WHERE id IN (SELECT id FROM {name} WHERE {slot} IS NOT NULL LIMIT $1)"
        );
        tx.query(assert_safe(sql)).bind(batch).execute().await
    }
}
