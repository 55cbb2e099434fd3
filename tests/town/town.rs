//! A gateway of one or more nodes for a test, on each of the back ends.

use std::{env, path::Path, sync::Mutex, time::Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use daftari::{
    app::{App, bundle},
    clock::{Chance, Clock},
    config::{Config, Environment},
    model::{Msisdn, Network},
    phones::{
        phone::Phone,
        wire::{Aggregator, Line, Sources, Wire},
    },
    secrets::Keys,
    storage::{IfMissing, Store},
    telemetry::metrics::Metrics,
    web::serve,
    workers::outbox::Outbox,
};
use secrecy::{ExposeSecret as _, SecretString};

use crate::ready_made;

pub const CODE: &str = "*384*2547#";
pub const SECRET: &str = "a-secret-that-only-tests-know";

/// What a town's gateway runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// SQLite and in-process state: the embedded default.
    Embedded,
    /// Postgres and one Redis.
    Production,
    /// Postgres and a Redis Cluster.
    Cluster,
}

/// One gateway process of a town.
pub struct Node {
    pub app: App,
    pub url: String,
}

/// A database, keys, a state store, and the nodes that share them.
pub struct Town {
    pub backend: Backend,
    pub clock: Clock,
    pub nodes: Vec<Node>,
    pub environment: Vec<(String, String)>,
    /// When the clock was frozen, by the machine's, and how far it has been made to follow since.
    frozen_at: Instant,
    followed: Mutex<Duration>,
    chance: Chance,
    /// What phones got before the gateway was started anew: the simulated route forgets it.
    inbox: Vec<(Msisdn, String)>,
    _folder: tempfile::TempDir,
}

fn server(variable: &str) -> String {
    env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: run tests/run, which brings the servers up"))
}

impl Town {
    /// A town with one node.
    pub async fn open(backend: Backend) -> Self {
        Self::with(backend, &[]).await
    }

    /// A town with one node and these settings over the usual ones.
    pub async fn with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let chance = Chance::from_system();
        let clock = Clock::frozen(Clock::System.now());
        let mut environment = environment(backend, folder.path()).await;
        environment.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let keys = folder.path().join("town.keys");
        Keys::create(&keys, |bytes| chance.fill(bytes)).expect("keys are made");
        environment.push(("DAFTARI_KEYS__FILE".to_owned(), keys.display().to_string()));
        let mut town = Self {
            backend,
            clock,
            nodes: vec![],
            environment,
            frozen_at: Instant::now(),
            followed: Mutex::default(),
            chance,
            inbox: vec![],
            _folder: folder,
        };
        if settings.iter().any(|(key, _)| *key == "DAFTARI_DATABASE__URL") {
            town.migrate().await;
        }
        town.add_node().await;
        town
    }

    pub fn config(&self) -> Config {
        let environment: Environment =
            self.environment.iter().map(|(k, v)| (k.as_str(), v.clone())).collect();
        Config::load(None, &environment, &mut |bytes| self.chance.fill(bytes))
            .expect("the configuration is right")
    }

    /// Make the schema in a database that a test brought along.
    async fn migrate(&self) {
        let config = self.config();
        let store = Store::connect(config.database.url.expose_secret(), 2, IfMissing::Create)
            .await
            .expect("a database");
        store.migrate().await.expect("the schema is made");
        store.close().await;
    }

    /// One more node over the same database, keys and state.
    pub async fn add_node(&mut self) {
        self.start_node("127.0.0.1:0").await;
    }

    async fn start_node(&mut self, listen: &str) {
        let mut config = self.config();
        config.server.listen = listen.parse().expect("an address");
        let menus = bundle(&config).expect("the menus can be read");
        let menus = ready_made::proved(menus, config.ussd.screen_septets).expect("the menus are good");
        let (clock, chance) = (self.clock.clone(), self.chance.clone());
        let app = App::with_menus(menus, config, clock, chance).await.expect("the node starts");
        let listening =
            serve::serve(&app, Metrics::install().expect("metrics")).await.expect("the node listens");
        self.nodes.push(Node { app, url: format!("http://{}", listening.public) });
    }

    /// Stop the nodes and let go of their connections: a test that goes through many towns would take them all.
    pub async fn close(&mut self) {
        for node in self.nodes.drain(..) {
            node.app.lifecycle.stop();
            node.app.lifecycle.wait().await;
            node.app.deps.store.close().await;
        }
    }

    /// Stop every node and start it anew where it was: what was in process is gone.
    pub async fn restart(&mut self) {
        if let Some(simulator) = &self.app().simulator {
            let sent = simulator.all_since(0).into_iter();
            self.inbox.extend(sent.map(|sent| (sent.to, sent.body.expose_secret().to_owned())));
        }
        let places = self
            .nodes
            .iter()
            .map(|node| node.url.trim_start_matches("http://").to_owned())
            .collect::<Vec<_>>();
        self.close().await;
        for place in places {
            self.start_node(&place).await;
        }
    }

    pub fn app(&self) -> &App {
        &self.nodes[0].app
    }

    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
    }

    /// Let the frozen clock follow the time that the test itself has taken: then it differs from a database's own clock
    /// by what the test has moved it, and by nothing else.
    pub fn follow_the_machine(&self) {
        let passed = Duration::from_std(self.frozen_at.elapsed()).expect("a short time");
        let mut followed = self.followed.lock().expect("the time");
        self.clock.advance(passed - *followed);
        *followed = passed;
    }

    /// The aggregator, with a node of the town behind it.
    pub fn aggregator(&self, node: usize, wire: Wire) -> Aggregator {
        let (chance, clock) = (self.chance.clone(), self.clock.clone());
        let sources = Sources::new(move || chance.bytes(), move || clock.now());
        Aggregator::new(&self.nodes[node].url, SecretString::from(SECRET), CODE, wire, sources)
            .expect("an aggregator")
    }

    pub fn phone(&self, number: &str) -> Phone {
        self.phone_on(number, Wire::AfricasTalking)
    }

    pub fn phone_on(&self, number: &str, wire: Wire) -> Phone {
        let line = Line { msisdn: msisdn(number), network: Network::from_code("63902") };
        Phone::new(self.aggregator(0, wire), line)
    }

    /// Throw away what the store holds of these callers' sessions; in-process state goes with a restart.
    pub async fn flush(&mut self, numbers: &[&str]) {
        if self.backend == Backend::Embedded {
            return self.restart().await;
        }
        let keys = self.app().deps.keys.current();
        for number in numbers {
            let tag = URL_SAFE_NO_PAD.encode(keys.marker().caller_tag(&msisdn(number)));
            for url in self.redis_nodes() {
                delete(&url, &format!("*{tag}*"));
            }
        }
    }

    fn redis_nodes(&self) -> Vec<String> {
        match self.backend {
            Backend::Embedded => vec![],
            Backend::Production => vec![server("DAFTARI_TEST_REDIS")],
            Backend::Cluster => {
                let url = server("DAFTARI_TEST_REDIS_CLUSTER");
                let nodes = url.trim_start_matches("redis+cluster://").to_owned();
                nodes.split(',').map(|node| format!("redis://{node}")).collect()
            }
        }
    }

    /// Let the outbox of a node have its turn, until nothing is due.
    pub async fn send_messages(&self) {
        let app = self.app();
        let outbox = Outbox::new(app.deps.clone(), app.menus.clone(), app.routes.clone(), &app.lifecycle);
        while outbox.turn().await > 0 {}
    }

    /// Let the outbox of the first node work by itself, as it does in the program, until the node is stopped.
    pub fn start_outbox(&self) {
        let app = self.app();
        let outbox = Outbox::new(app.deps.clone(), app.menus.clone(), app.routes.clone(), &app.lifecycle);
        app.lifecycle.spawn("outbox", async move { outbox.run().await });
    }

    /// The SMS that a phone has got so far.
    pub fn messages_to(&self, number: &str) -> Vec<String> {
        let simulator = self.app().simulator.as_ref().expect("a simulated route");
        let now = simulator.sent_to(&msisdn(number));
        let before = self.inbox.iter().filter(|(to, _)| *to == msisdn(number)).map(|(_, body)| body.clone());
        before.chain(now.iter().map(|sent| sent.body.expose_secret().to_owned())).collect()
    }

    /// How many rows a query counts.
    pub async fn count(&self, sql: &'static str) -> i64 {
        let mut tx = self.app().deps.store.read().await.expect("a read");
        let (count,): (i64,) = tx.query(sql).one().await.expect("a count");
        count
    }
}

pub fn msisdn(number: &str) -> Msisdn {
    Msisdn::from_network(number).expect("a number")
}

fn delete(url: &str, pattern: &str) {
    use redis::Commands as _;
    let client = redis::Client::open(url).expect("a client");
    let mut connection = client.get_connection().expect("Redis answers");
    let found: Vec<Vec<u8>> =
        connection.scan_match(pattern).expect("a scan").map(|k| k.expect("a key")).collect();
    for key in found {
        let _: i64 = connection.del(key).expect("a key is deleted");
    }
}

async fn environment(backend: Backend, folder: &Path) -> Vec<(String, String)> {
    let (database, state) = match backend {
        Backend::Embedded => (ready_made::sqlite(folder).await, "memory:".to_owned()),
        Backend::Production => (ready_made::postgres("town").await, server("DAFTARI_TEST_REDIS")),
        Backend::Cluster => (ready_made::postgres("town").await, server("DAFTARI_TEST_REDIS_CLUSTER")),
    };
    [
        ("DAFTARI_DATABASE__URL", database.as_str()),
        ("DAFTARI_DATABASE__MAX_CONNECTIONS", "8"),
        ("DAFTARI_STATE__URL", state.as_str()),
        ("DAFTARI_SERVER__LISTEN", "127.0.0.1:0"),
        ("DAFTARI_SERVER__ADMIN_LISTEN", "127.0.0.1:0"),
        ("DAFTARI_SERVER__CALLBACK_SECRET", SECRET),
        // Messages go when a test says so: nothing is gained by waiting for them in a hop.
        ("DAFTARI_RECOVERY__FATE_WAIT_MS", "0"),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .collect()
}

/// Open an account from this line, in English, and hang up.
pub async fn open_account(phone: &mut Phone, id: &str, pin: &str) {
    phone.dial(CODE).await.expect("a screen");
    for input in ["1", "1", "1", "Asha Njeri", "Wanjiku", id, "1", pin, pin] {
        phone.answer(input).await.expect("a screen");
    }
    assert!(
        phone.shown().is_some_and(|s| s.text.starts_with("Your account is open.")),
        "{:?}",
        phone.shown()
    );
}

/// The text on a phone's screen.
pub fn screen(phone: &Phone) -> &str {
    phone.shown().map_or("", |shown| shown.text.as_str())
}

/// Run a test on every back end, as a test of its own for each.
macro_rules! on_every_back_end {
    ($(#[$meta:meta])* async fn $name:ident($town:ident: $kind:ty) $body:block) => {
        mod $name {
            use super::*;

            async fn run(backend: $crate::town::Backend) {
                #[allow(unused_mut, reason = "not every test changes its town")]
                let mut $town: $kind = Town::open(backend).await;
                $body
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                run($crate::town::Backend::Embedded).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_and_redis() {
                run($crate::town::Backend::Production).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres_and_redis_cluster() {
                run($crate::town::Backend::Cluster).await;
            }
        }
    };
}
pub(crate) use on_every_back_end;
