//! What goes out on each wire, and which answers become a screen.

use std::time::Duration;

use daftari::phones::{Aggregator, Phone, PhoneFault, Wire, WireFault, wire::Flaw};

use crate::{CODE, Gateway, IsRight, SECRET, Says, aggregator, con, end, json, line, phone, sources};

#[tokio::test]
async fn text_grows_and_the_note_comes_back() {
    let (gateway, url) = Gateway::serve([
        Says::Noted("start.language", "CON 1: English\n2: Kiswahili".to_owned()),
        Says::Noted("start.welcome", "CON Choose:".to_owned()),
        con("Blank?"),
        end("Bye"),
    ])
    .await;
    let mut phone = phone(&url);
    phone.dial(CODE).await.unwrap();
    phone.answer("2").await.unwrap();
    phone.answer("").await.unwrap();
    let last = phone.answer("Asha").await.unwrap();

    assert!(last.ends && !phone.is_open());
    assert_eq!((phone.hops(), phone.presses()), (4, 10 + 1 + 8));
    let got = gateway.got();
    let texts: Vec<String> = got[..4].iter().map(|hop| hop.field("text")).collect();
    assert_eq!(texts, ["", "2", "2*", "2**Asha"]);
    let notes: Vec<Option<&str>> = got[..4].iter().map(|hop| hop.note.as_deref()).collect();
    assert_eq!(notes, [None, Some("start.language"), Some("start.welcome"), None]);
    for hop in &got[..4] {
        assert_eq!(hop.path, format!("/callbacks/africastalking/{SECRET}/ussd"));
        assert_eq!(hop.field("sessionId"), format!("ATUid_{}", "01".repeat(16)));
        assert_eq!(hop.field("phoneNumber"), "+254700000010");
        assert_eq!(hop.field("networkCode"), "63902");
        assert_eq!(hop.field("serviceCode"), CODE);
    }
}

#[tokio::test]
async fn the_end_event_tells_the_whole_session() {
    let (gateway, url) =
        Gateway::serve([Says::Noted("start.language", "CON Choose:".to_owned()), con("Name?"), end("Bye")])
            .await;
    let mut phone = phone(&url);
    phone.dial(CODE).await.unwrap();
    phone.answer("2").await.unwrap();
    phone.answer("Asha").await.unwrap();
    let got = gateway.got();
    let over = got.last().unwrap();
    assert_eq!(over.path, format!("/callbacks/africastalking/{SECRET}/ussd-end"));
    for (name, value) in [
        ("status", "Success"),
        ("input", "2*Asha"),
        ("hopsMetadata", "start.language"),
        ("hopsCount", "3"),
        ("date", "2025-11-22 07:00:00"),
        ("durationInMillis", "0"),
        ("lastAppResponse", "END Bye"),
    ] {
        assert_eq!(over.field(name), value);
    }
    assert_eq!(over.field("sessionId"), got[0].field("sessionId"));
}

#[tokio::test]
async fn every_answer_that_is_no_screen_is_told() {
    let plain = |status, kind, body: &str| Says::Plain(status, kind, body.to_owned());
    let faults: [(Says, IsRight<WireFault>); 8] = [
        (plain(200, "text/plain", "Hello"), |fault| *fault == WireFault::Prefix("Hell".to_owned())),
        (plain(200, "text/plain", " CON Hi"), |fault| matches!(fault, WireFault::Prefix(_))),
        (plain(200, "text/plain", ""), |fault| *fault == WireFault::Empty),
        (plain(500, "text/plain", "CON Hi"), |fault| *fault == WireFault::Status(500)),
        (plain(302, "text/plain", "CON Hi"), |fault| *fault == WireFault::Status(302)),
        (plain(200, "text/html", "CON Hi"), |fault| *fault == WireFault::ContentType("text/html".to_owned())),
        (Says::Noted("a|b", "CON Hi".to_owned()), |fault| matches!(fault, WireFault::Note(_))),
        (Says::Nothing, |fault| matches!(fault, WireFault::TooSlow(_))),
    ];
    for (n, (says, is_right)) in faults.into_iter().enumerate() {
        let (gateway, url) = Gateway::serve([says]).await;
        // Only the answer that never comes waits for the deadline.
        let deadline = Duration::from_millis(if n == 7 { 1_000 } else { 10_000 });
        let mut phone = Phone::new(aggregator(&url, Wire::AfricasTalking).with_deadline(deadline), line());
        let Err(PhoneFault::Wire(fault)) = phone.dial(CODE).await else { panic!("case {n} made a screen") };
        assert!(is_right(&fault), "case {n}: {fault}");
        assert!(fault.to_string().contains("handset shows"), "case {n}: {fault}");
        assert!(!fault.to_string().contains(SECRET) && !phone.is_open());
        assert_eq!(gateway.got().last().unwrap().field("status"), "Failed", "case {n}");
    }
}

#[tokio::test]
async fn a_gateway_that_is_down_is_told() {
    let mut phone = phone("http://127.0.0.1:1");
    assert_eq!(phone.dial(CODE).await.err(), Some(PhoneFault::Wire(WireFault::Unreachable)));
    assert_eq!(phone.answer("1").await.err(), Some(PhoneFault::NoCall));
    let no_url = Aggregator::new("somewhere", SECRET.into(), CODE, Wire::Hubtel, sources());
    assert_eq!(no_url.err(), Some(WireFault::Address));
}

#[tokio::test]
async fn a_screen_that_is_too_long_is_shown_and_flagged() {
    let screens = [con(&"a".repeat(160)), con(&"[".repeat(81)), con("C’est")];
    let (_gateway, url) = Gateway::serve(screens).await;
    let mut phone = phone(&url);
    assert_eq!(phone.dial(CODE).await.unwrap().flaw(), None);
    assert_eq!(phone.answer("1").await.unwrap().flaw(), Some(Flaw::TooLong(162)));
    assert_eq!(phone.answer("1").await.unwrap().flaw(), Some(Flaw::NotGsm7('’')));
}

#[tokio::test]
async fn a_repeat_is_the_same_request_again() {
    let (gateway, url) = Gateway::serve([con("1"), con("2"), con("2"), con("2"), con("2"), con("2")]).await;
    let mut phone = phone(&url);
    phone.dial(CODE).await.unwrap();
    phone.answer("1").await.unwrap();
    phone.repeat().await.unwrap();
    let many = phone.repeat_many(3).await.unwrap();
    assert!(many.iter().all(|shown| shown.as_ref().is_ok_and(|shown| shown.text == "2")));
    let got = gateway.got();
    assert_eq!(got.len(), 6);
    assert!(got[2..].iter().all(|again| again.body == got[1].body && again.note == got[1].note));
    assert_eq!(phone.hops(), 2, "a repeat is no hop of the caller's");
}

#[tokio::test]
async fn a_deep_dial_begins_with_text() {
    let (gateway, url) = Gateway::serve([con("1"), con("2"), con("3")]).await;
    let mut phone = phone(&url);
    phone.dial("*384*2547*1*2#").await.unwrap();
    phone.answer("3").await.unwrap();
    assert_eq!(phone.presses(), 15);
    phone.drop_call().await.unwrap();
    phone.deep_dial("4").await.unwrap();
    let got = gateway.got();
    let said = [0, 1, 3].map(|n| (got[n].field("serviceCode"), got[n].field("text")));
    assert_eq!(said, ["1*2", "1*2*3", "4"].map(|text| (CODE.to_owned(), text.to_owned())));
    assert_eq!(got[2].field("status"), "Incomplete");
    assert_ne!(got[0].field("sessionId"), got[3].field("sessionId"));
}

#[tokio::test]
async fn hubtel_sends_the_latest_input_with_its_sequence() {
    let (gateway, url) = Gateway::serve([
        json(r#"{"Type":"Response","Message":"Choose:","ClientState":"start.welcome"}"#),
        json(r#"{"Type":"Response","Message":"Your name?"}"#),
        json(r#"{"Type":"Response","Message":"Your name?"}"#),
        json("{}"),
    ])
    .await;
    let mut phone = Phone::new(aggregator(&url, Wire::Hubtel), line());
    phone.dial(CODE).await.unwrap();
    assert_eq!(phone.answer("1").await.unwrap().text, "Your name?");
    phone.repeat().await.unwrap();
    phone.drop_call().await.unwrap();

    let got = gateway.got();
    assert!(got.iter().all(|hop| hop.path == format!("/callbacks/hubtel/{SECRET}/ussd")));
    let said: Vec<_> = got
        .iter()
        .map(|hop| serde_json::json!([hop.json("Type"), hop.json("Message"), hop.json("Sequence")]))
        .collect();
    let expected = serde_json::json!([
        ["Initiation", CODE, 1],
        ["Response", "1", 2],
        ["Response", "1", 2],
        ["Timeout", "", 3],
    ]);
    assert_eq!(serde_json::Value::from(said), expected);
    assert_eq!(got[0].json("Mobile"), "254700000010");
    assert_eq!(got[1].json("ClientState"), "start.welcome");
}
