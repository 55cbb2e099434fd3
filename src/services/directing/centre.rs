//! One centre: how its day stands, who marked it and when, who was absent, and its other days.

use chrono::NaiveDate;

use super::{Before, Listed, Right, before, listed_not, shown};
use crate::{
    menu::{Outcome, Reply, Row, Var},
    model::{
        Msisdn, Post,
        season::{Channel, DayShape, DayState},
    },
    services::{
        Deps,
        actions::Who,
        my_messages::day_and_time,
        register::{self, DayView},
        season::calendar::{day_of, kind},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, calendar, posts, register_days,
        registers::{self, Entry},
    },
};

/// How many days back the list goes.
const DAYS: usize = 20;

/// The centre whose code was typed or chosen, and its today.
pub async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::See).await? {
        Ok(before) => Before { on: day_of(who.now), ..before },
        Err(reply) => return Ok(reply),
    };
    let day = register::day(tx, deps, before.of(), who.now).await?;
    let state = day.as_ref().map_or("none", day_mark);
    Ok(Reply::of(Outcome::Done)
        .set(Var::CentreName, before.centre.name.clone())
        .set(Var::OnDay, before.on.to_string())
        .set(Var::Day, shown(before.on))
        .set(Var::DayMark, state))
}

fn day_mark(day: &DayView) -> &'static str {
    match (day.kind, day.roster.is_empty(), day.state, day.shape) {
        (None, ..) | (_, true, ..) => "none",
        (_, _, DayState::Open, _) => "blank",
        (_, _, DayState::Submitted, DayShape::Full) => "marked",
        (_, _, DayState::Submitted, DayShape::Half) => "half",
        (_, _, DayState::Submitted, DayShape::Closed) => "closed",
    }
}

/// A day of the centre: what was marked, when and by which line; or since when it is not.
pub async fn show_day(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::See).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let day = register::day(tx, deps, before.of(), who.now).await?;
    let Some(day) = day.filter(|day| day_mark(day) != "none") else {
        return Ok(super::not_possible("no_day"));
    };
    if day.state == DayState::Open {
        return Ok(not_marked(tx, &before, &day).await?);
    }
    let acts = registers::entries_of_day(tx, before.of(), 0).await?;
    let last = acts.iter().rev().find(|act| Some(&act.reference) == day.reference.as_ref());
    let reply = Reply::of(Outcome::Done)
        .set(Var::Day, shown(before.on))
        .set(Var::DayMark, day_mark(&day))
        .set(Var::Present, day.summary.present.to_string())
        .set(Var::Absent, day.summary.absent.to_string())
        .set(Var::Added, day.summary.added.to_string())
        .set(Var::EntryReference, day.reference.clone().unwrap_or_default());
    Ok(by_whom(reply, last))
}

fn by_whom(reply: Reply, last: Option<&Entry>) -> Reply {
    let line = last.and_then(|act| act.line.as_deref()).and_then(Msisdn::from_network);
    reply
        .set(Var::EntryAt, last.map_or_else(|| "-".to_owned(), |act| day_and_time(act.at)))
        .set(Var::EntryBy, last.map_or(Channel::Cli, |act| act.channel).word())
        .set(Var::Line, line.map_or_else(|| "-".to_owned(), |line| line.masked()))
}

/// Since when a centre has not marked, and whom to call.
async fn not_marked(tx: &mut Tx, before: &Before, day: &DayView) -> Result<Reply, StoreError> {
    let of = before.of();
    let last = register_days::last_marked(tx, of).await?;
    let line = match &before.centre.manager {
        Some(line) => Some(line.clone()),
        None => posts::lines_of(tx, &Post::Centre(before.centre.code.clone())).await?.into_iter().next(),
    };
    Ok(Reply::of(Outcome::Nothing)
        .set(Var::Day, shown(before.on))
        .set(Var::DayMark, "blank")
        .set(Var::DueSince, day_and_time(day.hours.0))
        .set(Var::LastMarked, last.map_or_else(|| "-".to_owned(), shown))
        .set(Var::ManagerLine, line.map_or_else(|| "-".to_owned(), |line| line.national())))
}

/// Who was absent, by number and name.
pub async fn absentees(tx: &mut Tx, who: &Who<'_>) -> Result<Listed, StoreError> {
    let before = match before(tx, who, Right::See).await? {
        Ok(before) => before,
        Err(reply) => return Ok(listed_not(&reply)),
    };
    let absent = register::roster(tx, before.of()).await?.into_iter().filter(|one| one.mark == Some(false));
    let row = |one: register::OnRoster| Row {
        id: one.deployment.to_string(),
        values: vec![
            (Var::RosterNumber, one.number.to_string().into()),
            (Var::FullName, one.full_name.into()),
            (Var::Role, one.role.word().into()),
        ],
    };
    Ok(Some(absent.take(crate::menu::MOST_ROWS).map(row).collect()))
}

/// The days of the series up to today, the latest first, and whether the centre marked them.
pub async fn days(tx: &mut Tx, who: &Who<'_>) -> Result<Listed, StoreError> {
    let before = match before(tx, who, Right::See).await? {
        Ok(before) => before,
        Err(reply) => return Ok(listed_not(&reply)),
    };
    let series = &before.seat.at.series;
    let days = days_until(tx, series, day_of(who.now)).await?;
    let marked = register_days::marked(tx, series, &before.centre.code, &days).await?;
    let row = |on: NaiveDate| Row {
        id: on.to_string(),
        values: vec![
            (Var::Day, shown(on).into()),
            (Var::DayMark, if marked.contains(&on) { "marked" } else { "blank" }.into()),
        ],
    };
    Ok(Some(days.into_iter().map(row).collect()))
}

async fn days_until(tx: &mut Tx, series: &str, today: NaiveDate) -> Result<Vec<NaiveDate>, StoreError> {
    let Some(facts) = calendar::day_facts(tx, series, today).await? else { return Ok(vec![]) };
    let last = facts.ends_on.min(today);
    if facts.has_days {
        let listed = calendar::listed(tx, series, (facts.starts_on, last)).await?;
        return Ok(listed.into_iter().rev().map(|(on, _)| on).take(DAYS).collect());
    }
    let of_series = |on: &NaiveDate| kind(&facts, *on).is_some();
    let all = last.iter_days().rev().take_while(|on| *on >= facts.starts_on);
    Ok(all.filter(of_series).take(DAYS).collect())
}
