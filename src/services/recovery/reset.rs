//! The new PIN, chosen in the session in which the code was right: every other call of the account is signed out, the
//! line is told, and the code is used up (`security.md` 14).

use chrono::TimeDelta;

use crate::{
    menu::{Outcome, Reply},
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
    accounts::change_pin(tx, account, hash, who.now).await?;
    messaging::queue(deps, tx, who.menus, Purpose::PinReset, who.msisdn, who.session.language).await?;
    let event = audit::Event {
        at: who.now,
        actor: "self",
        action: "pin_reset",
        subject: account.0,
        channel: "ussd",
        detail: None,
    };
    audit::append(tx, event).await?;
    Ok(Reply::of(Outcome::Done))
}

/// The challenge whose code was right in this session a short time ago, and was not used yet.
async fn passed(tx: &mut Tx, who: &Who<'_>, account: AccountId) -> Result<Option<Challenge>, StoreError> {
    let open = challenges::open(tx, account.0, Door::ResetPin).await?;
    Ok(open.filter(|challenge| {
        let fresh = |pass: &crate::model::challenge::Pass| {
            pass.by == who.here.0 && who.now - pass.at <= FRESH && pass.at <= who.now + MOST_SKEW
        };
        challenge.passed.as_ref().is_some_and(fresh) && may_reset(challenge)
    }))
}

/// Whether the line may choose its new PIN by itself. What the network tells of a recent SIM swap will have a say here
/// (`security.md` 19); no network tells us yet.
fn may_reset(_: &Challenge) -> bool {
    true
}

fn over() -> Reply {
    Reply::of(Outcome::CodeOver)
}
