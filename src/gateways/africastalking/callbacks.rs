//! Its callbacks about SMS (`wire.md` 4): what people send, what became of what we sent, who wants no more.

use super::{AfricasTalking, form::Form};
use crate::{
    gateways::{BadCallback, DeliveryReport, InboundSms, OptOut, Raw, SmsCallbacks, fields},
    model::{
        Msisdn, Network,
        message::{Fate, RefusalReason},
    },
};

/// A word kept as data is never longer than this.
const WORD_CHARS: usize = 64;

impl SmsCallbacks for AfricasTalking {
    /// Only the id and the sender have to be there: anything refused would be sent again for 12 hours.
    fn inbound(&self, raw: &Raw<'_>) -> Result<InboundSms, BadCallback> {
        let form = Form::read(raw, &["id", "from", "to", "text", "date", "linkId", "networkCode"])?;
        Ok(InboundSms {
            provider_id: fields::message_id("id", form.required("id")?)?,
            from: fields::words(form.required("from")?, WORD_CHARS),
            to: fields::words(form.get("to").unwrap_or_default(), WORD_CHARS),
            at: form.get("date").and_then(fields::instant),
            network: form.get("networkCode").and_then(Network::from_code),
            link_id: form.filled("linkId").map(|id| fields::words(id, 128)),
            text: form.into_exact("text").into(),
        })
    }

    fn report(&self, raw: &Raw<'_>) -> Result<DeliveryReport, BadCallback> {
        let form = Form::read(raw, &["id", "status", "phoneNumber", "networkCode", "failureReason"])?;
        let status = form.required("status")?;
        let detail = form.filled("failureReason");
        let news = news(status);
        Ok(DeliveryReport {
            provider_id: fields::message_id("id", form.required("id")?)?,
            msisdn: form.get("phoneNumber").and_then(Msisdn::from_network),
            status: fields::words(status, WORD_CHARS),
            news,
            reason: (news == Some(Fate::Refused)).then(|| reason(status, detail.unwrap_or_default())),
            detail: detail.map(|detail| fields::words(detail, WORD_CHARS)),
            network: form.get("networkCode").and_then(Network::from_code),
        })
    }

    /// The sender's name may be missing: the person's wish counts all the same.
    fn opt_out(&self, raw: &Raw<'_>) -> Result<OptOut, BadCallback> {
        let form = Form::read(raw, &["senderId", "phoneNumber"])?;
        Ok(OptOut {
            sender: fields::words(form.get("senderId").unwrap_or_default(), WORD_CHARS),
            msisdn: fields::line("phoneNumber", form.required("phoneNumber")?)?,
        })
    }
}

/// What a status word means; interim words say that the message was taken.
fn news(status: &str) -> Option<Fate> {
    match fields::plain(status).as_str() {
        "sent" | "submitted" | "buffered" => Some(Fate::Sent),
        "success" => Some(Fate::Delivered),
        // The last two are as good as final: no other word ever follows them.
        "failed" | "rejected" | "absentsubscriber" | "expired" => Some(Fate::Refused),
        _ => None,
    }
}

/// Why a message was not delivered: the reason if it is a known one, else what the status itself says.
fn reason(status: &str, detail: &str) -> RefusalReason {
    known_reason(detail).or_else(|| known_reason(status)).unwrap_or(RefusalReason::Unknown)
}

fn known_reason(word: &str) -> Option<RefusalReason> {
    Some(match fields::plain(word).as_str() {
        "userinblacklist" | "donotdisturbrejection" => RefusalReason::LineBlocks,
        // The provider itself writes it without the second "s".
        "userdoesnotexist" | "notnetworksubcriber" | "notnetworksubscriber" => RefusalReason::BadNumber,
        // A message expires because no phone took it within its validity.
        "absentsubscriber" | "expired" => RefusalReason::PhoneAway,
        "usermemorycapacityexceeded" => RefusalReason::PhoneFull,
        "userisinactive" | "useraccountsuspended" => RefusalReason::LineInactive,
        // These belong to paid and subscription messages. We send neither, so our set-up there is wrong.
        "insufficientcredit" | "invalidlinkid" | "usernotsubscribedtoproduct" => RefusalReason::OurSide,
        _ => return None,
    })
}
