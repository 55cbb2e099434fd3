//! One mark put right, of a day that is marked: what a dispute comes to. Everybody else's stays as it is.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{
    By, DayOf, DaySummary, EntryRef, NotNow, OnRoster,
    act::{Says, append, said},
    drafts::drop_look,
    window::{Standing, may},
};
use crate::{
    model::{
        DeploymentId,
        season::{Act, DayShape, DayState},
    },
    services::Deps,
    storage::{StoreError, Tx, marks, register_chain::Mark, register_days, registers},
};

/// What came of putting a mark right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PutRight {
    /// It is in the ledger once the unit of work is committed.
    Done(EntryRef),
    /// The person is marked present already: nothing was written.
    AlreadySo,
    /// The centre has not marked the day, held nothing, or does not have the person on its roster: one mark alone puts
    /// nothing right.
    NoMark,
    /// Nothing was written.
    Refused(NotNow),
}

/// Mark one person present on a day that is marked. Six statements, and two where somebody is in the middle of it.
pub async fn put_right(
    tx: &mut Tx,
    deps: &Deps,
    (of, deployment): (DayOf<'_>, DeploymentId),
    reason: &str,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<PutRight, StoreError> {
    let Some(mut head) = registers::lock(tx, of).await? else { return Ok(PutRight::NoMark) };
    let (mut roster, stands) = marks::roster(tx, of).await?;
    let shape = stands.shape.unwrap_or(DayShape::Full);
    let absent: BTreeSet<DeploymentId> =
        roster.iter().filter(|one| one.mark == Some(false)).map(|one| one.deployment).collect();
    let marked = stands.state == Some(DayState::Submitted) && shape != DayShape::Closed;
    let Some(one) = roster.iter_mut().find(|one| marked && one.deployment == deployment) else {
        return Ok(PutRight::NoMark);
    };
    if one.mark == Some(true) {
        return Ok(PutRight::AlreadySo);
    }
    let standing = Standing {
        facts: &head.facts,
        register: head.state,
        submitted: true,
        unlocked_until: stands.unlocked_until,
    };
    match may(&standing, of, &deps.settings.attendance, now) {
        Err(refusal) => return Ok(PutRight::Refused(refusal)),
        Ok(_) if said(Some(reason)).is_none() => return Ok(PutRight::Refused(NotNow::NeedsReason)),
        Ok(_) => {}
    }
    let mark = Mark { deployment, on: of.on, version: one.version + 1, present: true };
    *one = OnRoster { mark: Some(true), version: mark.version, ..one.clone() };
    let says = Says { reason: said(Some(reason)), marks: &[mark], shape: Some(shape), ..Says::default() };
    let entry = append(tx, deps, (of, &mut head), (Act::Correct, says), by, now).await?;
    let counts = DaySummary::of(of.on, shape, &roster).counts();
    register_days::submitted(tx, of, (shape, counts), &entry.reference, now).await?;
    if stands.has_draft {
        drop_look(tx, of, (shape, &absent)).await?;
    }
    Ok(PutRight::Done(entry))
}
