//! The door: who may call back, in which way, and what the wire carries back (`security.md` 21, `wire.md` 1).

use crate::{
    raw::{self, Answered, FORM, JSON},
    town::{Backend, SECRET, Town},
};

const LINE: &str = "+254700000010";
const OTHER_SECRET: &str = "another-secret-of-the-tests";

async fn dial(town: &Town, path: &str) -> Answered {
    raw::send(&town.nodes[0].url, "POST", path, FORM, raw::hop("s-1", LINE, "").as_bytes()).await
}

#[tokio::test]
async fn a_wrong_secret_is_answered_like_a_path_that_does_not_exist() {
    let town = Town::open(Backend::Embedded).await;
    let nowhere = dial(&town, "/nowhere").await;
    assert_eq!((nowhere.status, nowhere.body.as_str()), (404, ""));
    let almost = &SECRET[..SECRET.len() - 1];
    for wrong in ["wrong", almost, "%20", "%FF", "..", &SECRET.to_uppercase(), &format!("{SECRET}%00")] {
        for event in ["ussd", "ussd-end", "sms", "delivery", "opt-out", "nothing", "%ff"] {
            let path = format!("/callbacks/africastalking/{wrong}/{event}");
            assert_eq!(dial(&town, &path).await, nowhere, "{path}");
        }
    }
    for path in [format!("/callbacks/%ff/{SECRET}/ussd"), format!("/callbacks/africastalking/{SECRET}/%ff")] {
        assert_eq!(dial(&town, &path).await, nowhere, "{path}");
    }
    let url = &town.nodes[0].url;
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "PATCH"] {
        let at = |path: &'static str| raw::send(url, method, path, "text/plain", b"1*907318");
        assert_eq!(at("/callbacks/africastalking/wrong/ussd").await, at("/nowhere").await, "{method}");
    }
}

#[tokio::test]
async fn while_a_secret_is_changed_both_open() {
    let both = format!("{OTHER_SECRET},{SECRET}");
    let town = Town::with(Backend::Embedded, &[("DAFTARI_SERVER__CALLBACK_SECRET", both.as_str())]).await;
    for secret in [SECRET, OTHER_SECRET] {
        assert_eq!(dial(&town, &format!("/callbacks/africastalking/{secret}/ussd")).await.status, 200);
    }
    assert_eq!(dial(&town, &format!("/callbacks/africastalking/{both}/ussd")).await.status, 404);
}

#[tokio::test]
async fn a_source_outside_the_list_is_answered_like_a_wrong_secret() {
    let town = Town::with(Backend::Embedded, &[("DAFTARI_SERVER__ALLOWED_SOURCES", "192.0.2.0/24")]).await;
    let refused = dial(&town, &raw::path("africastalking", "ussd")).await;
    assert_eq!(refused, dial(&town, "/nowhere").await);
    // Whatever it says of itself: no proxy is trusted.
    let body = raw::hop("s-1", LINE, "");
    let claimed = format!(
        "POST {} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-forwarded-for: 192.0.2.7\r\n\
         content-type: {FORM}\r\ncontent-length: {}\r\n\r\n{body}",
        raw::path("africastalking", "ussd"),
        body.len()
    );
    assert_eq!(raw::exchange(&town.nodes[0].url, claimed.as_bytes()).await, refused);
    assert_eq!(town.count("SELECT COUNT(*) FROM openings").await, 0);
    let within = Town::with(Backend::Embedded, &[("DAFTARI_SERVER__ALLOWED_SOURCES", "127.0.0.0/8")]).await;
    assert_eq!(dial(&within, &raw::path("africastalking", "ussd")).await.status, 200);
}

/// What is wrong with a request, and how it is answered.
async fn refused(town: &Town, path: &str, method: &str, content_type: &str, body: &[u8]) -> u16 {
    let answer = raw::send(&town.nodes[0].url, method, path, content_type, body).await;
    let sentence = answer.body.trim_end();
    assert!(sentence.len() > 15 && sentence.contains(' '), "{method} {path}: no sentence: {answer:?}");
    assert!(!sentence.contains("907318"), "{method} {path} repeats what was sent: {answer:?}");
    answer.status
}

#[tokio::test]
async fn after_the_right_secret_a_bad_request_is_refused_with_a_sentence() {
    let town = Town::open(Backend::Embedded).await;
    let good = raw::hop("s-1", LINE, "907318");
    let long = format!("{good}&padding={}", "x".repeat(16 * 1024));
    for event in ["ussd", "ussd-end", "sms", "delivery", "opt-out"] {
        let path = raw::path("africastalking", event);
        let try_it = |method, kind, body| refused(&town, &path, method, kind, body);
        assert_eq!(try_it("GET", FORM, b"").await, 405, "{event}");
        assert_eq!(try_it("PUT", FORM, good.as_bytes()).await, 405, "{event}");
        assert_eq!(try_it("POST", "text/plain", good.as_bytes()).await, 415, "{event}");
        assert_eq!(try_it("POST", JSON, good.as_bytes()).await, 415, "{event}");
        assert_eq!(try_it("POST", FORM, long.as_bytes()).await, 413, "{event}");
        assert_eq!(try_it("POST", FORM, b"").await, 400, "{event}");
        assert_eq!(try_it("POST", FORM, b"\xff\x00=907318&;;&&==").await, 400, "{event}");
        let with_query = format!("{path}?text=907318");
        assert_eq!(refused(&town, &with_query, "GET", FORM, b"").await, 405, "{event}");
    }
    let hubtel = raw::path("hubtel", "ussd");
    assert_eq!(refused(&town, &hubtel, "POST", FORM, good.as_bytes()).await, 415);
    for body in
        ["", "907318", "{\"Message\":\"907318\"", "[]", "{\"Type\":\"Response\",\"Message\":\"907318\"}"]
    {
        assert_eq!(refused(&town, &hubtel, "POST", JSON, body.as_bytes()).await, 400, "{body}");
    }
    assert_eq!(town.count("SELECT COUNT(*) FROM openings").await, 0, "nothing of all this opened a session");
}

#[tokio::test]
async fn a_method_that_is_refused_is_told_which_one_to_use() {
    let town = Town::open(Backend::Embedded).await;
    let path = raw::path("africastalking", "ussd");
    let answer = raw::send(&town.nodes[0].url, "GET", &path, FORM, b"").await;
    assert_eq!(answer.header("allow"), Some("POST"));
}

#[tokio::test]
async fn a_hop_is_refused_for_each_field_that_cannot_be_read() {
    let town = Town::open(Backend::Embedded).await;
    let good = raw::hop("s-1", LINE, "1*907318");
    for (from, to) in [
        ("sessionId=s-1", "sessionId="),
        ("sessionId=s-1", "sessionId=a+b"),
        ("sessionId=s-1", &format!("sessionId={}", "x".repeat(129))),
        ("phoneNumber=%2B254700000010", "phoneNumber=nobody"),
        ("phoneNumber=%2B254700000010", "other=1"),
        ("serviceCode=*384*2547%23", "serviceCode="),
        ("text=1*907318", "text=1*907318%FF"),
    ] {
        let body = good.replace(from, to);
        assert_ne!(body, good, "{from} is in {good}");
        let path = raw::path("africastalking", "ussd");
        assert_eq!(refused(&town, &path, "POST", FORM, body.as_bytes()).await, 400, "{to}");
    }
    assert_eq!(town.count("SELECT COUNT(*) FROM openings").await, 0);
}

#[tokio::test]
async fn a_body_of_sixteen_kibibytes_is_still_read() {
    let town = Town::open(Backend::Embedded).await;
    let good = format!("{}&padding=", raw::hop("s-1", LINE, ""));
    let exactly = format!("{good}{}", "x".repeat(16 * 1024 - good.len()));
    assert_eq!(raw::post(&town, "ussd", &exactly).await.status, 200);
    assert_eq!(raw::post(&town, "ussd", &format!("{exactly}x")).await.status, 413);
}

#[tokio::test]
async fn every_answer_of_a_call_is_exact_on_the_wire() {
    let town = Town::open(Backend::Embedded).await;
    let inputs = ["2", "1", "1", "Asha", "12", "Wanjiku", "28461937", "1", "907318", "907318"];
    for n in 0..=inputs.len() {
        let answer = raw::post(&town, "ussd", &raw::hop("s-1", LINE, &inputs[..n].join("*"))).await;
        let prefix = if n == inputs.len() { "END Akaunti yako" } else { "CON " };
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        assert!(answer.body.starts_with(prefix), "hop {n}: {}", answer.body);
        assert!(!answer.body.ends_with('\n') && !answer.body.contains('\r'), "hop {n}: {:?}", answer.body);
        let note = answer.header("at-ussd-hop-metadata").expect("a note");
        assert!((1..=99).contains(&note.len()) && note.is_ascii() && !note.contains('|'), "{note}");
        let personal = ["254700000010", "700000010", "Asha", "28461937", "907318"];
        assert!(!personal.iter().any(|word| note.contains(word)), "{note}");
    }
    let end = raw::form(&[("sessionId", "s-1"), ("status", "Success"), ("input", "907318")]);
    let answer = raw::post(&town, "ussd-end", &end).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

#[tokio::test]
async fn a_body_that_never_comes_is_not_waited_for() {
    let town = Town::open(Backend::Embedded).await;
    let path = raw::path("africastalking", "ussd");
    let begun = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {FORM}\r\n\
         content-length: 400\r\n\r\nsessionId=s-1&text=907318"
    );
    let answer = raw::exchange(&town.nodes[0].url, begun.as_bytes()).await;
    assert_eq!(answer.status, 408);
    assert_eq!(dial(&town, &path).await.status, 200, "and others are served");
}
