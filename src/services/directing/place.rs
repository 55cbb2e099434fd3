//! A place's day: how many centres have not marked it, which, and the country by county and sub-county for those who see
//! more than one. One query each, from an index.

use chrono::{DateTime, Utc};

use super::{Listed, Right, Seat, listed_not, seat, shown};
use crate::{
    menu::{Flag, MOST_ROWS, Outcome, Reply, Row, Value, Var},
    services::{
        accounts::NAIROBI,
        actions::Who,
        register::{self, Covered},
        season::calendar::{day_of, kind},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, calendar, officers,
        scopes::{self, Territory},
    },
};

/// Put what the first screen of an officer shows, and what its choices are offered by: four or five statements.
pub async fn home(tx: &mut Tx, who: &Who<'_>, series: &str, reply: &mut Reply) -> Result<(), StoreError> {
    let officer = officers::by_msisdn(tx, who.msisdn).await?;
    let territory = match &officer {
        Some(officer) => scopes::territory(tx, officer).await?,
        None => None,
    };
    let sees_more = territory.as_ref().is_some_and(|place| place.sub_county().is_none());
    let acts = officer.is_some_and(|officer| super::may(officer.role, Right::OpenDay));
    reply.sets.extend(values(tx, territory.as_ref(), series, who.now).await?);
    reply.flags.extend([(Flag::SeesMore, sees_more), (Flag::MayAct, acts)]);
    Ok(())
}

/// How a place stands now.
async fn values(
    tx: &mut Tx,
    place: Option<&Territory>,
    series: &str,
    now: DateTime<Utc>,
) -> Result<Vec<(Var, Value)>, StoreError> {
    let today = day_of(now);
    let facts = calendar::day_facts(tx, series, today).await?;
    let is_day = facts.as_ref().is_some_and(|facts| kind(facts, today).is_some());
    let (centres, unmarked) = match place {
        Some(place) if is_day => counted(tx, place, series, now).await?,
        _ => (0, 0),
    };
    let state = match (place, is_day, centres, unmarked) {
        (None, ..) => "no_place",
        _ if facts.is_none() => "no_series",
        (_, false, ..) | (_, _, 0, _) => "no_day",
        (.., 0) => "all",
        _ => "due",
    };
    let series = if series.is_empty() { "-" } else { series };
    Ok(vec![
        (Var::SeriesName, series.into()),
        (Var::Today, shown(today).into()),
        (Var::LookedAt, now.with_timezone(&NAIROBI).format("%H:%M").to_string().into()),
        (Var::Centres, centres.to_string().into()),
        (Var::Unmarked, unmarked.to_string().into()),
        (Var::PlaceState, state.into()),
    ])
}

/// The centres of a place that have people today, and how many of them have not marked.
async fn counted(
    tx: &mut Tx,
    place: &Territory,
    series: &str,
    now: DateTime<Utc>,
) -> Result<(i64, i64), StoreError> {
    let today = day_of(now);
    if let Some(sub_county) = place.sub_county() {
        let found = register::unmarked(tx, series, sub_county, today).await?;
        return Ok((count(found.total), count(found.centres.len())));
    }
    let parts = match place.county() {
        Some(county) => register::coverage(tx, series, county, today).await?,
        None => register::country_coverage(tx, series, today).await?,
    };
    let sum = |of: fn(&Covered) -> i64| parts.iter().map(of).sum::<i64>();
    let centres = sum(|part| part.centres);
    Ok((centres, centres - sum(|part| part.marked)))
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// The sub-county that is looked at: an officer's own, or the one chosen from the lists.
pub(super) fn sub_county(seat: &Seat, who: &Who<'_>) -> Option<(String, String)> {
    if let Some((county, name)) = seat.territory.sub_county() {
        return Some((county.to_owned(), name.to_owned()));
    }
    let (county, name) = (county(seat, who)?, who.session.text(Var::SubCounty)?.to_owned());
    seat.territory.holds(&county, &name).then_some((county, name))
}

fn county(seat: &Seat, who: &Who<'_>) -> Option<String> {
    seat.territory.county().or_else(|| who.session.text(Var::County)).map(str::to_owned)
}

/// Look again at how the officer's place stands.
pub async fn look(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let seat = match seat(tx, who, Right::See).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(reply),
    };
    let mut reply = Reply::of(Outcome::Done);
    reply.sets = values(tx, Some(&seat.territory), &seat.at.series, who.now).await?;
    Ok(reply)
}

/// The centres that have not marked today.
pub async fn unmarked(tx: &mut Tx, who: &Who<'_>) -> Result<Listed, StoreError> {
    let seat = match seat(tx, who, Right::See).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(listed_not(&reply)),
    };
    let Some((county, name)) = sub_county(&seat, who) else { return Ok(Some(vec![])) };
    let today = day_of(who.now);
    let facts = calendar::day_facts(tx, &seat.at.series, today).await?;
    if facts.is_none_or(|facts| kind(&facts, today).is_none()) {
        return Ok(Some(vec![]));
    }
    let found = register::unmarked(tx, &seat.at.series, (&county, &name), today).await?;
    let row = |centre: register::CentreDay| Row {
        values: vec![(Var::Centre, centre.code.as_str().into()), (Var::CentreName, centre.name.into())],
        id: centre.code,
    };
    Ok(Some(found.centres.into_iter().take(MOST_ROWS).map(row).collect()))
}

/// The counties that the officer sees, with how many centres of each have not marked today.
pub async fn counties(tx: &mut Tx, who: &Who<'_>) -> Result<Listed, StoreError> {
    let seat = match seat(tx, who, Right::See).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(listed_not(&reply)),
    };
    let mut all = register::country_coverage(tx, &seat.at.series, day_of(who.now)).await?;
    all.retain(|county| seat.territory.county().is_none_or(|own| own == county.place));
    Ok(Some(rows(all)))
}

/// The same for the sub-counties of the county that was chosen.
pub async fn sub_counties(tx: &mut Tx, who: &Who<'_>) -> Result<Listed, StoreError> {
    let seat = match seat(tx, who, Right::See).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(listed_not(&reply)),
    };
    let Some(county) = county(&seat, who) else { return Ok(Some(vec![])) };
    let mut all = register::coverage(tx, &seat.at.series, &county, day_of(who.now)).await?;
    all.retain(|part| seat.territory.holds(&county, &part.place));
    Ok(Some(rows(all)))
}

fn rows(places: Vec<Covered>) -> Vec<Row> {
    let row = |place: Covered| Row {
        values: vec![
            (Var::PlaceName, place.name.into()),
            (Var::Unmarked, (place.centres - place.marked).to_string().into()),
            (Var::Centres, place.centres.to_string().into()),
        ],
        id: place.place,
    };
    places.into_iter().take(MOST_ROWS).map(row).collect()
}
