//! What became of the messages to a signed-in person.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Deps,
    accounts::NAIROBI,
    actions::{Who, signed_out},
    ussd::Fault,
};
use crate::{
    menu::{
        Outcome, Reply, Row, Value, Var,
        registry::{medium_word, reason_word, told_fate_word},
    },
    model::MessageId,
    storage::{
        Tx,
        messages::{self, Summary},
    },
};

/// How far back the list goes: as long as messages are kept.
const SINCE: TimeDelta = TimeDelta::days(90);
/// How many it shows.
const MOST: i64 = 20;

pub(super) async fn rows(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Vec<Row>, Fault> {
    let sent = messages::fates_of(tx, who.msisdn, who.now - SINCE, MOST).await?;
    Ok(sent.iter().map(|message| Row { id: message.id.to_string(), values: values(deps, message) }).collect())
}

pub(super) async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    if who.proof(tx).await?.is_none() {
        return Ok(signed_out());
    }
    let id = who.session.text(Var::Message).and_then(|id| Uuid::parse_str(id).ok());
    let message = match id {
        Some(id) => messages::by_id(tx, who.msisdn, MessageId(id)).await?,
        None => None,
    };
    Ok(match message {
        Some(message) => {
            let reason = (Var::MessageReason, reason_word(message.reason).into());
            let mut reply = Reply::of(Outcome::Done);
            reply.sets = values(deps, &message).into_iter().chain([reason]).collect();
            reply
        }
        None => Reply::of(Outcome::Nothing),
    })
}

/// Day and time in Nairobi.
pub(super) fn day_and_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&NAIROBI).format("%d/%m %H:%M").to_string()
}

fn values(deps: &Deps, message: &Summary) -> Vec<(Var, Value)> {
    let at = day_and_time(message.created_at);
    let medium = deps.medium(message.route.as_deref());
    vec![
        (Var::MessageAt, at.into()),
        (Var::MessagePurpose, message.purpose.name().into()),
        (Var::MessageFate, told_fate_word(message.fate, medium).into()),
        (Var::MessageWay, medium_word(medium).into()),
    ]
}
