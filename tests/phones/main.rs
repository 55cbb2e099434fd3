//! The phones against a gateway that says what it is told to say: what goes out on the wire and which answers become
//! a screen (`wire`), transcripts that hold and that don't (`transcripts`), sessions in the terminal (`terminal`).

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU8, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use daftari::{
    model::{Msisdn, Network},
    phones::{Aggregator, Line, Phone, Sources, Wire, wire::NOTE_HEADER},
};

mod terminal;
mod transcripts;
mod wire;

const SECRET: &str = "phones-test-secret-0123456789";
const CODE: &str = "*384*2547#";

/// Whether what came is what a case expects.
type IsRight<T> = fn(&T) -> bool;

/// What the gateway was sent.
#[derive(Clone)]
struct Got {
    path: String,
    note: Option<String>,
    body: String,
}

impl Got {
    fn field(&self, name: &str) -> String {
        let found = form_urlencoded::parse(self.body.as_bytes()).find(|(key, _)| key == name);
        found.map_or_else(|| panic!("no field {name}"), |(_, value)| value.into_owned())
    }

    fn json(&self, name: &str) -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(&self.body).unwrap()[name].clone()
    }
}

/// What the gateway says next.
enum Says {
    Plain(u16, &'static str, String),
    Noted(&'static str, String),
    Nothing,
}

fn con(screen: &str) -> Says {
    Says::Plain(200, "text/plain; charset=utf-8", format!("CON {screen}"))
}

fn end(screen: &str) -> Says {
    Says::Plain(200, "text/plain", format!("END {screen}"))
}

fn json(body: &str) -> Says {
    Says::Plain(200, "application/json", body.to_owned())
}

/// A gateway that answers hops from a list, and a 500 when it has nothing left to say; end events get an empty 200.
#[derive(Clone, Default)]
struct Gateway {
    says: Arc<Mutex<VecDeque<Says>>>,
    got: Arc<Mutex<Vec<Got>>>,
    messages: Arc<Mutex<String>>,
}

impl Gateway {
    async fn serve(says: impl IntoIterator<Item = Says>) -> (Self, String) {
        let gateway = Self { says: Arc::new(Mutex::new(says.into_iter().collect())), ..Self::default() };
        let url = gateway.listen().await;
        (gateway, url)
    }

    async fn listen(&self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

async fn answer(State(gateway): State<Gateway>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let note = headers.get(NOTE_HEADER).map(|value| value.to_str().unwrap().to_owned());
    let body = String::from_utf8(body.to_vec()).unwrap();
    gateway.got.lock().unwrap().push(Got { path: uri.to_string(), note, body });
    if uri.path().starts_with("/simulator") {
        let messages = gateway.messages.lock().unwrap().clone();
        return ([("content-type", "application/json")], messages).into_response();
    }
    if uri.path().ends_with("/ussd-end") {
        return StatusCode::OK.into_response();
    }
    let says = gateway.says.lock().unwrap().pop_front();
    match says {
        Some(Says::Plain(status, kind, body)) => {
            (StatusCode::from_u16(status).unwrap(), [("content-type", kind)], body).into_response()
        }
        Some(Says::Noted(note, body)) => {
            ([("content-type", "text/plain"), (NOTE_HEADER, note)], body).into_response()
        }
        Some(Says::Nothing) => std::future::pending().await,
        None => (StatusCode::INTERNAL_SERVER_ERROR, "nothing left to say").into_response(),
    }
}

fn line() -> Line {
    let msisdn = Msisdn::from_network("+254700000010").unwrap();
    Line { msisdn, network: Network::from_code("63902") }
}

fn sources() -> Sources {
    let seed = AtomicU8::new(1);
    let now: DateTime<Utc> = "2025-11-22T07:00:00Z".parse().unwrap();
    Sources::new(move || [seed.fetch_add(1, Ordering::Relaxed); 16], move || now)
}

fn aggregator(url: &str, wire: Wire) -> Aggregator {
    Aggregator::new(url, SECRET.into(), CODE, wire, sources()).unwrap()
}

fn phone(url: &str) -> Phone {
    Phone::new(aggregator(url, Wire::AfricasTalking), line())
}
