//! What stands at the other end of a route, with the keys that each kind takes. A key of another kind is a fault: it
//! was meant to have an effect.

use secrecy::SecretString;

use super::{
    http_url::{api_url, http_url},
    reader::{Checked, Reader, Told, visible},
    server::Server,
    sms::key,
};

/// What is at the other end of a route.
#[derive(Debug, Clone)]
pub enum RouteKind {
    /// Nobody: the phones of the demo and of tests.
    Simulator {
        /// Whether reports of its messages come.
        reports: bool,
    },
    /// The same phones, which are called.
    SimulatorVoice,
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
    /// Calls of Africa's Talking that read codes aloud.
    AfricasTalkingVoice {
        /// Without a last slash, e.g. `https://voice.africastalking.com`.
        base_url: String,
        /// The application's username.
        username: String,
        /// Its API key.
        api_key: SecretString,
        /// The number that the calls come from.
        from: String,
    },
    /// A Kannel.
    Kannel {
        /// Its smsbox, without a last slash, e.g. `http://127.0.0.1:13013`.
        base_url: String,
        /// The `sendsms-user`.
        username: String,
        /// Its password.
        password: SecretString,
        /// The sender name or short code.
        sender: String,
        /// Where this service is for Kannel, without a last slash: its reports come there.
        report_url: String,
    },
}

/// What can be written for `kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simulator,
    SimulatorVoice,
    AfricasTalking,
    AfricasTalkingVoice,
    Kannel,
}

const KINDS: [(&str, Kind); 5] = [
    ("africastalking", Kind::AfricasTalking),
    ("africastalking-voice", Kind::AfricasTalkingVoice),
    ("kannel", Kind::Kannel),
    ("simulator", Kind::Simulator),
    ("simulator-voice", Kind::SimulatorVoice),
];

/// What to write when there is no kind.
pub(super) const HINT: &str = "write africastalking, africastalking-voice, kannel or simulator";

/// The keys that belong to some kinds and not to others.
const KIND_KEYS: [&str; 7] =
    ["base_url", "username", "api_key", "password", "sender", "report_url", "reports"];

impl Kind {
    /// Messages a second, unless something else is written: a call lasts half a minute.
    pub(super) fn usual_per_second(self) -> u32 {
        match self {
            Self::Simulator | Self::SimulatorVoice => 1000,
            Self::AfricasTalking | Self::Kannel => 20,
            Self::AfricasTalkingVoice => 5,
        }
    }

    fn name(self) -> &'static str {
        KINDS.into_iter().find(|(_, kind)| *kind == self).map_or("?", |(name, _)| name)
    }

    fn takes(self, name: &str) -> bool {
        match self {
            Self::Simulator => name == "reports",
            Self::SimulatorVoice => false,
            Self::AfricasTalking | Self::AfricasTalkingVoice => {
                !matches!(name, "password" | "report_url" | "reports")
            }
            Self::Kannel => !matches!(name, "api_key" | "reports"),
        }
    }
}

pub(super) fn kind(text: &str) -> Checked<Kind> {
    let known = KINDS.into_iter().find(|(name, _)| *name == text);
    known.map(|(_, kind)| kind).ok_or_else(|| {
        "takes africastalking, africastalking-voice, kannel, simulator or simulator-voice".to_owned()
    })
}

pub(super) fn read(
    r: &mut Reader<'_>,
    server: Option<&Server>,
    index: usize,
    kind: Kind,
) -> Result<RouteKind, Told> {
    let foreign = foreign_keys(r, index, kind);
    let read = match kind {
        Kind::Simulator => simulator(r, index),
        Kind::SimulatorVoice => Ok(RouteKind::SimulatorVoice),
        Kind::AfricasTalking => africastalking(r, index),
        Kind::AfricasTalkingVoice => africastalking_voice(r, index),
        Kind::Kannel => kannel(r, server, index),
    };
    foreign.and(read)
}

/// The simulator stands where a real route will: there it is a warning.
fn foreign_keys(r: &mut Reader<'_>, index: usize, kind: Kind) -> Result<(), Told> {
    let mut found = Ok(());
    for name in KIND_KEYS.into_iter().filter(|name| !kind.takes(name)) {
        let key = key(index, name);
        if !r.has(&key) {
            continue;
        }
        if matches!(kind, Kind::Simulator | Kind::SimulatorVoice) {
            r.warnings.push(format!("{key} is not used: the simulator takes no {name}"));
        } else {
            found = Err(r.fault(&key, format!("is no key of a route of kind {}", kind.name())));
        }
    }
    found
}

fn simulator(r: &mut Reader<'_>, index: usize) -> Result<RouteKind, Told> {
    Ok(RouteKind::Simulator { reports: r.or(&key(index, "reports"), true, yes_or_no)? })
}

fn yes_or_no(text: &str) -> Checked<bool> {
    text.parse().map_err(|_| "takes true or false".to_owned())
}

fn africastalking(r: &mut Reader<'_>, index: usize) -> Result<RouteKind, Told> {
    let hint = "write base_url = \"https://api.africastalking.com\"";
    let base_url = r.required(&key(index, "base_url"), hint, api_url);
    let (username, api_key) = application(r, index);
    let sender = r.optional(&key(index, "sender"), visible_sender);
    Ok(RouteKind::AfricasTalking {
        base_url: base_url?,
        username: username?,
        api_key: api_key?,
        sender: sender?,
    })
}

fn africastalking_voice(r: &mut Reader<'_>, index: usize) -> Result<RouteKind, Told> {
    let usual = "https://voice.africastalking.com".to_owned();
    let base_url = r.or(&key(index, "base_url"), usual, api_url);
    let (username, api_key) = application(r, index);
    let hint = "write the number that the calls come from, such as +254700000000";
    let from = r.required(&key(index, "sender"), hint, calling_number);
    Ok(RouteKind::AfricasTalkingVoice {
        base_url: base_url?,
        username: username?,
        api_key: api_key?,
        from: from?,
    })
}

fn application(r: &mut Reader<'_>, index: usize) -> (Result<String, Told>, Result<SecretString, Told>) {
    let username = r.required(&key(index, "username"), "write the application's username", visible(64));
    let api_key = r.required(&key(index, "api_key"), "write the application's API key", visible(256));
    (username, api_key.map(SecretString::from))
}

fn kannel(r: &mut Reader<'_>, server: Option<&Server>, index: usize) -> Result<RouteKind, Told> {
    let hint = "write where its smsbox listens, such as base_url = \"http://127.0.0.1:13013\"";
    let base_url = r.required(&key(index, "base_url"), hint, api_url);
    let username = r.required(&key(index, "username"), "write the sendsms-user's username", visible(64));
    let password = r.required(&key(index, "password"), "write the sendsms-user's password", visible(256));
    let hint = "write the sender name or short code that your SMSC takes";
    let sender = r.required(&key(index, "sender"), hint, visible_sender);
    let report_url = report_url(r, server, index);
    Ok(RouteKind::Kannel {
        base_url: base_url?,
        username: username?,
        password: password?.into(),
        sender: sender?,
        report_url: report_url?,
    })
}

/// Where Kannel reaches this service: as written, or the public address. It carries the callback secret.
fn report_url(r: &mut Reader<'_>, server: Option<&Server>, index: usize) -> Result<String, Told> {
    let key = key(index, "report_url");
    if let Some(url) = r.optional(&key, reports)? {
        return Ok(url);
    }
    // Without a readable [server] its own faults have been told.
    let server = server.ok_or(Told)?;
    let Some(public) = &server.public_url else {
        let hint = "is missing; write where Kannel reaches this service, such as http://127.0.0.1:8080";
        return Err(r.fault(&key, hint));
    };
    reports(public).map_err(|_| {
        r.fault(&key, "is missing, and server.public_url can't stand for it: it is not https, or holds a %")
    })
}

/// Kannel puts words of its own for what follows a `%`.
fn reports(text: &str) -> Checked<String> {
    http_url(text)?;
    if text.contains('%') { Err("takes a URL without %".to_owned()) } else { api_url(text) }
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

/// An international number with its plus.
fn calling_number(text: &str) -> Checked<String> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let good = (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if good { Ok(text.to_owned()) } else { Err("takes a number such as +254700000000".to_owned()) }
}
