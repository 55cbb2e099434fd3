//! What the register writes by itself: tomorrow's rosters in the evening, in the morning whoever has not marked, and what
//! directors have to countersign.
//! Each is done once on any number of nodes, nothing of it in the quiet hours, and nothing for a series for training.

use chrono::{DateTime, NaiveTime, Utc};

use super::{
    Deps,
    season::calendar::{day_of, instant},
};
use crate::{
    menu::Menus,
    storage::{StoreError, season},
};

mod countersigning;
mod reminders;
mod rosters;

/// When the register writes by itself, in Nairobi; by default never.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chasing {
    /// When tomorrow's rosters go out; `None` for never.
    pub roster_at: Option<NaiveTime>,
    /// When whoever has not marked is reminded, in the order of the day.
    pub remind_at: Vec<NaiveTime>,
    /// When directors are told which registers wait for them, in the order of the day.
    pub countersign_at: Vec<NaiveTime>,
    /// From when none of this is sent…
    pub quiet_from: NaiveTime,
    /// …until when.
    pub quiet_until: NaiveTime,
}

impl Chasing {
    /// Until when something can be sent that is begun now; `None` in the quiet hours.
    pub fn quiet_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = day_of(now);
        let (until, from) = (instant(today, self.quiet_until), instant(today, self.quiet_from));
        (until <= now && now < from).then_some(from)
    }

    /// The step that is due: the latest whose time has come, of those that lie within the hours of the day. What was
    /// missed because nobody was there to do it is not made up for.
    pub fn step(
        &self,
        (opens, closes): (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Option<NaiveTime> {
        let today = day_of(now);
        let due = |step: &&NaiveTime| {
            let at = instant(today, **step);
            opens < at && at <= now
        };
        let step = self.remind_at.iter().rev().find(due);
        step.copied().filter(|_| now < closes)
    }

    /// The step at which directors hear what waits for them that is due: the latest whose time has come.
    pub fn countersign_step(&self, now: DateTime<Utc>) -> Option<NaiveTime> {
        let today = day_of(now);
        self.countersign_at.iter().rev().find(|at| instant(today, **at) <= now).copied()
    }
}

/// Do what is due; says how many messages were promised. It may be dropped at any point: what is not committed is not
/// promised, and somebody else does it.
pub async fn turn(deps: &Deps, menus: &Menus) -> Result<usize, StoreError> {
    let now = deps.clock.now();
    let Some(quiet_at) = deps.settings.chasing.quiet_at(now) else { return Ok(0) };
    let today = day_of(now);
    let tomorrow = today.succ_opt().unwrap_or(today);
    let mut tx = deps.store.read().await?;
    let running = season::current(&mut tx, today).await?;
    let soon = season::current(&mut tx, tomorrow).await?;
    drop(tx);
    let mut promised = 0;
    for series in running.iter().filter(|series| !series.practice) {
        promised += reminders::turn(deps, menus, &series.code, now, quiet_at).await?;
    }
    let evening = deps.settings.chasing.roster_at.is_some_and(|at| instant(today, at) <= now);
    for series in soon.iter().filter(|series| evening && !series.practice) {
        promised += rosters::turn(deps, menus, (&series.code, tomorrow), now, quiet_at).await?;
    }
    promised += countersigning::turn(deps, menus, now, quiet_at).await?;
    if promised > 0 {
        deps.outbox.notify_one();
    }
    Ok(promised)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn time(text: &str) -> NaiveTime {
        NaiveTime::parse_from_str(text, "%H:%M").unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        instant(NaiveDate::from_ymd_opt(2026, 11, 24).unwrap(), time(text))
    }

    fn usual() -> Chasing {
        Chasing {
            roster_at: Some(time("18:00")),
            remind_at: vec![time("08:30"), time("10:00")],
            countersign_at: vec![time("08:00"), time("17:30")],
            quiet_from: time("20:00"),
            quiet_until: time("06:30"),
        }
    }

    #[test]
    fn nothing_is_sent_in_the_quiet_hours() {
        for (now, open) in
            [("06:29", false), ("06:30", true), ("19:59", true), ("20:00", false), ("00:10", false)]
        {
            assert_eq!(usual().quiet_at(at(now)), open.then(|| at("20:00")), "{now}");
        }
    }

    #[test]
    fn directors_are_told_at_the_latest_step() {
        for (now, step) in
            [("07:59", None), ("08:00", Some("08:00")), ("17:29", Some("08:00")), ("17:30", Some("17:30"))]
        {
            assert_eq!(usual().countersign_step(at(now)), step.map(time), "{now}");
        }
    }

    #[test]
    fn the_latest_step_within_the_days_hours_is_due() {
        let hours = (at("06:00"), at("20:00"));
        for (now, step) in
            [("08:29", None), ("08:30", Some("08:30")), ("10:00", Some("10:00")), ("20:00", None)]
        {
            assert_eq!(usual().step(hours, at(now)), step.map(time), "{now}");
        }
        let late = (at("09:00"), at("11:00"));
        for (now, step) in [("08:45", None), ("09:30", None), ("10:30", Some("10:00")), ("11:00", None)] {
            assert_eq!(usual().step(late, at(now)), step.map(time), "the day opens at nine: {now}");
        }
    }
}
