//! Whether a day can be recorded now, and whether that needs a reason. Pure.

use chrono::{DateTime, Utc};

use super::NotNow;
use crate::{
    model::season::RegisterState,
    services::season::{
        Attendance,
        calendar::{Moment, moment},
    },
    storage::{calendar::DayFacts, registers::DayOf},
};

/// What decides about a day.
pub(super) struct Standing<'a> {
    pub(super) facts: &'a DayFacts,
    pub(super) register: RegisterState,
    pub(super) submitted: bool,
    pub(super) unlocked_until: Option<DateTime<Utc>>,
}

/// Whether recording it needs a reason, or why it can't be recorded.
///
/// The centre marks and corrects within the hours of the day, and marks a day that it missed some days later. All else
/// is open only while the director's unlock lasts.
pub(super) fn may(
    standing: &Standing<'_>,
    of: DayOf<'_>,
    usual: &Attendance,
    now: DateTime<Utc>,
) -> Result<NeedsReason, NotNow> {
    let unlocked = standing.unlocked_until.is_some_and(|until| now < until)
        && standing.facts.closed_at.is_none_or(|closed_at| now < closed_at);
    match moment(standing.facts, of.on, usual, now) {
        Moment::NoDay => Err(NotNow::NotASeriesDay),
        _ if standing.register != RegisterState::Open => Err(NotNow::Signed),
        Moment::Early { opens } => Err(NotNow::TooEarly { opens }),
        Moment::Open { .. } => Ok(NeedsReason(standing.submitted)),
        Moment::Missed if !standing.submitted => Ok(NeedsReason(true)),
        _ if unlocked => Ok(NeedsReason(true)),
        Moment::Missed | Moment::Over => Err(NotNow::TooLate),
    }
}

/// Whether a reason must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NeedsReason(pub(super) bool);
