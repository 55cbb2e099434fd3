//! Recording a day: everybody on its roster is marked in one act, or what changed is. The same wish twice is one act.

use chrono::{DateTime, Utc};

use super::{
    By, DaySummary, DayView, Difference, Differs, NotNow, OnRoster, Recorded, Wish,
    act::{Says, append, said},
    window::{NeedsReason, Standing, may},
};
use crate::{
    model::season::{Act, DayShape, DayState},
    services::Deps,
    storage::{
        StoreError, Tx,
        marks::{self, Said},
        register_chain::Mark,
        register_days::{self, Counts},
        register_drafts,
        registers::{self, Head},
    },
};

/// Record a day, in the caller's unit of work. Seven statements at most, two more for the first act of a centre, whatever
/// the number of people.
pub async fn record(
    tx: &mut Tx,
    deps: &Deps,
    wish: &Wish,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Recorded, StoreError> {
    let Some(mut head) = registers::lock(tx, wish.of()).await? else {
        return Ok(Recorded::Refused(NotNow::NobodyDeployed));
    };
    let (roster, stands) = marks::roster(tx, wish.of()).await?;
    if roster.is_empty() {
        return Ok(Recorded::Refused(NotNow::NobodyDeployed));
    }
    if let Some(reference) = already_so(wish, &roster, &stands) {
        return Ok(Recorded::AlreadySo { reference, day: summary(wish, &roster) });
    }
    match refusal(tx, deps, wish, (&head, &roster, &stands), now).await? {
        Some(refusal) => Ok(Recorded::Refused(refusal)),
        None => write(tx, deps, (wish, by), (&mut head, &roster, &stands), now).await,
    }
}

/// The reference of what stands, when that is what is wished.
fn already_so(wish: &Wish, roster: &[OnRoster], stands: &Said) -> Option<String> {
    let same = stands.state == Some(DayState::Submitted)
        && stands.shape == Some(wish.shape)
        && (wish.shape == DayShape::Closed || roster.iter().all(|one| one.mark == Some(wished(wish, one))));
    stands.reference.clone().filter(|_| same)
}

fn wished(wish: &Wish, one: &OnRoster) -> bool {
    !wish.absent.contains(&one.deployment)
}

async fn refusal(
    tx: &mut Tx,
    deps: &Deps,
    wish: &Wish,
    (head, roster, stands): (&Head, &[OnRoster], &Said),
    now: DateTime<Utc>,
) -> Result<Option<NotNow>, StoreError> {
    let standing = Standing {
        facts: &head.facts,
        register: head.state,
        submitted: stands.state == Some(DayState::Submitted),
        unlocked_until: stands.unlocked_until,
    };
    let NeedsReason(needs_reason) = match may(&standing, wish.of(), &deps.settings.attendance, now) {
        Ok(needs) => needs,
        Err(refusal) => return Ok(Some(refusal)),
    };
    // First what has moved: seeing it, somebody may have no correction to give a reason for.
    let stood = stands.shape.filter(|_| standing.submitted);
    if let Some(moved) = difference(tx, wish, (head.seq, roster, stood)).await? {
        return Ok(Some(NotNow::Moved(moved)));
    }
    let reason_is_missing = needs_reason && said(wish.reason.as_deref()).is_none();
    Ok(reason_is_missing.then_some(NotNow::NeedsReason))
}

/// How a day as it is read differs from a wish that was made before: what recording it would refuse.
pub async fn moved(tx: &mut Tx, wish: &Wish, day: &DayView) -> Result<Option<Difference>, StoreError> {
    let stood = (day.state == DayState::Submitted).then_some(day.shape);
    difference(tx, wish, (day.seq, &day.roster, stood)).await
}

/// What was done to the day since the wish was made, or to its roster. Acts on other days of the register change nothing
/// for it.
async fn difference(
    tx: &mut Tx,
    wish: &Wish,
    (seq, roster, stood): (i64, &[OnRoster], Option<DayShape>),
) -> Result<Option<Difference>, StoreError> {
    let acts = match wish.base_seq.filter(|base| *base < seq) {
        Some(base) => registers::entries_of_day(tx, wish.of(), base).await?,
        None => vec![],
    };
    let (joined, left) = roster_moved(wish, roster);
    if acts.is_empty() && joined.is_empty() && left.is_empty() {
        return Ok(None);
    }
    let shape = stood.filter(|stood| *stood != wish.shape).map(|stood| (stood, wish.shape));
    let new = |one: &OnRoster| joined.iter().any(|new| new.deployment == one.deployment);
    let differs = roster.iter().filter(|one| one.mark != Some(wished(wish, one)) && !new(one));
    let people = differs.map(|one| Differs { who: one.clone(), wished: wished(wish, one) }).collect();
    Ok(Some(Difference { seq, acts, joined, left, shape, people }))
}

/// Who has come onto the roster since the wish was made, and whose numbers are no longer on it.
fn roster_moved(wish: &Wish, roster: &[OnRoster]) -> (Vec<OnRoster>, Vec<i64>) {
    let Some(base) = &wish.base_roster else { return (vec![], vec![]) };
    let joined = roster.iter().filter(|one| !base.contains(&one.number)).cloned();
    let left = base.iter().filter(|number| !roster.iter().any(|one| one.number == **number)).copied();
    (joined.collect(), left.collect())
}

async fn write(
    tx: &mut Tx,
    deps: &Deps,
    (wish, by): (&Wish, &By<'_>),
    (head, roster, stands): (&mut Head, &[OnRoster], &Said),
    now: DateTime<Utc>,
) -> Result<Recorded, StoreError> {
    let marks = marks_of(wish, roster);
    let act = if stands.state == Some(DayState::Submitted) { Act::Correct } else { Act::Submit };
    let reason = said(wish.reason.as_deref());
    let says = Says { reason, marks: &marks, shape: Some(wish.shape), ..Says::default() };
    let entry = append(tx, deps, (wish.of(), head), (act, says), by, now).await?;
    let day = summary(wish, roster);
    register_days::submitted(tx, wish.of(), (day.shape, day.counts()), &entry.reference, now).await?;
    if stands.has_draft {
        register_drafts::remove(tx, wish.of()).await?;
    }
    Ok(Recorded::Done { entry, day, changed: marks.len() })
}

/// The marks that the wish makes: of those whose standing mark is another. A closed day marks nobody.
fn marks_of(wish: &Wish, roster: &[OnRoster]) -> Vec<Mark> {
    let closed = wish.shape == DayShape::Closed;
    let differs = roster.iter().filter(|one| !closed && one.mark != Some(wished(wish, one)));
    let mark = |one: &OnRoster| Mark {
        deployment: one.deployment,
        on: wish.on,
        version: one.version + 1,
        present: wished(wish, one),
    };
    differs.map(mark).collect()
}

/// The day as the wish has it.
fn summary(wish: &Wish, roster: &[OnRoster]) -> DaySummary {
    let marked = roster.iter().map(|one| OnRoster { mark: Some(wished(wish, one)), ..one.clone() });
    DaySummary::of(wish.on, wish.shape, &marked.collect::<Vec<_>>())
}

impl DaySummary {
    /// What the marks of a roster come to.
    pub(super) fn of(on: chrono::NaiveDate, shape: DayShape, roster: &[OnRoster]) -> Self {
        let held = shape != DayShape::Closed;
        let count = |mark, added| {
            roster.iter().filter(|one| held && one.mark == Some(mark) && one.added == added).count()
        };
        let absentees = roster.iter().filter(|one| held && one.mark == Some(false)).cloned();
        Self {
            on,
            shape,
            present: count(true, false),
            absent: count(false, false) + count(false, true),
            added: count(true, true),
            blank: roster.iter().filter(|one| held && one.mark.is_none()).count(),
            absentees: absentees.collect(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        let row = |count| i64::try_from(count).unwrap_or(i64::MAX);
        Counts { present: row(self.present), absent: row(self.absent), added: row(self.added) }
    }
}
