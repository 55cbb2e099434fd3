//! What `sendsms` answered, turned into a verdict. The answers are those of `gw/smsbox.c`; some list receivers, so
//! nothing of an answer is repeated.

use http::StatusCode;

use crate::{
    gateways::{
        Verdict,
        exchange::{self, Said, needs_operator, transient},
    },
    model::message::RefusalReason,
};

/// The verdict on the message that was sent under this id.
pub(super) fn verdict(said: &Said, id: String) -> Verdict {
    let body = said.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    let says = |words: &str| body.contains(words);
    match said.status {
        // "0: Accepted for delivery", "3: Queued for later delivery" (no SMSC is up now), "Sent.": Kannel says 202 of
        // nothing else.
        StatusCode::ACCEPTED => Verdict::Accepted { provider_id: id, cost_cents: None },
        status if status.is_success() => of_other_success(&body, id),
        StatusCode::FORBIDDEN if says("Not routable") => no_route("Kannel has no SMSC for this number"),
        StatusCode::FORBIDDEN => needs_operator("Kannel refused our user name or password (HTTP 403)"),
        StatusCode::BAD_REQUEST if says("black-lists") => no_route("Kannel's lists deny this number"),
        StatusCode::BAD_REQUEST if says("Sender missing") => {
            needs_operator("Kannel asks for a sender (HTTP 400)")
        }
        StatusCode::INTERNAL_SERVER_ERROR if says("Sending failed") => {
            transient(false, "Kannel's smsbox lost its bearerbox (HTTP 500)")
        }
        status => exchange::of_status(status),
    }
}

/// Kannel's successors answer the same words with a 200; a 200 with other words is somebody else's page.
fn of_other_success(body: &str, id: String) -> Verdict {
    if body.starts_with("0: ") || body.starts_with("3: ") {
        Verdict::Accepted { provider_id: id, cost_cents: None }
    } else {
        exchange::unreadable()
    }
}

fn no_route(detail: &str) -> Verdict {
    Verdict::Refused { reason: RefusalReason::NoRoute, detail: detail.to_owned() }
}
