//! Hubtel's USSD (`wire.md` 7): JSON both ways, only the latest input, a sequence number to tell a repeat by, and a
//! drop announced on the same URL. It has no SMS here.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Answer, BadCallback, Hop, HttpAnswer, Raw, SessionEnd, Typed, UssdCallback, UssdGateway, fields,
};
use crate::model::Network;

const NAME: &str = "hubtel";

/// The adapter for its callbacks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hubtel;

/// A callback as sent. Its message may be a PIN: it has no `Debug`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    #[serde(rename = "Type")]
    kind: Option<String>,
    mobile: Option<String>,
    session_id: Option<String>,
    service_code: Option<String>,
    message: Option<String>,
    sequence: Option<Value>,
    client_state: Option<Value>,
    operator: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Response<'a> {
    #[serde(rename = "Type")]
    kind: &'static str,
    message: &'a str,
    client_state: String,
}

/// What the types come down to.
enum Kind {
    Dial,
    Input,
    Over,
}

impl UssdGateway for Hubtel {
    fn name(&self) -> &'static str {
        NAME
    }

    fn callback(&self, raw: &Raw<'_>) -> Result<UssdCallback, BadCallback> {
        fields::expect_post(raw, "application/json")?;
        let request: Request =
            serde_json::from_slice(raw.body).map_err(|_| BadCallback::Unreadable("JSON"))?;
        match kind(required("Type", request.kind.as_ref())?)? {
            Kind::Over => Ok(UssdCallback::Over {
                provider: NAME,
                session: fields::session("SessionId", required("SessionId", request.session_id.as_ref())?)?,
            }),
            kind => hop(request, &kind).map(UssdCallback::Hop),
        }
    }

    fn answer(&self, _hop: &Hop, answer: &Answer) -> HttpAnswer {
        let said = Response {
            kind: if answer.ends { "Release" } else { "Response" },
            message: &answer.text,
            client_state: answer.metadata.as_deref().and_then(fields::note).unwrap_or_default(),
        };
        HttpAnswer {
            status: StatusCode::OK,
            content_type: "application/json",
            header: None,
            // Three strings always serialise.
            body: serde_json::to_string(&said).unwrap_or_default(),
        }
    }

    /// It has no such URL: a drop comes to the `ussd` URL, as the type `Timeout`.
    fn end(&self, _raw: &Raw<'_>) -> Result<SessionEnd, BadCallback> {
        Err(BadCallback::Unreadable("an end event: Hubtel announces the end of a session to the ussd URL"))
    }
}

fn hop(request: Request, kind: &Kind) -> Result<Hop, BadCallback> {
    Ok(Hop {
        provider: NAME,
        session: fields::session("SessionId", required("SessionId", request.session_id.as_ref())?)?,
        msisdn: fields::line("Mobile", required("Mobile", request.mobile.as_ref())?)?,
        service_code: fields::service_code(
            "ServiceCode",
            required("ServiceCode", request.service_code.as_ref())?,
        )?,
        network: request.operator.as_deref().and_then(Network::from_code),
        metadata: request.client_state.as_ref().and_then(Value::as_str).and_then(fields::note),
        typed: Typed::Latest {
            // A dial's message is the code that was dialled. A reply without a message is a blank reply.
            input: matches!(kind, Kind::Input).then(|| request.message.unwrap_or_default().into()),
            sequence: request.sequence.as_ref().and_then(number),
        },
    })
}

fn required<'a>(name: &'static str, sent: Option<&'a String>) -> Result<&'a str, BadCallback> {
    sent.map(String::as_str).filter(|value| !value.trim().is_empty()).ok_or(BadCallback::Missing(name))
}

/// `Addition` and `Release` are seen beside the documented three.
fn kind(sent: &str) -> Result<Kind, BadCallback> {
    match fields::plain(sent).as_str() {
        "initiation" => Ok(Kind::Dial),
        "response" | "addition" => Ok(Kind::Input),
        "timeout" | "release" => Ok(Kind::Over),
        _ => Err(BadCallback::Malformed("Type", "it has to be Initiation, Response or Timeout")),
    }
}

/// A number written as one or as text.
fn number(sent: &Value) -> Option<u32> {
    let number = sent.as_u64().and_then(|number| u32::try_from(number).ok());
    number.or_else(|| sent.as_str()?.trim().parse().ok())
}
