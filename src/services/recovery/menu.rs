//! The actions of `menus/recovery.toml`: how asking and checking come out as outcomes and what the screens show.

use super::{
    AskedOn, Refused, Request, Requested, clock_time,
    code::{self, CodeRefused, Counted, Judged, Look, Looked, Try},
    day_and_time, request,
};
use crate::{
    menu::{Outcome, Reply, Var, registry::reason_word},
    model::{
        AccountId, MessageId,
        challenge::{Door, TypedCode},
        message::{Fate, RefusalReason},
    },
    services::{
        Deps,
        actions::{Prepared, Who, Work},
        messaging,
        sim_swap::{self, Swap},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, accounts,
        challenges::{self, Challenge},
        messages::{self, Summary},
    },
};

/// A code that was asked for, and whose message's fate is waited for a moment.
pub struct Asked {
    challenge: Challenge,
    message: MessageId,
}

/// The same with what is known of the message.
pub struct Told {
    challenge: Challenge,
    summary: Option<Summary>,
}

/// Ask for a code on the caller's own line. `counted`: a hop that died has asked already, and is not repeated.
pub(in crate::services) async fn ask(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let Some(account) = accounts::by_msisdn(tx, who.msisdn).await? else {
        return Ok(Prepared::Settled(Reply::of(Outcome::NoAccount)));
    };
    if let Swap::Recent { until } = sim_swap::known(tx, deps, who.msisdn, who.now).await? {
        // No code is spent on what can't come to an end.
        return Ok(Prepared::Settled(Reply::of(Outcome::Swapped).set(Var::AgainAt, day_and_time(until))));
    }
    sim_swap::ask_when_needed(tx, deps, account.id, who.msisdn, who.now).await?;
    ask_for(tx, deps, who, (account.id, Door::ResetPin), counted).await
}

/// Ask for the code of a door of an account, to the caller's own line.
pub(in crate::services) async fn ask_for(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (account, door): (AccountId, Door),
    counted: bool,
) -> Result<Prepared, Fault> {
    if counted {
        return Ok(match standing(tx, who, (account, door)).await? {
            Some((challenge, message)) => Prepared::Work(Box::new(Work::Await(Asked { challenge, message }))),
            None => Prepared::Settled(Reply::of(Outcome::CodeOver)),
        });
    }
    let asked = Request {
        account: Some(account),
        door,
        msisdn: who.msisdn,
        language: who.session.language,
        asked_on: AskedOn::Line,
        now: who.now,
    };
    Ok(match request::request(tx, deps, &asked).await? {
        Requested::Sent(sent) => {
            let asked = Asked { challenge: sent.challenge, message: sent.message };
            Prepared::Work(Box::new(Work::Await(asked)))
        }
        Requested::Refused(refused) => Prepared::Settled(not_sent(refused, who)),
        Requested::Nobody => Prepared::Settled(Reply::of(Outcome::NoAccount)),
    })
}

/// Wait a moment for the route's word, outside any transaction.
pub(in crate::services) async fn wait(deps: &Deps, asked: Asked) -> Result<Told, Fault> {
    deps.outbox.notify_one();
    deps.swaps.notify_one();
    let Asked { challenge, message } = asked;
    let limit = deps.settings.codes.fate_wait;
    let summary = messaging::fate_within(deps, &challenge.msisdn, message, limit).await?;
    Ok(Told { challenge, summary })
}

/// What the screen says of a code that was asked for; that the phone has it already is no news to wait for.
pub(in crate::services) fn told(told: &Told) -> Reply {
    let Told { challenge, summary } = told;
    let reply = fate(challenge, summary.as_ref());
    let outcome = if reply.outcome == Outcome::Delivered { Outcome::Sent } else { reply.outcome };
    Reply { outcome, ..reply }
}

fn not_sent(refused: Refused, who: &Who<'_>) -> Reply {
    match refused {
        Refused::TooSoon { until } => {
            let seconds = ((until - who.now).num_milliseconds() + 999) / 1000;
            Reply::of(Outcome::TooSoon).set(Var::WaitSeconds, seconds.clamp(1, 99).to_string())
        }
        Refused::TooMany { until } => Reply::of(Outcome::TooMany).set(Var::AgainAt, day_and_time(until)),
        Refused::Budget { until } => Reply::of(Outcome::Busy).set(Var::AgainAt, day_and_time(until)),
        Refused::OfficerOnly => Reply::of(Outcome::OfficerOnly),
    }
}

/// What has become of the message with the code that is due.
pub(in crate::services) async fn code_fate(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(account) = accounts::by_msisdn(tx, who.msisdn).await? else {
        return Ok(Reply::of(Outcome::CodeOver));
    };
    let Some((challenge, message)) = standing(tx, who, (account.id, Door::ResetPin)).await? else {
        return Ok(Reply::of(Outcome::CodeOver));
    };
    let summary = messages::by_id(tx, who.msisdn, message).await?;
    Ok(fate(&challenge, summary.as_ref()))
}

/// The line's challenge that counts, and the latest message with its code.
async fn standing(
    tx: &mut Tx,
    who: &Who<'_>,
    (account, door): (AccountId, Door),
) -> Result<Option<(Challenge, MessageId)>, StoreError> {
    let open = challenges::open(tx, account.0, door).await?;
    let Some(challenge) = open.filter(|open| open.counts(who.now) && open.has_tries()) else {
        return Ok(None);
    };
    let message = challenges::latest_message(tx, challenge.id).await?;
    Ok(message.map(|message| (challenge, message)))
}

fn fate(challenge: &Challenge, summary: Option<&Summary>) -> Reply {
    let (outcome, reason) = match summary.map(|summary| (summary.fate, summary.reason)) {
        Some((Fate::Sent, _)) => (Outcome::Sent, None),
        Some((Fate::Delivered, _)) => (Outcome::Delivered, None),
        Some((Fate::Refused, reason)) => (Outcome::Refused, reason.or(Some(RefusalReason::Unknown))),
        Some((Fate::Expired, _)) => (Outcome::Refused, Some(RefusalReason::NoRoute)),
        Some((Fate::Queued, _)) | None => (Outcome::Pending, None),
    };
    let reply = Reply::of(outcome)
        .set(Var::CodeReference, challenge.reference.as_str())
        .set(Var::CodeUntil, clock_time(challenge.expires_at));
    match reason {
        Some(reason) => reply.set(Var::MessageReason, reason_word(Some(reason))),
        None => reply,
    }
}

/// Count a typed code against the line's challenge.
pub(in crate::services) async fn check(
    tx: &mut Tx,
    who: &Who<'_>,
    code: Option<&TypedCode>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let account = accounts::by_msisdn(tx, who.msisdn).await?;
    let (Some(account), Some(code)) = (account, code) else {
        return Ok(Prepared::Settled(Reply::of(Outcome::NoAccount)));
    };
    check_for(tx, who, (account.id, Door::ResetPin), code, counted).await
}

/// Count a code typed for a door of an account.
pub(in crate::services) async fn check_for(
    tx: &mut Tx,
    who: &Who<'_>,
    (account, door): (AccountId, Door),
    code: &TypedCode,
    counted: bool,
) -> Result<Prepared, Fault> {
    let typed = Try { subject: account.0, door, by: who.here.0, code: code.clone(), channel: "ussd" };
    Ok(match code::count(tx, typed, who.now, counted).await? {
        Counted::Look(look) => Prepared::Work(Box::new(Work::Code(*look))),
        Counted::Refused(why) => Prepared::Settled(refused(why)),
    })
}

/// Look at it.
pub(in crate::services) fn look(deps: &Deps, look: Look) -> Result<Looked, Fault> {
    Ok(code::look(deps, look)?)
}

/// Keep what came out.
pub(in crate::services) async fn judge(tx: &mut Tx, who: &Who<'_>, looked: Looked) -> Result<Reply, Fault> {
    Ok(match code::judge(tx, looked, who.now).await? {
        Judged::Right => Reply::of(Outcome::Done),
        Judged::Wrong { left } => Reply::of(Outcome::WrongCode).set(Var::TriesLeft, left.to_string()),
        Judged::Refused(why) => refused(why),
    })
}

/// Why a code opened nothing, as an outcome.
pub(in crate::services) fn refused(why: CodeRefused) -> Reply {
    Reply::of(match why {
        CodeRefused::Over => Outcome::CodeOver,
        CodeRefused::Dead => Outcome::CodeDead,
        CodeRefused::UsedElsewhere => Outcome::UsedElsewhere,
        CodeRefused::OfficerOnly => Outcome::OfficerOnly,
    })
}
