//! What every act has in common: its entry is made of who acts, when and why, with a salt and a reference of its own.

use chrono::{DateTime, SubsecRound as _, Utc};

use super::By;
use crate::{
    model::{
        DeploymentId,
        reference::long_reference,
        season::{Act, DayShape, RegisterState},
    },
    services::Deps,
    storage::{
        StoreError, Tx,
        register_chain::Mark,
        registers::{self, DayOf, EntryRef, Head, NewEntry},
    },
};

/// What an act says beside who and when.
#[derive(Default)]
pub(super) struct Says<'a> {
    pub(super) reason: Option<&'a str>,
    pub(super) marks: &'a [Mark],
    pub(super) shape: Option<DayShape>,
    pub(super) opened_until: Option<DateTime<Utc>>,
    pub(super) subject: Option<DeploymentId>,
}

/// Append an act to the chain whose head is locked.
pub(super) async fn append(
    tx: &mut Tx,
    deps: &Deps,
    (of, head): (DayOf<'_>, &mut Head),
    (act, says): (Act, Says<'_>),
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<EntryRef, StoreError> {
    let entry = NewEntry {
        at: now.trunc_subsecs(6),
        act,
        channel: by.channel,
        actor: by.actor,
        line: by.line,
        reason: says.reason,
        salt: deps.chance.bytes(),
        marks: says.marks,
        shape: says.shape,
        opened_until: says.opened_until,
        subject: says.subject,
    };
    registers::append(tx, of, head, entry, || long_reference(deps.chance.bytes())).await
}

/// A reason, if it says anything.
pub(super) fn said(reason: Option<&str>) -> Option<&str> {
    reason.map(str::trim).filter(|reason| !reason.is_empty())
}

/// What came of changing a register's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It is so once the unit of work is committed.
    Done(EntryRef),
    /// It is not in a state from which the act leads on.
    NotFrom(RegisterState),
    /// There is no such series or centre.
    NoRegister,
}

/// Sign, countersign or reopen a register: its entry is about the day `of.on`, the last one that the act stands on.
///
/// Signing leads from open to signed, countersigning from signed to countersigned, reopening from either back to open;
/// other acts lead nowhere. What it makes of the closing document is `services/closing`'s, which calls this.
pub async fn change_state(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    (act, reason): (Act, Option<&str>),
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Changed, StoreError> {
    let Some(mut head) = registers::lock(tx, of).await? else { return Ok(Changed::NoRegister) };
    let to = match (act, head.state) {
        (Act::Sign, RegisterState::Open) => RegisterState::Signed,
        (Act::Countersign, RegisterState::Signed) => RegisterState::Countersigned,
        (Act::Reopen, RegisterState::Signed | RegisterState::Countersigned) => RegisterState::Open,
        _ => return Ok(Changed::NotFrom(head.state)),
    };
    let says = Says { reason: said(reason), ..Says::default() };
    let entry = append(tx, deps, (of, &mut head), (act, says), by, now).await?;
    registers::set_state(tx, of, &mut head, to).await?;
    Ok(Changed::Done(entry))
}
