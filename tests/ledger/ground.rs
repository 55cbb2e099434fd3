//! A series with centres and people on a database of its own, and the words that tests record with.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use daftari::{
    clock::{Chance, Clock},
    model::{
        AccountId, CentreCode, DeploymentId, Msisdn, PersonId,
        season::{Channel, DayShape, DeployedAs},
    },
    secrets::{KeyRing, Keys, PinHasher},
    services::{
        Deps, Settings,
        chasing::Chasing,
        recovery::Budget,
        register::{self, By, DayOf, DayView, Recorded, Wish},
        season::{Attendance, calendar::instant},
    },
    storage::{IfMissing, Store, Tx, accounts, register_audit},
};
use uuid::Uuid;

use crate::ready_made;

/// Which engine a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Embedded,
    Postgres,
}

pub const SERIES: &str = "KCSE-2026";
pub const PRACTICE: &str = "TRIAL-2026";

/// Series, centres and people.
pub struct Ground {
    /// Two nodes: each has connections of its own to the one database.
    pub nodes: [Deps; 2],
    folder: Option<tempfile::TempDir>,
    made: AtomicU32,
}

/// Somebody's place on a roster.
#[derive(Debug, Clone, Copy)]
pub struct Placed {
    pub deployment: DeploymentId,
    pub person: PersonId,
}

impl Ground {
    /// Two series from Monday 2 to Friday 20 November 2026, one of them for training.
    pub async fn open(engine: Engine) -> Self {
        let (url, folder) = match engine {
            Engine::Embedded => {
                let folder = tempfile::tempdir().expect("a folder");
                (ready_made::sqlite(folder.path()).await, Some(folder))
            }
            Engine::Postgres => (ready_made::postgres("ledger").await, None),
        };
        let store = Store::connect(&url, 6, IfMissing::Refuse).await.expect("the database opens");
        let other = Store::connect(&url, 6, IfMissing::Refuse).await.expect("the database opens");
        let ground = Self { nodes: [deps(store, 7), deps(other, 8)], folder, made: AtomicU32::new(1) };
        for (code, practice) in [(SERIES, false), (PRACTICE, true)] {
            ground
                .run(
                    "INSERT INTO series (code, exam, year, starts_on, ends_on, practice)
                     VALUES ($1, 'KCSE', 2026, $2, $3, $4)",
                    |query| query.bind(code).bind(day(2)).bind(day(20)).bind(practice),
                )
                .await;
        }
        ground
    }

    pub fn deps(&self) -> &Deps {
        &self.nodes[0]
    }

    pub async fn begin(&self) -> Tx {
        self.deps().store.begin().await.expect("a transaction")
    }

    pub async fn read(&self) -> Tx {
        self.deps().store.read().await.expect("a read")
    }

    /// One statement, kept.
    pub async fn run(
        &self,
        sql: &'static str,
        bound: impl for<'t> FnOnce(daftari::storage::engine::Query<'t>) -> daftari::storage::engine::Query<'t>,
    ) -> u64 {
        let mut tx = self.begin().await;
        let changed = bound(tx.query(sql)).execute().await.expect("the statement runs");
        tx.commit().await.expect("it is kept");
        changed
    }

    /// How many rows a query counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let (count,): (i64,) = self.read().await.query(sql).one().await.expect("a count");
        count
    }

    /// A centre in sub-county Kikuyu of Kiambu (022).
    pub async fn centre(&self, code: &str) -> CentreCode {
        self.centre_in(code, "022", "Kikuyu").await
    }

    pub async fn centre_in(&self, code: &str, county: &'static str, sub_county: &'static str) -> CentreCode {
        let code = CentreCode::parse(code).expect("a code");
        self.run(
            "INSERT INTO centres (code, name, county_code, county, sub_county) VALUES ($1, $2, $3, $3, $4)",
            |query| {
                let name = format!("School {code}");
                query.bind(code.as_str().to_owned()).bind(name).bind(county).bind(sub_county)
            },
        )
        .await;
        code
    }

    /// So many invigilators at a centre, all through the series, numbered from 1.
    pub async fn people(&self, series: &'static str, centre: &CentreCode, many: usize) -> Vec<Placed> {
        let mut placed = vec![];
        for number in 1..=many {
            let person = self.person().await;
            placed
                .push(self.deploy(series, centre, person, (number, DeployedAs::Invigilator), (2, 20)).await);
        }
        placed
    }

    pub async fn person(&self) -> PersonId {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let id = Uuid::from_u128(u128::from(n) << 64 | 0xFACE);
        self.run("INSERT INTO people (id, full_name) VALUES ($1, $2)", |query| {
            query.bind(id).bind(format!("Person {n}"))
        })
        .await;
        PersonId(id)
    }

    pub async fn deploy(
        &self,
        series: &'static str,
        centre: &CentreCode,
        person: PersonId,
        (number, role): (usize, DeployedAs),
        (from, to): (u32, u32),
    ) -> Placed {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let deployment = DeploymentId(Uuid::from_u128(u128::from(n) << 64 | 0xDE));
        let number = i64::try_from(number).expect("a number");
        self.run(
            "INSERT INTO deployments (id, series, centre, person, role, number, from_on, to_on, origin, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'import', $9)",
            |query| {
                let query = query.bind(deployment.0).bind(series).bind(centre.as_str().to_owned());
                let query = query.bind(person.0).bind(role).bind(number);
                query.bind(day(from)).bind(day(to)).bind(at(1, "12:00"))
            },
        )
        .await;
        Placed { deployment, person }
    }

    /// An account of this name on a line, tied to a person.
    pub async fn account_of(
        &self,
        line: &'static str,
        person: PersonId,
        (given, surname): (&'static str, &'static str),
    ) -> AccountId {
        let n = self.made.fetch_add(1, Ordering::Relaxed);
        let account = AccountId(Uuid::from_u128(u128::from(n) << 64 | 0xACC0));
        let keys = self.deps().keys.current();
        let digits = format!("{}", 20_000_000 + n);
        let id = keys.seal(accounts::id_place(&account), digits.as_bytes(), self.deps().chance.bytes());
        let lookup = keys.lookup(accounts::ID_COLUMN, &digits);
        self.run(
            "INSERT INTO accounts (id, msisdn, given_names, surname, national_id, national_id_key, national_id_a,
                national_id_b, epoch, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)",
            |query| {
                let query = query.bind(account.0).bind(line).bind(given).bind(surname);
                let query = query.bind(id.bytes).bind(id.key_id);
                let (a, b) = (lookup.a.map(|hash| hash.to_vec()), lookup.b.map(|hash| hash.to_vec()));
                query.bind(a).bind(b).bind(at(1, "12:00"))
            },
        )
        .await;
        self.run("UPDATE people SET account = $1, tied_at = $2, tied_by = 'import' WHERE id = $3", |query| {
            query.bind(account.0).bind(at(1, "12:00")).bind(person.0)
        })
        .await;
        account
    }

    pub async fn account(&self, line: &'static str, person: PersonId) -> AccountId {
        self.account_of(line, person, ("Asha", "Wanjiku")).await
    }

    /// How far a register has come, said without the acts that lead there.
    pub async fn signed(&self, centre: &CentreCode, state: &'static str) {
        self.run("UPDATE registers SET state = $1 WHERE series = $2 AND centre = $3", |query| {
            query.bind(state).bind(SERIES).bind(centre.as_str().to_owned())
        })
        .await;
    }

    /// Every chain and projection of the registers is whole.
    pub async fn verify(&self) {
        let verified = register_audit::verify(&mut self.read().await, &[]).await.expect("a verification");
        assert!(verified.is_ok(), "{verified:?}");
    }

    pub async fn rate(&self, role: DeployedAs, from: u32, (ksh, half): (i64, i64)) {
        self.run(
            "INSERT INTO rates (series, role, from_on, ksh_per_day, half_percent) VALUES ($1, $2, $3, $4, $5)",
            |query| query.bind(SERIES).bind(role).bind(day(from)).bind(ksh).bind(half),
        )
        .await;
    }

    pub async fn record(&self, wish: &Wish, now: DateTime<Utc>) -> Recorded {
        self.record_on(0, wish, now).await
    }

    pub async fn record_on(&self, node: usize, wish: &Wish, now: DateTime<Utc>) -> Recorded {
        let deps = &self.nodes[node];
        let mut tx = deps.store.begin().await.expect("a transaction");
        let line = line(node);
        let by = by(&line);
        let recorded = register::record(&mut tx, deps, wish, &by, now).await.expect("an answer");
        tx.commit().await.expect("it is kept");
        recorded
    }

    pub async fn day(&self, centre: &CentreCode, on: u32, now: DateTime<Utc>) -> DayView {
        let of = DayOf { series: SERIES, centre, on: day(on) };
        let view = register::day(&mut self.read().await, self.deps(), of, now).await.expect("a day");
        view.expect("there is such a series")
    }

    /// The standing marks of a day, in the order of the roster.
    pub async fn marks(&self, centre: &CentreCode, on: u32) -> Vec<Option<bool>> {
        let of = DayOf { series: SERIES, centre, on: day(on) };
        let roster = register::roster(&mut self.read().await, of).await.expect("a roster");
        roster.iter().map(|one| one.mark).collect()
    }

    /// Which engine it runs on.
    pub fn engine(&self) -> Engine {
        if self.folder.is_some() { Engine::Embedded } else { Engine::Postgres }
    }
}

pub fn line(node: usize) -> Msisdn {
    Msisdn::from_network(&format!("+2547000000{:02}", 10 + node)).expect("a number")
}

pub fn by(line: &Msisdn) -> By<'_> {
    By { actor: Some(Uuid::from_u128(0xAC)), line: Some(line), channel: Channel::Ussd }
}

/// A day of November 2026; the 2nd is a Monday.
pub fn day(on: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, on).expect("a day")
}

/// A time in Nairobi on a day of November 2026.
pub fn at(on: u32, time: &str) -> DateTime<Utc> {
    instant(day(on), NaiveTime::parse_from_str(time, "%H:%M").expect("a time"))
}

/// Everybody is there, but those.
pub fn wish(centre: &CentreCode, on: u32, absent: &[Placed]) -> Wish {
    Wish {
        series: SERIES.to_owned(),
        centre: centre.clone(),
        on: day(on),
        shape: DayShape::Full,
        absent: absent.iter().map(|one| one.deployment).collect::<BTreeSet<_>>(),
        reason: None,
        base_seq: None,
        base_roster: None,
    }
}

/// The same with a reason.
pub fn because(reason: &str, wish: Wish) -> Wish {
    Wish { reason: Some(reason.to_owned()), ..wish }
}

/// The reference of what was recorded.
pub fn done(recorded: &Recorded) -> &str {
    match recorded {
        Recorded::Done { entry, .. } => &entry.reference,
        other => panic!("it was not recorded: {other:?}"),
    }
}

fn deps(store: Store, seed: u64) -> Deps {
    let chance = Chance::seeded(seed);
    let keys = Keys::generate(|bytes| chance.fill(bytes));
    let time = |text| NaiveTime::parse_from_str(text, "%H:%M").expect("a time");
    let settings = Settings {
        service_code: "*384*2547#".to_owned(),
        help_line: "0700 000 099".to_owned(),
        screen_septets: 160,
        pin_digits: 6,
        post_pin_digits: 8,
        portal: "daftari.example/portal".to_owned(),
        codes: Budget {
            codes_per_hour: 10_000,
            cents_per_day: 2_000_000,
            cents_per_code: 80,
            fate_wait: std::time::Duration::ZERO,
        },
        asks_sim_swaps: false,
        attendance: Attendance {
            opens: time("06:00"),
            closes: time("20:00"),
            missed_days: 3,
            closing_days: 30,
            tell_absent: true,
        },
        chasing: Chasing::default(),
    };
    Deps {
        store,
        keys: Arc::new(KeyRing::fixed(keys)),
        hasher: PinHasher::new(1),
        clock: Clock::frozen(at(2, "07:00")),
        chance,
        settings: Arc::new(settings),
        ways: Arc::default(),
        outbox: Arc::default(),
        swaps: Arc::default(),
    }
}

/// Run a test on both engines, as a test of its own for each.
macro_rules! on_both_engines {
    ($(async fn $name:ident($ground:ident) $body:block)+) => {
        $(mod $name {
            use super::*;

            async fn run(engine: $crate::ground::Engine) {
                let $ground = $crate::ground::Ground::open(engine).await;
                $body
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                run($crate::ground::Engine::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run($crate::ground::Engine::Postgres).await;
            }
        })+
    };
}
pub(crate) use on_both_engines;
