//! Somebody who turned up and is not on the roster: added at the centre, counted apart until the director has answered.

use chrono::{DateTime, Utc};

use super::{
    By, DayOf, DaySummary, EntryRef, NotNow, OnRoster,
    act::{Says, append},
    window::{Standing, may},
};
use crate::{
    model::{
        CentreCode, DeploymentId, Msisdn, PersonId, RosterNumber,
        season::{Act, Channel, DayShape, DayState, DeployedAs},
    },
    services::{Deps, season::calendar::day_of},
    storage::{
        StoreError, Tx,
        additions::{self, Addition, Waiting},
        marks, people,
        register_chain::Mark,
        register_days,
        registers::{self, Head},
    },
};

/// Somebody who turned up.
#[derive(Clone)]
pub struct NewPerson {
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// From which day on they are on the roster; to the end of the series, unless rejected.
    pub on: chrono::NaiveDate,
    /// The name as it was typed.
    pub name: String,
    /// As what.
    pub role: DeployedAs,
    /// The number, if they have one.
    pub msisdn: Option<Msisdn>,
}

/// What came of adding somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Added {
    /// They are on the roster once the unit of work is committed; if the day was marked already, they are present.
    Done {
        /// The act.
        entry: EntryRef,
        /// As what they are deployed.
        deployment: DeploymentId,
        /// Their number.
        number: i64,
    },
    /// They are on the roster of that day already, under this number: nothing was written.
    AlreadyThere {
        /// The number.
        number: i64,
    },
    /// Nothing was written.
    Refused(AddRefused),
}

/// Why nobody can be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AddRefused {
    /// The day can't be recorded now.
    NotNow(NotNow),
    /// The roster has no number left.
    RosterFull,
}

/// How often a number is looked for that an import has not just given away.
const TRIES: usize = 3;

/// Put somebody on the roster.
pub async fn add_person(
    tx: &mut Tx,
    deps: &Deps,
    new: &NewPerson,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Added, StoreError> {
    let of = DayOf { series: &new.series, centre: &new.centre, on: new.on };
    let not_now = |why| Ok(Added::Refused(AddRefused::NotNow(why)));
    let Some(mut head) = registers::lock(tx, of).await? else { return not_now(NotNow::NobodyDeployed) };
    let (mut roster, said) = marks::roster(tx, of).await?;
    let submitted = said.state == Some(DayState::Submitted);
    let standing =
        Standing { facts: &head.facts, register: head.state, submitted, unlocked_until: said.unlocked_until };
    if let Err(why) = may(&standing, of, &deps.settings.attendance, now) {
        return not_now(why);
    }
    let known = match &new.msisdn {
        Some(msisdn) => additions::known(tx, &new.name, msisdn).await?,
        None => None,
    };
    if let Some(there) = already_there(&roster, new, known) {
        return Ok(Added::AlreadyThere { number: there.number });
    }
    let Some(added) = deploy(tx, deps, (of, &head), (new, known), now).await? else {
        return Ok(Added::Refused(AddRefused::RosterFull));
    };
    let shape = said.shape.unwrap_or(DayShape::Full);
    let present = submitted && shape != DayShape::Closed;
    let (deployment, number) = (added.deployment, added.number);
    let mark = Mark { deployment, on: new.on, version: 1, present: true };
    let marks = if present { vec![mark] } else { vec![] };
    let says = Says { marks: &marks, subject: Some(deployment), ..Says::default() };
    let entry = append(tx, deps, (of, &mut head), (Act::Add, says), by, now).await?;
    if present {
        roster.push(OnRoster { mark: Some(true), ..added });
        let counts = DaySummary::of(new.on, shape, &roster).counts();
        register_days::submitted(tx, of, (shape, counts), &entry.reference, now).await?;
    }
    Ok(Added::Done { entry, deployment, number })
}

fn already_there<'r>(
    roster: &'r [OnRoster],
    new: &NewPerson,
    known: Option<PersonId>,
) -> Option<&'r OnRoster> {
    let same_name = |one: &&OnRoster| one.added && one.role == new.role && one.full_name == new.name;
    match known {
        Some(person) => roster.iter().find(|one| one.person == person),
        None => roster.iter().filter(|_| new.msisdn.is_none()).find(same_name),
    }
}

/// Their place on the roster; `None` when it has no number left.
async fn deploy(
    tx: &mut Tx,
    deps: &Deps,
    (of, head): (DayOf<'_>, &Head),
    (new, known): (&NewPerson, Option<PersonId>),
    now: DateTime<Utc>,
) -> Result<Option<OnRoster>, StoreError> {
    let addition = Addition {
        deployment: DeploymentId(deps.chance.id(now)),
        person: known.unwrap_or_else(|| PersonId(deps.chance.id(now))),
        full_name: &new.name,
        msisdn: new.msisdn.as_ref(),
        role: new.role,
        to_on: head.facts.ends_on.max(new.on),
        at: now,
    };
    if known.is_none() {
        additions::insert_person(tx, &addition).await?;
    }
    for _ in 0..TRIES {
        let Some(number) = people::next_number(tx, of.series, of.centre).await?.map(RosterNumber::get) else {
            return Ok(None);
        };
        if additions::deploy(tx, of, &addition, number).await? {
            return Ok(Some(OnRoster {
                deployment: addition.deployment,
                person: addition.person,
                number,
                full_name: new.name.clone(),
                role: new.role,
                added: true,
                mark: None,
                version: 0,
            }));
        }
    }
    Err(StoreError::Conflict { constraint: "deployments.number".to_owned() })
}

/// What came of the director's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is kept once the unit of work is committed.
    Done(EntryRef),
    /// Nobody waits for an answer under this id.
    NobodyWaits,
    /// The register is signed; only reopening it changes that.
    Signed,
}

/// The director says whether somebody who was added belongs there. Days already marked count anew.
pub async fn answer_addition(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    (deployment, accepted, reason): (DeploymentId, bool, Option<&str>),
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Answered, StoreError> {
    let Some(mut head) = registers::lock(tx, of).await? else { return Ok(Answered::NobodyWaits) };
    if head.state != crate::model::season::RegisterState::Open {
        return Ok(Answered::Signed);
    }
    if !additions::answer(tx, of, deployment, accepted).await? {
        return Ok(Answered::NobodyWaits);
    }
    additions::recount(tx, of, deployment).await?;
    let says = Says { reason: super::act::said(reason), subject: Some(deployment), ..Says::default() };
    let act = if accepted { Act::Accept } else { Act::Reject };
    Ok(Answered::Done(append(tx, deps, (of, &mut head), (act, says), by, now).await?))
}

/// An import holds somebody who was added at the centre, and has made the deployment its own: that is an answer too. Days
/// already marked count anew. Call it after the deployment is written.
pub async fn adopted(
    tx: &mut Tx,
    deps: &Deps,
    (series, centre): (&str, &CentreCode),
    deployment: DeploymentId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let of = DayOf { series, centre, on: day_of(now) };
    let Some(mut head) = registers::lock(tx, of).await? else { return Ok(()) };
    additions::recount(tx, of, deployment).await?;
    let by = By { actor: None, line: None, channel: Channel::Cli };
    let says = Says { subject: Some(deployment), ..Says::default() };
    append(tx, deps, (of, &mut head), (Act::Accept, says), &by, now).await?;
    Ok(())
}

/// Who was added in a sub-county and waits for an answer. One statement.
pub async fn waiting_additions(
    tx: &mut Tx,
    series: &str,
    sub_county: (&str, &str),
) -> Result<Vec<Waiting>, StoreError> {
    additions::waiting(tx, series, sub_county).await
}
