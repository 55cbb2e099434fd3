//! How a screen is said in each aggregator's way.

use daftari::{
    gateways::{Answer, Hop, HttpAnswer, Typed, UssdGateway, africastalking::AfricasTalking, hubtel::Hubtel},
    model::{Msisdn, SessionId},
};
use serde_json::{Value, json};

fn hop() -> Hop {
    Hop {
        provider: "any",
        session: SessionId::parse("s-1").unwrap(),
        msisdn: Msisdn::from_network("+254700000010").unwrap(),
        service_code: "*384*2547#".to_owned(),
        network: None,
        typed: Typed::Cumulative(String::new().into()),
        metadata: None,
    }
}

fn said(gateway: &dyn UssdGateway, text: &str, ends: bool, metadata: Option<&str>) -> HttpAnswer {
    let answer = Answer { text: text.to_owned(), ends, metadata: metadata.map(str::to_owned) };
    gateway.answer(&hop(), &answer)
}

#[test]
fn a_screen_goes_out_exactly_behind_its_prefix() {
    let on = said(&AfricasTalking, "1. PIN\n0. Back", false, None);
    assert_eq!((on.status.as_u16(), on.body.as_str()), (200, "CON 1. PIN\n0. Back"));
    assert!(on.content_type.starts_with("text/plain"));
    assert_eq!(said(&AfricasTalking, "Asante", true, None).body, "END Asante");
}

#[test]
fn a_text_that_looks_like_a_prefix_forges_none() {
    assert_eq!(said(&AfricasTalking, "END bye", false, None).body, "CON END bye");
    assert_eq!(said(&AfricasTalking, "\nCON on", true, None).body, "END \nCON on");
}

#[test]
fn a_note_travels_in_its_header_or_not_at_all() {
    let longest = "n".repeat(99);
    assert_eq!(
        said(&AfricasTalking, "x", false, Some(&longest)).header,
        Some(("at-ussd-hop-metadata", longest))
    );
    for no_note in
        ["n".repeat(100), "a|b".to_owned(), "a\r\nX-Other: b".to_owned(), String::new(), "é".to_owned()]
    {
        assert_eq!(said(&AfricasTalking, "x", false, Some(&no_note)).header, None, "{no_note:?}");
    }
}

#[test]
fn hubtel_is_told_in_json_whether_to_go_on() {
    let on = said(&Hubtel, "Say \"1\"\n", false, Some("home"));
    assert_eq!(on.content_type, "application/json");
    assert_eq!(
        serde_json::from_str::<Value>(&on.body).unwrap(),
        json!({"Type": "Response", "Message": "Say \"1\"\n", "ClientState": "home"})
    );
    let over = said(&Hubtel, "Bye\", \"Type\": \"Response", true, None);
    assert_eq!(
        serde_json::from_str::<Value>(&over.body).unwrap(),
        json!({"Type": "Release", "Message": "Bye\", \"Type\": \"Response", "ClientState": ""})
    );
}

#[test]
fn each_adapter_has_the_name_in_its_callback_path() {
    assert_eq!(AfricasTalking.name(), "africastalking");
    assert_eq!(Hubtel.name(), "hubtel");
}
