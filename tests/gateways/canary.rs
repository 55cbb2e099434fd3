//! What a log could ever show of a parsed callback: neither what was typed nor whose line it is.

use std::fmt::Debug;

use daftari::gateways::{
    Outgoing, Raw, ReportCallbacks, SmsCallbacks, UssdGateway,
    africastalking::{AfricasTalking, CallEnds},
    hubtel::Hubtel,
    kannel::Kannel,
};
use daftari::model::{MessageId, Msisdn};
use uuid::Uuid;

use super::arbitrary::{FORM, posted};

const LINE: &str = "54700000010";
const TYPED: &str = "90817263";
const FIELDS: &str = "sessionId=s-1&phoneNumber=%2B254700000010&serviceCode=*384*2547%23&networkCode=63902&id=m-1\
    &from=%2B254700000010&to=22384&status=Failed&failureReason=UserInBlackList&senderId=DAFTARI&hopsMetadata=home\
    &isActive=0&callerNumber=%2B254700000010&destinationNumber=90817263&text=1*90817263&input=1*90817263&lastAppResponse=CON+90817263&errorMessage=90817263";

fn shows_nothing(parsed: &impl Debug) {
    for shown in [format!("{parsed:?}"), format!("{parsed:#?}")] {
        assert!(!shown.contains(LINE), "the line shows");
        assert!(!shown.contains(TYPED), "what was typed shows");
    }
}

#[test]
fn nothing_parsed_from_a_form_shows_the_text_or_the_line() {
    posted(FORM, FIELDS.as_bytes(), |raw| {
        shows_nothing(&AfricasTalking.callback(raw).unwrap());
        shows_nothing(&AfricasTalking.end(raw).unwrap());
        shows_nothing(&AfricasTalking.inbound(raw).unwrap());
        shows_nothing(&AfricasTalking.report(raw).unwrap());
        shows_nothing(&AfricasTalking.opt_out(raw).unwrap());
        shows_nothing(&CallEnds.report(raw).unwrap());
    });
}

#[test]
fn nothing_parsed_from_json_shows_the_input_or_the_line() {
    for kind in ["Initiation", "Response", "Timeout"] {
        let body = format!(
            r#"{{"Type":"{kind}","Mobile":"254700000010","SessionId":"s-1","ServiceCode":"713","Message":"{TYPED}"}}"#
        );
        posted("application/json", body.as_bytes(), |raw| shows_nothing(&Hubtel.callback(raw).unwrap()));
    }
}

#[test]
fn no_refusal_repeats_what_was_sent() {
    let bodies = [
        FIELDS.replace("sessionId=s-1", "sessionId=90817263%0A1"),
        FIELDS.replace("*384*2547%23", "90817263%0A1"),
        FIELDS.replace("%2B254700000010", "90817263x"),
        FIELDS.replace("text=1*", "text=%FF"),
    ];
    for body in &bodies {
        let bad = posted(FORM, body.as_bytes(), |raw| AfricasTalking.callback(raw)).unwrap_err();
        shows_nothing(&bad);
        assert!(!bad.to_string().contains(TYPED));
    }
    let body = format!(r#"{{"Type":"{TYPED}","Message":{TYPED}}}"#);
    let bad = posted("application/json", body.as_bytes(), |raw| Hubtel.callback(raw)).unwrap_err();
    assert!(!bad.to_string().contains(TYPED));
}

#[test]
fn a_message_on_its_way_shows_neither_words_nor_line() {
    let to = Msisdn::from_network("+254700000010").unwrap();
    let typed = || TYPED.to_owned().into();
    shows_nothing(&Outgoing {
        id: MessageId(Uuid::nil()),
        attempt: 1,
        to,
        body: typed(),
        spoken: Some(typed()),
    });
}

#[test]
fn nothing_parsed_from_a_report_of_kannel_shows_the_line_or_the_words_it_quotes() {
    let query = "id=m-1&to=254700000010&type=2&reply=stat%3AUNDELIV+err%3A011+text%3A90817263";
    let headers = http::HeaderMap::new();
    let raw = Raw { method: &http::Method::GET, headers: &headers, query, body: b"" };
    shows_nothing(&Kannel.report(&raw).unwrap());
}
