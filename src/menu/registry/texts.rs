//! Sentences that the program itself says, and what messages can show.

use serde::{Deserialize, Serialize};

use super::{
    Var,
    results::{CHECKED, COUNTERSIGNED},
};
use crate::model::message::Purpose;

/// The variables that the message of a purpose can show, beside those that every text can.
pub fn shown_in_sms(purpose: Purpose) -> &'static [Var] {
    match purpose {
        code if code.is_code() => &[Var::Code, Var::CodeReference],
        Purpose::StatusReply => &[Var::MessageAt, Var::MessagePurpose, Var::MessageFate, Var::MessageReason],
        Purpose::NotUnderstood => &[Var::Ticket],
        Purpose::TryLater => &[Var::AgainAt],
        Purpose::FirstPin => &[Var::Code, Var::CodeReference],
        Purpose::PostBound => &[Var::PostName, Var::Line],
        Purpose::PostPinChanged => &[Var::PostName],
        Purpose::CentreReminded | Purpose::DayClosed => &[Var::RegisterAt, Var::Centre, Var::Day],
        Purpose::DayOpened => &[Var::RegisterAt, Var::Centre, Var::Day, Var::AgainAt],
        Purpose::SupportAnswer => &[Var::Answer, Var::Ticket],
        Purpose::MarkedAbsent | Purpose::MarkedPresent => &[Var::Day, Var::Centre],
        Purpose::DisputeGranted
        | Purpose::DisputeRefused
        | Purpose::DisputeRefusedByCentre
        | Purpose::DisputePassedOn => &[Var::RegisterKind, Var::Centre, Var::Day],
        Purpose::DisputeOpened => &[Var::RegisterAt, Var::Centre, Var::Day, Var::RosterNumber],
        Purpose::StatusMarks => {
            &[Var::TodayOf, Var::Day, Var::Mark, Var::DaysCounted, Var::MessagePurpose, Var::MessageFate]
        }
        Purpose::StatusMarksOnly => &[Var::TodayOf, Var::Day, Var::Mark, Var::DaysCounted],
        Purpose::RegisterSigned | Purpose::RegisterCountersigned => &[Var::Centre, Var::DocumentCode],
        Purpose::CountersignDue => &[Var::Place, Var::WaitingCount, Var::WaitingCentres],
        Purpose::RegisterReopened => &[Var::Centre, Var::DocumentCode, Var::ReopenReason],
        Purpose::CheckSigned | Purpose::CheckReplaced => CHECKED,
        Purpose::CheckCountersigned => COUNTERSIGNED,
        Purpose::Receipt | Purpose::ReceiptAll | Purpose::ReceiptClosed => &[
            Var::RegisterSaid,
            Var::RegisterKind,
            Var::Centre,
            Var::Day,
            Var::PresentCount,
            Var::AbsentCount,
            Var::Absentees,
            Var::MarkReference,
        ],
        Purpose::NotRecorded => &[Var::RegisterKind, Var::Centre, Var::Day, Var::NotRecorded, Var::OpensAt],
        Purpose::NoSuchNumbers => &[Var::RegisterKind, Var::Centre, Var::Day, Var::Numbers],
        Purpose::RegisterUnread => &[Var::RegisterFault],
        Purpose::MarkByDialling => &[Var::DialWhy],
        Purpose::Roster | Purpose::RosterAhead => {
            &[Var::DayCode, Var::Part, Var::RosterFor, Var::RegisterKind, Var::Centre, Var::Day, Var::People]
        }
        Purpose::RosterMore | Purpose::RosterAheadMore => {
            &[Var::Part, Var::RegisterPart, Var::Centre, Var::Day, Var::MorePeople]
        }
        Purpose::Reminder => &[Var::Centre, Var::Day, Var::ClosesAt],
        Purpose::UnmarkedList => {
            &[Var::MissingCount, Var::CentreCount, Var::Place, Var::Day, Var::UnmarkedCentres]
        }
        Purpose::UnmarkedTotal => {
            &[Var::MissingCount, Var::CentreCount, Var::SeriesName, Var::Day, Var::UnmarkedCounties]
        }
        _ => &[],
    }
}

named! {
    /// Sentences the program says by itself, on any screen.
    pub enum Say {
        /// Footer: one screen back.
        Back = "back",
        /// Footer: to the main menu.
        Main = "main",
        /// Footer: the next page.
        More = "more",
        /// The input is none of the choices.
        NotAChoice = "not_a_choice",
        /// The input is too long or has characters that can't be read.
        Unreadable = "unreadable",
        /// A list may have changed since it was shown, so the choice is asked again.
        ListChanged = "list_changed",
        /// Something behind is broken.
        TryAgain = "try_again",
        /// The session is over (too long, too many hops).
        SessionOver = "session_over",
        /// Too many hops or sessions in a short time.
        TooMany = "too_many",
        /// The session can't be taken up; dial again.
        DialAgain = "dial_again",
        /// Above every screen of a series for training.
        Practice = "practice",
    }
}

impl Say {
    /// Whether it stands alone on the last screen of a session (else it is part of a screen).
    pub fn ends(self) -> bool {
        matches!(self, Self::TryAgain | Self::SessionOver | Self::TooMany | Self::DialAgain)
    }
}
