//! What a dial tells of a message that did not arrive, once, and the ways on from there. Saying a code again is
//! `messaging`'s.

use std::collections::HashMap;

use super::{
    Deps,
    actions::Who,
    messaging::{self, Said, Way},
    my_messages::day_and_time,
    ussd::Fault,
};
use crate::{
    menu::{Outcome, Reply, Var, registry::reason_word},
    model::{
        MessageId,
        message::{Fate, RefusalReason},
    },
    storage::{Tx, lines::FateDue, messages},
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
pub(super) async fn say_again(tx: &mut Tx, deps: &Deps, who: &Who<'_>, way: Way) -> Result<Reply, Fault> {
    tell(tx, who).await?;
    let challenge = match message(who) {
        Some(message) => messages::challenge_of(tx, who.msisdn, message).await?,
        None => None,
    };
    let Some(challenge) = challenge else { return Ok(Reply::of(Outcome::CodeOver)) };
    Ok(Reply::of(match messaging::say_again(tx, deps, challenge, way).await? {
        Said::BySms(_) => Outcome::Done,
        Said::ByCall(_) => Outcome::Called,
        Said::NoWay => Outcome::Nothing,
        Said::Over => Outcome::CodeOver,
    }))
}

fn message(who: &Who<'_>) -> Option<MessageId> {
    who.session.text(Var::Message).and_then(|id| Uuid::parse_str(id).ok()).map(MessageId)
}
