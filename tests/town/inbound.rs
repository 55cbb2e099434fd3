//! SMS that people send us, through the real callback: what each is answered with, that only the sender's own line is
//! acted for, and that no two machines keep each other busy (`security.md` 27).

use chrono::Duration;
use daftari::{gateways::simulator::Behaviour, model::message::RefusalReason, services::retention};
use futures_util::future::join_all;

use crate::{
    raw,
    town::{CODE, Town, msisdn, on_every_back_end, open_account, screen},
};

mod asking;
mod loops;
mod marks;
mod stopping;

pub const LINE: &str = "+254700000010";
const OTHER: &str = "+254700000011";
const PIN: &str = "907318";

/// An SMS arrives at a node, under this id of the aggregator.
async fn arrives(town: &Town, node: usize, id: &str, from: &str, text: &str) {
    let sms = raw::form(&[("id", id), ("from", from), ("to", "22384"), ("text", text)]);
    let path = raw::path("africastalking", "sms");
    let answer = raw::send(&town.nodes[node].url, "POST", &path, raw::FORM, sms.as_bytes()).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
}

/// The replies to an SMS that nothing else came before for an hour.
pub async fn replies(town: &Town, from: &str, text: &str) -> Vec<String> {
    town.pass(Duration::hours(1));
    told(town, from, text).await
}

/// The replies to an SMS.
pub async fn told(town: &Town, from: &str, text: &str) -> Vec<String> {
    town.send_messages().await;
    let before = town.messages_to(from).len();
    let id = format!("in-{}", town.app().deps.chance.id(town.clock.now()));
    arrives(town, 0, &id, from, text).await;
    town.send_messages().await;
    town.messages_to(from).split_off(before)
}
