//! The aggregator's SMS API, played for a gateway with a real route.

use std::net::TcpListener;

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use daftari::gateways::http_client;

use crate::{
    gateway::{Fault, Gateway, Run},
    town::{Backend, Town},
};

/// A port that was free when asked.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// A route to this address.
fn route_to(base_url: &str) -> [(&'static str, &str); 6] {
    [
        ("DAFTARI_SMS__ROUTE__0__NAME", "played"),
        ("DAFTARI_SMS__ROUTE__0__KIND", "africastalking"),
        ("DAFTARI_SMS__ROUTE__0__BASE_URL", base_url),
        ("DAFTARI_SMS__ROUTE__0__USERNAME", "crowd"),
        ("DAFTARI_SMS__ROUTE__0__API_KEY", "a-key-that-only-tests-know"),
        ("DAFTARI_SMS__ROUTE__0__PER_SECOND", "10000"),
    ]
}

/// A gateway whose route goes to this address.
async fn with_route_to(backend: Backend, base_url: &str) -> Gateway {
    Gateway::of(Town::with(backend, &route_to(base_url)).await, Fault::None).await
}

async fn simulate(gateway: &Gateway, port: u16, more: &[&str]) -> Run {
    let address = format!("127.0.0.1:{port}");
    let arguments = ["--phones", "25", "--seed", "21", "--sms-listen", &address];
    gateway.simulate(&[&arguments, more].concat()).await
}

async fn every_message_is_taken_and_reported(backend: Backend) {
    let port = free_port();
    let gateway = with_route_to(backend, &format!("http://127.0.0.1:{port}")).await;
    let mishaps = "lost=0.1,twice=0.3,early=0.3,reordered=0.3";
    let run = simulate(&gateway, port, &["--sms-mishaps", mishaps]).await;
    assert_eq!((run.found(), run.said.code), (vec![], 0), "{}", run.said.out);
    let carried = &run.summary["sms"]["carried"];
    let of = |name: &str| carried[name].as_u64().expect("a number");
    assert_eq!(of("taken") + of("refused"), run.summary["sms"]["promised"].as_u64().expect("a number"));
    assert!(of("reports") > of("taken") && of("unreported") == 0, "{}", run.said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_is_taken_and_reported_on_the_embedded_default() {
    every_message_is_taken_and_reported(Backend::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_is_taken_and_reported_on_postgres_and_redis() {
    every_message_is_taken_and_reported(Backend::Production).await;
}

/// The next dial tells of a refused message first; one that was busy is sent again after 5 s.
async fn refused_and_busy_sends_are_no_findings(backend: Backend) {
    let port = free_port();
    let gateway = with_route_to(backend, &format!("http://127.0.0.1:{port}")).await;
    let address = format!("127.0.0.1:{port}");
    let arguments = ["--phones", "25", "--seed", "21", "--sms-listen", &address];
    let mishaps = ["--sms-mishaps", "refused=0.3,busy=0.25"];
    let run = gateway.simulate_while_time_passes(&[&arguments[..], &mishaps].concat()).await;
    assert_eq!((run.found(), run.said.code), (vec![], 0), "{}", run.said.out);
    let carried = &run.summary["sms"]["carried"];
    let of = |name: &str| carried[name].as_u64().expect("a number");
    assert!(of("refused") > 3 && of("busy") > 0 && of("taken") > 3, "{}", run.said.out);
    assert_eq!(of("taken") + of("refused"), run.summary["sms"]["promised"].as_u64().expect("a number"));
    let told = gateway.sent().into_values().flatten().filter(|text| text == "1" || text.starts_with("1*"));
    assert!(told.count() > 0, "nobody was told of a refusal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_and_busy_sends_are_no_findings_on_the_embedded_default() {
    refused_and_busy_sends_are_no_findings(Backend::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_and_busy_sends_are_no_findings_on_postgres_and_redis() {
    refused_and_busy_sends_are_no_findings(Backend::Production).await;
}

/// Phones wait for the SMS with their code, and type it; where the first route refuses it, the next brings it.
async fn everybody_chooses_a_new_pin_by_a_code(backend: Backend) {
    let port = free_port();
    let base_url = format!("http://127.0.0.1:{port}");
    let next = [
        ("DAFTARI_SMS__ROUTE__1__NAME", "next"),
        ("DAFTARI_SMS__ROUTE__1__KIND", "africastalking"),
        ("DAFTARI_SMS__ROUTE__1__BASE_URL", base_url.as_str()),
        ("DAFTARI_SMS__ROUTE__1__USERNAME", "crowd"),
        ("DAFTARI_SMS__ROUTE__1__API_KEY", "another-key-that-only-tests-know"),
        ("DAFTARI_SMS__ROUTE__1__PER_SECOND", "10000"),
    ];
    let town = Town::with(backend, &[&route_to(&base_url)[..], &next].concat()).await;
    let gateway = Gateway::of(town, Fault::None).await;
    let journey = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/forgotten_pin.txt");
    let address = format!("127.0.0.1:{port}");
    let arguments = [
        "--phones",
        "12",
        "--seed",
        "22",
        "--sms-listen",
        &address,
        "--journey",
        journey,
        "--sms-mishaps",
        "refused=0.15",
    ];
    let run = gateway.simulate_while_time_passes(&arguments).await;
    assert_eq!((run.found(), run.said.code), (vec![], 0), "{}", run.said.out);
    let promised = run.summary["sms"]["promised"].as_u64().expect("a number");
    assert_eq!(promised, 3 * 12, "the account, the code, the new PIN");
    let carried = &run.summary["sms"]["carried"];
    assert!(
        carried["refused"].as_u64().expect("a number") > 0,
        "the next route had nothing to do: {}",
        run.said.out
    );
    let used = gateway.town.count("SELECT COUNT(*) FROM challenges WHERE closed_as = 'used'").await;
    assert_eq!(used, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_chooses_a_new_pin_by_a_code_on_the_embedded_default() {
    everybody_chooses_a_new_pin_by_a_code(Backend::Embedded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_chooses_a_new_pin_by_a_code_on_postgres_and_redis() {
    everybody_chooses_a_new_pin_by_a_code(Backend::Production).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_whose_messages_would_go_out_is_not_loaded() {
    let gateway = with_route_to(Backend::Embedded, "http://127.0.0.1:1").await;
    let arguments =
        ["simulate", "--url", &gateway.url, "--secret", crate::town::SECRET, "--phones", "2", "--quiet"];
    let said = crate::binary::daftari(&arguments, &[]).await;
    assert_eq!(said.code, 2, "{}", said.out);
    assert!(said.err.contains("would be sent to real numbers"), "{}", said.err);
    assert!(gateway.sent().is_empty());
}

/// Sends each message twice.
async fn forwarded_twice(State(to): State<String>, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    let client = http_client().expect("a client");
    let mut last = String::new();
    for _ in 0..2 {
        let request = client.post(&to).header("content-type", "application/x-www-form-urlencoded");
        let key = headers.get("apikey").expect("a key").clone();
        let answer = request.header("apiKey", key).body(body.clone()).send().await.expect("an answer");
        last = answer.text().await.expect("a body");
    }
    (axum::http::StatusCode::CREATED, [("content-type", "application/json")], last)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_sent_twice_is_a_double_effect() {
    let port = free_port();
    let to = format!("http://127.0.0.1:{port}/version1/messaging");
    let router = Router::new().route("/version1/messaging", post(forwarded_twice)).with_state(to);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let gateway = with_route_to(Backend::Embedded, &address).await;
    let run = simulate(&gateway, port, &[]).await;
    let promised = run.summary["sms"]["promised"].as_u64().expect("a number");
    assert_eq!((run.found(), run.said.code), (vec![("double".to_owned(), promised)], 1), "{}", run.said.out);
}
