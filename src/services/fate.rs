//! What a dial tells of a message that did not arrive, once, and the ways on from there. Saying a code again is
//! `messaging`'s.

use std::collections::HashMap;

use super::{
    Deps,
    actions::{Prepared, Who},
    messaging::{self, Way, WaysLeft},
    my_messages::day_and_time,
    recovery,
    ussd::Fault,
};
use crate::{
    menu::{Outcome, Reply, Var, registry::reason_word},
    model::{
        MessageId,
        message::{Fate, RefusalReason},
    },
    storage::{StoreError, Tx, attempts, lines::FateDue, messages},
};
use uuid::Uuid;

/// What the screen shows of it. One that grew too old found no way.
pub fn facts(due: &FateDue) -> HashMap<&'static str, String> {
    let reason = due.reason.or((due.fate == Fate::Expired).then_some(RefusalReason::NoRoute));
    HashMap::from([
        (Var::Message.name(), due.message.to_string()),
        (Var::MessageAt.name(), day_and_time(due.created_at)),
        (Var::MessageReason.name(), reason_word(reason.or(Some(RefusalReason::Unknown))).to_owned()),
    ])
}

/// The person has read it: it is not told again.
pub(super) async fn tell(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    if let Some(message) = message(who) {
        messages::set_told(tx, who.msisdn, message, who.now).await?;
    }
    Ok(Reply::of(Outcome::Done))
}

/// Have the code that did not arrive said another way.
pub(super) async fn say_again(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    way: Way,
    counted: bool,
) -> Result<Prepared, Fault> {
    tell(tx, who).await?;
    match message(who) {
        Some(message) => recovery::told::say_again(tx, deps, who, (message, way), counted).await,
        None => Ok(Prepared::Settled(Reply::of(Outcome::CodeOver))),
    }
}

/// In which ways the code that did not arrive could come, where it is a code that still counts.
pub(super) async fn ways_left(
    tx: &mut Tx,
    deps: &Deps,
    due: Option<&FateDue>,
) -> Result<Option<WaysLeft>, StoreError> {
    let Some(code) = due.and_then(|due| due.code) else { return Ok(None) };
    let tries = attempts::of_code(tx, code).await?;
    Ok(Some(tries.map(|tries| messaging::ways_left(deps, &tries)).unwrap_or_default()))
}

fn message(who: &Who<'_>) -> Option<MessageId> {
    who.session.text(Var::Message).and_then(|id| Uuid::parse_str(id).ok()).map(MessageId)
}
