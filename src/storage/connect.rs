//! Opening the database: pools and their deadlines, migrations, and the schema's version.

use std::{path::Path, str::FromStr as _, sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions as _, Executor as _, Row as _,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::engine::{Counted, Store};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a hop waits for a connection. The aggregator waits 10 s; past this a "try again" is the better answer.
const ACQUIRE: Duration = Duration::from_secs(3);

/// Why the database can't be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is none.
    #[error(
        "the database address can't be read: write sqlite://path/to/daftari.db or postgres://user@host/name"
    )]
    Address,
    /// The SQLite file is not there.
    #[error("there is no database at {0}; `daftari migrate` makes it")]
    Missing(String),
    /// The folder for the SQLite file can't be made.
    #[error("the folder for {0} can't be made: {1}")]
    Folder(String, #[source] std::io::Error),
    /// The database does not answer.
    #[error("the database can't be reached: {0}")]
    Unreachable(#[from] sqlx::Error),
    /// A migration failed; nothing of it is kept.
    #[error("the database can't be brought to this version: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The schema is of another version than the program.
    #[error(
        "the database is at version {found}, this program needs {needed}: run `daftari migrate` (or a newer program)"
    )]
    Version {
        /// What the database is at; 0 when nothing is in it.
        found: i64,
        /// What the program needs.
        needed: i64,
    },
}

/// Whether a database that is not there may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IfMissing {
    /// Make it: `migrate`, and the embedded default.
    Create,
    /// Refuse: a mistyped address never makes a new, empty database.
    Refuse,
}

impl Store {
    /// Open the pools.
    pub async fn connect(url: &str, connections: u32, if_missing: IfMissing) -> Result<Self, OpenError> {
        match url.strip_prefix("sqlite://") {
            Some(path) => Self::open_sqlite(path, if_missing).await,
            None => Self::open_postgres(url, connections),
        }
    }

    async fn open_sqlite(path: &str, if_missing: IfMissing) -> Result<Self, OpenError> {
        if if_missing == IfMissing::Refuse && !Path::new(path).exists() {
            return Err(OpenError::Missing(path.to_owned()));
        }
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(|e| OpenError::Folder(path.to_owned(), e))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(if_missing == IfMissing::Create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let pool = || {
            SqlitePoolOptions::new().acquire_timeout(ACQUIRE).after_release(|connection, _| {
                Box::pin(async move {
                    // After "disk full" sqlx keeps a connection whose transaction never ended; it would fail for
                    // ever. A connection that can't begin anew is thrown away.
                    match connection.execute("BEGIN; ROLLBACK").await {
                        Ok(_) => Ok(true),
                        Err(_) => Ok(false),
                    }
                })
            })
        };
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        let reader = pool().max_connections(4).connect_with(options.read_only(true)).await?;
        Ok(Self::Sqlite { writer, reader, counted: Arc::new(Counted::default()) })
    }

    fn open_postgres(url: &str, connections: u32) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|_| OpenError::Address)?
            .application_name("daftari")
            // Longer than any statement of ours takes, shorter than the aggregator waits.
            .options([("statement_timeout", "5s"), ("lock_timeout", "4s"), ("timezone", "UTC")])
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .connect_lazy_with(options);
        Ok(Self::Postgres { pool, counted: Arc::new(Counted::default()) })
    }

    /// Bring the schema to this program's version.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        match self {
            Self::Sqlite { writer, .. } => SQLITE.run(writer).await?,
            Self::Postgres { pool, .. } => POSTGRES.run(pool).await?,
        }
        Ok(())
    }

    /// Refuse a schema of another version than the program's.
    pub async fn require_version(&self) -> Result<(), OpenError> {
        let (found, needed) = (self.version().await?, newest());
        if found == needed { Ok(()) } else { Err(OpenError::Version { found, needed }) }
    }

    /// The newest migration that the database has, 0 for none.
    async fn version(&self) -> Result<i64, OpenError> {
        let newest = "SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT) FROM _sqlx_migrations WHERE success";
        let found = match self {
            Self::Sqlite { reader, .. } => {
                let tables = "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'";
                let there: i64 = reader.fetch_one(tables).await?.get(0);
                if there == 0 {
                    return Ok(0);
                }
                reader.fetch_one(newest).await?.get(0)
            }
            Self::Postgres { pool, .. } => {
                let there: bool =
                    pool.fetch_one("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").await?.get(0);
                if !there {
                    return Ok(0);
                }
                pool.fetch_one(newest).await?.get(0)
            }
        };
        Ok(found)
    }

    /// How far this machine's clock is from the database's, in milliseconds; `None` for SQLite, which has none.
    pub async fn clock_difference_ms(
        &self,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Option<i64>, sqlx::Error> {
        match self {
            Self::Sqlite { .. } => Ok(None),
            Self::Postgres { pool, .. } => {
                let theirs: chrono::DateTime<chrono::Utc> =
                    pool.fetch_one("SELECT clock_timestamp()").await?.get(0);
                Ok(Some(now.signed_duration_since(theirs).num_milliseconds()))
            }
        }
    }
}

fn newest() -> i64 {
    SQLITE.iter().map(|m| m.version).max().unwrap_or(0)
}
