//! `[server]`: where we listen, under which name we are reached, and who may call us back.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ipnet::IpNet;
use secrecy::SecretString;

use super::{
    http_url::{base, http_url},
    reader::{Checked, Reader, Told},
};

const SHORTEST_SECRET: usize = 24;

/// Where we listen and whom we let in.
#[derive(Debug, Clone)]
pub struct Server {
    /// Callbacks, simulator, portal, console, API.
    pub listen: SocketAddr,
    /// Metrics; port 0 picks a free one.
    pub admin_listen: SocketAddr,
    /// The address people and the aggregator use, without a last slash.
    pub public_url: Option<String>,
    /// The secrets that a callback path may carry: one, or two while it is being changed; the first is the new one.
    pub callback_secrets: Vec<SecretString>,
    /// From where callbacks may come; empty: from anywhere.
    pub allowed_sources: Vec<IpNet>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Server {
    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }
}

pub(super) fn read(r: &mut Reader<'_>, embedded: bool, random: super::Random<'_>) -> Result<Server, Told> {
    let listen = r.or("server.listen", loopback(8080), address);
    let admin_listen = r.or("server.admin_listen", loopback(9090), address);
    let public_url = r.optional("server.public_url", |text| http_url(text).map(|uri| base(&uri)));
    let callback_secrets = callback_secrets(r, embedded, random);
    let allowed_sources = r.list("server.allowed_sources", network);
    let trusted_proxies = r.list("server.trusted_proxies", network);
    if let (Ok(one), Ok(other)) = (listen, admin_listen)
        && one == other
        && one.port() != 0
    {
        return Err(r.fault("server.admin_listen", "is the same as server.listen; take another port"));
    }
    Ok(Server {
        listen: listen?,
        admin_listen: admin_listen?,
        public_url: public_url?,
        callback_secrets: callback_secrets?,
        allowed_sources: allowed_sources?.unwrap_or_default(),
        trusted_proxies: trusted_proxies?.unwrap_or_default(),
    })
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn address(text: &str) -> Checked<SocketAddr> {
    text.parse().map_err(|_| "takes an IP address and a port such as 127.0.0.1:8080".to_owned())
}

/// A network in CIDR notation, or one address.
fn network(text: &str) -> Checked<IpNet> {
    let one = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| one()).map_err(|_| "takes networks such as 192.0.2.0/24".to_owned())
}

/// The embedded default has a fresh secret at every start; a file must say its own, or other nodes would differ.
fn callback_secrets(
    r: &mut Reader<'_>,
    embedded: bool,
    random: super::Random<'_>,
) -> Result<Vec<SecretString>, Told> {
    const KEY: &str = "server.callback_secret";
    let Some(secrets) = r.list(KEY, secret)? else {
        let fresh = fresh_secret(random);
        if embedded {
            return Ok(vec![fresh.into()]);
        }
        return Err(r.fault(KEY, format!("is missing; write for example callback_secret = \"{fresh}\"")));
    };
    match secrets.as_slice() {
        [one, other] if one == other => Err(r.fault(KEY, "the two are the same")),
        [_] | [_, _] => Ok(secrets.into_iter().map(SecretString::from).collect()),
        _ => {
            Err(r.fault(KEY, format!("has {} values; write one, or two while you change it", secrets.len())))
        }
    }
}

fn secret(text: &str) -> Checked<String> {
    let length = text.chars().count();
    if length < SHORTEST_SECRET {
        return Err(format!("has {length} characters; at least {SHORTEST_SECRET} are needed"));
    }
    if length > 128 {
        return Err(format!("has {length} characters; at most 128 are taken"));
    }
    let good = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    // It stands in a path: anything else would have to be escaped, and aggregators differ in how.
    if good { Ok(text.to_owned()) } else { Err("takes only A-Z a-z 0-9 _ and -".to_owned()) }
}

/// 192 random bits.
fn fresh_secret(random: super::Random<'_>) -> String {
    let mut bytes = [0; 24];
    random(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}
