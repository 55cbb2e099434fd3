//! `[attendance]`: when marking opens and closes where a series says nothing else. When the register writes by itself is
//! in `chasing`.

use chrono::NaiveTime;

use super::reader::{Checked, Reader, Told, truth, whole};

/// A longer look back is a register that was not kept: the director's to open.
const MOST_MISSED_DAYS: u32 = 31;

/// The hours of marking, in Africa/Nairobi.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attendance {
    /// From when marks are taken.
    pub opens: NaiveTime,
    /// Until when; always after `opens`.
    pub closes: NaiveTime,
    /// How many days back a centre may still mark a day that it missed, with a reason; 0 for none.
    pub missed_days: u32,
    /// How many days after its last day a series closes for good.
    pub closing_days: u32,
    /// Whether whoever is marked absent is told by SMS.
    pub tell_absent: bool,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Attendance, Told> {
    let opens = r.or("attendance.opens", full_hour(6), time);
    let closes = r.or("attendance.closes", full_hour(20), time);
    let missed_days = r.or("attendance.missed_days", 3, |text| match text.parse() {
        Ok(days) if days <= MOST_MISSED_DAYS => Ok(days),
        _ => Err(format!("takes a number of days, 0 to {MOST_MISSED_DAYS}")),
    });
    let closing_days = r.or("attendance.closing_days", 30, whole(1..=365));
    let tell_absent = r.or("attendance.tell_absent", true, truth);
    let (opens, closes, missed_days, closing_days) = (opens?, closes?, missed_days?, closing_days?);
    let tell_absent = tell_absent?;
    if closes <= opens {
        return Err(r.fault("attendance.closes", "must be later in the day than attendance.opens"));
    }
    Ok(Attendance { opens, closes, missed_days, closing_days, tell_absent })
}

fn full_hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

pub(super) fn time(text: &str) -> Checked<NaiveTime> {
    let wrong = || "takes a time such as \"06:00\"".to_owned();
    if text.len() != 5 {
        return Err(wrong());
    }
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| wrong())
}
