//! The Redis and the Postgres of a run: private ones, which `benches/run` has started.

use std::time::Duration;

use anyhow::Context as _;
use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::servers::variable;

/// The address of the Redis.
pub fn redis() -> anyhow::Result<String> {
    variable("DAFTARI_TEST_REDIS")
}

/// A new database on the Postgres.
pub async fn own_database() -> anyhow::Result<String> {
    static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let server = variable("DAFTARI_TEST_POSTGRES")?;
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("bench_{}_{number}", std::process::id());
    let mut admin = PgConnection::connect(&server).await?;
    admin.execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    let (base, _) = server.rsplit_once('/').context("the address names no database")?;
    Ok(format!("{base}/{name}"))
}

/// A figure that Redis tells of itself.
fn redis_info(section: &str, name: &str) -> anyhow::Result<f64> {
    let mut redis = redis::Client::open(redis()?)?.get_connection()?;
    let info: redis::InfoDict = redis::cmd("INFO").arg(section).query(&mut redis)?;
    info.get(name).with_context(|| format!("Redis tells no {name}"))
}

/// The CPU that Redis has used so far.
pub fn redis_cpu() -> anyhow::Result<Duration> {
    let seconds = redis_info("cpu", "used_cpu_user")? + redis_info("cpu", "used_cpu_sys")?;
    Ok(Duration::from_secs_f64(seconds))
}

/// Empty the Redis.
pub fn flush_redis() -> anyhow::Result<()> {
    let mut redis = redis::Client::open(redis()?)?.get_connection()?;
    Ok(redis::cmd("FLUSHALL").query(&mut redis)?)
}

/// The memory that Redis uses, in bytes.
pub fn redis_memory() -> anyhow::Result<f64> {
    redis_info("memory", "used_memory")
}

/// How long the state of some session is in Redis, with its version.
pub fn state_bytes() -> anyhow::Result<u64> {
    let mut redis = redis::Client::open(redis()?)?.get_connection()?;
    let mut keys = redis::Commands::scan_match::<_, String>(&mut redis, "d:*:s:*")?;
    let key = keys.next().context("there is no session")??;
    drop(keys);
    Ok(redis::cmd("STRLEN").arg(key).query(&mut redis)?)
}
