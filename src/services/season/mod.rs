//! The season as the other use cases know it: how it is imported, which days it has and when they stand open, which
//! account sees which deployments.

use chrono::NaiveTime;

pub mod calendar;
pub mod demo;
pub mod import;
pub mod rollover;
pub mod tie;

/// What the installation has decided about marking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attendance {
    /// From when marks are taken, in Nairobi, where a series says nothing else.
    pub opens: NaiveTime,
    /// Until when.
    pub closes: NaiveTime,
    /// How many days back a centre may still mark a day that it missed, with a reason.
    pub missed_days: u32,
    /// How many days after its last day a series closes for good.
    pub closing_days: u32,
    /// Whether whoever is marked absent is told by SMS.
    pub tell_absent: bool,
}
