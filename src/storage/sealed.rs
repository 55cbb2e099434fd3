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
pub const COLUMNS: [Column; 7] = [
    Column { table: "accounts", value: "national_id", key: "national_id_key", row: ["id", "uuid_send(id)"] },
    Column {
        table: "drafts",
        value: "sealed",
        key: "sealed_key",
        row: ["CAST(msisdn AS BLOB)", "convert_to(msisdn, 'UTF8')"],
    },
    Column { table: "journal", value: "reply", key: "reply_key", row: ["mark", "mark"] },
    Column { table: "web_sessions", value: "data", key: "data_key", row: ["id", "id"] },
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
    Column { table: "people", value: "national_id", key: "national_id_key", row: ["id", "uuid_send(id)"] },
];

/// A sealed value and the row it belongs to.
#[derive(Debug)]
pub struct Found {
    /// The row's id as bytes.
    pub row: Vec<u8>,
    /// The value.
    pub sealed: Sealed,
    /// Where the engine keeps the row: by that it is found again without looking through the table, since few tables
    /// have an index by the bytes above.
    at: At,
}

/// A place in a table, as the engine writes it.
#[derive(Debug, Clone)]
pub struct At(String);

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

    /// Values after a place (`None`: from the start) that are sealed with another key than this one, a batch at a time.
    /// Rows may be written before that place meanwhile: only looking from the start on shows that none is left.
    pub async fn under_other_keys(
        &self,
        tx: &mut Tx,
        key: &str,
        after: Option<&At>,
        batch: i64,
    ) -> Result<Vec<Found>> {
        let Self { table, value, key: key_column, row } = self;
        let (row, at, after_start) = match tx.dialect() {
            Dialect::Sqlite => (row[0], "CAST(rowid AS TEXT)", "rowid > CAST($2 AS BIGINT)"),
            Dialect::Postgres => (row[1], "ctid::text", "ctid > $2::tid"),
        };
        let start = match tx.dialect() {
            Dialect::Sqlite => "0",
            Dialect::Postgres => "(0,0)",
        };
        let sql = format!(
            "SELECT {row} AS row_id, {value}, {key_column}, {at} FROM {table}
             WHERE {key_column} <> $1 AND {after_start} LIMIT $3"
        );
        let rows: Vec<(Vec<u8>, Vec<u8>, String, String)> = tx
            .query(assert_safe(sql))
            .bind(key.to_owned())
            .bind(after.map_or(start, |at| &at.0).to_owned())
            .bind(batch)
            .all()
            .await?;
        let found = rows.into_iter().map(|(row, bytes, key_id, at)| Found {
            row,
            sealed: Sealed { key_id, bytes },
            at: At(at),
        });
        Ok(found.collect())
    }

    /// Put a value sealed anew in place of the same value under an older key; 0 when it has changed meanwhile.
    pub async fn replace(&self, tx: &mut Tx, old: &Found, new: Sealed) -> Result<u64> {
        let Self { table, value, key: key_column, .. } = self;
        let there = match tx.dialect() {
            Dialect::Sqlite => "rowid = CAST($3 AS BIGINT)",
            Dialect::Postgres => "ctid = $3::tid",
        };
        let sql =
            format!("UPDATE {table} SET {value} = $1, {key_column} = $2 WHERE {there} AND {value} = $4");
        tx.query(assert_safe(sql))
            .bind(new.bytes)
            .bind(new.key_id)
            .bind(old.at.0.clone())
            .bind(old.sealed.bytes.clone())
            .execute()
            .await
    }
}

impl Found {
    /// Where it stands, to go on after it.
    pub fn at(&self) -> At {
        self.at.clone()
    }
}
