//! A thin face over sqlx: one text of SQL for SQLite (the embedded default) and Postgres. Repositories above it are
//! plain code; how the pools are opened is in `connect`.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{
    Arguments as _, AssertSqlSafe, Encode, FromRow, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite, SqlitePool,
    Transaction, Type,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

/// Why a statement or a unit of work failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique value is taken.
    #[error("{constraint} is already taken")]
    Conflict {
        /// Postgres: the constraint; SQLite: `table.column`.
        constraint: String,
    },
    /// A statement changed another number of rows than it must.
    #[error("expected {expected} row(s) to change, {actual} did")]
    RowsAffected {
        /// How many should have changed.
        expected: u64,
        /// How many did.
        actual: u64,
    },
    /// What is stored can't be read as what it should be.
    #[error("{0} can't be read back")]
    Unreadable(&'static str),
    /// The database did not answer, or refused.
    #[error("the database failed: {0}")]
    Driver(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(e) if e.is_unique_violation() => Self::Conflict {
                // Postgres names the constraint; SQLite names `table.column`.
                constraint: e.constraint().unwrap_or(e.message()).to_owned(),
            },
            _ => Self::Driver(error),
        }
    }
}

/// What this module's calls give.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A value both engines can take as a parameter.
pub trait Value<'q>: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}
impl<'q, T> Value<'q> for T where T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}

/// A row both engines can give back.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// The database.
#[derive(Clone, Debug)]
pub enum Store {
    /// SQLite: one connection that writes, a few that read beside it.
    Sqlite {
        /// The single writer.
        writer: SqlitePool,
        /// Read-only connections.
        reader: SqlitePool,
        /// What has been asked of it.
        counted: Arc<Counted>,
    },
    /// Postgres.
    Postgres {
        /// The connections.
        pool: PgPool,
        /// What has been asked of it.
        counted: Arc<Counted>,
    },
}

/// The two engines, for the few statements that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// Postgres.
    Postgres,
}

/// A unit of work. Nothing it did is kept unless [`Tx::commit`] is called.
pub struct Tx {
    on: OnTx,
    counted: Arc<Counted>,
}

enum OnTx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    /// Which engine it runs on.
    pub fn dialect(&self) -> Dialect {
        match self.on {
            OnTx::Sqlite(_) => Dialect::Sqlite,
            OnTx::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Keep what was done. Once this has returned, it is on disk.
    pub async fn commit(self) -> Result<()> {
        match self.on {
            OnTx::Sqlite(tx) => tx.commit().await?,
            OnTx::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Prepare one statement; its SQL is a literal, or asserted safe by the caller.
    pub fn query(&mut self, sql: impl SqlSafeStr) -> Query<'_> {
        self.counted.statements.fetch_add(1, Ordering::Relaxed);
        Query {
            sql: sql.into_sql_str(),
            failed: None,
            on: match &mut self.on {
                OnTx::Sqlite(tx) => On::Sqlite(tx, SqliteArguments::default()),
                OnTx::Postgres(tx) => On::Postgres(tx, PgArguments::default()),
            },
        }
    }
}

/// A statement and its parameters, ready to run.
pub struct Query<'t> {
    sql: SqlStr,
    failed: Option<sqlx::error::BoxDynError>,
    on: On<'t>,
}

enum On<'t> {
    Sqlite(&'t mut Transaction<'static, Sqlite>, SqliteArguments),
    Postgres(&'t mut Transaction<'static, Postgres>, PgArguments),
}

/// Run the same sqlx call on whichever engine the query is bound to.
macro_rules! run {
    ($query:ident, $prepare:path, $fetch:ident) => {{
        if let Some(error) = $query.failed {
            return Err(sqlx::Error::Encode(error).into());
        }
        match $query.on {
            On::Sqlite(tx, args) => $prepare($query.sql, args).$fetch(&mut **tx).await?,
            On::Postgres(tx, args) => $prepare($query.sql, args).$fetch(&mut **tx).await?,
        }
    }};
}

impl Query<'_> {
    /// Bind the next parameter.
    #[must_use]
    pub fn bind<'q>(mut self, value: impl Value<'q>) -> Self {
        let added = match &mut self.on {
            On::Sqlite(_, args) => args.add(value),
            On::Postgres(_, args) => args.add(value),
        };
        self.failed = self.failed.or(added.err());
        self
    }

    /// The one row there must be.
    pub async fn one<R: Record>(self) -> Result<R> {
        Ok(run!(self, sqlx::query_as_with, fetch_one))
    }

    /// The row, if there is one.
    pub async fn optional<R: Record>(self) -> Result<Option<R>> {
        Ok(run!(self, sqlx::query_as_with, fetch_optional))
    }

    /// All rows.
    pub async fn all<R: Record>(self) -> Result<Vec<R>> {
        Ok(run!(self, sqlx::query_as_with, fetch_all))
    }

    /// Run the statement and say how many rows changed.
    pub async fn execute(self) -> Result<u64> {
        if let Some(error) = self.failed {
            return Err(sqlx::Error::Encode(error).into());
        }
        Ok(match self.on {
            On::Sqlite(tx, args) => {
                sqlx::query_with(self.sql, args).execute(&mut **tx).await?.rows_affected()
            }
            On::Postgres(tx, args) => {
                sqlx::query_with(self.sql, args).execute(&mut **tx).await?.rows_affected()
            }
        })
    }

    /// Run a statement that must change exactly `expected` rows.
    pub async fn execute_exactly(self, expected: u64) -> Result<()> {
        match self.execute().await? {
            actual if actual == expected => Ok(()),
            actual => Err(StoreError::RowsAffected { expected, actual }),
        }
    }
}

/// `$3, $4, $5`: placeholders for a list of `len` values starting at `first`.
pub fn placeholders(first: usize, len: usize) -> String {
    (first..first + len).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// SQL put together from literals and [`placeholders`] only.
pub fn assert_safe(sql: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(sql)
}

impl Store {
    /// Which engine it is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres { .. } => Dialect::Postgres,
        }
    }

    /// Begin a unit of work that writes. SQLite takes its single writer at once, so that a read is never followed by a
    /// write that comes too late.
    pub async fn begin(&self) -> Result<Tx> {
        self.count().transactions.fetch_add(1, Ordering::Relaxed);
        let (on, counted) = match self {
            Self::Sqlite { writer, counted, .. } => {
                (OnTx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?), counted)
            }
            Self::Postgres { pool, counted } => (OnTx::Postgres(pool.begin().await?), counted),
        };
        Ok(Tx { on, counted: counted.clone() })
    }

    /// Begin a unit of work that only reads, all of it from one moment.
    pub async fn read(&self) -> Result<Tx> {
        self.count().transactions.fetch_add(1, Ordering::Relaxed);
        let (on, counted) = match self {
            Self::Sqlite { reader, counted, .. } => (OnTx::Sqlite(reader.begin().await?), counted),
            Self::Postgres { pool, counted } => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
                (OnTx::Postgres(pool.begin_with(begin).await?), counted)
            }
        };
        Ok(Tx { on, counted: counted.clone() })
    }

    /// What has been asked of it so far.
    pub fn count(&self) -> &Counted {
        match self {
            Self::Sqlite { counted, .. } | Self::Postgres { counted, .. } => counted,
        }
    }

    /// Close every connection.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader, .. } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres { pool, .. } => pool.close().await,
        }
    }
}

/// How many transactions and statements there have been, for tests and metrics.
#[derive(Debug, Default)]
pub struct Counted {
    transactions: AtomicU64,
    statements: AtomicU64,
}

impl Counted {
    /// Transactions begun.
    pub fn transactions(&self) -> u64 {
        self.transactions.load(Ordering::Relaxed)
    }

    /// Statements prepared.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
}
