//! A new number for an account (`security.md` 20), and its way back.
//!
//! **Asking.** The person asks on the old line: signed in a short time ago, and with a code that went to that line. Or two
//! officers ask, where the old line is gone (`officers`).
//!
//! **Taking over.** What the person asked for is carried out by the new line alone, with the account's PIN: a number that
//! was mistyped, or that a stranger has, gets nothing.
//!
//! **When it counts.** At once: somebody who lost the phone on the morning of an examination must mark the register that
//! morning, and a thief who waited for 72 hours would only have to wait. What a thief is after, the pay, rests for those
//! 72 hours instead, and as long everything can be undone.
//!
//! **Undoing.** The old line takes back what was asked for on it, with a code that goes to it: the account returns, every
//! sign-in ends, and the PIN is disabled, since whoever moved it knew the PIN. What two officers did the old line can't
//! undo: mostly it is the stolen one. Its objection, proved by a code, is shown to the officers, who can.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    Deps,
    actions::{Prepared, Who, Work, signed_out},
    messaging,
    recovery::{
        self, clock_time,
        code::{self, Judged, Looked},
        from_when,
    },
    season::tie,
    sign_in::{self, Check, Checked, FRESH},
    ussd::{Fault, MOST_FAILURES},
};
use crate::{
    menu::{Menus, Outcome, Proof, Reply, Var},
    model::{
        AccountId, Msisdn, Pin,
        challenge::{Closed, Door, TypedCode},
        message::Purpose,
        reference::reference,
    },
    storage::{
        StoreError, Tx, accounts, attempts, audit, challenges,
        holds::{self, HoldKind, HoldReason, NewHold},
        lines::{self, CANCELLABLE},
        moves::{self, Move},
    },
};

/// How long a move waits to be confirmed and carried out.
pub const WAITS: TimeDelta = TimeDelta::hours(24);

/// Who does something to a move, and by which channel.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// As the audit names them.
    pub actor: &'a str,
    /// The channel.
    pub channel: &'a str,
    /// The officer, where it is one.
    pub officer: Option<Uuid>,
}

/// The person, on the phone.
const SELF: By<'static> = By { actor: "self", channel: "ussd", officer: None };

/// A PIN that would take an account over.
pub struct TakeOver {
    check: Check,
    moving: Move,
}

/// The same, checked.
pub struct TakenOver {
    checked: Checked,
    moving: Move,
}

/// Whether the account of the signed-in person is on its way.
pub(super) async fn look(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    if let Some(reply) = barred(tx, proof.account, who.now).await? {
        return Ok(reply);
    }
    let open = moves::open(tx, proof.account).await?.filter(|open| open.expires_at > who.now);
    let Some(open) = open else { return Ok(Reply::of(Outcome::Nothing)) };
    if open.confirmed_at.is_some() {
        return Ok(waits(&open));
    }
    let code = challenges::open(tx, proof.account.0, Door::NewNumber).await?;
    let code = code.filter(|code| code.counts(who.now) && code.has_tries());
    let tries = match &code {
        Some(code) => attempts::of_code(tx, code.id).await?,
        None => None,
    };
    let Some((code, tries)) = code.zip(tries) else { return Ok(Reply::of(Outcome::Nothing)) };
    Ok(Reply::of(Outcome::CodeWaits)
        .set(Var::NewNumber, open.new.national())
        .set(Var::Message, tries.message.to_string())
        .set(Var::CodeReference, code.reference)
        .set(Var::CodeUntil, clock_time(code.expires_at)))
}

fn waits(open: &Move) -> Reply {
    Reply::of(Outcome::LineWaits)
        .set(Var::NewNumber, open.new.national())
        .set(Var::AgainAt, from_when(open.expires_at))
}

/// Why an account can't be moved by its person now: it was a short time ago, or officers are about it.
async fn barred(tx: &mut Tx, account: AccountId, now: DateTime<Utc>) -> Result<Option<Reply>, StoreError> {
    if let Some(at) = moves::done_since(tx, account, now - CANCELLABLE).await?.and_then(|done| done.done_at) {
        let again = from_when(at + CANCELLABLE);
        return Ok(Some(Reply::of(Outcome::MovedLately).set(Var::AgainAt, again)));
    }
    let open = moves::open(tx, account).await?;
    let officers = open.is_some_and(|open| open.asked_by.is_some() && open.expires_at > now);
    Ok(officers.then(|| Reply::of(Outcome::NotPossible)))
}

/// Ask for the code that moves the account to the number just typed.
pub(super) async fn ask(tx: &mut Tx, deps: &Deps, who: &Who<'_>, counted: bool) -> Result<Prepared, Fault> {
    let settled = |reply| Ok(Prepared::Settled(reply));
    let Some(proof) = fresh(tx, who).await? else { return settled(signed_out()) };
    let typed = who.session.text(Var::NewNumber).and_then(|typed| Msisdn::from_typed(typed).ok());
    let Some(new) = typed else { return settled(Reply::of(Outcome::NotPossible)) };
    if new == *who.msisdn {
        return settled(Reply::of(Outcome::SameLine));
    }
    if let Some(reply) = barred(tx, proof.account, who.now).await? {
        return settled(reply);
    }
    let standing = moves::open(tx, proof.account).await?;
    let same = standing.as_ref().is_some_and(|open| open.new == new && open.expires_at > who.now);
    if !same {
        if let Some(open) = standing {
            moves::cancel(tx, open.id, None, who.now).await?;
            // The code that went out is for the number that was typed then.
            if let Some(code) = challenges::open(tx, proof.account.0, Door::NewNumber).await? {
                challenges::close(tx, code.id, Closed::Replaced, who.now).await?;
            }
        }
        let new = new_move(deps, proof.account, (who.msisdn.clone(), new), None, who.now);
        moves::insert(tx, &new).await?;
    }
    recovery::menu::ask_for(tx, deps, who, (proof.account, Door::NewNumber), counted).await
}

/// A move that is asked for now.
pub(super) fn new_move(
    deps: &Deps,
    account: AccountId,
    (old, new): (Msisdn, Msisdn),
    asked_by: Option<Uuid>,
    now: DateTime<Utc>,
) -> Move {
    Move {
        id: deps.chance.id(now),
        account,
        reference: reference(deps.chance.bytes()),
        old,
        new,
        asked_by,
        asked_at: now,
        expires_at: now + WAITS,
        confirmed_at: None,
        done_at: None,
        objected_at: None,
        cancelled_at: None,
    }
}

async fn fresh(tx: &mut Tx, who: &Who<'_>) -> Result<Option<Proof>, StoreError> {
    Ok(who.proof(tx).await?.filter(|proof| who.now - proof.at <= FRESH))
}

/// Count a code that confirms a move.
pub(super) async fn check(
    tx: &mut Tx,
    who: &Who<'_>,
    code: Option<&TypedCode>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(Prepared::Settled(signed_out())) };
    let open = moves::open(tx, proof.account).await?;
    let waits = open.is_some_and(|open| {
        open.asked_by.is_none() && open.confirmed_at.is_none() && open.expires_at > who.now
    });
    match code.filter(|_| waits) {
        Some(code) => {
            recovery::menu::check_for(tx, who, (proof.account, Door::NewNumber), code, counted).await
        }
        None => Ok(Prepared::Settled(Reply::of(Outcome::CodeOver))),
    }
}

/// Keep what came out of a code that confirms a move or takes an account back. A right one is used up here.
pub(super) async fn judge(tx: &mut Tx, deps: &Deps, who: &Who<'_>, looked: Looked) -> Result<Reply, Fault> {
    let (door, account, challenge) = (looked.door(), AccountId(looked.subject()), looked.challenge());
    match code::judge(tx, looked, who.now).await? {
        Judged::Right => {
            challenges::close(tx, challenge, Closed::Used, who.now).await?;
            match door {
                Door::TakeBack => take_back(tx, deps, who).await,
                _ => confirm(tx, who, account).await,
            }
        }
        Judged::Wrong { left } => Ok(Reply::of(Outcome::WrongCode).set(Var::TriesLeft, left.to_string())),
        Judged::Refused(why) => Ok(recovery::menu::refused(why)),
    }
}

async fn confirm(tx: &mut Tx, who: &Who<'_>, account: AccountId) -> Result<Reply, Fault> {
    let over = Reply::of(Outcome::CodeOver);
    let Some(open) = moves::open(tx, account).await? else { return Ok(over) };
    if open.asked_by.is_some() || !moves::confirm(tx, open.id, None, who.now).await? {
        return Ok(over);
    }
    record(tx, &open, SELF, "number_change_confirmed", who.now).await?;
    Ok(Reply { outcome: Outcome::Done, ..waits(&open) })
}

/// Count a PIN with which this line would take an account over.
pub(super) async fn take_over(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    pin: Option<&Pin>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let settled = |outcome| Ok(Prepared::Settled(Reply::of(outcome)));
    if accounts::by_msisdn(tx, who.msisdn).await?.is_some() {
        return settled(Outcome::AlreadyYours);
    }
    let moving = moves::waiting_for(tx, who.msisdn, who.now).await?;
    let (Some(moving), Some(pin)) = (moving, pin) else { return settled(Outcome::Nothing) };
    let account = accounts::by_msisdn(tx, &moving.old).await?.filter(|account| account.id == moving.account);
    let Some(account) = account else { return settled(Outcome::Nothing) };
    Ok(match sign_in::count(tx, deps, who, (account, pin), counted).await? {
        sign_in::Counted::Look(check) => Prepared::Work(Box::new(Work::TakeOver(TakeOver { check, moving }))),
        sign_in::Counted::Refused(reply) => Prepared::Settled(reply),
    })
}

/// Look at the PIN, outside any transaction.
pub(super) async fn look_at(deps: &Deps, over: TakeOver) -> Result<TakenOver, Fault> {
    Ok(TakenOver { checked: sign_in::check(deps, over.check).await?, moving: over.moving })
}

/// Take the account over if the PIN was right.
pub(super) async fn finish(tx: &mut Tx, deps: &Deps, who: &Who<'_>, over: TakenOver) -> Result<Reply, Fault> {
    let reply = sign_in::finish(tx, deps, who, over.checked).await?;
    if reply.outcome != Outcome::Done {
        return Ok(reply);
    }
    let moved = carry_out(tx, deps, who.menus, &over.moving, SELF, who.now).await?;
    Ok(Reply::of(match moved {
        Moved::Done => Outcome::Done,
        Moved::LineTaken => Outcome::AlreadyYours,
        Moved::Over => Outcome::Nothing,
    }))
}

/// How a move or its way back came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The account is on the other line.
    Done,
    /// That line has an account of its own.
    LineTaken,
    /// It no longer can be done.
    Over,
}

/// Put the account on the new line: every sign-in of it ends, no code that went to the old line counts any more, pay
/// details rest, and both lines are told.
pub(super) async fn carry_out(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    moving: &Move,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<Moved, StoreError> {
    if accounts::by_msisdn(tx, &moving.new).await?.is_some() {
        return Ok(Moved::LineTaken);
    }
    let on_old = accounts::by_msisdn(tx, &moving.old).await?.is_some_and(|found| found.id == moving.account);
    if !on_old || !moves::done(tx, moving.id, now).await? {
        return Ok(Moved::Over);
    }
    if !accounts::change_line(tx, moving.account, &moving.old, &moving.new).await? {
        return Err(StoreError::RowsAffected { expected: 1, actual: 0 });
    }
    challenges::close_all(tx, moving.account.0, now).await?;
    let hold = NewHold {
        id: deps.chance.id(now),
        account: moving.account,
        kind: HoldKind::PayDetails,
        reason: HoldReason::Moved,
        at: now,
        until: now + CANCELLABLE,
    };
    holds::put(tx, &hold).await?;
    tell(tx, deps, menus, &moving.old, Purpose::NumberChanged).await?;
    tell(tx, deps, menus, &moving.new, Purpose::NumberTaken).await?;
    tie::after_move(tx, deps, moving.account, by.channel, now).await?;
    record(tx, moving, by, "number_changed", now).await?;
    Ok(Moved::Done)
}

/// Ask for the code that takes the account back to this line.
pub(super) async fn ask_back(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    counted: bool,
) -> Result<Prepared, Fault> {
    match moves::away_from(tx, who.msisdn, who.now - CANCELLABLE).await? {
        Some(gone) => recovery::menu::ask_for(tx, deps, who, (gone.account, Door::TakeBack), counted).await,
        None => Ok(Prepared::Settled(Reply::of(Outcome::Nothing))),
    }
}

/// Count a code that takes the account back.
pub(super) async fn check_back(
    tx: &mut Tx,
    who: &Who<'_>,
    code: Option<&TypedCode>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let gone = moves::away_from(tx, who.msisdn, who.now - CANCELLABLE).await?;
    let (Some(gone), Some(code)) = (gone, code) else {
        return Ok(Prepared::Settled(Reply::of(Outcome::Nothing)));
    };
    // Only a code that went to this very line.
    let open = challenges::open(tx, gone.account.0, Door::TakeBack).await?;
    if open.is_none_or(|open| open.msisdn != *who.msisdn) {
        return Ok(Prepared::Settled(Reply::of(Outcome::CodeOver)));
    }
    recovery::menu::check_for(tx, who, (gone.account, Door::TakeBack), code, counted).await
}

async fn take_back(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let gone = moves::away_from(tx, who.msisdn, who.now - CANCELLABLE).await?;
    let Some(gone) = gone else { return Ok(Reply::of(Outcome::Nothing)) };
    if gone.asked_by.is_some() {
        if moves::object(tx, gone.id, who.now).await? {
            record(tx, &gone, SELF, "number_change_contested", who.now).await?;
        }
        return Ok(Reply::of(Outcome::Objected));
    }
    Ok(Reply::of(match undo(tx, deps, who.menus, &gone, SELF, who.now).await? {
        Moved::Done => Outcome::Done,
        Moved::LineTaken | Moved::Over => Outcome::NotPossible,
    }))
}

/// Put an account back on the line it left. Whoever moved it may know the PIN, so that is disabled until recovery.
pub(super) async fn undo(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    gone: &Move,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<Moved, StoreError> {
    if accounts::by_msisdn(tx, &gone.old).await?.is_some() {
        return Ok(Moved::LineTaken);
    }
    let on_new = accounts::by_msisdn(tx, &gone.new).await?.is_some_and(|found| found.id == gone.account);
    if !on_new || !moves::cancel(tx, gone.id, by.officer, now).await? {
        return Ok(Moved::Over);
    }
    if !accounts::change_line(tx, gone.account, &gone.new, &gone.old).await? {
        return Err(StoreError::RowsAffected { expected: 1, actual: 0 });
    }
    accounts::set_failures(tx, gone.account, MOST_FAILURES, None).await?;
    challenges::close_all(tx, gone.account.0, now).await?;
    tell(tx, deps, menus, &gone.old, Purpose::NumberBack).await?;
    tell(tx, deps, menus, &gone.new, Purpose::NumberBack).await?;
    record(tx, gone, by, "number_change_undone", now).await?;
    Ok(Moved::Done)
}

/// Tell a line in its language.
pub(super) async fn tell(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    line: &Msisdn,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let language = lines::language(tx, line).await?.unwrap_or_default();
    messaging::queue(deps, tx, menus, purpose, line, language).await?;
    Ok(())
}

pub(super) async fn record(
    tx: &mut Tx,
    moving: &Move,
    by: By<'_>,
    action: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (subject, actor, channel) = (moving.account.0, by.actor, by.channel);
    audit::append(tx, audit::Event { at: now, actor, action, subject, channel, detail: None }).await
}
