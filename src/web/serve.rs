//! The listeners: both bound before anything is said to be up, both ended softly.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

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

/// Bind both listeners and serve until the app's life ends.
pub async fn serve(app: &App, metrics: Metrics) -> std::io::Result<Listening> {
    let public = bind(app.config.server.listen).await?;
    let admin = bind(app.config.server.admin_listen).await?;
    let listening = Listening { public: public.local_addr()?, admin: admin.local_addr()? };
    spawn(app, "public listener", public, router(app.clone(), listening.public));
    spawn(app, "admin listener", admin, admin_router(metrics));
    Ok(listening)
}

async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let hint = "choose another (server.listen or server.admin_listen; for the demo --listen), or stop what \
                    listens there";
        std::io::Error::new(error.kind(), format!("can't listen on {address}: {error}; {hint}"))
    })
}

fn spawn(app: &App, name: &'static str, listener: TcpListener, router: Router) {
    let stop = app.lifecycle.soft().clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    app.lifecycle.spawn(name, async move {
        let served = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await;
        if let Err(error) = served {
            tracing::error!("The {name} has ended: {error}");
        }
    });
}
