//! Every sealed column there is, for the rotation of the key they are sealed with.

use super::engine::{Dialect, Result, Tx, assert_safe};
use crate::secrets::{Place, Sealed};

/// A column that holds sealed bytes, with the column beside it that names their key.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    table: &'static str,
    value: &'static str,
    key: &'static str,
    /// What tells the row, as bytes: what its seal is bound to. On SQLite, then on Postgres.
    row: [&'static str; 2],
}

/// All of them. A sealed column that is missing here is never sealed anew: a test holds this list against the schema.
pub const COLUMNS: [Column; 5] = [
    Column { table: "accounts", value: "national_id", key: "national_id_key", row: ["id", "uuid_send(id)"] },
    Column {
        table: "drafts",
        value: "sealed",
        key: "sealed_key",
        row: ["CAST(msisdn AS BLOB)", "convert_to(msisdn, 'UTF8')"],
    },
    Column { table: "journal", value: "reply", key: "reply_key", row: ["mark", "mark"] },
    Column { table: "messages", value: "body", key: "body_key", row: ["id", "uuid_send(id)"] },
    Column {
        table: "inbound_messages",
        value: "text",
        key: "text_key",
        row: [
            "CAST(provider || ' ' || provider_id AS BLOB)",
            "convert_to(provider || ' ' || provider_id, 'UTF8')",
        ],
    },
];

/// A sealed value and the row it belongs to.
#[derive(Debug)]
pub struct Found {
    /// The row's id as bytes.
    pub row: Vec<u8>,
    /// The value.
    pub sealed: Sealed,
}

impl Column {
    /// `table.column`.
    pub fn name(&self) -> String {
        format!("{}.{}", self.table, self.value)
    }

    /// The name of the column that holds the key's id.
    pub fn key_name(&self) -> String {
        format!("{}.{}", self.table, self.key)
    }

    /// What the seal of a row is bound to.
    pub fn place<'a>(&self, row: &'a [u8]) -> Place<'a> {
        Place { table: self.table, column: self.value, row }
    }

    fn row(&self, tx: &Tx) -> &'static str {
        match tx.dialect() {
            Dialect::Sqlite => self.row[0],
            Dialect::Postgres => self.row[1],
        }
    }

    /// Values that are sealed with another key than this one, a batch at a time.
    pub async fn under_other_keys(&self, tx: &mut Tx, key: &str, batch: i64) -> Result<Vec<Found>> {
        let Self { table, value: column, key: key_column, .. } = self;
        let row = self.row(tx);
        let sql = format!(
            "SELECT {row} AS row_id, {column}, {key_column} FROM {table} WHERE {key_column} <> $1 LIMIT $2"
        );
        let rows: Vec<(Vec<u8>, Vec<u8>, String)> =
            tx.query(assert_safe(sql)).bind(key.to_owned()).bind(batch).all().await?;
        Ok(rows
            .into_iter()
            .map(|(row, bytes, key_id)| Found { row, sealed: Sealed { key_id, bytes } })
            .collect())
    }

    /// Put a value sealed anew in place of the same value under an older key; 0 when it has changed meanwhile.
    pub async fn replace(&self, tx: &mut Tx, old: &Found, new: Sealed) -> Result<u64> {
        let Self { table, value: column, key: key_column, .. } = self;
        let row = self.row(tx);
        let sql =
            format!("UPDATE {table} SET {column} = $1, {key_column} = $2 WHERE {row} = $3 AND {column} = $4");
        tx.query(assert_safe(sql))
            .bind(new.bytes)
            .bind(new.key_id)
            .bind(old.row.clone())
            .bind(old.sealed.bytes.clone())
            .execute()
            .await
    }
}
