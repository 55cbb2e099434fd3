//! The configuration: a file or the embedded default, the environment over it, a section per file. Everything that is
//! wrong is told at once. What the values are used for is left to `app`; menus and keys are read by their own modules.

use std::path::Path;

pub mod attendance;
pub mod chasing;
pub mod database;
mod environment;
mod faults;
pub mod help;
mod http_url;
pub mod keys;
mod known;
pub mod log;
pub mod menus;
mod reader;
pub mod recovery;
mod relations;
mod route_kinds;
pub mod server;
mod settings;
pub mod sim_swap;
pub mod sms;
pub mod state;
pub mod suits;
pub mod ussd;

pub use attendance::Attendance;
pub use chasing::Chasing;
pub use database::{Database, Engine};
pub use environment::Environment;
pub use faults::{Fault, Faults};
pub use help::Help;
pub use keys::KeysFile;
pub use log::{Log, LogFormat};
pub use menus::Menus;
pub use recovery::Recovery;
pub use route_kinds::RouteKind;
pub use server::Server;
pub use sim_swap::SimSwap;
pub use sms::{Route, Sms};
pub use state::{State, StateUrl};
pub use suits::Suits;
pub use ussd::Ussd;

use reader::{Reader, Told};
use settings::Settings;

/// Fills a slice with random bytes: the embedded default's callback secret, or one to propose.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

/// A configuration that was checked through and through.
#[derive(Debug, Clone)]
pub struct Config {
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[state]`
    pub state: State,
    /// `[ussd]`
    pub ussd: Ussd,
    /// `[attendance]`
    pub attendance: Attendance,
    /// Of `[attendance]`: when the register writes by itself.
    pub chasing: Chasing,
    /// `[[sms.route]]`
    pub sms: Sms,
    /// `[sim_swap]`
    pub sim_swap: SimSwap,
    /// `[recovery]`
    pub recovery: Recovery,
    /// `[keys]`
    pub keys: KeysFile,
    /// `[menus]`
    pub menus: Menus,
    /// `[help]`
    pub help: Help,
    /// `[log]`
    pub log: Log,
    embedded: bool,
    warnings: Vec<String>,
}

impl Config {
    /// Read `file`, else the file that `DAFTARI_CONFIG` names, else the embedded default; the environment wins over
    /// each key. `random` makes the callback secret of the embedded default.
    pub fn load(file: Option<&Path>, environment: &Environment, random: Random<'_>) -> Result<Self, Faults> {
        Self::read(file.or(environment.file()), settings::EMBEDDED, environment, random)
    }

    /// What the demo runs on: the embedded default with routes that show what can become of a message. The
    /// environment wins over each key here too.
    pub fn demo(environment: &Environment, random: Random<'_>) -> Result<Self, Faults> {
        Self::read(None, settings::DEMO, environment, random)
    }

    fn read(
        file: Option<&Path>,
        carried: settings::Carried,
        environment: &Environment,
        random: Random<'_>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let settings = settings::text(file, carried, &mut faults)
            .and_then(|(name, text)| Settings::merge((&name, &text), environment, &mut faults));
        let Ok(settings) = settings else { return Err(faults) };
        let mut reader = Reader::new(settings, environment, faults);
        match read(&mut reader, file.is_none(), random) {
            Ok(config) if reader.faults.is_empty() => Ok(Self { warnings: reader.warnings, ..config }),
            _ => Err(reader.faults),
        }
    }

    /// What works but may surprise, one sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Whether this is the embedded default, whose SQLite database migrates itself.
    pub fn is_embedded(&self) -> bool {
        self.embedded
    }
}

/// Every section is read before the first refusal counts, so that all faults are told.
fn read(r: &mut Reader<'_>, embedded: bool, random: Random<'_>) -> Result<Config, Told> {
    let server = server::read(r, embedded, random);
    let database = database::read(r);
    let state = state::read(r);
    let ussd = ussd::read(r);
    let attendance = attendance::read(r);
    let chasing = chasing::read(r);
    let sms = sms::read(r, server.as_ref().ok());
    let sim_swap = sim_swap::read(r);
    let recovery = recovery::read(r);
    let keys = keys::read(r, database.as_ref().map_err(|told| *told));
    let menus = menus::read(r);
    let help = help::read(r);
    let log = log::read(r);
    if let (Ok(server), Ok(sms)) = (&server, &sms) {
        relations::simulator(r, server, sms);
    }
    if let (Ok(sms), Ok(sim_swap)) = (&sms, &sim_swap) {
        relations::simulated_swaps(r, sms, sim_swap);
    }
    if let (Ok(database), Ok(state)) = (&database, &state) {
        relations::memory(r, database, state);
    }
    let database = database?;
    Ok(Config {
        embedded: embedded && database.engine != Engine::Postgres,
        server: server?,
        database,
        state: state?,
        ussd: ussd?,
        attendance: attendance?,
        chasing: chasing?,
        sms: sms?,
        sim_swap: sim_swap?,
        recovery: recovery?,
        keys: keys?,
        menus: menus?,
        help: help?,
        log: log?,
        warnings: Vec::new(),
    })
}
