//! What the simulator's server says to the page, and to others.

use daftari::{
    gateways::http_client,
    model::Msisdn,
    phones::{
        Aggregator, Sources, Wire,
        transcript::{self, Stage as _},
    },
};
use serde_json::{Value, json};

use crate::gateway::{Gateway, SECRET, eventually};

const LINE: &str = "+254700000010";
const ANSWERS: [&str; 9] = ["1", "1", "1", "Asha Njeri", "Wanjiku", "28461937", "1", "907318", "907318"];

async fn dial(gateway: &Gateway) -> Value {
    gateway.act(LINE, &json!({ "do": "dial", "code": "*384*2547#" })).await.1
}

async fn answer(gateway: &Gateway, input: &str) -> Value {
    gateway.act(LINE, &json!({ "do": "type", "input": input })).await.1
}

async fn open_account(gateway: &Gateway) {
    dial(gateway).await;
    for input in ANSWERS {
        answer(gateway, input).await;
    }
    let line = Msisdn::from_network(LINE).expect("a number");
    eventually("the SMS is there", async || gateway.messages_to(&line).await.is_ok_and(|all| all.len() == 1))
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_saved_session_is_a_transcript_that_holds() {
    let gateway = Gateway::start().await;
    open_account(&gateway).await;
    // A second session of the same phone: it looks at its messages, whose times are others when it is played.
    dial(&gateway).await;
    for input in ["907318", "2"] {
        answer(&gateway, input).await;
    }
    gateway.act(LINE, &json!({ "do": "repeat" })).await;
    gateway.act(LINE, &json!({ "do": "drop", "why": "network" })).await;
    let sessions = gateway.json("/simulator/api/sessions").await;
    assert_eq!((&sessions[0]["number"], &sessions[0]["standing"]), (&json!(2), &json!("dropped")));
    let (status, saved) = gateway.get("/simulator/api/sessions/2/transcript?earlier=true").await;
    assert_eq!(status, 200);
    let parsed = transcript::parse(&saved).unwrap_or_else(|fault| panic!("{fault}\n{saved}"));
    let other = Gateway::start().await;
    let (chance, clock) = (other.app.deps.chance.clone(), other.app.deps.clock.clone());
    let sources = Sources::new(move || chance.bytes(), move || clock.now());
    let aggregator = Aggregator::new(&other.url, SECRET.into(), "*384*2547#", Wire::AfricasTalking, sources);
    transcript::run(&parsed, &aggregator.expect("an aggregator"), &other)
        .await
        .unwrap_or_else(|mismatch| panic!("{mismatch}\n{saved}"));
    for step in ["dial *384*2547#", "type Asha Njeri", "ends", "sms", "repeat", "drop"] {
        assert!(saved.lines().any(|line| line == step), "{step} is not in\n{saved}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_dots_until_somebody_asks_for_them() {
    let gateway = Gateway::start().await;
    open_account(&gateway).await;
    let (_, hidden) = gateway.get("/simulator/api/sessions/1").await;
    assert!(!hidden.contains("907318") && hidden.contains("Asha Njeri"), "{hidden}");
    assert!(gateway.get("/simulator/api/sessions/1?secrets=true").await.1.contains("907318"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_holds_the_path_secret() {
    let gateway = Gateway::start().await;
    open_account(&gateway).await;
    for path in [
        "/simulator",
        "/simulator/page/main.js",
        "/simulator/api/start",
        "/simulator/api/phones?of=%2B254700000010",
        "/simulator/api/sessions",
        "/simulator/api/sessions/1?secrets=true",
        "/simulator/api/sessions/1/transcript",
        "/simulator/messages?to=%2B254700000010",
    ] {
        let (status, body) = gateway.get(path).await;
        assert!(status == 200 && !body.contains(SECRET), "{path}: {status}");
    }
    for path in
        ["/simulator/page/mod.rs", "/simulator/page/..%2Fmod.rs", "/simulator/api/sessions/9", "/simulator/"]
    {
        assert_eq!(gateway.get(path).await.0, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_and_other_names_get_nothing() {
    let gateway = Gateway::start().await;
    let client = http_client().expect("a client");
    let asked = async |method: http::Method, path: &str, header: (&str, &str)| {
        let request = client.request(method, format!("{}{path}", gateway.url)).header(header.0, header.1);
        request
            .json(&json!({ "do": "dial", "code": "*384*2547#" }))
            .send()
            .await
            .expect("an answer")
            .status()
            .as_u16()
    };
    let phone = format!("/simulator/api/phones/{LINE}");
    let (get, post) = (http::Method::GET, http::Method::POST);
    assert_eq!(asked(post.clone(), &phone, ("origin", "https://example.com")).await, 403);
    assert_eq!(asked(post.clone(), &phone, ("sec-fetch-site", "cross-site")).await, 403);
    assert_eq!(asked(post.clone(), &phone, ("host", "rebound.example.com")).await, 421);
    for path in ["/simulator", "/simulator/messages?to=%2B254700000001", "/simulator/api/sessions"] {
        assert_eq!(asked(get.clone(), path, ("host", "rebound.example.com")).await, 421, "{path}");
    }
    assert_eq!(gateway.json("/simulator/api/sessions").await, json!([]), "nothing was dialled");
    assert_eq!(asked(post, &phone, ("origin", &gateway.url)).await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_forbids_what_a_page_does_not_need() {
    let gateway = Gateway::start().await;
    let client = http_client().expect("a client");
    for path in ["/simulator", "/simulator/page/phone.js", "/simulator/api/start", "/simulator/page/none.js"]
    {
        let answer = client.get(format!("{}{path}", gateway.url)).send().await.expect("an answer");
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(
            header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"),
            "{path}"
        );
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_phone_can_do_is_refused_with_a_sentence() {
    let gateway = Gateway::start().await;
    for (number, wish, status) in [
        ("0202222222", json!({ "do": "dial", "code": "*384*2547#" }), 400),
        (LINE, json!({ "do": "dial", "code": "0700000011" }), 400),
        (LINE, json!({ "do": "type", "input": "1" }), 409),
        (LINE, json!({ "do": "repeat" }), 409),
        (LINE, json!({ "do": "type", "input": "a\nb" }), 400),
        (LINE, json!({ "do": "roam", "network": "-" }), 400),
    ] {
        let (got, body) = gateway.act(number, &wish).await;
        assert_eq!(got, status, "{wish}");
        assert!(body["detail"].as_str().is_some_and(|words| words.len() > 10), "{body}");
        assert_eq!((&body["status"], &body["type"]), (&json!(status), &json!("about:blank")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_refusal_to_a_machine_is_a_problem_with_an_id_of_its_own() {
    let gateway = Gateway::start().await;
    let client = http_client().expect("a client");
    let (phone, too_long) = (format!("/simulator/api/phones/{LINE}"), "9".repeat(9_000));
    let mut ids = std::collections::BTreeSet::new();
    for (method, path, (name, value), body, status) in [
        (http::Method::GET, "/simulator/api/nothing", ("x-none", ""), "", 404),
        (http::Method::GET, "/simulator/api/sessions/first", ("x-none", ""), "", 400),
        (http::Method::GET, "/simulator/messages", ("x-none", ""), "", 400),
        (http::Method::DELETE, "/simulator/messages", ("x-none", ""), "", 405),
        (http::Method::POST, &phone, ("content-type", "text/plain"), "{}", 415),
        (http::Method::POST, &phone, ("content-type", "application/json"), "{\"do\":\"steal\"}", 422),
        (http::Method::POST, &phone, ("content-type", "application/json"), "{", 400),
        (http::Method::POST, &phone, ("content-type", "application/json"), &too_long, 413),
        (http::Method::POST, &phone, ("origin", "https://example.com"), "{}", 403),
        (http::Method::GET, "/simulator/api/start", ("host", "rebound.example.com"), "", 421),
    ] {
        let request = client.request(method, format!("{}{path}", gateway.url)).header(name, value);
        let answer = request.body(body.to_owned()).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        let problem: Value = serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON");
        assert_eq!(problem["status"], status, "{problem}");
        let detail = problem["detail"].as_str().expect("a sentence");
        assert!(detail.len() > 10 && !detail.contains("steal"), "{detail}");
        ids.insert(problem["id"].as_str().expect("an id").to_owned());
    }
    assert!(ids.len() >= 9 && ids.iter().all(|id| id.len() == 4), "{ids:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_sms_never_arrives_and_the_gateway_does_not_know() {
    let gateway = Gateway::start().await;
    gateway.act(LINE, &json!({ "do": "switch", "switches": { "sms": "lost" } })).await;
    dial(&gateway).await;
    for input in ANSWERS {
        answer(&gateway, input).await;
    }
    eventually("the message is sent", async || {
        let phones = gateway.json("/simulator/api/phones?of=%2B254700000010").await;
        let entry = &phones[0]["inbox"][0];
        entry["fate"] == "sent" && entry["arrived"] == false && entry["parts"] == 1
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_sms_from_the_phone_is_answered_like_any_other() {
    let gateway = Gateway::start().await;
    gateway.act(LINE, &json!({ "do": "switch", "switches": { "sms": "away" } })).await;
    assert_eq!(gateway.act(LINE, &json!({ "do": "write", "words": "msaada" })).await.0, 200);
    eventually("the answer is reported on", async || {
        let phones = gateway.json("/simulator/api/phones?of=%2B254700000010").await;
        let inbox = phones[0]["inbox"].as_array().cloned().unwrap_or_default();
        let written = inbox.iter().any(|entry| entry["kind"] == "written" && entry["arrived"] == true);
        let away = |entry: &Value| entry["fate"] == "refused" && entry["reason"] == "phone_away";
        written && inbox.iter().any(away)
    })
    .await;
}
