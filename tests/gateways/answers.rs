//! What Kannel, the voice and the SIM swap look-up answer, by tables: each answer is served on loopback, and the route
//! must make of it what its row says.

use daftari::{
    gateways::{
        Carries, Outgoing, SimSwap as _, SmsGateway, SwapNotAsked, Verdict,
        africastalking::{AfricasTalkingSimSwap, AfricasTalkingVoice},
        http_client,
        kannel::KannelSms,
    },
    model::{MessageId, Msisdn, message::RefusalReason},
};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{header, method, path},
};

const LINE: &str = "+254700000010";
const WORDS: &str = "481506 is your code & more %d";
const SPOKEN: &str = "four. eight. one.";
const ID: &str = "000000000000000000000000000000ab.3";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    status: u16,
    body: String,
    /// `accepted ID`, `refused REASON`, or `failed` with any of `retry`, `unclear`, `alert`.
    gives: String,
}

fn line() -> Msisdn {
    Msisdn::from_network(LINE).unwrap()
}

fn sms(words: &str) -> Outgoing {
    Outgoing {
        id: MessageId(Uuid::from_u128(0xab)),
        attempt: 3,
        to: line(),
        body: words.to_owned().into(),
        spoken: Some(SPOKEN.to_owned().into()),
    }
}

fn kannel(base_url: &str) -> KannelSms {
    let reports = "https://daftari.example/callbacks/kannel/s3cret/delivery".to_owned().into();
    let (user, password, sender) = ("daftari".to_owned(), "canary".to_owned().into(), "22384".to_owned());
    KannelSms::new(base_url, user, password, sender, reports, http_client().unwrap())
}

fn voice(base_url: &str) -> AfricasTalkingVoice {
    let (user, key, from) = ("sandbox".to_owned(), "canary".to_owned().into(), "+254700000000".to_owned());
    AfricasTalkingVoice::new(base_url, user, key, from, http_client().unwrap())
}

fn swaps(base_url: &str) -> AfricasTalkingSimSwap {
    AfricasTalkingSimSwap::new(
        base_url,
        "sandbox".to_owned(),
        "canary".to_owned().into(),
        http_client().unwrap(),
    )
}

fn summary(verdict: &Verdict) -> String {
    let shown = format!("{verdict:?}");
    for secret in ["254700000010", "481506", "four", "canary", "s3cret"] {
        assert!(!shown.contains(secret), "{secret} shows");
    }
    match verdict {
        Verdict::Accepted { provider_id, .. } => format!("accepted {provider_id}"),
        Verdict::Refused { reason, .. } => format!("refused {reason:?}"),
        Verdict::Failed { retry, unclear, alert, .. } => {
            let said = [(retry, " retry"), (unclear, " unclear"), (alert, " alert")];
            said.iter().filter(|(yes, _)| **yes).fold("failed".to_owned(), |all, (_, word)| all + word)
        }
    }
}

async fn serving(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&server).await;
    server
}

async fn hold<G: SmsGateway>(file: &str, route: impl Fn(&str) -> G) {
    let text = std::fs::read_to_string(format!("tests/gateways/{file}")).expect(file);
    let table: Table = toml::from_str(&text).expect(file);
    let mut wrong = vec![];
    for case in table.case {
        let server = serving(ResponseTemplate::new(case.status).set_body_string(case.body)).await;
        let came = summary(&route(&server.uri()).send(&sms(WORDS)).await);
        if came != case.gives {
            wrong.push(format!("{}: wanted {}, came {came}", case.title, case.gives));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_answer_of_kannel_becomes_what_its_table_says() {
    hold("kannel_sendsms.toml", kannel).await;
}

#[tokio::test]
async fn every_answer_to_a_call_becomes_what_its_table_says() {
    hold("africastalking_call.toml", voice).await;
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

#[tokio::test]
async fn kannel_is_told_where_to_report_under_our_id() {
    let server = serving(ResponseTemplate::new(202).set_body_string("0: Accepted for delivery")).await;
    kannel(&format!("{}/", server.uri())).send(&sms(WORDS)).await;
    let request = only_request(&server).await;
    assert_eq!((request.method.as_str(), request.url.path()), ("GET", "/cgi-bin/sendsms"));
    let query: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    let reports = format!(
        "https://daftari.example/callbacks/kannel/s3cret/delivery?id={ID}&to=254700000010&type=%d&reply=%A"
    );
    let wanted = [
        ("username", "daftari"),
        ("password", "canary"),
        ("from", "22384"),
        ("to", LINE),
        ("text", WORDS),
        ("charset", "UTF-8"),
        ("coding", "0"),
        ("dlr-mask", "31"),
        ("dlr-url", &reports),
    ];
    assert_eq!(query, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn words_outside_gsm_7_go_as_ucs_2() {
    let server = serving(ResponseTemplate::new(202)).await;
    kannel(&server.uri()).send(&sms("ça va")).await;
    let request = only_request(&server).await;
    assert!(request.url.query_pairs().any(|(name, value)| name == "coding" && value == "2"));
}

#[tokio::test]
async fn a_call_says_the_spoken_words_and_not_the_written_ones() {
    let server = MockServer::start().await;
    let queued = json!({"entries": [{"phoneNumber": LINE, "status": "Queued", "sessionId": "ATVId_1"}],
        "errorMessage": "None"});
    Mock::given(method("POST"))
        .and(path("/call"))
        .and(header("apiKey", "canary"))
        .and(header("content-type", "application/json"))
        .respond_with(ResponseTemplate::new(201).set_body_json(queued))
        .mount(&server)
        .await;
    assert_eq!(summary(&voice(&server.uri()).send(&sms(WORDS)).await), "accepted ATVId_1");
    let call: Value = only_request(&server).await.body_json().unwrap();
    let wanted = json!({"username": "sandbox", "from": "+254700000000", "to": LINE,
        "callActions": [{"actionType": "Say", "text": SPOKEN}]});
    assert_eq!(call, wanted);
}

#[tokio::test]
async fn a_message_with_nothing_to_say_is_never_a_call() {
    let server = serving(ResponseTemplate::new(201)).await;
    let route = voice(&server.uri());
    assert_eq!(route.carries(), Carries::Spoken);
    let verdict = route.send(&Outgoing { spoken: None, ..sms(WORDS) }).await;
    assert!(matches!(verdict, Verdict::Refused { reason: RefusalReason::NoRoute, .. }));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_sim_swap_is_asked_by_line_and_known_by_request() {
    let server = MockServer::start().await;
    let queued = json!({"transactionId": "t", "status": "Processed", "responses": [
        {"phoneNumber": {"number": LINE}, "status": "Queued", "requestId": "ATSwpid_1"}]});
    Mock::given(method("POST"))
        .and(path("/v1/sim-swap"))
        .and(header("apiKey", "canary"))
        .respond_with(ResponseTemplate::new(200).set_body_json(queued))
        .mount(&server)
        .await;
    let asked = swaps(&format!("{}/v1", server.uri())).ask(&[line()]).await.unwrap();
    assert_eq!((asked[0].msisdn.clone(), asked[0].request_id.as_str()), (line(), "ATSwpid_1"));
    let question: Value = only_request(&server).await.body_json().unwrap();
    assert_eq!(question, json!({"username": "sandbox", "phoneNumbers": [LINE]}));
}

#[tokio::test]
async fn a_question_that_is_not_taken_has_a_reason() {
    let refused = serving(ResponseTemplate::new(401)).await;
    let said = swaps(&refused.uri()).ask(&[line()]).await.unwrap_err();
    assert!(matches!(said, SwapNotAsked::Refused(status) if status == 401));
    let nothing = serving(ResponseTemplate::new(200).set_body_string("{\"responses\":[]}")).await;
    assert_eq!(swaps(&nothing.uri()).ask(&[line()]).await, Err(SwapNotAsked::NotTaken));
    assert_eq!(swaps("not a url").ask(&[line()]).await, Err(SwapNotAsked::Unreachable));
}
