//! The SMS route of Africa's Talking against a provider on loopback, in all its moods (`wire.md` 3).

use std::{collections::BTreeMap, time::Duration};

use daftari::{
    gateways::{
        Outgoing, SmsGateway as _, Verdict,
        africastalking::{AfricasTalkingSms, NoBalance},
        http_client,
    },
    model::{MessageId, Msisdn, message::RefusalReason},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpSocket},
};
use uuid::Uuid;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path, query_param},
};

const LINE: &str = "+254700000010";
const WORDS: &str = "481516 is your code; ref K7 & 50% + more*";
const KEY: &str = "atsk_canary";

fn route_with(base_url: &str, client: reqwest::Client) -> AfricasTalkingSms {
    AfricasTalkingSms::new(
        base_url,
        "sandbox".to_owned(),
        KEY.to_owned().into(),
        Some("DAFTARI".to_owned()),
        client,
    )
}

fn route(base_url: &str) -> AfricasTalkingSms {
    route_with(base_url, http_client().unwrap())
}

fn sms() -> Outgoing {
    Outgoing {
        id: MessageId(Uuid::from_u128(1)),
        attempt: 1,
        to: Msisdn::from_network(LINE).unwrap(),
        body: WORDS.to_owned().into(),
        spoken: None,
    }
}

/// The verdict of a route whose provider always answers this.
async fn verdict_on(answer: ResponseTemplate) -> Verdict {
    let server = MockServer::start().await;
    Mock::given(method("POST")).and(path("/version1/messaging")).respond_with(answer).mount(&server).await;
    discreet(route(&server.uri()).send(&sms()).await)
}

/// No verdict repeats the number, the words or the key.
fn discreet(verdict: Verdict) -> Verdict {
    let shown = format!("{verdict:?}");
    for secret in ["254700000010", "481516", KEY, "your code"] {
        assert!(!shown.contains(secret), "{secret} shows");
    }
    verdict
}

fn taken(recipient: &Value) -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(json!({
        "SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [recipient]}
    }))
}

fn recipient(code: i64, status: &str) -> Value {
    json!({"statusCode": code, "number": LINE, "status": status, "cost": "0", "messageId": "None"})
}

/// Retry, unclear, alert: `None` when it did not fail.
fn failure(verdict: &Verdict) -> Option<(bool, bool, bool)> {
    match verdict {
        Verdict::Failed { retry, unclear, alert, .. } => Some((*retry, *unclear, *alert)),
        _ => None,
    }
}

const TRY_AGAIN: Option<(bool, bool, bool)> = Some((true, false, false));
const TRY_AGAIN_BUT_LOOK_FIRST: Option<(bool, bool, bool)> = Some((true, true, false));
const CALL_THE_OPERATOR: Option<(bool, bool, bool)> = Some((false, false, true));
const TAKEN_BUT_LOST: Option<(bool, bool, bool)> = Some((false, true, true));

#[tokio::test]
async fn the_request_says_everything_the_provider_asks_for() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/version1/messaging"))
        .and(header("apiKey", KEY))
        .and(header("accept", "application/json"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .respond_with(taken(&json!({
            "statusCode": 101, "number": LINE, "status": "Success", "cost": "KES 0.8000", "messageId": "ATXid_1"
        })))
        .expect(1)
        .mount(&server)
        .await;
    let verdict = route(&server.uri()).send(&sms()).await;
    assert_eq!(verdict, Verdict::Accepted { provider_id: "ATXid_1".to_owned(), cost_cents: Some(80) });
    let requests = server.received_requests().await.unwrap();
    let form: BTreeMap<_, _> = form_urlencoded::parse(&requests[0].body).into_owned().collect();
    let wanted = [
        ("username", "sandbox"),
        ("to", LINE),
        ("message", WORDS),
        ("from", "DAFTARI"),
        ("bulkSMSMode", "1"),
    ];
    assert_eq!(form, wanted.map(|(k, v)| (k.to_owned(), v.to_owned())).into());
}

#[tokio::test]
async fn without_a_sender_no_sender_is_named() {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(taken(&recipient(403, "x"))).mount(&server).await;
    let client = http_client().unwrap();
    let url = format!("{}/version1/", server.uri());
    let route = AfricasTalkingSms::new(&url, "sandbox".to_owned(), KEY.to_owned().into(), None, client);
    route.send(&sms()).await;
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests[0].url.path(), "/version1/messaging");
    assert!(form_urlencoded::parse(&requests[0].body).all(|(name, _)| name != "from"));
}

#[tokio::test]
async fn every_accepted_code_is_an_acceptance_on_any_2xx() {
    for (http, code) in [(201, json!(100)), (200, json!(101)), (202, json!("102")), (201, json!(103))] {
        let body = json!({"SMSMessageData": {"Recipients": [
            {"statusCode": code, "status": "Sent", "messageId": "ATXid_1", "extra": {"a": []}}
        ]}});
        let verdict = verdict_on(ResponseTemplate::new(http).set_body_json(body)).await;
        assert_eq!(verdict, Verdict::Accepted { provider_id: "ATXid_1".to_owned(), cost_cents: None });
    }
}

#[tokio::test]
async fn the_word_counts_where_the_code_is_missing() {
    let accepted = json!({"status": "success", "messageId": "ATXid_1", "cost": "KES 1.6"});
    assert_eq!(
        verdict_on(taken(&accepted)).await,
        Verdict::Accepted { provider_id: "ATXid_1".to_owned(), cost_cents: Some(160) }
    );
    let blocked = verdict_on(taken(&json!({"status": "UserInBlackList", "messageId": "None"}))).await;
    assert!(matches!(blocked, Verdict::Refused { reason: RefusalReason::LineBlocks, .. }));
    let nothing = verdict_on(taken(&json!({"messageId": "ATXid_1"}))).await;
    assert_eq!(failure(&nothing), TRY_AGAIN_BUT_LOOK_FIRST);
}

#[tokio::test]
async fn a_refusal_inside_a_201_is_a_refusal_with_its_reason() {
    for (code, word, reason) in [
        (403, "InvalidPhoneNumber", RefusalReason::BadNumber),
        (404, "UnsupportedNumberType", RefusalReason::BadNumber),
        (406, "UserInBlacklist", RefusalReason::LineBlocks),
        (407, "CouldNotRoute", RefusalReason::NoRoute),
        (409, "DoNotDisturbRejection", RefusalReason::LineBlocks),
    ] {
        let detail = format!("{code} {word}");
        assert_eq!(verdict_on(taken(&recipient(code, word))).await, Verdict::Refused { reason, detail });
    }
}

#[tokio::test]
async fn what_only_an_operator_can_mend_raises_an_alarm() {
    for (code, word) in
        [(401, "RiskHold"), (402, "InvalidSenderId"), (405, "InsufficientBalance"), (418, "New")]
    {
        assert_eq!(failure(&verdict_on(taken(&recipient(code, word))).await), CALL_THE_OPERATOR, "{code}");
    }
}

#[tokio::test]
async fn a_fault_of_the_provider_inside_a_201_may_be_tried_again() {
    for code in [500, 501, 502, 599] {
        assert_eq!(failure(&verdict_on(taken(&recipient(code, "x"))).await), TRY_AGAIN, "{code}");
    }
}

#[tokio::test]
async fn an_acceptance_without_an_id_is_unclear_and_never_an_empty_id() {
    for id in [json!("None"), json!("none"), json!(""), json!(null), json!("i".repeat(129))] {
        let verdict =
            verdict_on(taken(&json!({"statusCode": 101, "status": "Success", "messageId": id}))).await;
        assert_eq!(failure(&verdict), TAKEN_BUT_LOST);
    }
}

#[tokio::test]
async fn a_code_of_no_known_kind_is_unclear() {
    for code in [0, -1, 200, 302, 600] {
        assert_eq!(failure(&verdict_on(taken(&recipient(code, "x"))).await), TAKEN_BUT_LOST, "{code}");
    }
}

#[tokio::test]
async fn a_bad_sender_is_told_by_an_empty_list() {
    let body = json!({"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}});
    let verdict = verdict_on(ResponseTemplate::new(201).set_body_json(body)).await;
    assert_eq!(failure(&verdict), CALL_THE_OPERATOR);
    assert!(format!("{verdict:?}").contains("402 InvalidSenderId"));
}

#[tokio::test]
async fn an_empty_list_with_other_words_repeats_none_of_them() {
    let message = format!("could not send {WORDS} to {LINE} with {KEY}");
    let body = json!({"SMSMessageData": {"Message": message, "Recipients": []}});
    let verdict = verdict_on(ResponseTemplate::new(201).set_body_json(body)).await;
    assert_eq!(failure(&verdict), CALL_THE_OPERATOR);
}

#[tokio::test]
async fn bad_credentials_call_the_operator() {
    for status in [401, 403] {
        let answer = ResponseTemplate::new(status).set_body_string(format!("The API key {KEY} is invalid"));
        assert_eq!(failure(&verdict_on(answer).await), CALL_THE_OPERATOR);
    }
}

#[tokio::test]
async fn an_http_error_says_whether_the_message_may_have_been_taken() {
    for (status, wanted) in [
        (500, TRY_AGAIN_BUT_LOOK_FIRST),
        (502, TRY_AGAIN_BUT_LOOK_FIRST),
        (503, TRY_AGAIN),
        (504, TRY_AGAIN_BUT_LOOK_FIRST),
        (429, TRY_AGAIN),
        (408, TRY_AGAIN),
        (400, CALL_THE_OPERATOR),
        (404, CALL_THE_OPERATOR),
        (302, CALL_THE_OPERATOR),
    ] {
        let answer = ResponseTemplate::new(status).insert_header("location", "/elsewhere");
        assert_eq!(failure(&verdict_on(answer).await), wanted, "{status}");
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_it_unclear() {
    let whole = json!({"SMSMessageData": {"Recipients": [recipient(101, "Success")]}}).to_string();
    let bodies = [
        String::new(),
        "<html>OK</html>".to_owned(),
        whole[..whole.len() - 3].to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"SMSMessageData": null}"#.to_owned(),
        r#"{"SMSMessageData": {"Recipients": {}}}"#.to_owned(),
        r#"{"SMSMessageData": {"Recipients": [7]}}"#.to_owned(),
        "[".repeat(10_000),
    ];
    for body in bodies {
        let verdict = verdict_on(ResponseTemplate::new(201).set_body_string(body.clone())).await;
        assert_eq!(failure(&verdict), TRY_AGAIN_BUT_LOOK_FIRST, "{body:.40}");
    }
}

#[tokio::test]
async fn of_an_answer_longer_than_64_kib_nothing_is_believed() {
    let recipient = json!({"statusCode": 101, "status": "Success", "messageId": "ATXid_1"});
    let body = json!({"SMSMessageData": {"Recipients": [recipient]}}).to_string();
    let fits = format!("{}{body}", " ".repeat(64 * 1024 - body.len()));
    let accepted = verdict_on(ResponseTemplate::new(201).set_body_string(fits.clone())).await;
    assert!(matches!(accepted, Verdict::Accepted { .. }));
    let verdict = verdict_on(ResponseTemplate::new(201).set_body_string(format!(" {fits}"))).await;
    assert_eq!(failure(&verdict), TRY_AGAIN_BUT_LOOK_FIRST);
}

#[tokio::test]
async fn silence_after_the_request_leaves_it_unclear() {
    let server = MockServer::start().await;
    let late = ResponseTemplate::new(201).set_delay(Duration::from_mins(1));
    Mock::given(method("POST")).respond_with(late).mount(&server).await;
    // The house client installs the TLS provider that every client needs.
    let _house = http_client().unwrap();
    let impatient =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_millis(200)).build().unwrap();
    let verdict = discreet(route_with(&server.uri(), impatient).send(&sms()).await);
    assert_eq!(failure(&verdict), TRY_AGAIN_BUT_LOOK_FIRST);
    assert!(format!("{verdict:?}").contains("in time"));
}

/// A port that is taken, so that no other test gets it, but on which nobody listens.
fn held_port() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_taken() {
    let (_held, url) = held_port();
    let verdict = discreet(route(&url).send(&sms()).await);
    assert_eq!(failure(&verdict), TRY_AGAIN);
    assert!(format!("{verdict:?}").contains("can't be reached"));
}

/// The verdict on a provider that reads a request and then says just this before it hangs up.
async fn verdict_on_bytes(said: &'static [u8]) -> Verdict {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let provider = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"from=DAFTARI") {
            assert_ne!(socket.read_buf(&mut request).await.unwrap(), 0, "the request came whole");
        }
        socket.write_all(said).await.unwrap();
        socket.shutdown().await.unwrap();
    });
    let verdict = discreet(route(&url).send(&sms()).await);
    provider.await.unwrap();
    verdict
}

#[tokio::test]
async fn a_connection_that_breaks_after_the_request_leaves_it_unclear() {
    assert_eq!(failure(&verdict_on_bytes(b"").await), TRY_AGAIN_BUT_LOOK_FIRST);
    assert_eq!(failure(&verdict_on_bytes(b"HTTP/1.1 20").await), TRY_AGAIN_BUT_LOOK_FIRST);
}

#[tokio::test]
async fn an_answer_that_breaks_off_leaves_it_unclear() {
    let half = b"HTTP/1.1 201 Created\r\ncontent-length: 500\r\n\r\n{\"SMSMessageData\":{";
    assert_eq!(failure(&verdict_on_bytes(half).await), TRY_AGAIN_BUT_LOOK_FIRST);
}

#[tokio::test]
async fn a_configuration_no_request_can_be_made_of_calls_the_operator() {
    let verdict = discreet(route("not a url").send(&sms()).await);
    assert_eq!(failure(&verdict), CALL_THE_OPERATOR);
    let client = http_client().unwrap();
    let key = "line\nbreak".to_owned().into();
    let route = AfricasTalkingSms::new("http://127.0.0.1:9", "sandbox".to_owned(), key, None, client);
    assert_eq!(failure(&route.send(&sms()).await), CALL_THE_OPERATOR);
}

async fn balance_of(answer: ResponseTemplate) -> Result<i64, NoBalance> {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/version1/user"))
        .and(query_param("username", "sandbox"))
        .and(header("apiKey", KEY))
        .respond_with(answer)
        .mount(&server)
        .await;
    route(&server.uri()).balance().await
}

#[tokio::test]
async fn the_balance_is_read_in_both_spellings() {
    for (key, sum, cents) in
        [("UserData", "KES 1.00", 100), ("userData", "KES 1785.5000", 178_550), ("UserData", "KES -0.5", -50)]
    {
        let answer = ResponseTemplate::new(200).set_body_json(json!({key: {"balance": sum}}));
        assert_eq!(balance_of(answer).await, Ok(cents));
    }
}

#[tokio::test]
async fn a_balance_that_is_not_told_has_a_reason() {
    let plain = |status: u16| ResponseTemplate::new(status).set_body_string("no");
    assert_eq!(balance_of(plain(200)).await, Err(NoBalance::Unreadable));
    let refused = balance_of(plain(401)).await.unwrap_err().to_string();
    assert!(refused.contains("401"), "{refused}");
    let (_held, url) = held_port();
    assert_eq!(route(&url).balance().await, Err(NoBalance::Unreachable));
}
