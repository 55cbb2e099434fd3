//! Reading the URL of the store. What it says is checked here, before anything is connected.

use redis::{ConnectionInfo, IntoConnectionInfo as _};

/// Why a store can't be opened. No word of the URL is repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// None of the kinds there are.
    #[error("the state's URL must be memory: or begin with redis://, rediss:// or redis+cluster://")]
    UnknownScheme,
    /// A single Redis, but not as its client reads it.
    #[error("the state's URL can't be read as redis://[user:password@]host[:port][/database]")]
    Malformed,
    /// A cluster, of which the node so many from the left can't be read.
    #[error(
        "node {0} of the state's URL can't be read: redis+cluster://[user:password@]host:port,host:port,…"
    )]
    MalformedNode(usize),
}

/// What a URL names.
#[derive(Debug)]
pub(super) enum Address {
    Memory,
    Single(Box<ConnectionInfo>),
    Cluster(Vec<ConnectionInfo>),
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, ConnectError> {
        match url.split_once("://") {
            None if url == "memory:" => Ok(Self::Memory),
            Some(("redis" | "rediss", _)) => {
                single(url).map(Box::new).map(Self::Single).ok_or(ConnectError::Malformed)
            }
            Some(("redis+cluster", nodes)) => cluster("redis", nodes),
            Some(("rediss+cluster", nodes)) => cluster("rediss", nodes),
            _ => Err(ConnectError::UnknownScheme),
        }
    }
}

fn single(url: &str) -> Option<ConnectionInfo> {
    url.into_connection_info().ok()
}

/// One user and password stand before the first node and hold for all, as the client wants it.
fn cluster(scheme: &str, nodes: &str) -> Result<Address, ConnectError> {
    let (user, nodes) = nodes.rsplit_once('@').map_or(("", nodes), |(user, nodes)| (user, nodes));
    let at = if user.is_empty() { "" } else { "@" };
    nodes
        .split(',')
        .enumerate()
        .map(|(i, node)| {
            let url = format!("{scheme}://{user}{at}{node}");
            is_host_and_port(node).then(|| single(&url)).flatten().ok_or(ConnectError::MalformedNode(i + 1))
        })
        .collect::<Result<_, _>>()
        .map(Address::Cluster)
}

fn is_host_and_port(node: &str) -> bool {
    node.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains(['/', '?', '#']) && port.parse::<u16>().is_ok_and(|port| port != 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_store_is_read() {
        assert!(matches!(Address::parse("memory:"), Ok(Address::Memory)));
        assert!(matches!(Address::parse("redis://127.0.0.1:6379/1"), Ok(Address::Single(_))));
        assert!(matches!(Address::parse("rediss://:secret@cache.example"), Ok(Address::Single(_))));
        let cluster = Address::parse("redis+cluster://me:p%40ss@a.example:7001,[::1]:7002,127.0.0.1:7003");
        let Ok(Address::Cluster(nodes)) = cluster else { panic!("a cluster") };
        assert_eq!(nodes.len(), 3);
        assert!(nodes.iter().all(|node| node.redis_settings().password() == Some("p@ss")));
    }

    #[test]
    fn a_url_that_cannot_be_read_is_refused_by_name() {
        for url in ["", "memory", "memory://x", "valkey://h", "http://h:1", "redis:h:1", "/tmp/redis.sock"] {
            assert_eq!(Address::parse(url).err(), Some(ConnectError::UnknownScheme), "{url}");
        }
        for url in ["redis://", "redis://h:port", "redis://h:1/first"] {
            assert_eq!(Address::parse(url).err(), Some(ConnectError::Malformed), "{url}");
        }
        for (nodes, wrong) in
            [("", 1), ("h", 1), ("h:1,", 2), ("h:1,h:70000", 2), ("h:1,h:2,i:0", 3), ("h/x:1", 1)]
        {
            let url = format!("redis+cluster://{nodes}");
            assert_eq!(Address::parse(&url).err(), Some(ConnectError::MalformedNode(wrong)), "{url}");
        }
    }

    #[test]
    fn a_refusal_never_repeats_the_password() {
        for url in ["redis://:canary@h:port", "redis+cluster://:canary@h", "canary://"] {
            let refusal = Address::parse(url).expect_err("a refusal");
            assert!(!format!("{refusal} {refusal:?}").contains("canary"));
        }
    }
}
