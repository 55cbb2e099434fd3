//! What stands: a day with its roster, the days that a centre missed, a person's marks, and what a place has marked.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::{
    CentreDay, Covered, DayOf, DaySummary, MarkView, NotNow, OnRoster, PersonDay,
    window::{NeedsReason, Standing, may},
};
use crate::{
    model::{
        CentreCode, DeploymentId, PersonId,
        season::{DayKind, DayShape, DayState, RegisterState},
    },
    services::{
        Deps,
        season::calendar::{Moment, day_of, hours, kind, moment},
    },
    storage::{
        StoreError, Tx,
        calendar::{self, DayFacts},
        coverage as places, marks, register_days, registers,
    },
};

/// A centre's day as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayView {
    /// Which day.
    pub on: NaiveDate,
    /// What the day is in the series; `None` for no day of it.
    pub kind: Option<DayKind>,
    /// Whether the series is for training.
    pub practice: bool,
    /// From when until when it is marked.
    pub hours: (DateTime<Utc>, DateTime<Utc>),
    /// How far the register has come.
    pub register: RegisterState,
    /// The length of the register's chain: what a wish begins from.
    pub seq: i64,
    /// Whether it is marked.
    pub state: DayState,
    /// How much of it was held; full until somebody says otherwise.
    pub shape: DayShape,
    /// The latest act that marked it.
    pub reference: Option<String>,
    /// When it was marked first.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Until when the director has opened it.
    pub unlocked_until: Option<DateTime<Utc>>,
    /// Whether it can be recorded now, and if so whether that needs a reason.
    pub may: Result<bool, NotNow>,
    /// Everybody on the roster, with their standing marks.
    pub roster: Vec<OnRoster>,
    /// What the marks come to.
    pub summary: DaySummary,
    /// Whether somebody is in the middle of it.
    pub has_draft: bool,
}

/// A centre's day as it stands; `None` when there is no such series. Three statements.
pub async fn day(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    now: DateTime<Utc>,
) -> Result<Option<DayView>, StoreError> {
    let Some(facts) = calendar::day_facts(tx, of.series, of.on).await? else { return Ok(None) };
    let (seq, register) = registers::standing(tx, of.series, of.centre).await?;
    let (roster, said) = marks::roster(tx, of).await?;
    let state = said.state.unwrap_or(DayState::Open);
    let shape = said.shape.unwrap_or(DayShape::Full);
    let submitted = state == DayState::Submitted;
    let standing = Standing { facts: &facts, register, submitted, unlocked_until: said.unlocked_until };
    let may = match may(&standing, of, &deps.settings.attendance, now) {
        Ok(_) if roster.is_empty() => Err(NotNow::NobodyDeployed),
        Ok(NeedsReason(needs)) => Ok(needs),
        Err(refusal) => Err(refusal),
    };
    Ok(Some(DayView {
        on: of.on,
        kind: kind(&facts, of.on),
        practice: facts.practice,
        hours: hours(&facts, of.on, &deps.settings.attendance),
        register,
        seq,
        state,
        shape,
        reference: said.reference,
        submitted_at: said.submitted_at,
        unlocked_until: said.unlocked_until.filter(|until| now < *until),
        may,
        summary: DaySummary::of(of.on, shape, &roster),
        roster,
        has_draft: said.has_draft,
    }))
}

/// The roster of a day in the order of its numbers, with standing marks. One statement.
pub async fn roster(tx: &mut Tx, of: DayOf<'_>) -> Result<Vec<OnRoster>, StoreError> {
    Ok(marks::roster(tx, of).await?.0)
}

/// The days that a centre has not marked and may still mark by itself, the oldest first.
pub async fn missed_days(
    tx: &mut Tx,
    deps: &Deps,
    (series, centre): (&str, &CentreCode),
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>, StoreError> {
    let missed: Vec<_> = in_window(tx, deps, series, now).await?;
    let marked = register_days::marked(tx, series, centre, &missed).await?;
    let mut open = vec![];
    for on in missed.into_iter().filter(|day| !marked.contains(day)) {
        if !marks::roster(tx, DayOf { series, centre, on }).await?.0.is_empty() {
            open.push(on);
        }
    }
    Ok(open)
}

/// The days of a centre that the director has opened and that stand open now, the oldest first. One statement.
pub async fn opened_days(
    tx: &mut Tx,
    (series, centre): (&str, &CentreCode),
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>, StoreError> {
    register_days::opened(tx, series, centre, now).await
}

/// The days of a series whose hours are over and that can still be marked.
async fn in_window(
    tx: &mut Tx,
    deps: &Deps,
    series: &str,
    now: DateTime<Utc>,
) -> Result<Vec<NaiveDate>, StoreError> {
    let (today, usual) = (day_of(now), &deps.settings.attendance);
    let first = today.checked_sub_days(Days::new(usual.missed_days.into())).unwrap_or(today);
    let Some(facts) = calendar::day_facts(tx, series, today).await? else { return Ok(vec![]) };
    let missed = |facts: &DayFacts, on| moment(facts, on, usual, now) == Moment::Missed;
    if facts.has_days {
        let listed = calendar::listed(tx, series, (first, today)).await?;
        return Ok(listed.into_iter().filter(|(on, facts)| missed(facts, *on)).map(|(on, _)| on).collect());
    }
    Ok(first.iter_days().take_while(|on| *on <= today).filter(|on| missed(&facts, *on)).collect())
}

/// Every mark of a deployment, day by day, the oldest first. One statement.
pub async fn history(tx: &mut Tx, deployment: DeploymentId) -> Result<Vec<MarkView>, StoreError> {
    marks::history(tx, deployment).await
}

/// What stands of a person in a series, day by day and centre by centre. One statement.
pub async fn person_days(tx: &mut Tx, person: PersonId, series: &str) -> Result<Vec<PersonDay>, StoreError> {
    marks::of_person(tx, person, series).await
}

/// The centres of a sub-county that have people on a day and have not marked it.
#[derive(Clone, PartialEq, Eq)]
pub struct Unmarked {
    /// Those centres, in the order of their codes.
    pub centres: Vec<CentreDay>,
    /// How many centres have people on the day.
    pub total: usize,
}

/// Which centres of a sub-county have not marked a day. One statement.
pub async fn unmarked(
    tx: &mut Tx,
    series: &str,
    sub_county: (&str, &str),
    on: NaiveDate,
) -> Result<Unmarked, StoreError> {
    let all = places::of_sub_county(tx, series, sub_county, on).await?;
    let total = all.len();
    Ok(Unmarked { centres: all.into_iter().filter(|centre| !centre.marked).collect(), total })
}

/// A county's coverage of a day by sub-county. One statement.
pub async fn coverage(
    tx: &mut Tx,
    series: &str,
    county_code: &str,
    on: NaiveDate,
) -> Result<Vec<Covered>, StoreError> {
    places::of_county(tx, series, county_code, on).await
}

/// The country's coverage of a day by county. One statement.
pub async fn country_coverage(tx: &mut Tx, series: &str, on: NaiveDate) -> Result<Vec<Covered>, StoreError> {
    places::of_country(tx, series, on).await
}
