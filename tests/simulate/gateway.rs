//! A gateway with workers, and between it and the crowd a layer that keeps what every phone sent and plants one fault.

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    middleware::{self, Next},
    response::Response,
};
use daftari::{web, workers};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    binary::{Said, daftari},
    town::{SECRET, Town},
};

/// What is wrong with the gateway under test. What happens once happens to the first hop that it can happen to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Once, a session is forgotten in its middle: the hop arrives as the dial of a new one.
    LosesASession,
    /// Once, another screen is shown.
    ShowsAnotherScreen,
    /// Once, an answer does not come.
    NeverAnswers,
    /// Once, the answer is no screen.
    AnswersWithAnError,
    /// Once, the gateway says that it is broken.
    SaysItIsBroken,
    /// A wrong PIN counts twice when its request comes twice.
    CountsARepeat,
    /// A phone finds each message twice.
    SendsEachSmsTwice,
}

/// What every phone sent, in order, by its number.
pub type Sent = BTreeMap<String, Vec<String>>;

#[derive(Clone)]
struct Planted {
    fault: Fault,
    happened: Arc<Mutex<bool>>,
    sent: Arc<Mutex<Sent>>,
    seen: Arc<Mutex<HashSet<String>>>,
}

/// The gateway under test.
pub struct Gateway {
    pub url: String,
    planted: Planted,
    pub town: Town,
}

impl Gateway {
    /// A town with this fault before it.
    pub async fn of(town: Town, fault: Fault) -> Self {
        workers::start(town.app());
        let planted = Planted { fault, happened: Arc::default(), sent: Arc::default(), seen: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let router: Router = web::router(town.app().clone(), address)
            .layer(middleware::from_fn_with_state(planted.clone(), between));
        let url = format!("http://{address}");
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        Self { url, planted, town }
    }

    /// Run `daftari simulate` against it. Times are left out of the budget: they depend on the machine.
    pub async fn simulate(&self, arguments: &[&str]) -> Run {
        let folder = tempfile::tempdir().expect("a folder");
        let json = folder.path().join("summary.json").display().to_string();
        let mut all = vec!["simulate", "--url", &self.url, "--secret", SECRET, "--quiet", "--json", &json];
        all.extend(["--think", "none", "--budget", "p99=60000,over_8s=1000"]);
        if !arguments.contains(&"--over") {
            all.extend(["--over", "2s"]);
        }
        all.extend(arguments);
        let said = daftari(&all, &[]).await;
        let summary = std::fs::read_to_string(&json).unwrap_or_else(|_| panic!("no summary: {}", said.err));
        Run { said, summary: serde_json::from_str(&summary).expect("JSON") }
    }

    /// The same, while the gateway's time runs five times as fast as the clock: a send that failed is tried again.
    pub async fn simulate_while_time_passes(&self, arguments: &[&str]) -> Run {
        let passing = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(100));
            loop {
                ticks.tick().await;
                self.town.pass(chrono::Duration::milliseconds(500));
            }
        };
        tokio::select! {
            run = self.simulate(arguments) => run,
            () = passing => unreachable!("time passes for ever"),
        }
    }

    /// What every phone sent so far.
    pub fn sent(&self) -> Sent {
        self.planted.sent.lock().expect("what was sent").clone()
    }
}

/// A run that is over.
pub struct Run {
    pub said: Said,
    pub summary: Value,
}

impl Run {
    /// What was found and how often, without what only a slow machine makes.
    pub fn found(&self) -> Vec<(String, u64)> {
        let found = self.summary["findings"].as_object().expect("findings");
        let counted = found.iter().filter_map(|(kind, n)| Some((kind.clone(), n.as_u64()?)));
        counted.filter(|(kind, n)| *n > 0 && kind != "over_8s").collect()
    }

    pub fn number(&self, name: &str) -> u64 {
        self.summary[name].as_u64().unwrap_or_else(|| panic!("no number {name}"))
    }
}

async fn between(State(planted): State<Planted>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    if path.ends_with("/simulator/messages") {
        return planted.messages(next.run(request).await).await;
    }
    if !path.ends_with("/ussd") || request.method() != "POST" {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 * 1024).await.expect("a body");
    let hop = Hop::of(&body);
    planted.keep(&hop);
    let again = !planted.seen.lock().expect("requests").insert(format!("{} {}", hop.session, hop.text));
    let deep = hop.text.split('*').count() == 3;
    let request = match planted.fault {
        Fault::NeverAnswers if deep && planted.once() => std::future::pending().await,
        Fault::AnswersWithAnError if deep && planted.once() => return plain(500, "END Sorry"),
        Fault::SaysItIsBroken if deep && planted.once() => {
            return plain(
                200,
                "END Something is broken on our side, not yours. Please dial *384*2547# again in a minute. \
                 Reference K7Q2.",
            );
        }
        Fault::ShowsAnotherScreen if deep && planted.once() => {
            return plain(200, "CON Hello Baraka 12345678. Choose:\n1: Your neighbour's account");
        }
        Fault::LosesASession if deep && planted.once() => {
            Request::from_parts(parts, Body::from(hop.as_dial()))
        }
        _ => Request::from_parts(parts, Body::from(body)),
    };
    let response = next.run(request).await;
    if planted.fault == Fault::CountsARepeat && again {
        return changed(response, |text| text.replace("Tries left: 2", "Tries left: 1")).await;
    }
    response
}

impl Planted {
    /// Whether the fault has not happened yet; now it has.
    fn once(&self) -> bool {
        !std::mem::replace(&mut *self.happened.lock().expect("the fault"), true)
    }

    fn keep(&self, hop: &Hop) {
        let mut sent = self.sent.lock().expect("what was sent");
        sent.entry(hop.phone.clone()).or_default().push(hop.text.clone());
    }

    async fn messages(&self, response: Response) -> Response {
        if self.fault != Fault::SendsEachSmsTwice {
            return response;
        }
        changed(response, |text| {
            let mut all: Vec<Value> = serde_json::from_str(text).expect("JSON");
            all.extend(all.clone());
            serde_json::to_string(&all).expect("JSON")
        })
        .await
    }
}

/// The same response with another body.
async fn changed(response: Response, change: impl Fn(&str) -> String) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, 1024 * 1024).await.expect("a body");
    parts.headers.remove("content-length");
    Response::from_parts(parts, Body::from(change(std::str::from_utf8(&body).expect("text"))))
}

fn plain(status: u16, body: &'static str) -> Response {
    let response = Response::builder().status(status).header("content-type", "text/plain");
    response.body(Body::from(body)).expect("a response")
}

/// A hop as it is on the wire.
struct Hop {
    fields: Vec<(String, String)>,
    session: String,
    phone: String,
    text: String,
}

impl Hop {
    fn of(body: &Bytes) -> Self {
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let field = |name: &str| {
            fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let (session, phone, text) = (field("sessionId"), field("phoneNumber"), field("text"));
        Self { fields, session, phone, text }
    }

    /// The first hop of another session.
    fn as_dial(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in &self.fields {
            let value = match name.as_str() {
                "sessionId" => "ATUid_another",
                "text" => "",
                _ => value,
            };
            form.append_pair(name, value);
        }
        form.finish()
    }
}
