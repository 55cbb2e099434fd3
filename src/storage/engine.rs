//! A working sketch (sqlx 0.9): a thin two-engine face over sqlx. Repositories above it are plain code.
//! Sketchy on purpose: creation of a missing file, pool sizes and deadlines belong to the configuration, and
//! `after_release` must discard connections still in a transaction (disk full).
use sqlx::{
    Arguments as _, AssertSqlSafe, Encode, FromRow, PgPool, Postgres, SqlSafeStr, SqlStr, Sqlite, SqlitePool,
    Transaction, Type,
    postgres::{PgArguments, PgRow},
    sqlite::{SqliteArguments, SqliteRow},
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{constraint} is already taken")]
    Conflict { constraint: String },
    #[error("expected {expected} row(s) to change, {actual} did")]
    RowsAffected { expected: u64, actual: u64 },
    #[error("database error")]
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

pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// A value both engines can take as a parameter.
pub trait Value<'q>: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}
impl<'q, T> Value<'q> for T where T: Encode<'q, Sqlite> + Type<Sqlite> + Encode<'q, Postgres> + Type<Postgres> {}

/// A row both engines can give back.
pub trait Record: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Record for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

#[derive(Clone)]
pub enum Store {
    Sqlite { writer: SqlitePool, reader: SqlitePool },
    Postgres(PgPool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

/// A unit of work. Nothing it did is kept unless [`Tx::commit`] is called.
pub enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Tx {
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    pub async fn commit(self) -> Result<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Prepare one statement; its SQL is a literal, or asserted safe by the caller.
    pub fn query(&mut self, sql: impl SqlSafeStr) -> Query<'_> {
        Query {
            sql: sql.into_sql_str(),
            failed: None,
            on: match self {
                Self::Sqlite(tx) => On::Sqlite(tx, SqliteArguments::default()),
                Self::Postgres(tx) => On::Postgres(tx, PgArguments::default()),
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
    #[must_use]
    pub fn bind<'q>(mut self, value: impl Value<'q>) -> Self {
        let added = match &mut self.on {
            On::Sqlite(_, args) => args.add(value),
            On::Postgres(_, args) => args.add(value),
        };
        self.failed = self.failed.or(added.err());
        self
    }

    pub async fn one<R: Record>(self) -> Result<R> {
        Ok(run!(self, sqlx::query_as_with, fetch_one))
    }

    pub async fn optional<R: Record>(self) -> Result<Option<R>> {
        Ok(run!(self, sqlx::query_as_with, fetch_optional))
    }

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

pub fn assert_safe(sql: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(sql)
}

impl Store {
    pub async fn connect(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            use sqlx::sqlite::*;
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(std::time::Duration::from_secs(5));
            let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
            let reader =
                SqlitePoolOptions::new().max_connections(4).connect_with(options.read_only(true)).await?;
            Ok(Self::Sqlite { writer, reader })
        } else {
            Ok(Self::Postgres(PgPool::connect(url).await?))
        }
    }

    pub async fn migrate(&self) -> Result<(), sqlx::migrate::MigrateError> {
        match self {
            Self::Sqlite { writer, .. } => sqlx::migrate!("migrations/sqlite").run(writer).await,
            Self::Postgres(pool) => sqlx::migrate!("migrations/postgres").run(pool).await,
        }
    }

    pub async fn begin(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    pub async fn read(&self) -> Result<Tx> {
        Ok(match self {
            Self::Sqlite { reader, .. } => Tx::Sqlite(reader.begin().await?),
            Self::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
        })
    }
}
