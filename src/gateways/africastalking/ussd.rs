//! Its USSD callbacks: a hop in, a screen out, the end event (`wire.md` 1 and 2).

use http::StatusCode;

use super::{AfricasTalking, NAME, form::Form};
use crate::{
    gateways::{
        Answer, BadCallback, Hop, HttpAnswer, Raw, SessionEnd, Typed, UssdCallback, UssdGateway, fields,
    },
    model::{Msisdn, Network},
};

/// The header that carries our note with an answer and brings it back with the next hop.
const METADATA_HEADER: &str = "at-ussd-hop-metadata";
const HOP_FIELDS: [&str; 5] = ["sessionId", "phoneNumber", "serviceCode", "networkCode", "text"];
/// `input`, `lastAppResponse` and `errorMessage` are not among them on purpose: they repeat PINs and screens.
const END_FIELDS: [&str; 9] = [
    "sessionId",
    "phoneNumber",
    "networkCode",
    "date",
    "status",
    "cost",
    "durationInMillis",
    "hopsCount",
    "hopsMetadata",
];

impl UssdGateway for AfricasTalking {
    fn name(&self) -> &'static str {
        NAME
    }

    fn callback(&self, raw: &Raw<'_>) -> Result<UssdCallback, BadCallback> {
        let form = Form::read(raw, &HOP_FIELDS)?;
        Ok(UssdCallback::Hop(Hop {
            provider: NAME,
            session: fields::session("sessionId", form.required("sessionId")?)?,
            msisdn: fields::line("phoneNumber", form.required("phoneNumber")?)?,
            service_code: fields::service_code("serviceCode", form.required("serviceCode")?)?,
            network: form.get("networkCode").and_then(Network::from_code),
            metadata: echoed_note(raw),
            typed: Typed::Cumulative(form.into_exact("text").into()),
        }))
    }

    fn answer(&self, _hop: &Hop, answer: &Answer) -> HttpAnswer {
        let prefix = if answer.ends { "END " } else { "CON " };
        let note = answer.metadata.as_deref().and_then(fields::note);
        HttpAnswer {
            status: StatusCode::OK,
            // Without a charset some HTTP clients read Latin-1, and names have accents.
            content_type: "text/plain; charset=utf-8",
            header: note.map(|note| (METADATA_HEADER, note)),
            body: format!("{prefix}{}", answer.text),
        }
    }

    /// Only the session's id has to be there: what else is missing or unreadable is left out.
    fn end(&self, raw: &Raw<'_>) -> Result<SessionEnd, BadCallback> {
        let form = Form::read(raw, &END_FIELDS)?;
        Ok(SessionEnd {
            session: fields::session("sessionId", form.required("sessionId")?)?,
            msisdn: form.get("phoneNumber").and_then(Msisdn::from_network),
            at: form.get("date").and_then(fields::instant),
            status: fields::words(form.get("status").unwrap_or_default(), 64),
            network: form.get("networkCode").and_then(Network::from_code),
            duration_ms: whole_number(&form, "durationInMillis"),
            hops: whole_number(&form, "hopsCount"),
            cost_cents: form.get("cost").and_then(fields::cents),
            // A session has at most 60 hops of 99 characters and a separator.
            screens: form.filled("hopsMetadata").map(|screens| fields::words(screens, 6_000)),
        })
    }
}

/// The note of our last answer. A longer one than we ever send proves nothing and is dropped.
fn echoed_note(raw: &Raw<'_>) -> Option<String> {
    raw.headers.get(METADATA_HEADER)?.to_str().ok().and_then(fields::note)
}

fn whole_number(form: &Form<'_>, name: &str) -> Option<i64> {
    form.get(name)?.trim().parse().ok().filter(|number| *number >= 0)
}
