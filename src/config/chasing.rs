//! Of `[attendance]`: when rosters go out by themselves, when whoever has not marked is reminded, and when nobody is
//! written to.

use chrono::NaiveTime;

use super::{
    attendance::time,
    reader::{Checked, Reader, Told},
};

/// More steps than this are no reminders any more.
const MOST_STEPS: usize = 6;
/// What stands for none.
const NEVER: &str = "never";

/// When the register writes by itself, in Africa/Nairobi.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chasing {
    /// When tomorrow's rosters go to the lines of centres; `None` for never.
    pub roster_at: Option<NaiveTime>,
    /// When centres that have not marked are reminded, and directors and headquarters told; in the order of the day.
    pub remind_at: Vec<NaiveTime>,
    /// From when none of this is sent…
    pub quiet_from: NaiveTime,
    /// …until when, the next morning.
    pub quiet_until: NaiveTime,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Chasing, Told> {
    let quiet_from = r.or("attendance.quiet_from", at(20, 0), time);
    let quiet_until = r.or("attendance.quiet_until", at(6, 30), time);
    let roster_at = r.or("attendance.roster_at", Some(at(18, 0)), time_or_never);
    let remind_at = r.list("attendance.remind_at", time_or_never);
    let (quiet_from, quiet_until, roster_at) = (quiet_from?, quiet_until?, roster_at?);
    let remind_at = remind_at?.unwrap_or_else(|| vec![Some(at(8, 30)), Some(at(10, 0))]);
    let remind_at: Vec<NaiveTime> = remind_at.into_iter().flatten().collect();
    if quiet_from <= quiet_until {
        return Err(r.fault("attendance.quiet_from", "must be later in the day than attendance.quiet_until"));
    }
    let quiet = |time: &NaiveTime| *time < quiet_until || *time >= quiet_from;
    if roster_at.as_ref().is_some_and(quiet) {
        return Err(r.fault("attendance.roster_at", QUIET));
    }
    if remind_at.iter().any(quiet) {
        return Err(r.fault("attendance.remind_at", QUIET));
    }
    if remind_at.len() > MOST_STEPS || !remind_at.is_sorted_by(|one, next| one < next) {
        return Err(r.fault("attendance.remind_at", "takes at most 6 times, each later than the one before"));
    }
    Ok(Chasing { roster_at, remind_at, quiet_from, quiet_until })
}

const QUIET: &str = "lies between attendance.quiet_from and attendance.quiet_until, when nothing is sent";

fn at(hour: u32, minute: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default()
}

fn time_or_never(text: &str) -> Checked<Option<NaiveTime>> {
    if text == NEVER {
        return Ok(None);
    }
    time(text).map(Some).map_err(|wrong| format!("{wrong}, or \"{NEVER}\""))
}
