//! Which days a series has, when they stand open, and what a half one counts. Now is an argument, and a day is
//! always one of Nairobi.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, NaiveTime, TimeZone as _, Utc, Weekday};

use super::Attendance;
use crate::{
    model::season::{DayKind, DayShape},
    services::accounts::NAIROBI,
    storage::{
        StoreError, Tx,
        calendar::DayFacts,
        season::{self, Day, Series},
    },
};

/// The day that it is in Nairobi.
pub fn day_of(now: DateTime<Utc>) -> NaiveDate {
    now.with_timezone(&NAIROBI).date_naive()
}

/// The instant of a time of day in Nairobi.
pub fn instant(on: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
    // A fixed offset has each time once; the other arm is for the type only.
    NAIROBI
        .from_local_datetime(&on.and_time(time))
        .single()
        .map_or_else(|| on.and_time(time).and_utc(), |at| at.with_timezone(&Utc))
}

/// What a day is in a series: what its table of days says; without a table, every weekday between its dates is an exam
/// day. `None` for no day of the series.
pub fn kind(facts: &DayFacts, on: NaiveDate) -> Option<DayKind> {
    let within = facts.starts_on <= on && on <= facts.ends_on;
    let weekday = !matches!(on.weekday(), Weekday::Sat | Weekday::Sun);
    match facts.kind {
        Some(kind) => Some(kind),
        None if facts.has_days => None,
        None => (within && weekday).then_some(DayKind::Exam),
    }
}

/// The days that a series has had so far, today with them: those of its table, or every weekday since it began.
pub async fn days_until(tx: &mut Tx, series: &Series, today: NaiveDate) -> Result<Vec<Day>, StoreError> {
    let mut days = season::days(tx, &series.code).await?;
    if days.is_empty() {
        let all = series.starts_on.iter_days().take_while(|on| *on <= series.ends_on);
        let weekday = |on: &NaiveDate| !matches!(on.weekday(), Weekday::Sat | Weekday::Sun);
        let day = |on_day| Day { on_day, kind: DayKind::Exam, opens: None, closes: None };
        days = all.filter(weekday).map(day).collect();
    }
    days.retain(|day| day.on_day <= today);
    Ok(days)
}

/// Every weekday from one day to another, both of them in: the days of a series that has no table of its own.
pub fn weekdays(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let days = from.iter_days().take_while(move |on| *on <= to);
    days.filter(|on| !matches!(on.weekday(), Weekday::Sat | Weekday::Sun))
}

/// From when until when a day is marked: by its own hours, or the installation's.
pub fn hours(facts: &DayFacts, on: NaiveDate, usual: &Attendance) -> (DateTime<Utc>, DateTime<Utc>) {
    (instant(on, facts.opens.unwrap_or(usual.opens)), instant(on, facts.closes.unwrap_or(usual.closes)))
}

/// Where now lies in the life of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The series has no such day.
    NoDay,
    /// Its hours are still to come.
    Early {
        /// When they begin.
        opens: DateTime<Utc>,
    },
    /// It is being marked.
    Open {
        /// Until when.
        closes: DateTime<Utc>,
    },
    /// Its hours are over; a centre that has not marked it may still do so, with a reason.
    Missed,
    /// It is past what a centre may do by itself.
    Over,
}

/// Where now lies in the life of a day. A day that was missed can be marked as many calendar days later as the
/// installation allows; nothing is open any more once the series is closed.
pub fn moment(facts: &DayFacts, on: NaiveDate, usual: &Attendance, now: DateTime<Utc>) -> Moment {
    if kind(facts, on).is_none() {
        return Moment::NoDay;
    }
    let (opens, closes) = hours(facts, on, usual);
    let last = on.checked_add_days(Days::new(usual.missed_days.into())).unwrap_or(on);
    if facts.closed_at.is_some_and(|closed_at| closed_at <= now) {
        Moment::Over
    } else if now < opens {
        Moment::Early { opens }
    } else if now < closes {
        Moment::Open { closes }
    } else if usual.missed_days > 0 && day_of(now) <= last {
        Moment::Missed
    } else {
        Moment::Over
    }
}

/// Whether being there on such a day is paid for (`domain.md`, "Pay"): only days on which examinations are administered.
/// The one place that says so.
pub fn is_paid(kind: DayKind) -> bool {
    kind == DayKind::Exam
}

/// What a half day counts where no rate says so, in hundredths of a day.
pub const HALF: i64 = 50;

/// What being there counts, in hundredths of a day, by the rule of the rate.
pub fn hundredths(shape: DayShape, half_percent: Option<i64>) -> i64 {
    match shape {
        DayShape::Full => 100,
        DayShape::Half => half_percent.unwrap_or(HALF),
        DayShape::Closed => 0,
    }
}
