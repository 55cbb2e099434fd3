//! A database of its own for each test on either engine, a clock that only the test moves, and a simulated route.

use std::sync::Arc;

use chrono::{DateTime, Duration};
use daftari::{
    clock::{Chance, Clock},
    gateways::{DeliveryReport, SmsGateway, simulator::Simulator},
    lifecycle::Lifecycle,
    menu::{Menus, definition::Bundle},
    model::{
        ChallengeId, Language, MessageId, Msisdn,
        challenge::{Closed, Door},
        message::{Fate, Purpose, RefusalReason},
    },
    secrets::{CodeLength, KeyRing, Keys, PinHasher, Purpose as KeyPurpose},
    services::{
        Deps, Settings,
        delivery::{REST, Route, Serves},
        menus::MenuBook,
        messaging,
        recovery::Budget,
    },
    storage::{
        IfMissing, Store,
        challenges::{self, Challenge},
        code_requests,
        messages::{self, Summary},
    },
    workers::outbox::Outbox,
};
use uuid::Uuid;

use crate::ready_made;

/// What a test works with.
pub struct Bench {
    pub deps: Deps,
    pub menus: Arc<Menus>,
    pub book: MenuBook,
    pub sim: Simulator,
    pub life: Lifecycle,
    _folder: tempfile::TempDir,
}

impl Bench {
    /// One on each engine.
    pub async fn both() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::over(&ready_made::sqlite(folder.path()).await, folder).await
    }

    async fn postgres() -> Self {
        let url = ready_made::postgres("outbox").await;
        Self::over(&url, tempfile::tempdir().expect("a temporary folder")).await
    }

    async fn over(url: &str, folder: tempfile::TempDir) -> Self {
        let store = Store::connect(url, 6, IfMissing::Create).await.expect("the database opens");
        let clock = Clock::frozen("2026-03-02T07:00:00Z".parse().expect("an instant"));
        let chance = Chance::seeded(7);
        let keys = Keys::generate(|bytes| bytes.copy_from_slice(&chance.bytes::<32>()[..bytes.len()]));
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
            attendance: daftari::services::season::Attendance {
                opens: chrono::NaiveTime::from_hms_opt(6, 0, 0).expect("a time"),
                closes: chrono::NaiveTime::from_hms_opt(20, 0, 0).expect("a time"),
                missed_days: 3,
                closing_days: 30,
                tell_absent: true,
            },
            chasing: daftari::services::chasing::Chasing::default(),
        };
        let now = clock.clone();
        let deps = Deps {
            store,
            keys: Arc::new(KeyRing::fixed(keys)),
            hasher: PinHasher::new(1),
            clock,
            chance,
            settings: Arc::new(settings),
            ways: Arc::default(),
            outbox: Arc::default(),
            swaps: Arc::default(),
        };
        let proved = ready_made::proved(Bundle::built_in(), 160).expect("the menus are good");
        let book = MenuBook::open(deps.clone(), proved).await.expect("the menus are kept");
        let menus = book.current();
        let sim = Simulator::new(move || now.now());
        Self { deps, menus, book, sim, life: Lifecycle::new(), _folder: folder }
    }

    pub fn pass(&self, time: Duration) {
        self.deps.clock.advance(time);
    }

    /// A worker over the simulator.
    pub fn worker(&self) -> Outbox {
        self.worker_over(vec![self.simulated(1000)])
    }

    pub fn worker_over(&self, routes: Vec<Route>) -> Outbox {
        Outbox::new(self.deps.clone(), self.book.clone(), routes, &self.life)
    }

    pub fn simulated(&self, per_second: u32) -> Route {
        let sim = self.sim.clone();
        Route {
            polled: Some(Arc::new(move || sim.take_reports())),
            ..route("sim", Arc::new(self.sim.clone()), per_second)
        }
    }

    /// A message promised to the line whose number ends so.
    pub async fn queue(&self, end: u32) -> MessageId {
        self.queue_to(&line(end)).await
    }

    pub async fn queue_to(&self, to: &Msisdn) -> MessageId {
        let mut tx = self.deps.store.begin().await.expect("a transaction");
        let (purpose, language) = (Purpose::HelpReply, Language::En);
        let id = messaging::queue(&self.deps, &mut tx, &self.menus, purpose, to, language).await;
        tx.commit().await.expect("it is committed");
        id.expect("it is queued")
    }

    /// A code promised to the line whose number ends so.
    pub async fn queue_code(&self, end: u32) -> Challenge {
        let now = self.deps.clock.now();
        let challenge = Challenge {
            id: ChallengeId(self.deps.chance.id(now)),
            subject: subject(end),
            door: Door::ResetPin,
            msisdn: line(end),
            language: Language::En,
            nonce: self.deps.chance.bytes(),
            code_key: self.deps.keys.current().current_id(KeyPurpose::Code).to_owned(),
            length: CodeLength::Six,
            reference: "K7RT".to_owned(),
            tries: 0,
            created_at: now,
            expires_at: now + Door::ResetPin.lifetime(),
            passed: None,
            closed: None,
        };
        let mut tx = self.deps.store.begin().await.expect("a transaction");
        if let Some(open) =
            challenges::open(&mut tx, challenge.subject, challenge.door).await.expect("a look")
        {
            challenges::close(&mut tx, open.id, Closed::Replaced, now).await.expect("it is closed");
        }
        challenges::insert(&mut tx, &challenge).await.expect("it is kept");
        let queued = messaging::queue_code(&self.deps, &mut tx, Purpose::ResetCode, &challenge).await;
        let id = queued.expect("it is queued");
        code_requests::count(&mut tx, &gate(end), id.0, now).await.expect("it is counted");
        tx.commit().await.expect("it is committed");
        challenge
    }

    /// For how many requests of that line a code may have left.
    pub async fn requests_that_count(&self, end: u32) -> usize {
        let mut tx = self.deps.store.begin().await.expect("a transaction");
        let (now, since) = (self.deps.clock.now(), DateTime::UNIX_EPOCH);
        let before =
            code_requests::hold(&mut tx, &gate(end), now, since, 20).await.expect("they can be read");
        before.iter().filter(|request| request.left).count()
    }

    /// Every message to a line, newest first.
    pub async fn messages_to(&self, to: &Msisdn) -> Vec<Summary> {
        let mut tx = self.deps.store.read().await.expect("a transaction");
        messages::fates_of(&mut tx, to, DateTime::UNIX_EPOCH, 1000).await.expect("they can be read")
    }

    /// The fate of the one message to the line whose number ends so.
    pub async fn fate(&self, end: u32) -> (Fate, Option<RefusalReason>) {
        let all = self.messages_to(&line(end)).await;
        let [one] = all.as_slice() else { panic!("there are {} messages to {end}", all.len()) };
        (one.fate, one.reason)
    }

    pub async fn report(&self, report: DeliveryReport) {
        messaging::report(&self.deps, "simulator", &report).await.expect("a report is taken in");
    }

    /// One number from the database.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut tx = self.deps.store.read().await.expect("a transaction");
        let (count,): (i64,) = tx.query(sql).one().await.expect("it can be counted");
        count
    }

    /// Change the database behind everybody's back.
    pub async fn spoil(&self, sql: &'static str) -> u64 {
        let mut tx = self.deps.store.begin().await.expect("a transaction");
        let changed = tx.query(sql).execute().await.expect("it can be spoilt");
        tx.commit().await.expect("it is committed");
        changed
    }
}

/// A route by that name, whose reports come by themselves.
pub fn route(name: &str, gateway: Arc<dyn SmsGateway>, per_second: u32) -> Route {
    let (name, serves) = (name.to_owned(), Serves::default());
    Route { name, provider: "simulator", gateway, per_second, polled: None, serves, rest: REST }
}

/// Rounds of a worker until nothing is left to begin; says how many messages were claimed.
pub async fn until_idle(worker: &Outbox) -> usize {
    let mut claimed = 0;
    loop {
        match worker.turn().await {
            0 => return claimed,
            more => claimed += more,
        }
    }
}

/// The account of the line whose number ends so.
fn subject(end: u32) -> Uuid {
    Uuid::from_u128(u128::from(end))
}

/// The line whose number ends so.
pub fn line(end: u32) -> Msisdn {
    Msisdn::from_network(&format!("+2547000000{end:02}")).expect("a number")
}

/// A report about the message of that id.
pub fn reported(id: &str, to: u32, status: &str, news: Option<Fate>) -> DeliveryReport {
    DeliveryReport {
        provider_id: id.to_owned(),
        msisdn: Some(line(to)),
        status: status.to_owned(),
        news,
        reason: (news == Some(Fate::Refused)).then_some(RefusalReason::PhoneAway),
        detail: None,
        network: None,
    }
}

fn gate(end: u32) -> String {
    format!("line {}", line(end).as_e164())
}
