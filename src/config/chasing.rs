//! Of `[attendance]`: when rosters go out by themselves, when whoever has not marked is reminded, when directors hear what
//! waits for them, and when nobody is written to.

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
    /// When directors are told which registers wait for their countersignature; in the order of the day.
    pub countersign_at: Vec<NaiveTime>,
    /// From when none of this is sent…
    pub quiet_from: NaiveTime,
    /// …until when, the next morning.
    pub quiet_until: NaiveTime,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Chasing, Told> {
    let quiet_from = r.or("attendance.quiet_from", at(20, 0), time);
    let quiet_until = r.or("attendance.quiet_until", at(6, 30), time);
    let roster_at = r.or("attendance.roster_at", Some(at(18, 0)), time_or_never);
    let remind_at = steps(r, "attendance.remind_at", [at(8, 30), at(10, 0)]);
    let countersign_at = steps(r, "attendance.countersign_at", [at(8, 0), at(17, 30)]);
    let (quiet_from, quiet_until, roster_at) = (quiet_from?, quiet_until?, roster_at?);
    let (remind_at, countersign_at) = (remind_at?, countersign_at?);
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
    if countersign_at.iter().any(quiet) {
        return Err(r.fault("attendance.countersign_at", QUIET));
    }
    Ok(Chasing { roster_at, remind_at, countersign_at, quiet_from, quiet_until })
}

/// The times of a day at which something is said, in their order.
fn steps(r: &mut Reader<'_>, key: &'static str, usual: [NaiveTime; 2]) -> Result<Vec<NaiveTime>, Told> {
    let given = r.list(key, time_or_never)?.unwrap_or_else(|| usual.map(Some).to_vec());
    let steps: Vec<NaiveTime> = given.into_iter().flatten().collect();
    if steps.len() > MOST_STEPS || !steps.is_sorted_by(|one, next| one < next) {
        return Err(r.fault(key, "takes at most 6 times, each later than the one before"));
    }
    Ok(steps)
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
