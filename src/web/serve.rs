//! The listeners: both bound before anything is said to be up, both ended softly.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo, serve::Listener};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower_service::Service as _;

use super::{admin_router, router};
use crate::{app::App, telemetry::metrics::Metrics};

/// A gateway that is listening.
#[derive(Debug, Clone, Copy)]
pub struct Listening {
    /// Callbacks, simulator, health.
    pub public: SocketAddr,
    /// Metrics.
    pub admin: SocketAddr,
}

/// How long the other end of a connection is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the whole head of a request, from when the connection is open or its last answer is out: so long a
    /// connection may also lie idle. Bodies have limits of their own, where they are read.
    pub head: Duration,
}

impl Default for Patience {
    /// A phone's browser on a bad line needs a few seconds for a head; aggregators and proxies send it at once, and what
    /// they hold open between two hops of a caller is seldom used later than this.
    fn default() -> Self {
        Self { head: Duration::from_secs(20) }
    }
}

/// Bind both listeners and serve until the app's life ends.
pub async fn serve(app: &App, metrics: Metrics) -> std::io::Result<Listening> {
    serve_with(app, metrics, Patience::default()).await
}

/// The same with another patience.
pub async fn serve_with(app: &App, metrics: Metrics, patience: Patience) -> std::io::Result<Listening> {
    let public = bind(app.config.server.listen).await?;
    let admin = bind(app.config.server.admin_listen).await?;
    let listening = Listening { public: public.local_addr()?, admin: admin.local_addr()? };
    spawn(app, "public listener", public, router(app.clone(), listening.public), patience);
    spawn(app, "admin listener", admin, admin_router(metrics), patience);
    Ok(listening)
}

async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = "choose another (server.listen or server.admin_listen; for the demo --listen), or stop what \
                    listens there";
        std::io::Error::new(error.kind(), format!("can't listen on {address}: {error}; {hint}"))
    })
}

fn spawn(app: &App, name: &'static str, listener: TcpListener, router: Router, patience: Patience) {
    let stop = app.lifecycle.soft().clone();
    app.lifecycle.spawn(name, accept(listener, router, patience, stop));
}

/// Take connections until the stop; then let each finish the request that it is about.
async fn accept(mut listener: TcpListener, router: Router, patience: Patience, stop: CancellationToken) {
    let mut service = router.into_make_service_with_connect_info::<SocketAddr>();
    let (http, connections) = (http(patience), GracefulShutdown::new());
    // `axum`'s own accept: it waits a second where the process has no file left for a connection.
    while let Some((stream, from)) = stop.run_until_cancelled(Listener::accept(&mut listener)).await {
        connection(&http, &connections, stream, &mut service, from).await;
    }
    drop(listener);
    connections.shutdown().await;
}

/// HTTP/1 and nothing else: whoever speaks HTTP/2 to people has a proxy for TLS before us, which speaks this to us.
fn http(patience: Patience) -> Builder<TokioExecutor> {
    let mut http = Builder::new(TokioExecutor::new()).http1_only();
    http.http1().timer(TokioTimer::new()).header_read_timeout(patience.head);
    http
}

async fn connection(
    http: &Builder<TokioExecutor>,
    connections: &GracefulShutdown,
    stream: TcpStream,
    router: &mut IntoMakeServiceWithConnectInfo<Router, SocketAddr>,
    from: SocketAddr,
) {
    let Ok(router) = router.call(from).await;
    let served = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let watched = connections.watch(served.into_owned());
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::trace!("a connection has ended early: {error}");
        }
    });
}
