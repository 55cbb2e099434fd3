//! What became of a call: the last notification to its voice callback, a form with `isActive=0`. Notifications of a
//! call that goes on, or that came in, say nothing of a message.

use super::form::Form;
use crate::{
    gateways::{BadCallback, DeliveryReport, Raw, ReportCallbacks, fields},
    model::{
        Msisdn,
        message::{Fate, RefusalReason},
    },
};

const FIELDS: [&str; 8] = [
    "sessionId",
    "isActive",
    "direction",
    "status",
    "callSessionState",
    "hangupCause",
    "durationInSeconds",
    "callerNumber",
];
const WORD_CHARS: usize = 64;

/// Reads how calls ended. They are kept apart from SMS: an SMS whose fate is unclear must not take a call for itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallEnds;

impl ReportCallbacks for CallEnds {
    fn provider(&self) -> &'static str {
        "africastalking-voice"
    }

    fn report(&self, raw: &Raw<'_>) -> Result<Option<DeliveryReport>, BadCallback> {
        let form = Form::read(raw, &FIELDS)?;
        let session = fields::message_id("sessionId", form.required("sessionId")?)?;
        let plain = |name: &str| fields::plain(form.get(name).unwrap_or_default());
        if plain("isActive") != "0" || plain("direction") == "inbound" {
            return Ok(None);
        }
        let cause = plain("hangupCause");
        let spoke = seconds(&form) > 0 && !was_not_answered(&plain("status")) && !was_not_answered(&cause);
        let status = form.filled("status").or_else(|| form.filled("callSessionState")).unwrap_or("Ended");
        Ok(Some(DeliveryReport {
            provider_id: session,
            // Of a call that we made, this is who was called.
            msisdn: form.get("callerNumber").and_then(Msisdn::from_network),
            status: fields::words(status, WORD_CHARS),
            news: Some(if spoke { Fate::Delivered } else { Fate::Refused }),
            reason: (!spoke).then(|| reason(&cause)),
            detail: form.filled("hangupCause").map(|cause| fields::words(cause, WORD_CHARS)),
            network: None,
        }))
    }
}

fn seconds(form: &Form<'_>) -> u64 {
    form.get("durationInSeconds").and_then(|sent| sent.trim().parse().ok()).unwrap_or(0)
}

/// Words for a call that nobody heard, also where the ringing was counted as duration.
fn was_not_answered(word: &str) -> bool {
    matches!(
        word,
        "failed"
            | "notanswered"
            | "noanswer"
            | "nouserresponse"
            | "userbusy"
            | "callrejected"
            | "originatorcancel"
    )
}

/// A phone that is off, busy, or rings unheard is away; it can be tried again or by another way.
fn reason(cause: &str) -> RefusalReason {
    match cause {
        "unallocatednumber" | "invalidnumberformat" | "numberchanged" => RefusalReason::BadNumber,
        "noroutedestination" | "noroutetransitnet" => RefusalReason::NoRoute,
        "outgoingcallbarred" | "insufficientcredit" => RefusalReason::OurSide,
        _ => RefusalReason::PhoneAway,
    }
}
