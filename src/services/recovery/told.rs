//! What has become of a code, as an outcome with what the screens show: told in the call that asks for it, and whenever
//! somebody looks; and the code said another way. The ways themselves are `messaging`'s.

use super::clock_time;
use crate::{
    gateways::Carries,
    menu::{Flag, Outcome, Reply, Var, registry::reason_word},
    model::{
        ChallengeId, MessageId,
        challenge::Door,
        message::{Fate, RefusalReason},
    },
    services::{
        Deps,
        actions::{Prepared, Who, Work},
        messaging::{self, Said, Way},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, accounts,
        attempts::{self, CodeTries, Try},
        challenges::{self, Challenge},
        messages::{self, Summary},
    },
};

/// A code that was asked for, and whose message's fate is waited for a moment.
pub struct Asked {
    challenge: Challenge,
    message: MessageId,
    how: How,
}

/// How somebody came to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// For a code.
    Request,
    /// For the same code another way, since it did not come.
    AnotherWay,
    /// Only what has become of it.
    Look,
}

/// The same with what is known of the message.
pub struct Told {
    asked: Asked,
    summary: Option<Summary>,
}

/// Wait for the fate of the message that carries a code.
pub(super) fn waiting(challenge: Challenge, message: MessageId, how: How) -> Prepared {
    Prepared::Work(Box::new(Work::Await(Asked { challenge, message, how })))
}

/// Wait a moment for the route's word, outside any transaction.
pub(in crate::services) async fn wait(deps: &Deps, asked: Asked) -> Result<Told, Fault> {
    deps.outbox.notify_one();
    deps.swaps.notify_one();
    let limit = deps.settings.codes.fate_wait;
    let summary = messaging::fate_within(deps, &asked.challenge.msisdn, asked.message, limit).await?;
    Ok(Told { asked, summary })
}

/// What the screen says of a code that was asked for.
pub(in crate::services) async fn told(tx: &mut Tx, deps: &Deps, told: &Told) -> Result<Reply, Fault> {
    let Told { asked: Asked { challenge, how, .. }, summary } = told;
    Ok(reply(tx, deps, challenge, (*how, summary.as_ref())).await?)
}

/// What has become of the message with the code that is due.
pub(in crate::services) async fn code_fate(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(account) = accounts::by_msisdn(tx, who.msisdn).await? else {
        return Ok(Reply::of(Outcome::CodeOver));
    };
    let Some(challenge) = standing(tx, who, account.id.0, Door::ResetPin).await? else {
        return Ok(Reply::of(Outcome::CodeOver));
    };
    let Some(message) = challenges::latest_message(tx, challenge.id).await? else {
        return Ok(Reply::of(Outcome::CodeOver));
    };
    let summary = messages::by_id(tx, who.msisdn, message).await?;
    Ok(reply(tx, deps, &challenge, (How::Look, summary.as_ref())).await?)
}

/// The challenge of a door that counts now.
pub(super) async fn standing(
    tx: &mut Tx,
    who: &Who<'_>,
    subject: uuid::Uuid,
    door: Door,
) -> Result<Option<Challenge>, StoreError> {
    let open = challenges::open(tx, subject, door).await?;
    Ok(open.filter(|open| open.counts(who.now) && open.has_tries()))
}

/// Have a code that did not arrive said another way. `counted`: a hop that died has done it, and is not repeated.
pub(in crate::services) async fn say_again(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (before, way): (MessageId, Way),
    counted: bool,
) -> Result<Prepared, Fault> {
    let settled = |reply| Ok(Prepared::Settled(reply));
    let challenge = match messages::challenge_of(tx, who.msisdn, before).await? {
        Some(id) => challenges::by_id(tx, id).await?,
        None => None,
    };
    let Some(challenge) = challenge else { return settled(Reply::of(Outcome::CodeOver)) };
    let said = if counted { said_before(tx, deps, (challenge.id, before)).await? } else { None };
    let said = match said {
        Some(said) => said,
        None => messaging::say_again(tx, deps, challenge.id, way).await?,
    };
    match said {
        Said::BySms(message) => Ok(waiting(challenge, message, How::AnotherWay)),
        Said::ByCall(_) => settled(Reply::of(Outcome::Called)),
        Said::NoWay => settled(about(&challenge, Outcome::Nothing)),
        Said::Over => settled(Reply::of(Outcome::CodeOver)),
    }
}

/// How a code was said again after this message, if it was.
async fn said_before(
    tx: &mut Tx,
    deps: &Deps,
    (challenge, before): (ChallengeId, MessageId),
) -> Result<Option<Said>, StoreError> {
    let tries = attempts::of_code(tx, challenge).await?.filter(|tries| tries.message != before);
    Ok(tries.map(|tries| {
        if is_call(deps, &tries) { Said::ByCall(tries.message) } else { Said::BySms(tries.message) }
    }))
}

async fn reply(
    tx: &mut Tx,
    deps: &Deps,
    challenge: &Challenge,
    (how, summary): (How, Option<&Summary>),
) -> Result<Reply, StoreError> {
    let (fate, reason) = match news(summary) {
        // That the phone has it already is no news to wait for.
        (Outcome::Delivered, reason) if how != How::Look => (Outcome::Sent, reason),
        news => news,
    };
    let Some(tries) = attempts::of_code(tx, challenge.id).await? else {
        return Ok(with_reason(about(challenge, fate), reason));
    };
    let ways = messaging::ways_left(deps, &tries);
    // A message that went another way by itself still tells what the first route said.
    let reason = reason.or_else(|| refused_before(&tries));
    let outcome = match (fate, how) {
        (Outcome::Refused, _) if !ways.any() => Outcome::NoWay,
        (Outcome::Sent, How::Request) if reason.is_some() => Outcome::Rerouted,
        (Outcome::Pending, how) if is_call(deps, &tries) => {
            if how == How::Request && reason.is_some() {
                Outcome::CalledInstead
            } else {
                Outcome::Called
            }
        }
        (other, _) => other,
    };
    let reply = about(challenge, outcome).set(Var::Message, tries.message.to_string());
    let reply = match challenge.door {
        Door::ResetPin => reply.flag(Flag::OtherWay, ways.next).flag(Flag::ByCall, ways.call),
        // On the screens of other codes the choice always stands, and says so where no way is left.
        _ => reply,
    };
    Ok(with_reason(reply, reason))
}

/// An outcome about a code, with what its message shows as well.
fn about(challenge: &Challenge, outcome: Outcome) -> Reply {
    Reply::of(outcome)
        .set(Var::CodeReference, challenge.reference.as_str())
        .set(Var::CodeUntil, clock_time(challenge.expires_at))
}

fn with_reason(reply: Reply, reason: Option<RefusalReason>) -> Reply {
    match reason {
        Some(reason) => reply.set(Var::MessageReason, reason_word(Some(reason))),
        None => reply,
    }
}

fn news(summary: Option<&Summary>) -> (Outcome, Option<RefusalReason>) {
    match summary.map(|summary| (summary.fate, summary.reason)) {
        Some((Fate::Sent, _)) => (Outcome::Sent, None),
        Some((Fate::Delivered, _)) => (Outcome::Delivered, None),
        Some((Fate::Refused, reason)) => (Outcome::Refused, reason.or(Some(RefusalReason::Unknown))),
        Some((Fate::Expired, _)) => (Outcome::Refused, Some(RefusalReason::NoRoute)),
        Some((Fate::Queued, _)) | None => (Outcome::Pending, None),
    }
}

/// Why a route refused the latest message before another took it.
fn refused_before(tries: &CodeTries) -> Option<RefusalReason> {
    let of_latest = tries.all.iter().filter(|tried| tried.message == tries.message);
    of_latest.filter(|tried| tried.fate == Try::Refused).find_map(|tried| tried.reason)
}

/// Whether the latest message is to come by a call.
fn is_call(deps: &Deps, tries: &CodeTries) -> bool {
    let placed = |name: &String| tries.placed.as_ref() == Some(name);
    deps.ways.iter().any(|way| placed(&way.name) && way.carries == Carries::Spoken)
}
