//! Use cases. Each takes what it needs from [`Deps`]; none knows how it was wired or which aggregator is calling.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::{
    clock::{Chance, Clock},
    gateways::Carries,
    model::message::Medium,
    secrets::{KeyRing, PinHasher},
    storage::Store,
};

pub mod accounts;
pub mod actions;
pub mod attendance;
pub mod chasing;
pub mod clock_watch;
pub mod closing;
pub mod day_codes;
pub mod delivery;
pub mod demo;
pub mod directing;
pub mod disputes;
pub mod fate;
pub mod inbound;
pub mod key_rotation;
pub mod marking;
pub mod menus;
pub mod messaging;
pub mod my_messages;
pub mod number_change;
pub mod officers;
pub mod pay;
pub mod portal;
pub mod posts;
pub mod receipts;
pub mod recovery;
pub mod register;
pub mod retention;
pub mod rosters;
pub mod season;
pub mod session_ends;
pub mod sign_in;
pub mod sign_up;
pub mod sim_swap;
pub mod support;
pub mod traces;
pub mod ussd;

/// What every service works with; clones share it.
#[derive(Clone)]
pub struct Deps {
    /// The database.
    pub store: Store,
    /// The keys.
    pub keys: Arc<KeyRing>,
    /// Hashes PINs, no more at once than there are cores.
    pub hasher: PinHasher,
    /// Now.
    pub clock: Clock,
    /// Ids, nonces and salts.
    pub chance: Chance,
    /// What the installation has decided.
    pub settings: Arc<Settings>,
    /// The outbound routes as far as choosing goes, in order of preference.
    pub ways: Arc<[delivery::Way]>,
    /// Rung after a commit that has put a message into the outbox.
    pub outbox: Arc<Notify>,
    /// Rung after a commit that wants to know about a SIM swap.
    pub swaps: Arc<Notify>,
}

impl Deps {
    /// What comes by a route; an SMS where the route is not known (any more).
    pub fn medium(&self, route: Option<&str>) -> Medium {
        let way = self.ways.iter().find(|way| Some(way.name.as_str()) == route);
        match way.map(|way| way.carries) {
            Some(Carries::Spoken) => Medium::Call,
            Some(Carries::Words) | None => Medium::Sms,
        }
    }
}

/// What the configuration says that services need to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What people dial.
    pub service_code: String,
    /// Whom people call.
    pub help_line: String,
    /// How many septets a screen may have.
    pub screen_septets: usize,
    /// How many digits a person's PIN has.
    pub pin_digits: usize,
    /// How many digits the PIN of a centre or an officer has.
    pub post_pin_digits: usize,
    /// Where people find the portal, as it is said on screens: without `https://`; screens cut it at 36 characters.
    pub portal: String,
    /// What one-time codes may cost.
    pub codes: recovery::Budget,
    /// Whether somebody can be asked about SIM swaps.
    pub asks_sim_swaps: bool,
    /// When registers are marked.
    pub attendance: season::Attendance,
    /// When the register writes by itself.
    pub chasing: chasing::Chasing,
}
