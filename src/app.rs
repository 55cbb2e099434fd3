//! Everything wired from the configuration: database, keys, session store, menus, gateways, routes.

use std::sync::Arc;

use secrecy::ExposeSecret as _;
use tokio::sync::Notify;

use crate::{
    clock::{Chance, Clock},
    config::{self, Config, RouteKind},
    gateways::{
        self, SmsCallbacks, UssdGateway,
        africastalking::{AfricasTalking, AfricasTalkingSms},
        hubtel::Hubtel,
        simulator::Simulator,
    },
    lifecycle::Lifecycle,
    menu::definition::Bundle,
    secrets::{KeyFileError, KeyRing, Keys, PinHasher},
    services::{
        Deps, Settings,
        delivery::{REST, Route, Serves},
        menus::{MenuBook, MenusRefused},
        ussd::Ussd,
    },
    sessions::{ConnectError, Limits, SessionStore},
    storage::{IfMissing, OpenError, Store},
};

/// How many digits a person's PIN has (`design.md` 4).
const PIN_DIGITS: usize = 6;

/// Why the program can't start. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The session store.
    #[error(transparent)]
    State(#[from] ConnectError),
    /// The menus.
    #[error(transparent)]
    Menus(#[from] MenusRefused),
    /// The HTTP client.
    #[error("no HTTP client can be made: {0}")]
    Client(#[from] reqwest::Error),
    /// A file.
    #[error("{0}")]
    File(#[from] std::io::Error),
}

/// The gateway as one value; clones share everything.
#[derive(Clone)]
pub struct App {
    /// What was configured.
    pub config: Arc<Config>,
    /// What services work with.
    pub deps: Deps,
    /// Answers hops.
    pub ussd: Ussd,
    /// The menus in use.
    pub menus: MenuBook,
    /// Live sessions.
    pub sessions: Arc<SessionStore>,
    /// Outbound routes, in order of preference.
    pub routes: Vec<Route>,
    /// The simulated route, where there is one.
    pub simulator: Option<Simulator>,
    /// Start and stop.
    pub lifecycle: Lifecycle,
}

/// The USSD adapter of a callback path.
pub fn ussd_gateway(name: &str) -> Option<&'static dyn UssdGateway> {
    const ADAPTERS: [&dyn UssdGateway; 2] = [&AfricasTalking, &Hubtel];
    ADAPTERS.into_iter().find(|adapter| adapter.name() == name)
}

/// The SMS callbacks of a callback path.
pub fn sms_callbacks(name: &str) -> Option<&'static dyn SmsCallbacks> {
    (name == AfricasTalking.name()).then_some(&AfricasTalking as &dyn SmsCallbacks)
}

impl App {
    /// Open and connect everything. The embedded default makes and migrates its own database and keys; any other
    /// database must be at this program's version.
    pub async fn start(config: Config, clock: Clock, chance: Chance) -> Result<Self, StartError> {
        let store = open_store(&config).await?;
        let keys = Arc::new(open_keys(&config, &chance)?);
        let sessions = SessionStore::connect(config.state.url.as_written(), Limits::default()).await?;
        let simulator = simulator(&config, &clock);
        let routes = routes(&config, simulator.as_ref())?;
        let deps = Deps {
            store,
            keys,
            hasher: PinHasher::for_this_machine(),
            clock,
            chance,
            settings: Arc::new(settings(&config)),
            ways: routes.iter().map(Route::way).collect(),
            outbox: Arc::new(Notify::new()),
        };
        let menus = MenuBook::open(deps.clone(), bundle(&config)?).await?;
        let sessions = Arc::new(sessions);
        let ussd = Ussd::new(deps.clone(), sessions.clone(), menus.clone());
        let lifecycle = Lifecycle::new();
        Ok(Self { config: Arc::new(config), deps, ussd, menus, sessions, routes, simulator, lifecycle })
    }
}

/// Open the database of a configuration and see that its schema is this program's.
pub async fn open_store(config: &Config) -> Result<Store, OpenError> {
    let if_missing = if config.is_embedded() { IfMissing::Create } else { IfMissing::Refuse };
    let database = &config.database;
    let store = Store::connect(database.url.expose_secret(), database.max_connections, if_missing).await?;
    if config.is_embedded() {
        store.migrate().await?;
    }
    store.require_version().await?;
    Ok(store)
}

/// Load the keys of a configuration; the embedded default makes them beside its database.
pub fn open_keys(config: &Config, chance: &Chance) -> Result<KeyRing, KeyFileError> {
    let file = &config.keys.file;
    if config.keys.made_when_missing && !file.exists() {
        Keys::create(file, |bytes| chance.fill(bytes))?;
    }
    KeyRing::load(file)
}

/// The menus of a configuration: a folder, or those that are part of the program.
pub fn bundle(config: &Config) -> std::io::Result<Bundle> {
    match &config.menus.dir {
        Some(dir) => Bundle::read(dir).map_err(|error| {
            let says = format!("the menus in {} can't be read: {error}", dir.display());
            std::io::Error::new(error.kind(), says)
        }),
        None => Ok(Bundle::built_in()),
    }
}

fn settings(config: &Config) -> Settings {
    Settings {
        service_code: config.ussd.service_code.clone(),
        help_line: config.help.line.clone(),
        screen_septets: config.ussd.screen_septets,
        pin_digits: PIN_DIGITS,
    }
}

fn simulator(config: &Config, clock: &Clock) -> Option<Simulator> {
    let clock = clock.clone();
    config.sms.is_simulated().then(|| Simulator::new(move || clock.now()))
}

fn routes(config: &Config, simulator: Option<&Simulator>) -> Result<Vec<Route>, reqwest::Error> {
    let client = gateways::http_client()?;
    let made = |route: &config::Route| -> Option<Route> {
        let (name, per_second) = (route.name.clone(), route.per_second);
        match &route.kind {
            RouteKind::Simulator => {
                let simulator = simulator?.clone();
                let reports = simulator.clone();
                Some(Route {
                    name,
                    provider: "simulator",
                    gateway: Arc::new(simulator),
                    per_second,
                    polled: Some(Arc::new(move || reports.take_reports())),
                    serves: Serves::default(),
                    rest: REST,
                })
            }
            RouteKind::AfricasTalking { base_url, username, api_key, sender } => {
                let (username, key, sender) = (username.clone(), api_key.clone(), sender.clone());
                let gateway = AfricasTalkingSms::new(base_url, username, key, sender, client.clone());
                let provider = AfricasTalking.name();
                Some(Route {
                    name,
                    provider,
                    gateway: Arc::new(gateway),
                    per_second,
                    polled: None,
                    serves: Serves::default(),
                    rest: REST,
                })
            }
        }
    };
    Ok(config.sms.routes.iter().filter_map(made).collect())
}
