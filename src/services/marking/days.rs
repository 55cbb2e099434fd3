//! The days that a centre can mark or correct beside today: those it missed, as long as they may still be marked, and those
//! that the director has opened.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

use super::{Marks, home::Stands};
use crate::{
    menu::{Outcome, Reply, Row, Source, Var},
    model::season::DayState,
    services::{
        Deps,
        actions::{Who, signed_out},
        posts::AtCentre,
        register::{self, DayOf, DayView, View},
        season::calendar::day_of,
        ussd::Fault,
    },
    storage::Tx,
};

/// List them, today first, then the latest.
pub async fn list(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let today = day_of(who.now);
    let missed = register::missed_days(tx, deps, (&at.series, &at.centre), who.now).await?;
    let opened = register::opened_days(tx, (&at.series, &at.centre), who.now).await?;
    let window = today.checked_sub_days(Days::new(1));
    let days: BTreeSet<NaiveDate> = missed.into_iter().chain(opened).chain(window).chain([today]).collect();
    let mut rows = vec![];
    for on in days.into_iter().rev() {
        let of = DayOf { series: &at.series, centre: &at.centre, on };
        let Some(day) = register::day(tx, deps, of, who.now).await? else { continue };
        if on == today || day.may.is_ok() || day.reference.is_some() {
            rows.push(Row { id: on.to_string(), values: Stands::of(&day).values() });
        }
    }
    Ok(Reply::of(Outcome::Done).rows(Source::RegisterDays, rows))
}

/// Go over to the day that was chosen. One that was missed is kept as what the centre is in the middle of.
pub async fn open(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let on = super::on_day(who).unwrap_or_else(|| day_of(who.now));
    let of = DayOf { series: &at.series, centre: &at.centre, on };
    let Some(day) = register::day(tx, deps, of, who.now).await? else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    if on != day_of(who.now) && day.may.is_ok() && day.state == DayState::Open && !day.has_draft {
        Marks { view: View::Chosen, ..Marks::standing(&day) }.keep(tx, &at, who.now).await?;
    }
    Ok(put(&at, &day))
}

/// A reply after which the session is at a day.
pub(super) async fn at_day(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    at: &AtCentre,
    on: Option<NaiveDate>,
) -> Result<Option<Reply>, Fault> {
    let on = on.unwrap_or_else(|| day_of(who.now));
    let of = DayOf { series: &at.series, centre: &at.centre, on };
    let day = register::day(tx, deps, of, who.now).await?;
    Ok(day.map(|day| put(at, &day)))
}

pub(super) fn put(at: &AtCentre, day: &DayView) -> Reply {
    Stands::of(day)
        .put(Reply::of(Outcome::Done))
        .set(Var::PostName, at.centre.as_str())
        .set(Var::Centre, at.centre.as_str())
        .set(Var::SeriesName, at.series.as_str())
        .set(Var::KeptDay, "")
}
