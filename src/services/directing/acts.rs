//! What an officer does about a day: reminds a centre, opens the day after its time, closes it again. Opening and closing
//! are acts of the register; the lines of the centre are told.

use chrono::{DateTime, Days, NaiveTime, Timelike as _, Utc};

use super::{Before, Right, before, not_possible, refused, shown, tell_centre};
use crate::{
    menu::{Flag, Outcome, Reply, Value, Var},
    model::{message::Purpose, season::DayState},
    services::{
        Deps,
        accounts::NAIROBI,
        actions::Who,
        receipts::kind,
        recovery::last_minute,
        register::{self, Unlocked},
        season::calendar::{day_of, instant},
        ussd::Fault,
    },
    storage::{Tx, audit, reminders},
};

/// Ask a centre by SMS to mark the day, at most once an hour.
pub async fn remind(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::Remind).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let day = register::day(tx, deps, before.of(), who.now).await?;
    let Some(day) = day.filter(|day| !day.roster.is_empty()) else { return Ok(not_possible("no_day")) };
    if day.state == DayState::Submitted {
        return Ok(not_possible("marked"));
    }
    if let Err(why) = &day.may {
        return Ok(refused(why));
    }
    let hour = who.now.with_timezone(&NAIROBI).hour();
    let step = format!("officer {} {hour:02}", day_of(who.now));
    if !reminders::once(tx, before.of(), &step, who.now).await? {
        return Ok(Reply::of(Outcome::TooSoon));
    }
    let vars = day_of_centre(who, &before);
    let told = tell_centre(tx, deps, who, (&before.centre, Purpose::CentreReminded), &vars).await?;
    if told == 0 {
        return Ok(not_possible("no_centre_line"));
    }
    let detail = format!("centre {}", before.centre.code);
    let event = audit::Event {
        at: who.now,
        actor: &before.seat.actor(),
        action: "centre_reminded",
        subject: before.seat.at.officer.id,
        channel: "ussd",
        detail: Some((&detail, deps.chance.bytes())),
    };
    audit::append(tx, event).await?;
    Ok(Reply::of(Outcome::Done))
}

fn day_of_centre(who: &Who<'_>, before: &Before) -> Vec<(Var, Value)> {
    vec![
        (Var::RegisterAt, kind(who.session.flags.has(Flag::Practice)).into()),
        (Var::Centre, before.centre.code.as_str().into()),
        (Var::Day, shown(before.on).into()),
    ]
}

/// Whether the day stands open by an officer's word, and until when.
pub async fn show_open(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::OpenDay).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let day = register::day(tx, deps, before.of(), who.now).await?;
    Ok(match day.and_then(|day| day.unlocked_until) {
        Some(until) => Reply::of(Outcome::Done).set(Var::AgainAt, last_minute(until)),
        None => Reply::of(Outcome::Nothing).set(Var::Day, shown(before.on)),
    })
}

/// Open the day until the end of today or of tomorrow, for the reason that was typed.
pub async fn open(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::OpenDay).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let reason = who.session.text(Var::Reason).unwrap_or_default();
    let until = end_of(who.now, u64::from(who.session.text(Var::OpenUntil) == Some("tomorrow")));
    let by = before.seat.by(who.msisdn);
    let entry = match register::unlock(tx, deps, before.of(), (until, reason), &by, who.now).await? {
        Unlocked::Done(entry) => entry,
        Unlocked::AlreadySo => return Ok(not_possible("open_already")),
        Unlocked::Refused(why) => return Ok(refused(&why)),
    };
    let mut vars = day_of_centre(who, &before);
    vars.push((Var::AgainAt, last_minute(until).into()));
    tell_centre(tx, deps, who, (&before.centre, Purpose::DayOpened), &vars).await?;
    Ok(Reply::of(Outcome::Done)
        .set(Var::AgainAt, last_minute(until))
        .set(Var::EntryReference, entry.reference))
}

fn end_of(now: DateTime<Utc>, days: u64) -> DateTime<Utc> {
    let today = day_of(now);
    instant(today.checked_add_days(Days::new(days + 1)).unwrap_or(today), NaiveTime::MIN)
}

/// Close the day that was opened.
pub async fn close(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::OpenDay).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let by = before.seat.by(who.msisdn);
    let entry = match register::lock(tx, deps, before.of(), &by, who.now).await? {
        Unlocked::Done(entry) => entry,
        Unlocked::AlreadySo => return Ok(not_possible("closed_already")),
        Unlocked::Refused(why) => return Ok(refused(&why)),
    };
    let vars = day_of_centre(who, &before);
    tell_centre(tx, deps, who, (&before.centre, Purpose::DayClosed), &vars).await?;
    Ok(Reply::of(Outcome::Done).set(Var::EntryReference, entry.reference))
}
