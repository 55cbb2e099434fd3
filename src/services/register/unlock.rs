//! The director opens a day after its time, and closes it again.

use chrono::{DateTime, SubsecRound as _, Utc};

use super::{
    By, DayOf, EntryRef, NotNow,
    act::{Says, append, said},
};
use crate::{
    model::season::{Act, RegisterState},
    services::{
        Deps,
        season::calendar::{Moment, moment},
    },
    storage::{StoreError, Tx, marks, register_days, registers},
};

/// What came of opening a day or closing it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unlocked {
    /// It is so once the unit of work is committed.
    Done(EntryRef),
    /// It was so already: nothing was written.
    AlreadySo,
    /// Nothing was written.
    Refused(NotNow),
}

/// Open a day until an instant; the centre can record it until then. The reason is the director's.
pub async fn unlock(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    (until, reason): (DateTime<Utc>, &str),
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Unlocked, StoreError> {
    let until = until.trunc_subsecs(6);
    let Some(mut head) = registers::lock(tx, of).await? else {
        return Ok(Unlocked::Refused(NotNow::NobodyDeployed));
    };
    let (roster, stands) = marks::roster(tx, of).await?;
    if stands.unlocked_until == Some(until) && now < until {
        return Ok(Unlocked::AlreadySo);
    }
    let refusal = match moment(&head.facts, of.on, &deps.settings.attendance, now) {
        Moment::NoDay => Some(NotNow::NotASeriesDay),
        _ if roster.is_empty() => Some(NotNow::NobodyDeployed),
        _ if head.state != RegisterState::Open => Some(NotNow::Signed),
        Moment::Early { opens } => Some(NotNow::TooEarly { opens }),
        _ if until <= now || head.facts.closed_at.is_some_and(|at| at <= now) => Some(NotNow::TooLate),
        _ if said(Some(reason)).is_none() => Some(NotNow::NeedsReason),
        _ => None,
    };
    if let Some(refusal) = refusal {
        return Ok(Unlocked::Refused(refusal));
    }
    let says = Says { reason: said(Some(reason)), opened_until: Some(until), ..Says::default() };
    let entry = append(tx, deps, (of, &mut head), (Act::Unlock, says), by, now).await?;
    register_days::unlocked(tx, of, Some(until)).await?;
    Ok(Unlocked::Done(entry))
}

/// Close a day that was opened.
pub async fn lock(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Unlocked, StoreError> {
    let Some(mut head) = registers::lock(tx, of).await? else { return Ok(Unlocked::AlreadySo) };
    let (_, stands) = marks::roster(tx, of).await?;
    if stands.unlocked_until.is_none_or(|until| until <= now) {
        return Ok(Unlocked::AlreadySo);
    }
    let entry = append(tx, deps, (of, &mut head), (Act::Lock, Says::default()), by, now).await?;
    register_days::unlocked(tx, of, None).await?;
    Ok(Unlocked::Done(entry))
}
