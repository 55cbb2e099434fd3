//! What its SMS route said (`wire.md` 3), turned into a verdict. Nothing of the response's text is repeated in a
//! verdict's detail, since it may name the phone: only words from the table below.

use serde_json::Value;

use crate::{
    gateways::{
        Verdict,
        exchange::{needs_operator, transient, unreadable},
        fields,
    },
    model::message::RefusalReason,
};

/// The provider's codes and words; `Success` is the word it writes beside 101.
const CODES: [(i64, &str); 15] = [
    (100, "Processed"),
    (101, "Sent"),
    (101, "Success"),
    (102, "Queued"),
    (401, "RiskHold"),
    (402, "InvalidSenderId"),
    (403, "InvalidPhoneNumber"),
    (404, "UnsupportedNumberType"),
    (405, "InsufficientBalance"),
    (406, "UserInBlacklist"),
    (407, "CouldNotRoute"),
    (409, "DoNotDisturbRejection"),
    (500, "InternalServerError"),
    (501, "GatewayError"),
    (502, "RejectedByGateway"),
];

/// The verdict of a 2xx with its body.
pub(super) fn of_body(body: &[u8]) -> Verdict {
    let Some(data) = message_data(body) else { return unreadable() };
    match data.get("Recipients").and_then(Value::as_array).map(|all| all.first()) {
        Some(Some(recipient)) => of_recipient(recipient),
        Some(None) => of_nobody(data.get("Message")),
        None => unreadable(),
    }
}

fn message_data(body: &[u8]) -> Option<Value> {
    let mut whole: Value = serde_json::from_slice(body).ok()?;
    whole.get_mut("SMSMessageData").map(Value::take)
}

/// A 201 without recipients: the request was refused as a whole, and `Message` has the word.
fn of_nobody(message: Option<&Value>) -> Verdict {
    match message.and_then(Value::as_str).and_then(code_of) {
        Some(code) => of_code(code, &Value::Null),
        None => needs_operator("the route took no recipient and gave no reason that we know"),
    }
}

fn of_recipient(recipient: &Value) -> Verdict {
    let sent = recipient.get("statusCode");
    let number = sent.and_then(|code| code.as_i64().or_else(|| code.as_str()?.trim().parse().ok()));
    let word = recipient.get("status").and_then(Value::as_str);
    match number.or_else(|| word.and_then(code_of)) {
        Some(code) => of_code(code, recipient),
        None => unreadable(),
    }
}

fn of_code(code: i64, recipient: &Value) -> Verdict {
    let detail = named(code);
    match code {
        100..=199 => accepted(recipient),
        403 | 404 => Verdict::Refused { reason: RefusalReason::BadNumber, detail },
        406 | 409 => Verdict::Refused { reason: RefusalReason::LineBlocks, detail },
        407 => Verdict::Refused { reason: RefusalReason::NoRoute, detail },
        // RiskHold, InvalidSenderId and InsufficientBalance are about our account and not about this phone, so are
        // codes of this kind never seen before: another route may do better, and somebody has to look.
        400..=499 => needs_operator(detail),
        500..=599 => transient(false, detail),
        _ => Verdict::Failed { retry: false, unclear: true, alert: true, detail },
    }
}

/// Taken. Without an id (`None`, as in refusals) no report could ever be matched, and a made-up or empty id would
/// collide with the next: then it is unclear what becomes of it, and somebody has to look.
fn accepted(recipient: &Value) -> Verdict {
    let id = recipient.get("messageId").and_then(Value::as_str).unwrap_or_default();
    match fields::message_id("messageId", id) {
        Ok(provider_id) if !provider_id.eq_ignore_ascii_case("none") => {
            Verdict::Accepted { provider_id, cost_cents: cost(recipient) }
        }
        _ => Verdict::Failed {
            retry: false,
            unclear: true,
            alert: true,
            detail: "the route took the message and gave it no id".to_owned(),
        },
    }
}

fn cost(recipient: &Value) -> Option<i64> {
    recipient.get("cost").and_then(Value::as_str).and_then(fields::cents)
}

fn code_of(word: &str) -> Option<i64> {
    let word = fields::plain(word);
    CODES.into_iter().find(|(_, name)| fields::plain(name) == word).map(|(code, _)| code)
}

fn named(code: i64) -> String {
    let name =
        CODES.into_iter().find(|(known, _)| *known == code).map_or("never seen before", |(_, name)| name);
    format!("{code} {name}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_known_code_is_told_by_its_word_too() {
        for (code, word) in CODES {
            assert_eq!(code_of(&word.to_uppercase()), Some(code), "{word}");
            assert!(named(code).starts_with(&format!("{code} ")));
        }
        assert_eq!(named(502), "502 RejectedByGateway");
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_or_promise(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            let accepted = matches!(of_body(&body), Verdict::Accepted { .. });
            prop_assert!(!accepted);
        }

        #[test]
        fn any_code_and_any_words_have_a_verdict(code in any::<i64>(), status in ".*", id in ".*", cost in ".*") {
            let recipient = serde_json::json!({
                "statusCode": code, "status": status, "messageId": id, "cost": cost,
            });
            let body = serde_json::json!({"SMSMessageData": {"Recipients": [recipient]}}).to_string();
            let accepted = matches!(of_body(body.as_bytes()), Verdict::Accepted { .. });
            prop_assert!(!accepted || (100..=199).contains(&code));
        }
    }
}
