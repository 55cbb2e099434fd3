//! The actions of `menus/recovery.toml`: how asking and checking come out as outcomes. What the screens tell of a message
//! is in `told`.

use super::{
    AskedOn, Refused, Request, Requested,
    code::{self, CodeRefused, Counted, Judged, Look, Looked, Try},
    from_when, request,
    told::{self, How},
};
use crate::{
    menu::{Outcome, Reply, Var},
    model::{
        AccountId,
        challenge::{Door, TypedCode},
    },
    services::{
        Deps,
        actions::{Prepared, Who, Work},
        sim_swap::{self, Swap},
        ussd::Fault,
    },
    storage::{Tx, accounts, challenges},
};

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
        return Ok(Prepared::Settled(Reply::of(Outcome::Swapped).set(Var::AgainAt, from_when(until))));
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
        let standing = told::standing(tx, who, account.0, door).await?;
        let message = match &standing {
            Some(challenge) => challenges::latest_message(tx, challenge.id).await?,
            None => None,
        };
        return Ok(match standing.zip(message) {
            Some((challenge, message)) => told::waiting(challenge, message, How::Request),
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
        Requested::Sent(sent) => told::waiting(sent.challenge, sent.message, How::Request),
        Requested::Refused(refused) => Prepared::Settled(not_sent(refused, who)),
        Requested::Nobody => Prepared::Settled(Reply::of(Outcome::NoAccount)),
    })
}

fn not_sent(refused: Refused, who: &Who<'_>) -> Reply {
    match refused {
        Refused::TooSoon { until } => {
            let seconds = ((until - who.now).num_milliseconds() + 999) / 1000;
            Reply::of(Outcome::TooSoon).set(Var::WaitSeconds, seconds.clamp(1, 99).to_string())
        }
        Refused::TooMany { until } => Reply::of(Outcome::TooMany).set(Var::AgainAt, from_when(until)),
        Refused::Budget { until } => Reply::of(Outcome::Busy).set(Var::AgainAt, from_when(until)),
        Refused::OfficerOnly => Reply::of(Outcome::OfficerOnly),
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
