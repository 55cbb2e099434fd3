//! Hubtel's USSD wire from its own side (`wire.md` 7): JSON both ways, the latest input only, a sequence number, and
//! a drop announced on the same URL.

use reqwest::RequestBuilder;
use serde::{Deserialize, Serialize};

use super::{Answered, Call, Shown, WireFault};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Request<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    mobile: &'a str,
    session_id: &'a str,
    service_code: &'a str,
    message: &'a str,
    operator: &'a str,
    sequence: u32,
    client_state: &'a str,
    platform: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Response {
    #[serde(rename = "Type")]
    kind: String,
    message: String,
    #[serde(default)]
    client_state: Option<String>,
}

pub(super) fn hop(request: RequestBuilder, call: &Call) -> RequestBuilder {
    if call.hop == 1 {
        return request.json(&said("Initiation", call, &call.dialled, call.hop));
    }
    let latest = call.inputs.last().map_or("", String::as_str);
    request.json(&said("Response", call, latest, call.hop))
}

pub(super) fn end(request: RequestBuilder, call: &Call) -> RequestBuilder {
    request.json(&said("Timeout", call, "", call.hop.saturating_add(1)))
}

fn said<'a>(kind: &'static str, call: &'a Call, message: &'a str, sequence: u32) -> Request<'a> {
    Request {
        kind,
        mobile: call.line.msisdn.username(),
        session_id: &call.session,
        service_code: &call.service_code,
        message,
        operator: call.line.network.as_ref().map_or("", |network| network.code()),
        sequence,
        client_state: call.note.as_deref().unwrap_or_default(),
        platform: "USSD",
    }
}

pub(super) fn shown(answer: &Answered) -> Result<Shown, WireFault> {
    answer.expect("application/json")?;
    let read: Response =
        serde_json::from_slice(&answer.body).map_err(|_| WireFault::Unreadable("Hubtel's JSON"))?;
    let ends = match read.kind.as_str() {
        "Response" => false,
        "Release" => true,
        _ => return Err(WireFault::Unreadable("a Response or a Release")),
    };
    if read.message.trim().is_empty() {
        return Err(WireFault::Empty);
    }
    Ok(Shown { text: read.message, ends, note: read.client_state.filter(|note| !note.is_empty()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Result<(String, bool), WireFault> {
        let (content_type, body) = (content_type.to_owned(), body.as_bytes().to_vec());
        let answer = Answered { status: 200, content_type, note: None, body };
        shown(&answer).map(|shown| (shown.text, shown.ends))
    }

    #[test]
    fn a_response_goes_on_and_a_release_ends() {
        let json = "application/json";
        assert_eq!(read(json, r#"{"Type":"Response","Message":"Hi"}"#), Ok(("Hi".to_owned(), false)));
        assert_eq!(read(json, r#"{"Type":"Release","Message":"Bye"}"#), Ok(("Bye".to_owned(), true)));
        assert!(matches!(read(json, r#"{"Type":"CON","Message":"Hi"}"#), Err(WireFault::Unreadable(_))));
        assert!(matches!(read(json, "CON Hi"), Err(WireFault::Unreadable(_))));
        assert_eq!(read(json, r#"{"Type":"Release","Message":" "}"#), Err(WireFault::Empty));
        assert!(matches!(read("text/plain", "{}"), Err(WireFault::ContentType(_))));
    }
}
