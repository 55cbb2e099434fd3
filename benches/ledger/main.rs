//! How fast registers are recorded, held against the commit floor of the same Postgres in the same run: a bare INSERT and
//! COMMIT of one row. Both take turns; a ratio is made of two neighbours, the line is the median.
//!
//!     tests/run --servers cargo bench --bench ledger [-- --short]

use std::{
    collections::BTreeSet,
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::Parser;
use daftari::{
    clock::{Chance, Clock},
    model::{
        CentreCode, Msisdn,
        season::{Channel, DayShape},
    },
    secrets::{KeyRing, Keys, PinHasher},
    services::{
        Deps, Settings,
        recovery::Budget,
        register::{self, By, Recorded, Wish},
        season::{Attendance, calendar::instant},
    },
    storage::{IfMissing, Store},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

/// Registers against the commit floor.
#[derive(Parser)]
struct Arguments {
    /// Fewer and shorter rounds.
    #[arg(long)]
    short: bool,
    /// How many write at once.
    #[arg(long, default_value_t = 32)]
    writers: usize,
    /// How many people a centre has.
    #[arg(long, default_value_t = 8)]
    people: u32,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

const SERIES: &str = "KCSE-2026";
/// More than all rounds of a run can use up.
const CENTRES: u32 = 35_000;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measure(&arguments))
}

async fn measure(arguments: &Arguments) -> anyhow::Result<()> {
    let deps = deps(arguments.writers).await?;
    season(&deps, arguments.people).await?;
    let (rounds, window) = if arguments.short { (3, 1) } else { (7, 3) };
    let (committed, recorded) = (AtomicU64::new(0), AtomicU64::new(0));
    let mut lines: Vec<[f64; 3]> = vec![];
    for _ in 0..rounds {
        let window = Duration::from_secs(window);
        let floor = turns(arguments.writers, window, || commit(&deps, &committed)).await?;
        let registers = turns(arguments.writers, window, || record(&deps, &recorded)).await?;
        lines.push([floor, registers, registers / floor]);
    }
    let middle = |n: usize| {
        let mut values: Vec<f64> = lines.iter().map(|line| line[n]).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let people = f64::from(arguments.people);
    println!("commits of one row, the floor      {:>9.0} a second", middle(0));
    println!("registers of {people} people, each new    {:>9.0} a second", middle(1));
    println!("marks in them                      {:>9.0} a second", middle(1) * people);
    println!("registers to commits               {:>9.2}", middle(2));
    println!("marks to commits                   {:>9.2}", middle(2) * people);
    deps.store.close().await;
    Ok(())
}

/// How often something is done a second when so many do it over and over.
async fn turns<F>(writers: usize, window: Duration, once: impl Fn() -> F) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<()>>,
{
    let began = Instant::now();
    let writer = async || {
        let mut times = 0_u32;
        while began.elapsed() < window {
            once().await?;
            times += 1;
        }
        anyhow::Ok(times)
    };
    let all = futures_util::future::try_join_all((0..writers).map(|_| writer())).await?;
    let times: u32 = all.into_iter().sum();
    Ok(f64::from(times) / began.elapsed().as_secs_f64())
}

/// The floor: one row, one commit, on the same pool.
async fn commit(deps: &Deps, next: &AtomicU64) -> anyhow::Result<()> {
    let mut tx = deps.store.begin().await?;
    let n = i64::try_from(next.fetch_add(1, Ordering::Relaxed))?;
    tx.query("INSERT INTO floor (n, text) VALUES ($1, $2)").bind(n).bind("a row").execute_exactly(1).await?;
    Ok(tx.commit().await?)
}

/// A whole register: a centre and day that nobody has marked yet, one person absent.
async fn record(deps: &Deps, next: &AtomicU64) -> anyhow::Result<()> {
    let n = next.fetch_add(1, Ordering::Relaxed);
    let centre = u32::try_from(n % u64::from(CENTRES))?;
    let on = day(u32::try_from(n / u64::from(CENTRES) % 5)? + 2)?;
    let wish = Wish {
        series: SERIES.to_owned(),
        centre: CentreCode::parse(&format!("{centre:08}")).context("a code")?,
        on,
        shape: DayShape::Full,
        absent: BTreeSet::new(),
        reason: None,
        base_seq: None,
        base_roster: None,
    };
    let line = Msisdn::from_network("+254700000010").context("a number")?;
    let by = By { actor: Some(Uuid::from_u128(1)), line: Some(&line), channel: Channel::Ussd };
    let mut tx = deps.store.begin().await?;
    let recorded = register::record(&mut tx, deps, &wish, &by, at(on)).await?;
    ensure!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
    Ok(tx.commit().await?)
}

fn day(on: u32) -> anyhow::Result<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 11, on).context("a day")
}

fn at(on: NaiveDate) -> DateTime<Utc> {
    instant(on, NaiveTime::MIN) + chrono::Duration::hours(7)
}

/// 35,000 centres of so many people, and the floor's table.
async fn season(deps: &Deps, people: u32) -> anyhow::Result<()> {
    let mut tx = deps.store.begin().await?;
    let all = CENTRES * people - 1;
    let statements = [
        "SET LOCAL statement_timeout = 0".to_owned(),
        "CREATE TABLE floor (n BIGINT PRIMARY KEY, text TEXT NOT NULL)".to_owned(),
        format!(
            "INSERT INTO series (code, exam, year, starts_on, ends_on, practice)
             VALUES ('{SERIES}', 'KCSE', 2026, '2026-11-02', '2026-11-20', FALSE)"
        ),
        format!(
            "INSERT INTO centres (code, name, county_code, county, sub_county)
             SELECT lpad(i::TEXT, 8, '0'), 'School', '022', 'Kiambu', 'Kikuyu' FROM generate_series(0, {}) i",
            CENTRES - 1
        ),
        format!(
            "INSERT INTO people (id, full_name) SELECT lpad(i::TEXT, 32, '0')::UUID, 'Asha Njeri Wanjiku'
             FROM generate_series(0, {all}) i"
        ),
        format!(
            "INSERT INTO deployments (id, series, centre, person, role, number, from_on, to_on, origin, created_at)
             SELECT lpad(i::TEXT, 32, '0')::UUID, '{SERIES}', lpad((i / {people})::TEXT, 8, '0'),
                lpad(i::TEXT, 32, '0')::UUID, 'invigilator', 1 + i % {people}, '2026-11-02', '2026-11-20', 'import',
                '2026-10-01Z' FROM generate_series(0, {all}) i"
        ),
        "ANALYZE".to_owned(),
    ];
    for sql in statements {
        tx.query(AssertSqlSafe(sql)).execute().await?;
    }
    Ok(tx.commit().await?)
}

async fn deps(writers: usize) -> anyhow::Result<Deps> {
    let server = env::var("DAFTARI_TEST_POSTGRES")
        .context("run this by: tests/run --servers cargo bench --bench ledger")?;
    let name = format!("ledger_bench_{}", std::process::id());
    let mut admin = PgConnection::connect(&server).await?;
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await?;
    let (base, _) = server.rsplit_once('/').context("the address names a database")?;
    let connections = u32::try_from(writers)?;
    let store = Store::connect(&format!("{base}/{name}"), connections, IfMissing::Create).await?;
    store.migrate().await?;
    let chance = Chance::from_system();
    let keys = Keys::generate(|bytes| chance.fill(bytes));
    let day = day(2)?;
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).context("a time");
    Ok(Deps {
        store,
        keys: Arc::new(KeyRing::fixed(keys)),
        hasher: PinHasher::new(1),
        clock: Clock::frozen(at(day)),
        chance,
        settings: Arc::new(Settings {
            service_code: "*384*2547#".to_owned(),
            help_line: "0700 000 099".to_owned(),
            screen_septets: 160,
            pin_digits: 6,
            post_pin_digits: 8,
            portal: "daftari.example/portal".to_owned(),
            codes: Budget {
                codes_per_hour: 1,
                cents_per_day: 1,
                cents_per_code: 1,
                fate_wait: Duration::ZERO,
            },
            asks_sim_swaps: false,
            attendance: Attendance {
                opens: time(6)?,
                closes: time(20)?,
                missed_days: 3,
                closing_days: 30,
                tell_absent: false,
            },
            chasing: daftari::services::chasing::Chasing::default(),
        }),
        ways: Arc::default(),
        outbox: Arc::default(),
        swaps: Arc::default(),
    })
}
