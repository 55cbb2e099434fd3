//! `[[sms.route]]`: the ways a message can go, in order of preference. Building them is `app`'s, speaking to them
//! `gateways`'.

use secrecy::SecretString;

use super::{
    http_url::{base, http_url, is_private},
    reader::{Checked, Reader, Told, visible, whole},
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

/// One way to send an SMS.
#[derive(Debug, Clone)]
pub struct Route {
    /// Unique; stands in logs, metrics and the outbox.
    pub name: String,
    /// Messages a second, over all nodes.
    pub per_second: u32,
    /// What is at the other end.
    pub kind: RouteKind,
}

impl Route {
    /// Whether it is the simulator.
    pub fn is_simulator(&self) -> bool {
        matches!(self.kind, RouteKind::Simulator)
    }
}

/// What is at the other end of a route.
#[derive(Debug, Clone)]
pub enum RouteKind {
    /// Nobody: the phones of the demo and of tests.
    Simulator,
    /// Africa's Talking.
    AfricasTalking {
        /// Without a last slash, e.g. `https://api.africastalking.com`.
        base_url: String,
        /// The application's username.
        username: String,
        /// Its API key.
        api_key: SecretString,
        /// The sender name or short code; the aggregator's own without it.
        sender: Option<String>,
    },
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Sms, Told> {
    let count = r.settings.routes;
    // A route list that was no list at all has been told already.
    if count == 0 && !r.faults.iter().any(|fault| fault.subject.starts_with("sms")) {
        return Err(r.fault("sms.route", "is missing; write at least one [[sms.route]] with name and kind"));
    }
    let routes: Vec<Result<Route, Told>> = (0..count).map(|index| route(r, index)).collect();
    let routes = routes.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (index, route) in routes.iter().enumerate() {
        if routes.iter().take(index).any(|earlier| earlier.name == route.name) {
            r.fault(&key(index, "name"), "is the name of an earlier route too");
        }
    }
    Ok(Sms { routes })
}

fn key(index: usize, name: &str) -> String {
    format!("sms.route.{index}.{name}")
}

fn route(r: &mut Reader<'_>, index: usize) -> Result<Route, Told> {
    let name = r.required(&key(index, "name"), "write your own short name for the route", route_name);
    let kind = r.required(&key(index, "kind"), "write africastalking or simulator", known_kind);
    let usual = if kind == Ok(Kind::Simulator) { 1000 } else { 20 };
    let per_second = r.or(&key(index, "per_second"), usual, whole(1..=10_000));
    let kind = match kind {
        Ok(Kind::Simulator) => Ok(simulator(r, index)),
        Ok(Kind::AfricasTalking) => africastalking(r, index),
        Err(told) => Err(told),
    };
    Ok(Route { name: name?, per_second: per_second?, kind: kind? })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Simulator,
    AfricasTalking,
}

fn known_kind(text: &str) -> Checked<Kind> {
    match text {
        "simulator" => Ok(Kind::Simulator),
        "africastalking" => Ok(Kind::AfricasTalking),
        "kannel" | "africastalking-voice" => {
            Err(format!("{text} is not built yet in this version; take africastalking or simulator"))
        }
        _ => Err("takes africastalking or simulator".to_owned()),
    }
}

fn route_name(text: &str) -> Checked<String> {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let good = (1..=32).contains(&text.len()) && text.bytes().all(letter);
    if good { Ok(text.to_owned()) } else { Err("takes 1 to 32 of a-z 0-9 and -".to_owned()) }
}

fn simulator(r: &mut Reader<'_>, index: usize) -> RouteKind {
    for name in ["base_url", "username", "api_key", "sender"] {
        if r.has(&key(index, name)) {
            r.warnings.push(format!("{} is not used: the simulator takes no {name}", key(index, name)));
        }
    }
    RouteKind::Simulator
}

fn africastalking(r: &mut Reader<'_>, index: usize) -> Result<RouteKind, Told> {
    let hint = "write base_url = \"https://api.africastalking.com\"";
    let base_url = r.required(&key(index, "base_url"), hint, base_url);
    let username = r.required(&key(index, "username"), "write the application's username", visible(64));
    let api_key = r.required(&key(index, "api_key"), "write the application's API key", visible(256));
    let sender = r.optional(&key(index, "sender"), visible_sender);
    Ok(RouteKind::AfricasTalking {
        base_url: base_url?,
        username: username?,
        api_key: api_key?.into(),
        sender: sender?,
    })
}

/// The API key goes there in a header: never in the clear over a network.
fn base_url(text: &str) -> Checked<String> {
    let uri = http_url(text)?;
    if is_private(&uri) {
        Ok(base(&uri))
    } else {
        Err("takes https, or http on this machine only".to_owned())
    }
}

/// A short code, or a name of at most 11 characters.
fn visible_sender(text: &str) -> Checked<String> {
    let letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'-' | b'_' | b'.');
    let good = (1..=11).contains(&text.len()) && text.bytes().all(letter) && text.trim() == text;
    if good {
        Ok(text.to_owned())
    } else {
        Err("takes a short code or a sender name of at most 11 letters, digits, blanks and - _ .".to_owned())
    }
}
