//! `[state]`: where sessions in progress and soft limits live. Connecting is `sessions`'.

use redis::IntoConnectionInfo as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::reader::{Checked, Reader, Told};

/// The store of what may be lost.
#[derive(Debug, Clone)]
pub struct State {
    /// Where it is.
    pub url: StateUrl,
}

/// The places it can be.
#[derive(Debug, Clone)]
pub enum StateUrl {
    /// This process; for one node alone.
    Memory,
    /// One Redis: `redis://` or `rediss://`, perhaps with a password.
    Redis(SecretString),
    /// A Redis Cluster: `redis+cluster://` or `rediss+cluster://` and the nodes to begin with.
    Cluster(SecretString),
}

impl StateUrl {
    /// As it was written.
    pub fn as_written(&self) -> &str {
        match self {
            Self::Memory => "memory:",
            Self::Redis(url) | Self::Cluster(url) => url.expose_secret(),
        }
    }
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<State, Told> {
    Ok(State { url: r.or("state.url", StateUrl::Memory, state_url)? })
}

fn state_url(text: &str) -> Checked<StateUrl> {
    if text == "memory:" {
        return Ok(StateUrl::Memory);
    }
    match text.split_once("://") {
        Some(("redis" | "rediss", _)) => redis(text).map(StateUrl::Redis),
        Some(("redis+cluster" | "rediss+cluster", nodes)) => {
            cluster(nodes).map(|()| StateUrl::Cluster(text.into()))
        }
        _ => {
            Err("takes memory:, redis://host:6379, rediss://host:6379 or redis+cluster://host:port,host:port"
                .to_owned())
        }
    }
}

fn redis(url: &str) -> Checked<SecretString> {
    let wrong = || "takes a Redis URL such as redis://:password@host:6379/0".to_owned();
    if !url.is_ascii() || url.contains(',') {
        return Err(wrong());
    }
    url.into_connection_info().map_err(|_| wrong())?;
    Ok(url.into())
}

/// `[user:password@]host:port,host:port`: what stands before the `@` counts for every node.
fn cluster(nodes: &str) -> Checked<()> {
    let (login, nodes) = nodes.rsplit_once('@').map_or(("", nodes), |(login, nodes)| (login, nodes));
    let at = if login.is_empty() { "" } else { "@" };
    let node = |node: &str| {
        let (host, port) = node.trim().rsplit_once(':').unwrap_or_default();
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err("takes redis+cluster://host:port,host:port with a port for every node".to_owned());
        }
        redis(&format!("redis://{login}{at}{}", node.trim())).map(|_| ())
    };
    nodes.split(',').try_for_each(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_store_is_read() {
        assert!(matches!(state_url("memory:"), Ok(StateUrl::Memory)));
        assert!(matches!(state_url("redis://127.0.0.1:6379/1"), Ok(StateUrl::Redis(_))));
        assert!(matches!(state_url("rediss://u:p@redis.internal"), Ok(StateUrl::Redis(_))));
    }

    #[test]
    fn a_cluster_is_kept_as_it_was_written() {
        for url in ["redis+cluster://u:p@a:7000,b:7001", "rediss+cluster://a:7000"] {
            let cluster = state_url(url).expect("a cluster");
            assert!(matches!(cluster, StateUrl::Cluster(_)));
            assert_eq!(cluster.as_written(), url);
        }
    }

    #[test]
    fn a_mistyped_url_is_refused_and_not_repeated() {
        for url in [
            "",
            "memory",
            "redis://",
            "redis://:hunter2@a,b",
            "redis+cluster://",
            "redis+cluster://a",
            "redis+cluster://:hunter2@a:1,b",
            "redis+cluster://a:99999",
            "memcached://:hunter2@a",
        ] {
            let fault = state_url(url).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert!(!fault.contains("hunter2"), "{fault}");
        }
    }
}
