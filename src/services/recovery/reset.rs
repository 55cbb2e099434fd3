//! The new PIN, chosen in the session in which the code was right: every other call of the account is signed out, the
//! line is told, and the code is used up (`security.md` 14).

use chrono::TimeDelta;

use super::from_when;
use crate::{
    menu::{Outcome, Reply, Var},
    model::{
        AccountId, Pin,
        challenge::{Closed, Door, MOST_SKEW},
        message::Purpose,
    },
    secrets::PinHash,
    services::{
        Deps,
        actions::{Prepared, Who, Work},
        messaging,
        sim_swap::{self, Holder, MayReset},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, accounts, audit,
        challenges::{self, Challenge},
    },
};

/// How long ago the code may have been typed when the new PIN is confirmed.
const FRESH: TimeDelta = TimeDelta::minutes(5);

/// A new PIN to be hashed.
pub struct Reset {
    account: AccountId,
    pin: Pin,
}

/// The same, hashed.
pub struct Hashed {
    account: AccountId,
    hash: PinHash,
}

pub(in crate::services) async fn prepare(
    tx: &mut Tx,
    who: &Who<'_>,
    pin: Option<&Pin>,
) -> Result<Prepared, Fault> {
    let account = accounts::by_msisdn(tx, who.msisdn).await?.map(|account| account.id);
    let (Some(account), Some(pin)) = (account, pin) else {
        return Ok(Prepared::Settled(over()));
    };
    Ok(match passed(tx, who, account).await? {
        Some(_) => Prepared::Work(Box::new(Work::Reset(Reset { account, pin: pin.clone() }))),
        None => Prepared::Settled(over()),
    })
}

pub(in crate::services) async fn hash(deps: &Deps, reset: Reset) -> Result<Hashed, Fault> {
    let hash = deps.hasher.hash(&deps.keys.current(), &reset.pin, deps.chance.bytes()).await?;
    Ok(Hashed { account: reset.account, hash })
}

pub(in crate::services) async fn finish(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    hashed: Hashed,
) -> Result<Reply, Fault> {
    let Hashed { account, hash } = hashed;
    // Locked now: whoever else has come this far finds it closed.
    let Some(challenge) = passed(tx, who, account).await? else { return Ok(over()) };
    challenges::close(tx, challenge.id, Closed::Used, who.now).await?;
    let reply = swapped(tx, deps, who, account, challenge.door).await?;
    if reply.outcome == Outcome::Swapped {
        audit::append(tx, event(who, account, "pin_reset_refused")).await?;
        return Ok(reply);
    }
    accounts::change_pin(tx, account, hash, who.now).await?;
    messaging::queue(deps, tx, who.menus, Purpose::PinReset, who.msisdn, who.session.language).await?;
    let action = if challenge.door == Door::Officer { "pin_reset_with_officer" } else { "pin_reset" };
    audit::append(tx, event(who, account, action)).await?;
    Ok(reply)
}

fn event<'a>(who: &Who<'_>, account: AccountId, action: &'a str) -> audit::Event<'a> {
    audit::Event { at: who.now, actor: "self", action, subject: account.0, channel: "ussd", detail: None }
}

/// The challenge whose code was right in this session a short time ago, and was not used yet: that of a code which went
/// to the line, or of an officer's.
async fn passed(tx: &mut Tx, who: &Who<'_>, account: AccountId) -> Result<Option<Challenge>, StoreError> {
    for door in [Door::ResetPin, Door::Officer] {
        let open = challenges::open(tx, account.0, door).await?;
        if let Some(challenge) = open.filter(|challenge| is_fresh(challenge, who)) {
            return Ok(Some(challenge));
        }
    }
    Ok(None)
}

fn is_fresh(challenge: &Challenge, who: &Who<'_>) -> bool {
    challenge.passed.as_ref().is_some_and(|pass| {
        pass.by == who.here.0 && who.now - pass.at <= FRESH && pass.at <= who.now + MOST_SKEW
    })
}

/// What follows from what the network tells of the line's SIM (`security.md` 19): nobody goes on without help, or pay
/// details rest as far as they must. With an officer's code everybody may go on.
async fn swapped(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    account: AccountId,
    door: Door,
) -> Result<Reply, Fault> {
    let swap = sim_swap::known(tx, deps, who.msisdn, who.now).await?;
    let until = |outcome, until| Reply::of(outcome).set(Var::AgainAt, from_when(until));
    Ok(match swap.allows(Holder::Person, who.now) {
        MayReset::NotBefore { until: end } if door != Door::Officer => until(Outcome::Swapped, end),
        _ => match sim_swap::hold(tx, deps, account, swap, who.now).await? {
            Some(end) => until(Outcome::Holding, end),
            None => Reply::of(Outcome::Done),
        },
    })
}

fn over() -> Reply {
    Reply::of(Outcome::CodeOver)
}
