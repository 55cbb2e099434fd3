//! What pay is counted from: the days on which a person was there, each of them once, by the rule of the rate that held
//! then. What is owed for it, and why it may not be paid yet, is `services/pay`'s.

use chrono::NaiveDate;

use super::PersonDay;
use crate::{
    model::{PersonId, season::DeployedAs},
    services::season::calendar::{hundredths, is_paid},
    storage::{
        StoreError, Tx, marks,
        season::{self, Rate},
    },
};

/// Days that count alike: of one role, at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// As what the person was there.
    pub role: DeployedAs,
    /// Shillings a day; `None` where the series has no rate for the role on those days.
    pub ksh_per_day: Option<i64>,
    /// How many days, whole or in part.
    pub days: i64,
    /// What they count, in hundredths of a day.
    pub hundredths: i64,
}

/// The days of a person that count, by role and rate. Nothing counts in a series for training. Two or three statements.
pub async fn days_counted(tx: &mut Tx, person: PersonId, series: &str) -> Result<Vec<Counted>, StoreError> {
    let Some(rates) = paid_by(tx, series).await? else { return Ok(vec![]) };
    Ok(counted(&marks::of_person(tx, person, series).await?, &rates))
}

/// The same for people of a series after one of them, as many as `limit`, in the order of their ids: for claims of all.
/// Who has no day that counts is there with nothing; an empty list is the end.
pub async fn days_counted_of_all(
    tx: &mut Tx,
    series: &str,
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<(PersonId, Vec<Counted>)>, StoreError> {
    let Some(rates) = paid_by(tx, series).await? else { return Ok(vec![]) };
    let people = marks::people(tx, series, after, limit).await?;
    let (Some(first), Some(last)) = (people.first(), people.last()) else { return Ok(vec![]) };
    let days = marks::of_people(tx, series, (*first, *last)).await?;
    let mut by_person = days.chunk_by(|one, next| one.person == next.person).peekable();
    let mut counts = |person: PersonId| {
        let own = by_person.next_if(|days| days.first().is_some_and(|day| day.person == person));
        (person, own.map(|days| counted(days, &rates)).unwrap_or_default())
    };
    Ok(people.into_iter().map(&mut counts).collect())
}

/// The rates of a series; `None` where nothing is paid.
async fn paid_by(tx: &mut Tx, series: &str) -> Result<Option<Vec<Rate>>, StoreError> {
    let paid = season::series(tx, series).await?.is_some_and(|series| !series.practice);
    if paid { season::rates(tx, series).await.map(Some) } else { Ok(None) }
}

/// What days of one person count, in the order of the days. Of two centres on one day the better one counts.
pub fn counted(days: &[PersonDay], rates: &[Rate]) -> Vec<Counted> {
    let mut counted: Vec<Counted> = vec![];
    for day in days.chunk_by(|one, next| one.on == next.on) {
        let there = day.iter().filter(|one| one.present && !one.added && is_paid(one.kind));
        let worth = there.map(|one| worth(one, rates)).filter(|one| one.hundredths > 0);
        let Some(best) =
            worth.max_by_key(|one| (one.hundredths * one.ksh_per_day.unwrap_or(0), one.hundredths))
        else {
            continue;
        };
        let alike = |one: &&mut Counted| (one.role, one.ksh_per_day) == (best.role, best.ksh_per_day);
        match counted.iter_mut().find(alike) {
            Some(sum) => {
                sum.days += best.days;
                sum.hundredths += best.hundredths;
            }
            None => counted.push(best),
        }
    }
    counted
}

fn worth(day: &PersonDay, rates: &[Rate]) -> Counted {
    let rate = rate_of(rates, day.role, day.on);
    Counted {
        role: day.role,
        ksh_per_day: rate.map(|rate| rate.ksh_per_day),
        days: 1,
        hundredths: hundredths(day.shape, rate.map(|rate| rate.half_percent)),
    }
}

/// The rate that holds for a role on a day: the latest that has begun.
fn rate_of(rates: &[Rate], role: DeployedAs, on: NaiveDate) -> Option<&Rate> {
    rates.iter().filter(|rate| rate.role == role && rate.from_on <= on).max_by_key(|rate| rate.from_on)
}
