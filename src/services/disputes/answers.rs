//! What is answered to a dispute, and what each answer does.

use chrono::{DateTime, TimeDelta, Utc};

use super::{REASON, Says, is_directors, keep, tell};
use crate::{
    menu::Menus,
    model::{
        DisputeId,
        dispute::{DisputeState, Party, RefusedFor, StandsWith, Step},
        message::Purpose,
        season::Channel,
    },
    services::{
        Deps,
        posts::{AtCentre, AtOffice},
        register::{self, By, DayOf, NotNow, PutRight},
    },
    storage::{
        StoreError, Tx, accounts,
        disputes::{self, Dispute},
        officers::Role,
        registers, scopes,
    },
};

/// How long a day stands open for the correction that closes it again.
const A_MOMENT: TimeDelta = TimeDelta::minutes(1);

/// What somebody answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The person was there.
    Grant,
    /// It stays as it is.
    Refuse(RefusedFor),
}

/// What came of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// The mark is right now, under this reference.
    PutRight(String),
    /// It was right already: the dispute is closed.
    AlreadyRight,
    /// It stays as it is: for good if the director said so, else the director looks at it.
    Refused,
    /// The centre can't change the day any more: the director does.
    PassedOn,
    /// The centre has not marked the day, so one mark alone puts nothing right: nothing was done.
    NoMark,
    /// The register is signed: nothing was done.
    Signed,
    /// Nothing is open with whoever answers.
    Nothing,
}

/// An open dispute, locked: first the register, then the dispute, as marking does, so that nobody waits in a circle.
async fn locked(tx: &mut Tx, id: DisputeId) -> Result<Option<Dispute>, StoreError> {
    let Some(found) = disputes::by_id(tx, id).await? else { return Ok(None) };
    registers::lock(tx, found.of()).await?;
    Ok(disputes::lock(tx, id).await?.filter(|dispute| dispute.state == DisputeState::Open))
}

/// The centre answers a dispute that stands open with it.
pub async fn by_centre(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (at, by): (&AtCentre, &By<'_>),
    (id, answer): (DisputeId, Answer),
    now: DateTime<Utc>,
) -> Result<Answered, StoreError> {
    let found = locked(tx, id).await?;
    let own = |dispute: &Dispute| dispute.centre == at.centre && dispute.stands_with == StandsWith::Centre;
    let Some(dispute) = found.filter(own) else { return Ok(Answered::Nothing) };
    let said = |what| Says { by: Party::Centre, actor: by.actor, what };
    match answer {
        Answer::Refuse(why) => {
            disputes::set(tx, id, (DisputeState::Open, StandsWith::Director), now).await?;
            let says = said(Step::Refused);
            keep(tx, deps, (id, dispute.account), says, Some(why.word()), now).await?;
            tell(tx, deps, menus, (&dispute, Purpose::DisputeRefusedByCentre)).await?;
            Ok(Answered::Refused)
        }
        Answer::Grant => {
            let about = (dispute.of(), dispute.deployment);
            match register::put_right(tx, deps, about, REASON, by, now).await? {
                PutRight::Refused(NotNow::Signed) => Ok(Answered::Signed),
                PutRight::Refused(_) => {
                    disputes::set(tx, id, (DisputeState::Open, StandsWith::Director), now).await?;
                    keep(tx, deps, (id, dispute.account), said(Step::PassedOn), None, now).await?;
                    tell(tx, deps, menus, (&dispute, Purpose::DisputePassedOn)).await?;
                    Ok(Answered::PassedOn)
                }
                put => granted(tx, deps, menus, (&dispute, said(Step::Granted)), put, now).await,
            }
        }
    }
}

/// The director of the place, or headquarters, decides a dispute that the centre has left, refused or passed on.
pub async fn by_director(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (at, by): (&AtOffice, &By<'_>),
    (id, answer): (DisputeId, Answer),
    now: DateTime<Utc>,
) -> Result<Answered, StoreError> {
    let found = locked(tx, id).await?;
    let Some(dispute) = found.filter(|dispute| is_directors(dispute, now)) else {
        return Ok(Answered::Nothing);
    };
    let in_place = scopes::reaches(tx, &at.officer, &dispute.centre).await?;
    let own = accounts::by_id(tx, dispute.account).await?.is_some_and(|(_, line)| line == at.officer.msisdn);
    if at.officer.role == Role::Support || !in_place || own {
        return Ok(Answered::Nothing);
    }
    let said = |what| Says { by: Party::Director, actor: by.actor, what };
    match answer {
        Answer::Refuse(why) => {
            disputes::set(tx, id, (DisputeState::Refused, StandsWith::Director), now).await?;
            let says = said(Step::Refused);
            keep(tx, deps, (id, dispute.account), says, Some(why.word()), now).await?;
            tell(tx, deps, menus, (&dispute, Purpose::DisputeRefused)).await?;
            Ok(Answered::Refused)
        }
        Answer::Grant => match put_right_after(tx, deps, &dispute, by, now).await? {
            PutRight::Refused(NotNow::Signed | NotNow::TooLate) => Ok(Answered::Signed),
            PutRight::Refused(_) => Ok(Answered::NoMark),
            put => granted(tx, deps, menus, (&dispute, said(Step::Granted)), put, now).await,
        },
    }
}

/// Put the mark right; where the day is over, open it for that and close it again.
async fn put_right_after(
    tx: &mut Tx,
    deps: &Deps,
    dispute: &Dispute,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<PutRight, StoreError> {
    let about = (dispute.of(), dispute.deployment);
    let put = register::put_right(tx, deps, about, REASON, by, now).await?;
    if put != PutRight::Refused(NotNow::TooLate) {
        return Ok(put);
    }
    match register::unlock(tx, deps, dispute.of(), (now + A_MOMENT, REASON), by, now).await? {
        register::Unlocked::Refused(refusal) => return Ok(PutRight::Refused(refusal)),
        register::Unlocked::Done(_) | register::Unlocked::AlreadySo => {}
    }
    let put = register::put_right(tx, deps, about, REASON, by, now).await?;
    register::lock(tx, deps, dispute.of(), by, now).await?;
    Ok(put)
}

/// The mark is right now, or was already: the dispute is closed.
async fn granted(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (dispute, says): (&Dispute, Says),
    put: PutRight,
    now: DateTime<Utc>,
) -> Result<Answered, StoreError> {
    let reference = match put {
        PutRight::Done(entry) => Some(entry.reference),
        PutRight::AlreadySo => None,
        PutRight::NoMark | PutRight::Refused(_) => return Ok(Answered::NoMark),
    };
    disputes::set(tx, dispute.id, (DisputeState::Granted, dispute.stands_with), now).await?;
    keep(tx, deps, (dispute.id, dispute.account), says, reference.as_deref(), now).await?;
    tell(tx, deps, menus, (dispute, Purpose::DisputeGranted)).await?;
    Ok(reference.map_or(Answered::AlreadyRight, Answered::PutRight))
}

/// An act of the ledger has marked people present: what they had open over that day is solved by it.
pub async fn settled_by(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    (seq, reference): (i64, &str),
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for found in disputes::put_right_by(tx, of, seq).await? {
        let locked = disputes::lock(tx, found.id).await?;
        // Taken back at this moment, it is settled already.
        let Some(dispute) = locked.filter(|dispute| dispute.state == DisputeState::Open) else { continue };
        disputes::set(tx, dispute.id, (DisputeState::Granted, dispute.stands_with), now).await?;
        let says = Says { by: Party::Centre, actor: by.actor, what: Step::Granted };
        keep(tx, deps, (dispute.id, dispute.account), says, Some(reference), now).await?;
    }
    Ok(())
}

/// An act from a phone.
pub(super) fn by_phone(credential: uuid::Uuid, line: &crate::model::Msisdn) -> By<'_> {
    By { actor: Some(credential), line: Some(line), channel: Channel::Ussd }
}
