//! Signing in by PIN and changing it: tries counted before the PIN is looked at, growing waits, disabled at ten in a
//! row (`security.md` 12 to 14).

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Deps,
    actions::{Prepared, Who, Work, signed_out},
    messaging,
    ussd::{Fault, MOST_FAILURES},
};
use crate::{
    menu::{Outcome, Proof, Reply, Var},
    model::{AccountId, Pin, message::Purpose},
    secrets::{PinCheck, PinHash, Purpose as KeyPurpose},
    storage::{
        Tx,
        accounts::{self, Account},
        audit,
    },
};

/// Wrong PINs in a row that are free of waiting.
const FREE_TRIES: i64 = 3;
/// How long to wait after the third, fourth, fifth and every later wrong PIN in a row.
const WAITS: [TimeDelta; 4] =
    [TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(15), TimeDelta::minutes(60)];
/// How long ago the PIN may have been typed when a new one or a new line is asked for.
pub(super) const FRESH: TimeDelta = TimeDelta::minutes(5);

/// A PIN to be checked. The try has been counted.
pub struct Check {
    account: AccountId,
    epoch: i64,
    given_names: String,
    pin: Pin,
    kept: PinHash,
    failures: i64,
}

/// A PIN that was checked.
pub struct Checked {
    account: AccountId,
    epoch: i64,
    given_names: String,
    right: bool,
    /// Wrong tries in a row with this one, were it wrong.
    failures: i64,
    /// The old hash and the new, where the parameters or the pepper have changed.
    rehashed: Option<(PinHash, PinHash)>,
}

pub(super) async fn prepare(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    pin: Option<&Pin>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let (Some(account), Some(pin)) = (accounts::by_msisdn(tx, who.msisdn).await?, pin) else {
        return Ok(Prepared::Settled(Reply::of(Outcome::NoAccount)));
    };
    Ok(match count(tx, deps, who, (account, pin), counted).await? {
        Counted::Look(check) => Prepared::Work(Box::new(Work::Check(check))),
        Counted::Refused(reply) => Prepared::Settled(reply),
    })
}

/// What comes of counting a try.
pub(super) enum Counted {
    /// The PIN may be looked at; commit first.
    Look(Check),
    /// It may not.
    Refused(Reply),
}

/// Count a try at the PIN of an account, whichever line it is on.
pub(super) async fn count(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (account, pin): (Account, &Pin),
    counted: bool,
) -> Result<Counted, Fault> {
    let credential = accounts::credential(tx, account.id).await?;
    if !counted {
        if credential.failures >= MOST_FAILURES {
            return Ok(Counted::Refused(disabled()));
        }
        if let Some(until) = credential.wait_until.filter(|until| *until > who.now) {
            return Ok(Counted::Refused(must_wait(until, who.now)));
        }
        let failures = credential.failures + 1;
        let until = wait_after(failures).map(|wait| who.now + wait);
        accounts::set_failures(tx, account.id, failures, until).await?;
    }
    let failures = credential.failures + i64::from(!counted);
    // The hash may be under a pepper that another process has made since.
    deps.keys.with(KeyPurpose::Pepper, &credential.pin.pepper_id);
    Ok(Counted::Look(Check {
        account: account.id,
        epoch: account.epoch,
        given_names: account.name.given.as_str().to_owned(),
        pin: pin.clone(),
        kept: credential.pin,
        failures,
    }))
}

pub(super) async fn check(deps: &Deps, check: Check) -> Result<Checked, Fault> {
    let keys = deps.keys.with(KeyPurpose::Pepper, &check.kept.pepper_id);
    let result = deps.hasher.check(&keys, &check.pin, &check.kept).await?;
    let rehashed = match result {
        PinCheck::Right { rehash: true } => {
            let new = deps.hasher.hash(&deps.keys.current(), &check.pin, deps.chance.bytes()).await?;
            Some((check.kept, new))
        }
        _ => None,
    };
    Ok(Checked {
        account: check.account,
        epoch: check.epoch,
        given_names: check.given_names,
        right: matches!(result, PinCheck::Right { .. }),
        failures: check.failures,
        rehashed,
    })
}

pub(super) async fn finish(tx: &mut Tx, _: &Deps, who: &Who<'_>, checked: Checked) -> Result<Reply, Fault> {
    if checked.right {
        if let Some((old, new)) = checked.rehashed {
            accounts::rehash(tx, checked.account, &old, new).await?;
        }
        accounts::set_failures(tx, checked.account, 0, None).await?;
        let proof = Proof { account: checked.account, epoch: checked.epoch, at: who.now };
        let reply = Reply::of(Outcome::Done).set(Var::GivenNames, checked.given_names);
        return Ok(Reply { proof: Some(proof), ..reply });
    }
    if checked.failures >= MOST_FAILURES {
        audit::append(tx, event(who, checked.account, "pin_disabled")).await?;
        return Ok(disabled());
    }
    Ok(match wait_after(checked.failures) {
        Some(wait) => must_wait(who.now + wait, who.now),
        None => {
            let left = FREE_TRIES - checked.failures;
            Reply::of(Outcome::WrongPin).set(Var::TriesLeft, left.to_string())
        }
    })
}

pub(super) fn wait_after(failures: i64) -> Option<TimeDelta> {
    let over = usize::try_from(failures - FREE_TRIES).ok()?;
    WAITS.get(over).or(WAITS.last()).copied()
}

/// Minutes, rounded up: what the screen says is never too short.
fn must_wait(until: DateTime<Utc>, now: DateTime<Utc>) -> Reply {
    let minutes = (until - now + TimeDelta::seconds(59)).num_minutes().max(1);
    Reply::of(Outcome::MustWait).set(Var::WaitMinutes, minutes.to_string())
}

fn disabled() -> Reply {
    Reply::of(Outcome::Disabled)
}

fn event<'a>(who: &Who<'_>, account: AccountId, action: &'a str) -> audit::Event<'a> {
    audit::Event { at: who.now, actor: "self", action, subject: account.0, channel: "ussd", detail: None }
}

/// A new PIN to be compared with the old one and hashed.
pub struct Change {
    account: AccountId,
    pin: Pin,
    kept: PinHash,
}

/// The new PIN's hash; `None` when it is the old PIN.
pub struct Changed {
    account: AccountId,
    hash: Option<PinHash>,
}

pub(super) async fn prepare_change(tx: &mut Tx, who: &Who<'_>, pin: Option<&Pin>) -> Result<Prepared, Fault> {
    let proof = who.proof(tx).await?.filter(|proof| who.now - proof.at <= FRESH);
    let (Some(proof), Some(pin)) = (proof, pin) else {
        return Ok(Prepared::Settled(signed_out()));
    };
    let kept = accounts::credential(tx, proof.account).await?.pin;
    Ok(Prepared::Work(Box::new(Work::Change(Change { account: proof.account, pin: pin.clone(), kept }))))
}

pub(super) async fn change(deps: &Deps, change: Change) -> Result<Changed, Fault> {
    let keys = deps.keys.with(KeyPurpose::Pepper, &change.kept.pepper_id);
    let hash = match deps.hasher.check(&keys, &change.pin, &change.kept).await? {
        PinCheck::Right { .. } => None,
        PinCheck::Wrong => {
            Some(deps.hasher.hash(&deps.keys.current(), &change.pin, deps.chance.bytes()).await?)
        }
    };
    Ok(Changed { account: change.account, hash })
}

pub(super) async fn finish_change(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    changed: Changed,
) -> Result<Reply, Fault> {
    let Some(hash) = changed.hash else { return Ok(Reply::of(Outcome::SamePin)) };
    // Another session may have changed it while this one was hashing.
    if who.proof(tx).await?.is_none() {
        return Ok(signed_out());
    }
    accounts::change_pin(tx, changed.account, hash, who.now).await?;
    messaging::queue(deps, tx, who.menus, Purpose::PinChanged, who.msisdn, who.session.language).await?;
    audit::append(tx, event(who, changed.account, "pin_changed")).await?;
    Ok(Reply::of(Outcome::Done))
}
