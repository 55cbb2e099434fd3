//! Everything the gateway leaves behind, looked through for a canary in every form, and the proof that each of these
//! looks finds what is there.

use std::{collections::BTreeSet, fs};

use daftari::{
    clock::Chance,
    model::{MessageId, message::Purpose},
    secrets::Sealed,
    storage::messages::{self, Body, NewMessage},
    telemetry::metrics::{self, Metrics},
};
use redis::Commands as _;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _, SqliteConnection};

use crate::{
    ID, PIN, PLANTED,
    forms::{self, Form},
    log,
    town::{Backend, Town, msisdn},
};

/// A place and what stands there.
type Left = (&'static str, Vec<u8>);

fn setting<'t>(town: &'t Town, key: &str) -> &'t str {
    let last = town.environment.iter().rev().find(|(name, _)| name == key);
    last.map(|(_, value)| value.as_str()).expect("the setting is made")
}

/// Everything that is left in all places.
async fn everything(town: &Town) -> Vec<Left> {
    let mut left = vec![("log", log::text().into_bytes()), ("metrics", metrics_text().into_bytes())];
    left.extend(outbox(town).await.into_iter().map(|body| ("outbox", body)));
    let columns = match town.backend {
        Backend::Embedded => {
            left.extend(sqlite_files(town).into_iter().map(|bytes| ("SQLite file", bytes)));
            sqlite_columns(town).await
        }
        Backend::Production | Backend::Cluster => postgres_columns(town).await,
    };
    left.extend(columns.into_iter().map(|value| ("SQL column", value)));
    left.extend(redis_keys_and_values(town).into_iter().map(|bytes| ("Redis", bytes)));
    left
}

/// The metrics without the sum of seconds, whose decimals are digits by chance.
fn metrics_text() -> String {
    let text = Metrics::install().expect("metrics").render();
    let lines = text.lines().filter(|line| !line.starts_with("daftari_hop_seconds_sum"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The opened bodies of all messages.
async fn outbox(town: &Town) -> Vec<Vec<u8>> {
    let deps = &town.app().deps;
    let mut tx = deps.store.read().await.expect("a read");
    let bodies: Vec<(uuid::Uuid, Vec<u8>, String)> = tx
        .query("SELECT id, body, body_key FROM messages WHERE body IS NOT NULL")
        .all()
        .await
        .expect("messages");
    let opened = bodies.into_iter().map(|(id, bytes, key_id)| {
        let id = MessageId(id);
        let opened = deps.keys.open(messages::body_place(&id), &Sealed { key_id, bytes });
        opened.expect("a body opens").to_vec()
    });
    opened.collect()
}

fn sqlite_files(town: &Town) -> Vec<Vec<u8>> {
    let path = setting(town, "DAFTARI_DATABASE__URL").trim_start_matches("sqlite://");
    let bytes = ["", "-wal"].map(|end| fs::read(format!("{path}{end}")).expect("the file is there"));
    bytes.to_vec()
}

async fn sqlite_columns(town: &Town) -> Vec<Vec<u8>> {
    let url = setting(town, "DAFTARI_DATABASE__URL");
    let mut connection = SqliteConnection::connect(url).await.expect("the database opens");
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.expect("tables");
    let mut values = vec![];
    for table in tables {
        let all = AssertSqlSafe(format!("SELECT * FROM \"{table}\""));
        for row in sqlx::query(all).fetch_all(&mut connection).await.expect("rows") {
            for column in 0..row.len() {
                let value: Option<Vec<u8>> = row.try_get_unchecked(column).expect("a value");
                values.extend(value);
            }
        }
    }
    values
}

/// Every row as JSON, each value by itself; what is written as hexadecimal is turned back into its bytes.
async fn postgres_columns(town: &Town) -> Vec<Vec<u8>> {
    let url = setting(town, "DAFTARI_DATABASE__URL");
    let mut connection = PgConnection::connect(url).await.expect("the database opens");
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.expect("tables");
    let mut values = vec![];
    for table in tables {
        let all = AssertSqlSafe(format!("SELECT row_to_json(t)::text FROM \"{table}\" t"));
        let rows: Vec<String> = sqlx::query_scalar(all).fetch_all(&mut connection).await.expect("rows");
        for row in rows {
            let row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&row).expect("JSON");
            values.extend(row.into_values().map(|value| match value {
                serde_json::Value::String(text) => unhex(&text).unwrap_or(text.into_bytes()),
                other => other.to_string().into_bytes(),
            }));
        }
    }
    values
}

/// The bytes of `\x0a1b…`.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

fn redis_nodes(town: &Town) -> Vec<String> {
    let url = setting(town, "DAFTARI_STATE__URL");
    let (_, nodes) = url.split_once("://").unwrap_or_default();
    let reachable = !url.starts_with("memory:") && url != crate::REDIS_AWAY.1;
    nodes.split(',').filter(|_| reachable).map(|node| format!("redis://{node}")).collect()
}

fn redis_keys_and_values(town: &Town) -> Vec<Vec<u8>> {
    let mut left = vec![];
    for url in redis_nodes(town) {
        let mut connection =
            redis::Client::open(url).and_then(|c| c.get_connection()).expect("Redis answers");
        let keys: Vec<Vec<u8>> = connection.scan().expect("a scan").map(|key| key.expect("a key")).collect();
        for key in keys {
            // States are strings, counts are sets; anything else would be a mistake of ours.
            let kind: String = redis::cmd("TYPE").arg(&key).query(&mut connection).expect("a type");
            match kind.as_str() {
                "set" => left.extend(connection.smembers::<_, Vec<Vec<u8>>>(&key).expect("a set")),
                _ => left.extend(connection.get::<_, Option<Vec<u8>>>(&key).expect("a string")),
            }
            left.push(key);
        }
    }
    left
}

/// Where a canary is found, and in which form.
async fn found(town: &Town, digits: &str) -> BTreeSet<(&'static str, &'static str)> {
    let forms = forms::of(digits);
    let left = everything(town).await;
    let found = left.iter().flat_map(|(place, bytes)| {
        forms::found_in(bytes, &forms).into_iter().map(move |form| (*place, form))
    });
    found.collect()
}

/// Neither the PIN nor an ID is anywhere, nor is any of these codes.
pub async fn finds_nothing(town: &Town, codes: &[String]) {
    for canary in [PIN, ID].into_iter().chain(codes.iter().map(String::as_str)) {
        let found = found(town, canary).await;
        assert!(found.is_empty(), "{canary} on {:?}: {found:?}\n{}", town.backend, lines_with(canary));
    }
}

/// The lines of the log with a canary in them.
fn lines_with(canary: &str) -> String {
    let text = log::text();
    text.lines().filter(|line| line.contains(canary)).take(5).collect::<Vec<_>>().join("\n")
}

/// Put something into every place, in every form that the place takes.
pub async fn plant(town: &Town, chance: &Chance) {
    tracing::trace!(target: "daftari::planted", "planted {PLANTED}");
    metrics::message(PLANTED, "planted");
    for (n, form) in forms::of(PLANTED).into_iter().enumerate() {
        plant_in_sql(town, n, form).await;
    }
    for url in redis_nodes(town).into_iter().take(1) {
        let mut connection =
            redis::Client::open(url).and_then(|c| c.get_connection()).expect("Redis answers");
        for (n, (_, bytes)) in forms::of(PLANTED).into_iter().enumerate() {
            // A cluster takes a key only where its slot is: one that isn't moves along.
            let tags = (0..64).map(|tag| format!("d:{{{tag}}}:planted:{n}"));
            let set = |key: String| connection.set_ex::<_, _, ()>(key, &bytes, 60);
            assert!(tags.map(set).any(|set| set.is_ok()), "a value is planted");
        }
    }
    plant_a_message(town, chance).await;
}

async fn plant_in_sql(town: &Town, n: usize, (_, bytes): Form) {
    let deps = &town.app().deps;
    let mut tx = deps.store.begin().await.expect("a unit of work");
    if let Ok(text) = String::from_utf8(bytes.clone()) {
        tx.query("INSERT INTO lines (msisdn, language, changed_at) VALUES ($1, 'en', $2)")
            .bind(format!("planted {n} {text}"))
            .bind(deps.clock.now())
            .execute_exactly(1)
            .await
            .expect("a line");
    }
    tx.query("INSERT INTO drafts (msisdn, kind, sealed, sealed_key, expires_at) VALUES ($1, 'planted', $2, '', $3)")
        .bind(format!("planted {n}"))
        .bind([&[0xff, 0x00], bytes.as_slice()].concat())
        .bind(deps.clock.now())
        .execute_exactly(1)
        .await
        .expect("a draft");
    tx.commit().await.expect("they are kept");
}

async fn plant_a_message(town: &Town, chance: &Chance) {
    let deps = &town.app().deps;
    let (now, line) = (deps.clock.now(), msisdn("+254700000099"));
    let id = MessageId(chance.id(now));
    let words = format!("planted {PLANTED}");
    let body = deps.keys.current().seal(messages::body_place(&id), words.as_bytes(), chance.bytes());
    let (purpose, body) = (Purpose::HelpReply, Body::Words(body));
    let not_after = now + purpose.lifetime();
    let message =
        NewMessage { id, purpose, msisdn: line, body, created_at: now, not_after, given_up: vec![] };
    let mut tx = deps.store.begin().await.expect("a unit of work");
    messages::queue(&mut tx, &message).await.expect("a message");
    tx.commit().await.expect("it is kept");
}

/// What was planted is found in every place and form.
pub async fn finds_what_is_planted(town: &Town) {
    let found = found(town, PLANTED).await;
    let mut expected: Vec<(&str, &str)> = vec![("log", "clear"), ("metrics", "clear"), ("outbox", "clear")];
    let mut places = vec!["SQL column"];
    if town.backend == Backend::Embedded {
        places.push("SQLite file");
    }
    if !redis_nodes(town).is_empty() {
        places.push("Redis");
    }
    for place in places {
        expected.extend(forms::of(PLANTED).into_iter().map(|(name, _)| (place, name)));
    }
    for one in expected {
        assert!(found.contains(&one), "{one:?} was planted and not found: {found:?}");
    }
}
