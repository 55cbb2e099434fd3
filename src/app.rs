//! Everything wired from the configuration: database, keys, session store, menus, gateways, routes.

use std::{ops::Deref, sync::Arc};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;

use crate::{
    clock::{Chance, Clock},
    config::{self, Config, RouteKind},
    gateways::{
        self, ReportCallbacks, SimSwap, SmsCallbacks, SmsGateway, SwapCallbacks, UssdGateway,
        africastalking::{
            AfricasTalking, AfricasTalkingSimSwap, AfricasTalkingSms, AfricasTalkingVoice, CallEnds,
        },
        hubtel::Hubtel,
        kannel::{Kannel, KannelSms},
        simulated_swaps::SimulatedSwaps,
        simulator::{SimulatedCalls, Simulator, Unreported},
    },
    lifecycle::Lifecycle,
    menu::definition::Bundle,
    model::{message::Purpose, reference::reference},
    secrets::{KeyFileError, KeyRing, Keys, PinHasher},
    services::{
        Deps, Settings,
        chasing::Chasing,
        delivery::{Polled, REST, Route, Serves},
        menus::{MenuBook, MenusRefused, Proved},
        recovery::Budget,
        season::Attendance,
        ussd::Ussd,
    },
    sessions::{ConnectError, Limits, SessionStore},
    storage::{IfMissing, OpenError, Store},
};

/// How many digits a person's PIN has (`design.md` 4).
const PIN_DIGITS: usize = 6;
/// The same of a centre's or an officer's.
const POST_PIN_DIGITS: usize = 8;

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

/// The gateway as one value. Every callback takes a clone, which is one more count on it and nothing else.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What the gateway is made of.
pub struct Parts {
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
    /// Who can tell of SIM swaps, where somebody can.
    pub sim_swap: Option<SimSwapLookUp>,
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

/// The reports of a callback path whose messages are kept under a name of their own.
pub fn report_callbacks(gateway: &str, event: &str) -> Option<&'static dyn ReportCallbacks> {
    match (gateway, event) {
        ("kannel", "delivery") => Some(&Kannel),
        ("africastalking", "voice") => Some(&CallEnds),
        _ => None,
    }
}

/// Reads the answers about SIM swaps of a callback path.
pub fn swap_callbacks(gateway: &str) -> Option<&'static dyn SwapCallbacks> {
    (gateway == AfricasTalking.name()).then_some(&AfricasTalking as &dyn SwapCallbacks)
}

/// Who can tell of SIM swaps.
#[derive(Clone)]
pub struct SimSwapLookUp {
    /// Who is asked.
    pub asks: Arc<dyn SimSwap>,
    /// The name under which its answers are kept.
    pub provider: String,
    /// The simulator, where it is one: its answers are fetched there.
    pub simulated: Option<SimulatedSwaps>,
}

/// The SIM swap look-up of a configuration.
pub fn sim_swap(config: &Config, chance: &Chance) -> Result<Option<SimSwapLookUp>, reqwest::Error> {
    Ok(match &config.sim_swap {
        config::SimSwap::None => None,
        config::SimSwap::Simulator => {
            let simulated = SimulatedSwaps::default();
            // Its requests are counted anew with every start: answers of another process are not for them.
            let provider = format!("simulator {}", reference(chance.bytes()));
            Some(SimSwapLookUp { asks: Arc::new(simulated.clone()), provider, simulated: Some(simulated) })
        }
        config::SimSwap::AfricasTalking { base_url, username, api_key } => {
            let client = gateways::http_client()?;
            let asks = AfricasTalkingSimSwap::new(base_url, username.clone(), api_key.clone(), client);
            let provider = AfricasTalking.name().to_owned();
            Some(SimSwapLookUp { asks: Arc::new(asks), provider, simulated: None })
        }
    })
}

impl App {
    /// Open and connect everything. The embedded default makes and migrates its own database and keys; any other
    /// database must be at this program's version.
    pub async fn start(config: Config, clock: Clock, chance: Chance) -> Result<Self, StartError> {
        let menus = proved_menus(&config)?;
        Self::with_menus(menus, config, clock, chance).await
    }

    /// The same with menus that were proved before, for a process that starts more than one.
    pub async fn with_menus(
        menus: Proved,
        config: Config,
        clock: Clock,
        chance: Chance,
    ) -> Result<Self, StartError> {
        let sim_swap = sim_swap(&config, &chance)?;
        let simulator = simulator(&config, &clock);
        let routes = routes(&config, simulator.as_ref())?;
        let deps = deps_over(&config, clock, chance, &routes).await?;
        let sessions = SessionStore::connect(config.state.url.as_written(), Limits::default()).await?;
        let menus = MenuBook::open(deps.clone(), menus).await?;
        let sessions = Arc::new(sessions);
        let ussd = Ussd::new(deps.clone(), sessions.clone(), menus.clone());
        let lifecycle = Lifecycle::new();
        let config = Arc::new(config);
        let parts = Parts { config, deps, ussd, menus, sessions, routes, simulator, sim_swap, lifecycle };
        Ok(Self(Arc::new(parts)))
    }
}

/// What services work with, without sessions and without sending: all that a command of the desk needs.
pub async fn open_deps(config: &Config, clock: Clock, chance: Chance) -> Result<Deps, StartError> {
    let routes = routes(config, simulator(config, &clock).as_ref())?;
    deps_over(config, clock, chance, &routes).await
}

async fn deps_over(
    config: &Config,
    clock: Clock,
    chance: Chance,
    routes: &[Route],
) -> Result<Deps, StartError> {
    Ok(Deps {
        store: open_store(config).await?,
        keys: Arc::new(open_keys(config, &chance)?),
        hasher: PinHasher::for_this_machine(),
        clock,
        chance,
        settings: Arc::new(settings(config)),
        ways: routes.iter().map(Route::way).collect(),
        outbox: Arc::new(Notify::new()),
        swaps: Arc::new(Notify::new()),
    })
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

/// The menus of a configuration, proved.
pub fn proved_menus(config: &Config) -> Result<Proved, StartError> {
    Ok(Proved::of(bundle(config)?, config.ussd.screen_septets)?)
}

fn settings(config: &Config) -> Settings {
    Settings {
        service_code: config.ussd.service_code.clone(),
        help_line: config.help.line.clone(),
        screen_septets: config.ussd.screen_septets,
        pin_digits: PIN_DIGITS,
        post_pin_digits: POST_PIN_DIGITS,
        portal: portal_address(config),
        codes: budget(&config.recovery),
        asks_sim_swaps: !matches!(config.sim_swap, config::SimSwap::None),
        attendance: attendance(&config.attendance),
        chasing: chasing(&config.chasing),
    }
}

fn attendance(config: &config::Attendance) -> Attendance {
    let config::Attendance { opens, closes, missed_days, closing_days, tell_absent } = *config;
    Attendance { opens, closes, missed_days, closing_days, tell_absent }
}

fn chasing(config: &config::Chasing) -> Chasing {
    let config::Chasing { roster_at, remind_at, countersign_at, quiet_from, quiet_until } = config.clone();
    Chasing { roster_at, remind_at, countersign_at, quiet_from, quiet_until }
}

/// Where people find the portal: what stands on a screen that has room for little.
fn portal_address(config: &Config) -> String {
    let own = || format!("http://{}", config.server.listen);
    let base = config.server.public_url.clone().unwrap_or_else(own);
    // Browsers go on to https by themselves, except on the machine itself.
    format!("{}/portal", base.strip_prefix("https://").unwrap_or(&base))
}

fn budget(recovery: &config::Recovery) -> Budget {
    Budget {
        codes_per_hour: recovery.codes_per_hour.into(),
        cents_per_day: i64::from(recovery.ksh_per_day) * 100,
        cents_per_code: recovery.cents_per_code.into(),
        fate_wait: recovery.fate_wait,
    }
}

fn simulator(config: &Config, clock: &Clock) -> Option<Simulator> {
    let clock = clock.clone();
    config.sms.is_simulated().then(|| Simulator::new(move || clock.now()))
}

fn routes(config: &Config, simulator: Option<&Simulator>) -> Result<Vec<Route>, reqwest::Error> {
    let client = gateways::http_client()?;
    let made = |route: &config::Route| -> Option<Route> {
        let simulated = simulator.map(|simulator| simulator.named(&route.name));
        let (provider, gateway) = gateway(&route.kind, config, simulated.as_ref(), &client)?;
        let reports = simulator.filter(|_| route.is_simulator()).cloned();
        let polled = reports.map(|reports| Arc::new(move || reports.take_reports()) as Polled);
        Some(Route {
            name: route.name.clone(),
            provider,
            gateway,
            per_second: route.per_second,
            polled,
            serves: serves(&route.suits),
            rest: REST,
        })
    };
    Ok(config.sms.routes.iter().filter_map(made).collect())
}

/// What a route is for, as the configuration says.
fn serves(suits: &config::Suits) -> Serves {
    let purposes = Purpose::ALL.iter().copied().filter(|purpose| suits.takes(*purpose)).collect();
    Serves { networks: suits.networks().to_vec(), purposes }
}

/// Who sends, and the provider under which its reports come.
fn gateway(
    kind: &RouteKind,
    config: &Config,
    simulator: Option<&Simulator>,
    client: &reqwest::Client,
) -> Option<(&'static str, Arc<dyn SmsGateway>)> {
    let client = client.clone();
    Some(match kind.clone() {
        RouteKind::Simulator { reports: true } => ("simulator", Arc::new(simulator?.clone())),
        RouteKind::Simulator { reports: false } => ("simulator", Arc::new(Unreported(simulator?.clone()))),
        RouteKind::SimulatorVoice => ("simulator", Arc::new(SimulatedCalls(simulator?.clone()))),
        RouteKind::AfricasTalking { base_url, username, api_key, sender } => {
            let sms = AfricasTalkingSms::new(&base_url, username, api_key, sender, client);
            (AfricasTalking.name(), Arc::new(sms))
        }
        RouteKind::AfricasTalkingVoice { base_url, username, api_key, from } => {
            let calls = AfricasTalkingVoice::new(&base_url, username, api_key, from, client);
            (CallEnds.provider(), Arc::new(calls))
        }
        RouteKind::Kannel { base_url, username, password, sender, report_url } => {
            let reports = callback(&report_url, config, "kannel/{secret}/delivery")?;
            let sms = KannelSms::new(&base_url, username, password, sender, reports, client);
            (Kannel.provider(), Arc::new(sms))
        }
    })
}

/// The address of a callback of ours, with the newest secret in it.
fn callback(base: &str, config: &Config, path: &str) -> Option<SecretString> {
    let secret = config.server.callback_secrets.first()?.expose_secret();
    Some(format!("{base}/callbacks/{}", path.replace("{secret}", secret)).into())
}
