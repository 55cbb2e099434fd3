//! The aggregator's SMS API, played for the gateway (`wire.md` 3 and 4): it takes messages, answers as the real one
//! does, keeps them for the phones, and posts delivery reports back. On loopback only.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::target::Target;
use crate::{
    gateways,
    phones::crowd::{
        Dice,
        carrier::{Lot, Mishaps},
    },
};

/// How often a report is posted that is not answered with 200, and how long between two tries.
const TRIES: u32 = 5;
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// The played API; clones share everything.
#[derive(Clone)]
pub struct Carrier(Arc<Shared>);

struct Shared {
    reports_to: String,
    client: reqwest::Client,
    mishaps: Mishaps,
    seed: u64,
    phones: Mutex<HashMap<String, Phone>>,
    counts: Counts,
}

/// What a phone was sent.
#[derive(Default)]
struct Phone {
    /// Every send, also those that were not taken.
    sends: u64,
    taken: Vec<String>,
    refused: Vec<String>,
}

#[derive(Default)]
struct Counts {
    taken: AtomicU64,
    refused: AtomicU64,
    busy: AtomicU64,
    reports: AtomicU64,
    unreported: AtomicU64,
    under_way: AtomicU64,
}

/// What the API has done.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Carried {
    /// Messages taken.
    pub taken: u64,
    /// Messages refused with 406.
    pub refused: u64,
    /// Sends answered with 503.
    pub busy: u64,
    /// Reports that the gateway took.
    pub reports: u64,
    /// Reports that it did not take, however often they were posted.
    pub unreported: u64,
}

#[derive(Deserialize)]
struct Message {
    to: String,
    message: String,
}

impl Carrier {
    /// Listen, and report to this gateway.
    pub async fn listen(
        at: SocketAddr,
        target: &Target,
        mishaps: Mishaps,
        seed: u64,
    ) -> anyhow::Result<Self> {
        if !at.ip().to_canonical().is_loopback() {
            bail!("--sms-listen takes an address of this machine, such as 127.0.0.1:8089");
        }
        let listener = TcpListener::bind(at).await.with_context(|| format!("can't listen on {at}"))?;
        let carrier = Self(Arc::new(Shared {
            reports_to: target.callback("delivery"),
            client: gateways::http_client()?,
            mishaps,
            seed,
            phones: Mutex::default(),
            counts: Counts::default(),
        }));
        let router = Router::new()
            .route("/version1/messaging", post(take))
            .route("/version1/user", get(balance))
            .with_state(carrier.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(carrier)
    }

    /// What a phone has got, oldest first.
    pub fn messages_to(&self, number: &str) -> Vec<String> {
        self.phones().get(number).map(|phone| phone.taken.clone()).unwrap_or_default()
    }

    /// The same with what was refused and came by no other route either: it was sent, and the gateway knows its fate.
    pub fn sent_to(&self, number: &str) -> Vec<String> {
        let phones = self.phones();
        let Some(phone) = phones.get(number) else { return vec![] };
        let mut all = phone.taken.clone();
        for refused in &phone.refused {
            if !all.contains(refused) {
                all.push(refused.clone());
            }
        }
        all
    }

    /// Whether a report is still to come.
    pub fn is_busy(&self) -> bool {
        self.0.counts.under_way.load(Ordering::Relaxed) > 0
    }

    /// What was done so far.
    pub fn carried(&self) -> Carried {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.0.counts;
        Carried {
            taken: of(&counts.taken),
            refused: of(&counts.refused),
            busy: of(&counts.busy),
            reports: of(&counts.reports),
            unreported: of(&counts.unreported),
        }
    }

    fn phones(&self) -> MutexGuard<'_, HashMap<String, Phone>> {
        self.0.phones.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lot of this send and the id of the message. Dice by number and count: the order in which phones are served
    /// changes nothing.
    fn lot(&self, message: &Message) -> (Lot, String) {
        let mut phones = self.phones();
        let phone = phones.entry(message.to.clone()).or_default();
        phone.sends += 1;
        let number: u64 = message.to.trim_start_matches('+').parse().unwrap_or(0);
        let mut dice = Dice::of(self.0.seed, "sms", number.wrapping_mul(1_000).wrapping_add(phone.sends));
        let lot = self.0.mishaps.lot(&mut dice);
        let counts = &self.0.counts;
        let counted = match lot {
            Lot::Busy => &counts.busy,
            Lot::Refused => &counts.refused,
            Lot::Taken { .. } => &counts.taken,
        };
        counted.fetch_add(1, Ordering::Relaxed);
        match lot {
            Lot::Busy => {}
            Lot::Refused => phone.refused.push(message.message.clone()),
            Lot::Taken { .. } => phone.taken.push(message.message.clone()),
        }
        (lot, format!("ATXid_{:032x}", dice.id()))
    }

    fn report_later(&self, to: &str, id: &str, reports: Vec<(Duration, &'static str)>) {
        for (after, status) in reports {
            let (carrier, to, id) = (self.clone(), to.to_owned(), id.to_owned());
            self.0.counts.under_way.fetch_add(1, Ordering::Relaxed);
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                carrier.report(&to, &id, status).await;
                carrier.0.counts.under_way.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    async fn report(&self, to: &str, id: &str, status: &str) {
        let form = [
            ("id", id),
            ("status", status),
            ("phoneNumber", to),
            ("networkCode", "63902"),
            ("retryCount", "0"),
        ];
        let shared = &self.0;
        for _ in 0..TRIES {
            let answer = shared.client.post(&shared.reports_to).form(&form).send().await;
            if answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                shared.counts.reports.fetch_add(1, Ordering::Relaxed);
                return;
            }
            tokio::time::sleep(BETWEEN_TRIES).await;
        }
        shared.counts.unreported.fetch_add(1, Ordering::Relaxed);
    }
}

async fn take(State(carrier): State<Carrier>, Form(message): Form<Message>) -> Response {
    let (lot, id) = carrier.lot(&message);
    match lot {
        Lot::Busy => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Lot::Refused => answer(&message.to, 406, "UserInBlacklist", "None"),
        Lot::Taken { early, reports } => {
            if early {
                carrier.report(&message.to, &id, "Submitted").await;
            }
            carrier.report_later(&message.to, &id, reports);
            answer(&message.to, 101, "Success", &id)
        }
    }
}

fn answer(to: &str, code: u16, status: &str, id: &str) -> Response {
    let cost = if code == 101 { "KES 0.8000" } else { "0" };
    let recipient =
        json!({ "statusCode": code, "number": to, "status": status, "cost": cost, "messageId": id });
    let data = json!({ "Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient] });
    (StatusCode::CREATED, Json(json!({ "SMSMessageData": data }))).into_response()
}

async fn balance() -> Json<serde_json::Value> {
    Json(json!({ "UserData": { "balance": "KES 1000000.00" } }))
}
