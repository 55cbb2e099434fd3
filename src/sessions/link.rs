//! The connection to Redis, single or clustered: how it is opened, and how little it may wait.
//!
//! Connections are made on first use and mended by the client; deadlines of a whole call and the breaker are `redis.rs`.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use redis::{
    Client, Cmd, ConnectionInfo, ErrorKind, FromRedisValue, Pipeline, RedisError, RedisResult,
    ServerErrorKind, Value,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterConfig},
    cluster_async::ClusterConnection,
    io::tcp::TcpSettings,
};

use super::{
    address::{Address, ConnectError},
    redis::DEADLINE,
    together::Together,
};

/// A connection is made in the background, so it may take longer than a call: TLS needs a few trips.
const CONNECTING: Duration = Duration::from_secs(1);

/// What is sent and not acknowledged for so long breaks the connection. Without it Linux keeps a connection to a host
/// that vanished for a quarter of an hour, and the client doesn't mend what isn't broken. A paused server still
/// acknowledges.
const UNACKNOWLEDGED: Duration = Duration::from_secs(3);

/// Writes that wait for one connection, each of one hop or several.
const WAITING: usize = 1024;

/// An open link.
pub(super) enum Link {
    Single(Box<Single>),
    Cluster(ClusterConnection),
}

impl Link {
    /// Prepares the link to `address` without waiting for it; `None` for memory, which needs none.
    pub(super) fn open(address: Address) -> Result<Option<Self>, ConnectError> {
        // Rustls panics without a provider; a second installation is refused, and that is fine.
        let _ = rustls::crypto::ring::default_provider().install_default();
        match address {
            Address::Memory => Ok(None),
            Address::Single(server) => {
                let single = Single::new(*server).map_err(|_| ConnectError::Malformed)?;
                Ok(Some(Self::Single(Box::new(single))))
            }
            Address::Cluster(nodes) => cluster(nodes).map(Some).map_err(|_| ConnectError::MalformedNode(1)),
        }
    }

    pub(super) async fn query<T: FromRedisValue>(&self, command: Cmd) -> RedisResult<T> {
        match self {
            Self::Single(single) => single.query(command).await,
            Self::Cluster(connection) => command.query_async(&mut connection.clone()).await,
        }
    }

    /// Sends commands that touch one slot together, and gives their answers as a tuple.
    pub(super) async fn query_all<T: FromRedisValue, const N: usize>(
        &self,
        commands: [Cmd; N],
    ) -> RedisResult<T> {
        match self {
            Self::Single(single) => single.query_all(commands).await,
            Self::Cluster(connection) => {
                let mut all = Pipeline::with_capacity(N);
                for command in commands {
                    all.add_command(command);
                }
                all.query_async(&mut connection.clone()).await
            }
        }
    }
}

/// One server. The client's manager mends what broke by input and output, but stays for ever with an attempt that the
/// server refused (a wrong password, too many clients; redis 1.8, seen): then it is replaced.
pub(super) struct Single {
    client: Client,
    manager: RwLock<ConnectionManager>,
    together: Together,
}

impl Single {
    fn new(server: ConnectionInfo) -> RedisResult<Self> {
        let client = Client::open(server.set_tcp_settings(tcp()))?;
        let manager = RwLock::new(manager(&client)?);
        Ok(Self { client, manager, together: Together::default() })
    }

    async fn query<T: FromRedisValue>(&self, command: Cmd) -> RedisResult<T> {
        let asked = self.together.ask([command], || self.manager()).await;
        self.mended(asked.and_then(|answers| read(answers.into_iter().next().unwrap_or(Value::Nil))))
    }

    async fn query_all<T: FromRedisValue, const N: usize>(&self, commands: [Cmd; N]) -> RedisResult<T> {
        let asked = self.together.ask(commands, || self.manager()).await;
        self.mended(asked.and_then(|answers| read(Value::Array(answers))))
    }

    fn manager(&self) -> ConnectionManager {
        self.manager.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn mended<T>(&self, answer: RedisResult<T>) -> RedisResult<T> {
        if answer.as_ref().is_err_and(may_be_stuck) {
            *self.manager.write().unwrap_or_else(PoisonError::into_inner) = manager(&self.client)?;
        }
        answer
    }
}

fn read<T: FromRedisValue>(answer: Value) -> RedisResult<T> {
    Ok(T::from_redis_value(answer.extract_error()?)?)
}

/// A refusal may be of the connection or of the command; which, the error doesn't say. A connection made anew for
/// nothing costs little, and the breaker lets few such calls through.
fn may_be_stuck(error: &RedisError) -> bool {
    !error.is_io_error() && error.kind() != ErrorKind::Server(ServerErrorKind::NoScript)
}

/// No retries: a failed connection fails the calls that wait for it, and the next call begins another in the background.
/// No deadline of the client's either: every call has one already (`redis.rs`), and a timer costs something.
fn manager(client: &Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECTING))
        .set_response_timeout(None)
        .set_number_of_retries(0)
        .set_pipeline_buffer_size(WAITING);
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

/// A few quick retries: following a moved slot is one.
fn cluster(nodes: Vec<ConnectionInfo>) -> RedisResult<Link> {
    let client = ClusterClient::builder(nodes)
        .retries(3)
        .min_retry_wait(10)
        .max_retry_wait(50)
        .overall_response_timeout(Some(DEADLINE))
        .tcp_settings(tcp())
        .build()?;
    let config = ClusterConfig::new().set_connection_timeout(CONNECTING).set_response_timeout(DEADLINE);
    Ok(Link::Cluster(client.get_pending_async_connection_with_config(config)))
}

fn tcp() -> TcpSettings {
    let settings = TcpSettings::default().set_nodelay(true);
    #[cfg(target_os = "linux")]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED);
    settings
}
