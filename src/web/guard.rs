//! Who may call back: the secret in the path and, where a list is set, the source (`security.md` 21).

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::config::Server;

/// Whether a path carries one of the secrets. Digests are compared, so that neither length nor content shows in time.
pub fn knows_secret(secrets: &[SecretString], claimed: &str) -> bool {
    let same = |secret: &SecretString| digests_are_same(secret.expose_secret(), claimed);
    secrets.iter().map(same).fold(subtle::Choice::from(0), |any, this| any | this).into()
}

/// Whether two secrets are one.
pub fn is_same(one: &str, other: &str) -> bool {
    digests_are_same(one, other).into()
}

fn digests_are_same(one: &str, other: &str) -> subtle::Choice {
    Sha256::digest(one).ct_eq(&Sha256::digest(other))
}

/// Whether a request comes from an allowed source, where there is a list of them.
pub fn is_allowed(server: &Server, peer: SocketAddr, headers: &HeaderMap) -> bool {
    server.allowed_sources.is_empty() || within(&server.allowed_sources, source(server, peer, headers))
}

/// The address a request comes from: the socket's, or what the nearest trusted proxy says it saw.
pub fn source(server: &Server, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if !within(&server.trusted_proxies, peer) {
        return peer;
    }
    let hops = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = hops.flat_map(|value| value.split(',')).collect();
    let seen =
        hops.into_iter().rev().map_while(|hop| hop.trim().parse::<IpAddr>().ok()).map(|ip| ip.to_canonical());
    seen.into_iter().find(|ip| !within(&server.trusted_proxies, *ip)).unwrap_or(peer)
}

fn within(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(allowed: &str, proxies: &str) -> Server {
        let networks = |list: &str| list.split(',').filter_map(|n| n.parse().ok()).collect();
        Server {
            listen: ([127, 0, 0, 1], 0).into(),
            admin_listen: ([127, 0, 0, 1], 0).into(),
            public_url: None,
            callback_secrets: vec![],
            allowed_sources: networks(allowed),
            trusted_proxies: networks(proxies),
        }
    }

    fn allowed(server: &Server, peer: [u8; 4], forwarded: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        is_allowed(server, (peer, 4000).into(), &headers)
    }

    #[test]
    fn either_of_two_secrets_opens_and_nothing_else() {
        let secrets =
            [SecretString::from("a-new-secret-of-24-characters"), SecretString::from("the-old-one")];
        assert!(knows_secret(&secrets, "a-new-secret-of-24-characters"));
        assert!(knows_secret(&secrets, "the-old-one"));
        assert!(!knows_secret(&secrets, "the-old-on"));
        assert!(!knows_secret(&secrets, ""));
        assert!(!knows_secret(&[], ""));
    }

    #[test]
    fn a_source_outside_the_list_is_refused() {
        let server = server("10.1.0.0/16", "");
        assert!(allowed(&server, [10, 1, 2, 3], "192.0.2.1"));
        assert!(!allowed(&server, [10, 2, 2, 3], "10.1.2.3"), "only a trusted proxy is believed");
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nothing_beyond_it() {
        let server = server("10.1.0.0/16", "127.0.0.0/8");
        assert!(allowed(&server, [127, 0, 0, 1], "192.0.2.9, 10.1.2.3"));
        assert!(!allowed(&server, [127, 0, 0, 1], "10.1.2.3, 192.0.2.9"), "the last hop is the one it saw");
        assert!(!allowed(&server, [127, 0, 0, 1], "10.1.2.3, unknown"));
    }
}
