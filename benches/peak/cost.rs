//! What it costs: CPU of each process, rows and commits of the database, and the commit floor of the same database.

use std::{
    fs,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgPoolOptions, query, query_as};

use crate::{back_end, servers::Server, shared::figure};

/// Writers of the floor.
const WRITERS: u32 = 32;
/// `USER_HZ`.
const TICKS: f64 = 100.0;
/// Postgres tells its counts a second after the last commit (`PGSTAT_MIN_INTERVAL`).
const COUNTS_AFTER: Duration = Duration::from_secs(2);

/// Seconds of CPU so far, and what the database has counted.
#[derive(Clone, Copy)]
pub struct Cost {
    pub server: f64,
    pub redis: f64,
    pub postgres: f64,
    pub rows: f64,
    pub commits: f64,
}

impl Cost {
    /// So far.
    pub async fn so_far(server: &Server, db: &mut PgConnection) -> anyhow::Result<Self> {
        tokio::time::sleep(COUNTS_AFTER).await;
        let (backend,): (i32,) = query_as("SELECT pg_backend_pid()").fetch_one(&mut *db).await?;
        let (rows, commits): (i64, i64) = query_as(
            "SELECT tup_inserted + tup_updated + tup_deleted, xact_commit FROM pg_stat_database
             WHERE datname = current_database()",
        )
        .fetch_one(db)
        .await?;
        let postmaster = stat(u32::try_from(backend)?).context("no backend")?.parent;
        Ok(Self {
            server: server.cpu()?.as_secs_f64(),
            redis: back_end::redis_cpu()?.as_secs_f64(),
            postgres: tree(postmaster)?,
            rows: figure(u64::try_from(rows)?),
            commits: figure(u64::try_from(commits)?),
        })
    }

    /// What came since.
    pub fn since(self, before: Self) -> Self {
        Self {
            server: self.server - before.server,
            redis: self.redis - before.redis,
            postgres: self.postgres - before.postgres,
            rows: self.rows - before.rows,
            commits: self.commits - before.commits,
        }
    }
}

struct Stat {
    parent: u32,
    /// Of its own and of children that have ended.
    seconds: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11..15)?.iter().filter_map(|field| field.parse::<f64>().ok()).sum();
    Some(Stat { parent: fields.get(1)?.parse().ok()?, seconds: ticks / TICKS })
}

/// A process with its children: Postgres serves each connection by one.
fn tree(root: u32) -> anyhow::Result<f64> {
    let pids =
        fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let of_tree = pids
        .filter_map(|pid| Some((pid, stat(pid)?)))
        .filter(|(pid, stat)| *pid == root || stat.parent == root);
    Ok(of_tree.map(|(_, stat)| stat.seconds).sum())
}

/// Commits of one row a second, the least that a commit costs on this database.
pub async fn floor(url: &str, window: Duration) -> anyhow::Result<f64> {
    let pool = PgPoolOptions::new().max_connections(WRITERS).connect(url).await?;
    query("CREATE TABLE IF NOT EXISTS floor (n BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text TEXT NOT NULL)")
        .execute(&pool)
        .await?;
    let began = Instant::now();
    let writer = async |pool: &PgPool| {
        let mut times = 0_u32;
        let mut connection = pool.acquire().await?;
        while began.elapsed() < window {
            let mut tx = connection.begin().await?;
            query("INSERT INTO floor (text) VALUES ('a row')").execute(&mut *tx).await?;
            tx.commit().await?;
            times += 1;
        }
        anyhow::Ok(times)
    };
    let all = futures_util::future::try_join_all((0..WRITERS).map(|_| writer(&pool))).await?;
    let rate = f64::from(all.into_iter().sum::<u32>()) / began.elapsed().as_secs_f64();
    pool.close().await;
    Ok(rate)
}
