//! The floor: the least that a hop over HTTP with its state in Redis can cost in this language with these libraries.
//! A bare handler that parses the form, does one GET and one compare-and-set, and answers; no menus, no limits, no
//! sealing, no secret, no fold. It is a process of its own, so that its CPU can be told apart.
//!
//! `floor PORT REDIS_URL`: serves on loopback until it is killed.

use axum::{Form, Router, extract::State, routing::post};
use redis::{
    Client, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use serde::Deserialize;

/// What daftari's own script does with a state (`src/sessions/save.lua`).
const COMPARE_AND_SET: &str = include_str!("compare_and_set.lua");
/// With its version and the length of the text as long as the sealed state of a session.
const STATE: [u8; 128] = [7; 128];
/// As long as daftari keeps a session, in milliseconds.
const LIFE_MS: u64 = 600_000;
/// As long as a usual screen is.
const SCREEN: &str = "CON This line has no account yet. Choose:\n1: Open an account\n2: What do I need?\n3: Help\n\
                      4: Kiswahili / English";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hop {
    session_id: String,
    phone_number: String,
    text: String,
}

#[derive(Clone)]
struct Store {
    redis: ConnectionManager,
    script: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let (Some(port), Some(url)) = (args.next(), args.next()) else {
        eprintln!("The floor is started by benches/run.");
        return Ok(());
    };
    let config = ConnectionManagerConfig::new().set_pipeline_buffer_size(1024);
    let mut redis = ConnectionManager::new_with_config(Client::open(url)?, config).await?;
    let script = Script::new(COMPARE_AND_SET).prepare_invoke().load_async(&mut redis).await?;
    let router = Router::new()
        .route("/callbacks/africastalking/{secret}/ussd", post(hop))
        .route("/readyz", axum::routing::get(async || "ready"))
        .with_state(Store { redis, script });
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    Ok(axum::serve(listener, router).await?)
}

async fn hop(State(store): State<Store>, Form(hop): Form<Hop>) -> String {
    take(store, &hop).await.unwrap_or_else(|error| format!("END {error}"))
}

/// The two round trips.
async fn take(mut store: Store, hop: &Hop) -> redis::RedisResult<String> {
    let key = format!("floor:{}:{}", hop.phone_number, hop.session_id);
    let old: Option<Vec<u8>> = redis::cmd("GET").arg(&key).query_async(&mut store.redis).await?;
    let version: [u8; 8] = old.and_then(|value| value.first_chunk().copied()).unwrap_or_default();
    let mut value = u64::from_be_bytes(version).saturating_add(1).to_be_bytes().to_vec();
    value.extend(STATE);
    // What was typed goes into the state, as it does in a session.
    value.extend(hop.text.len().to_be_bytes());
    let mut set = redis::cmd("EVALSHA");
    set.arg(&store.script).arg(1).arg(&key).arg(&version[..]).arg(value).arg(LIFE_MS);
    let kept: bool = set.query_async(&mut store.redis).await?;
    Ok(if kept { SCREEN.to_owned() } else { "END another was faster".to_owned() })
}
