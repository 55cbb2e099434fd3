//! `[[sms.route]]`: the ways a message can go, in order of preference. What stands at the other end is in
//! `route_kinds`, which messages go there in `suits`; building routes is `app`'s, speaking to them `gateways`'.

use super::{
    reader::{Checked, Reader, Told, whole},
    route_kinds::{self, RouteKind},
    server::Server,
    suits::{self, Suits},
};

/// The routes.
#[derive(Debug, Clone)]
pub struct Sms {
    /// In order of preference; never empty.
    pub routes: Vec<Route>,
}

impl Sms {
    /// Whether no message ever leaves this machine.
    pub fn is_simulated(&self) -> bool {
        self.routes.iter().all(Route::is_simulator)
    }
}

/// One way to send a message.
#[derive(Debug, Clone)]
pub struct Route {
    /// Unique; stands in logs, metrics and the outbox.
    pub name: String,
    /// Messages a second, over all nodes.
    pub per_second: u32,
    /// Which messages it is for.
    pub suits: Suits,
    /// What is at the other end.
    pub kind: RouteKind,
}

impl Route {
    /// Whether it is the simulator, of SMS or of calls.
    pub fn is_simulator(&self) -> bool {
        matches!(self.kind, RouteKind::Simulator { .. } | RouteKind::SimulatorVoice)
    }
}

pub(super) fn read(r: &mut Reader<'_>, server: Option<&Server>) -> Result<Sms, Told> {
    let count = r.settings.routes;
    // A route list that was no list at all has been told already.
    if count == 0 && !r.faults.iter().any(|fault| fault.subject.starts_with("sms")) {
        return Err(r.fault("sms.route", "is missing; write at least one [[sms.route]] with name and kind"));
    }
    let routes: Vec<Result<Route, Told>> = (0..count).map(|index| route(r, server, index)).collect();
    let routes = routes.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (index, route) in routes.iter().enumerate() {
        if routes.iter().take(index).any(|earlier| earlier.name == route.name) {
            r.fault(&key(index, "name"), "is the name of an earlier route too");
        }
    }
    Ok(Sms { routes })
}

/// A key of a route.
pub(super) fn key(index: usize, name: &str) -> String {
    format!("sms.route.{index}.{name}")
}

fn route(r: &mut Reader<'_>, server: Option<&Server>, index: usize) -> Result<Route, Told> {
    let name = r.required(&key(index, "name"), "write your own short name for the route", route_name);
    let kind = r.required(&key(index, "kind"), route_kinds::HINT, route_kinds::kind);
    let usual = kind.map_or(20, route_kinds::Kind::usual_per_second);
    let per_second = r.or(&key(index, "per_second"), usual, whole(1..=10_000));
    let suits = suits::read(r, index);
    let kind = kind.and_then(|kind| route_kinds::read(r, server, index, kind));
    Ok(Route { name: name?, per_second: per_second?, suits: suits?, kind: kind? })
}

fn route_name(text: &str) -> Checked<String> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let good = (1..=32).contains(&text.len()) && text.bytes().all(letter);
    if good { Ok(text.to_owned()) } else { Err("takes 1 to 32 of a-z 0-9 and -".to_owned()) }
}
