//! Its delivery reports: a `GET` of the address that went out with the message. What an SMSC says of it may quote the
//! message, so only known words of that are kept.

use http::Method;

use super::{Kannel, NAME};
use crate::{
    gateways::{BadCallback, DeliveryReport, Raw, ReportCallbacks, fields},
    model::{
        Msisdn,
        message::{Fate, RefusalReason},
    },
};

/// The bits of `%d`, the most telling first.
const KINDS: [(u32, &str, Fate); 5] = [
    (1, "1 delivered", Fate::Delivered),
    (2, "2 not delivered", Fate::Refused),
    (16, "16 refused by the SMSC", Fate::Refused),
    (8, "8 taken by the SMSC", Fate::Sent),
    (4, "4 waits at the SMSC", Fate::Sent),
];

impl ReportCallbacks for Kannel {
    fn provider(&self) -> &'static str {
        NAME
    }

    fn report(&self, raw: &Raw<'_>) -> Result<Option<DeliveryReport>, BadCallback> {
        if raw.method != Method::GET {
            return Err(BadCallback::Method("GET"));
        }
        let kind = required(raw, "type")?.trim().to_owned();
        let bits: u32 = kind.parse().map_err(|_| BadCallback::Malformed("type", "it has to be a number"))?;
        let known = KINDS.into_iter().find(|(bit, ..)| bits & bit != 0);
        let news = known.map(|(.., fate)| fate);
        let said = Reply::read(&field(raw, "reply").unwrap_or_default());
        Ok(Some(DeliveryReport {
            provider_id: fields::message_id("id", &required(raw, "id")?)?,
            msisdn: field(raw, "to").as_deref().and_then(Msisdn::from_network),
            status: known.map_or_else(|| fields::words(&kind, 16), |(_, word, _)| word.to_owned()),
            news,
            reason: (news == Some(Fate::Refused)).then(|| said.reason()),
            detail: said.detail(),
            network: None,
        }))
    }
}

fn required(raw: &Raw<'_>, name: &'static str) -> Result<String, BadCallback> {
    field(raw, name).filter(|value| !value.trim().is_empty()).ok_or(BadCallback::Missing(name))
}

/// A field of the query; of one that comes twice the first counts.
fn field(raw: &Raw<'_>, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(raw.query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The known words of an SMSC's reply: of a receipt `… stat:UNDELIV err:011 text:…` the state and the error, of
/// `NACK/0x0000000b/…` the SMPP status.
#[derive(Default)]
struct Reply {
    state: Option<String>,
    error: Option<String>,
    nack: Option<u32>,
}

impl Reply {
    fn read(sent: &str) -> Self {
        let receipt = sent.split("text:").next().unwrap_or_default();
        let word = |name: &str| {
            let after = receipt.split_whitespace().find_map(|part| part.strip_prefix(name))?;
            let fits = (1..=8).contains(&after.len()) && after.bytes().all(|b| b.is_ascii_alphanumeric());
            fits.then(|| after.to_ascii_uppercase())
        };
        let nack = sent.strip_prefix("NACK/0x").and_then(|rest| rest.split('/').next());
        Self {
            state: word("stat:"),
            error: word("err:"),
            nack: nack.and_then(|code| u32::from_str_radix(code, 16).ok()),
        }
    }

    fn reason(&self) -> RefusalReason {
        match (self.state.as_deref(), self.nack) {
            // No phone took it within its validity.
            (Some("EXPIRED"), _) => RefusalReason::PhoneAway,
            (_, Some(0x0b)) => RefusalReason::BadNumber,
            // Our sender's address, our bind and its password, our throughput.
            (_, Some(0x0a | 0x0d..=0x0f | 0x58)) => RefusalReason::OurSide,
            _ => RefusalReason::Unknown,
        }
    }

    fn detail(&self) -> Option<String> {
        let state = self.state.as_ref().map(|state| format!("stat {state}"));
        let error = self.error.as_ref().map(|error| format!("err {error}"));
        let nack = self.nack.map(|code| format!("SMPP status 0x{code:08x}"));
        let words: Vec<String> = [state, error, nack].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}
