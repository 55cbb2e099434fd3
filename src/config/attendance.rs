//! `[attendance]`: when marking opens and closes where a series says nothing else.

use chrono::NaiveTime;

use super::reader::{Checked, Reader, Told};

/// The hours of marking, in Africa/Nairobi.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attendance {
    /// From when marks are taken.
    pub opens: NaiveTime,
    /// Until when; always after `opens`.
    pub closes: NaiveTime,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Attendance, Told> {
    let opens = r.or("attendance.opens", full_hour(6), time);
    let closes = r.or("attendance.closes", full_hour(20), time);
    let (opens, closes) = (opens?, closes?);
    if closes <= opens {
        return Err(r.fault("attendance.closes", "must be later in the day than attendance.opens"));
    }
    Ok(Attendance { opens, closes })
}

fn full_hour(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default()
}

fn time(text: &str) -> Checked<NaiveTime> {
    let wrong = || "takes a time such as \"06:00\"".to_owned();
    if text.len() != 5 {
        return Err(wrong());
    }
    NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| wrong())
}
