//! What the outcomes of actions bring to the screens: variables, and the rows of lists.

use super::{Action, Outcome, Source, Var};

impl Action {
    /// The sources whose rows it tells when it comes out like this.
    pub fn lists(self, outcome: Outcome) -> &'static [Source] {
        match (self, outcome) {
            (Self::MarkRoles, Outcome::Done) => &[Source::RosterRoles],
            (Self::TakeUpMarks, Outcome::ByRole) => &[Source::RosterRoles],
            (Self::MarkEach | Self::OpenRole, Outcome::Done)
            | (Self::TakeNumbers | Self::TakeUpMarks, Outcome::Listed) => &[Source::RosterLines],
            (Self::SumUp | Self::ShapeDay | Self::TakeUpMarks, Outcome::HasAbsent) => &[Source::MarkedAbsent],
            (Self::RecordRegister | Self::TakeUpMarks, Outcome::Moved) => &[Source::Differences],
            (Self::ListDays, Outcome::Done) => &[Source::RegisterDays],
            _ => &[],
        }
    }

    /// The variables that are set when it comes out like this.
    // A table: each case is a line or two, and nothing in it is logic.
    #[allow(clippy::too_many_lines)]
    pub fn sets(self, outcome: Outcome) -> &'static [Var] {
        match (self, outcome) {
            (Self::SignIn, Outcome::Done) => &[Var::GivenNames],
            (Self::SignIn, Outcome::WrongPin) => &[Var::TriesLeft],
            (Self::SignIn, Outcome::MustWait) => &[Var::WaitMinutes],
            (Self::TakeUpDraft, Outcome::HasGivenNames) => &[Var::GivenNames],
            (Self::TakeUpDraft, Outcome::HasSurname) => &[Var::GivenNames, Var::Surname],
            (Self::TakeUpDraft, Outcome::HasNationalId) => &[Var::GivenNames, Var::Surname, Var::NationalId],
            (Self::ShowAccount, Outcome::Done) => &[Var::FullName, Var::MaskedId, Var::OpenedOn],
            (Self::ShowAccount, Outcome::Holding) => {
                &[Var::FullName, Var::MaskedId, Var::OpenedOn, Var::AgainAt, Var::HoldReason]
            }
            (Self::ShowWebCode, Outcome::Done) => &[Var::WebCode, Var::CodeUntil],
            (Self::ShowMessage, Outcome::Done) => {
                &[Var::MessageAt, Var::MessagePurpose, Var::MessageFate, Var::MessageReason, Var::MessageWay]
            }
            (Self::LookForMove, Outcome::CodeWaits) => {
                &[Var::Message, Var::CodeReference, Var::CodeUntil, Var::NewNumber]
            }
            (Self::LookForMove, Outcome::LineWaits) | (Self::CheckMoveCode, Outcome::Done) => {
                &[Var::NewNumber, Var::AgainAt]
            }
            (Self::RequestCode | Self::ResetPin, Outcome::Swapped)
            | (Self::ResetPin, Outcome::Holding)
            | (Self::LookForMove | Self::AskMove, Outcome::MovedLately) => &[Var::AgainAt],
            (Self::TakeOver | Self::SignInAtPost, Outcome::WrongPin) => &[Var::TriesLeft],
            (Self::TakeOver, Outcome::MustWait) => &[Var::WaitMinutes],
            (Self::SignInAtPost, Outcome::MustWait) => &[Var::AgainAt],
            (Self::ShowPost, Outcome::Done) => &[Var::PostKind, Var::PostName, Var::PostState],
            (Self::SignInAtPost | Self::ChoosePostPin, Outcome::AtCentre) => AT_HOME,
            (Self::EnterSeries, Outcome::AtCentre)
            | (Self::GoToDay | Self::DropMarks, Outcome::Done)
            | (Self::RecordRegister, Outcome::Done | Outcome::AlreadySo) => AT_HOME,
            (
                Self::MarkAll
                | Self::MarkBut
                | Self::MarkRoles
                | Self::MarkEach
                | Self::ShapeDay
                | Self::RecordRegister
                | Self::TakeUpMarks
                | Self::AddPerson
                | Self::AddWithoutPhone,
                Outcome::NotNow,
            ) => &[Var::Day, Var::MarkWhyNot, Var::AgainAt],
            (Self::TakeNumbers, Outcome::NotOnRoster) => &[
                Var::Day,
                Var::Marks,
                Var::DayShape,
                Var::PresentCount,
                Var::AbsentCount,
                Var::AbsentNumbers,
                Var::Unknown,
            ],
            (Self::MarkBut | Self::TakeNumbers, Outcome::Short) => {
                &[Var::Day, Var::Marks, Var::DayShape, Var::PresentCount, Var::AbsentCount, Var::AbsentNames]
            }
            (Self::MarkBut | Self::TakeNumbers, Outcome::Long) => &[
                Var::Day,
                Var::Marks,
                Var::DayShape,
                Var::PresentCount,
                Var::AbsentCount,
                Var::AbsentNumbers,
            ],
            (
                Self::MarkAll
                | Self::MarkBut
                | Self::MarkRoles
                | Self::MarkEach
                | Self::TakeNumbers
                | Self::ShapeDay
                | Self::SumUp
                | Self::TakeUpMarks,
                Outcome::Done | Outcome::HasAbsent | Outcome::HeldNothing | Outcome::Listed,
            ) => &[Var::Day, Var::Marks, Var::DayShape, Var::PresentCount, Var::AbsentCount],
            (Self::TakeUpMarks, Outcome::SaidNothing | Outcome::ByRole) => {
                &[Var::Day, Var::Marks, Var::DayShape, Var::PresentCount, Var::AbsentCount]
            }
            (Self::TakeUpMarks, Outcome::HasName) => &[Var::OnDay, Var::Day, Var::NewPerson],
            (Self::TakeUpMarks, Outcome::HasRole) => &[Var::OnDay, Var::Day, Var::NewPerson, Var::Role],
            (Self::RecordRegister | Self::TakeUpMarks, Outcome::Moved) => &[Var::Day, Var::Marks],
            (Self::OpenRole, Outcome::Done) => &[Var::Marks, Var::Role],
            (Self::AddPerson | Self::AddWithoutPhone, Outcome::Done) => AT_HOME_WITH_ADDED,
            (Self::AddPerson | Self::AddWithoutPhone, Outcome::AlreadySo) => &[Var::Day, Var::Number],
            (Self::AskForRoster, Outcome::Done) => &[Var::RosterDay],
            (Self::SignInAtPost | Self::ChoosePostPin, Outcome::AtOffice) => AT_OFFICE_SETS,
            (Self::EnterSeries, Outcome::AtOffice) | (Self::LookAtPlace, Outcome::Done) => PLACE_SETS,
            (Self::ShowCentre, Outcome::Done) => &[Var::CentreName, Var::OnDay, Var::Day, Var::DayMark],
            (Self::ShowCentreDay, Outcome::Done) => &[
                Var::Day,
                Var::DayMark,
                Var::Present,
                Var::Absent,
                Var::Added,
                Var::EntryReference,
                Var::EntryAt,
                Var::EntryBy,
                Var::Line,
            ],
            (Self::ShowCentreDay, Outcome::Nothing) => {
                &[Var::Day, Var::DayMark, Var::DueSince, Var::LastMarked, Var::ManagerLine]
            }
            (Self::LookAtAttendance | Self::ShowAttendance, Outcome::Done) => {
                &[Var::Series, Var::SeriesName, Var::Today, Var::TodayMark, Var::DaysCounted]
            }
            (Self::ShowDay, Outcome::Done | Outcome::CanDispute) => {
                &[Var::Day, Var::Centre, Var::Mark, Var::MarkedAt, Var::MarkedBy]
            }
            (Self::ShowDay, Outcome::NoMark | Outcome::Unmarked) => &[Var::Day, Var::Centre, Var::Mark],
            (Self::ShowDay, Outcome::Disputed) => &[Var::Day, Var::Centre, Var::Mark, Var::Dispute],
            (Self::OpenDispute, Outcome::Done | Outcome::Disputed) => DISPUTE_AND_ID,
            (Self::ShowDispute, Outcome::Done | Outcome::Settled)
            | (Self::LookIntoDispute | Self::TakeUpDispute, Outcome::Done) => DISPUTE,
            (Self::GrantDispute | Self::UpholdDispute, Outcome::Done) => &[Var::MarkReference],
            (Self::ShowPay, Outcome::Done) => &[Var::SeriesName, Var::DaysCounted, Var::Ksh, Var::ClaimState],
            (Self::ShowPay, Outcome::Blocked) => {
                &[Var::SeriesName, Var::DaysCounted, Var::Ksh, Var::ClaimBlock]
            }
            (Self::ShowOpenDay, Outcome::Done) => &[Var::AgainAt],
            (Self::ShowOpenDay, Outcome::Nothing) => &[Var::Day],
            (Self::OpenDay, Outcome::Done) => &[Var::AgainAt, Var::EntryReference],
            (Self::CloseDay | Self::AcceptAddition | Self::RejectAddition, Outcome::Done) => {
                &[Var::EntryReference]
            }
            (Self::ShowCentrePin, Outcome::Done) => &[Var::PinState, Var::Line],
            (Self::IssueCentrePin, Outcome::Done) => &[Var::Line],
            (
                Self::LookAtPlace
                | Self::ShowCentre
                | Self::ShowCentreDay
                | Self::RemindCentre
                | Self::ShowOpenDay
                | Self::OpenDay
                | Self::CloseDay
                | Self::AcceptAddition
                | Self::RejectAddition
                | Self::ShowCentrePin
                | Self::IssueCentrePin,
                Outcome::NotPossible,
            ) => &[Var::WhyNot],
            (Self::ShowDeputy | Self::AppointDeputy, Outcome::Done) => &[Var::Line, Var::AgainAt],
            (Self::ShowClosing, Outcome::Done) => TO_SIGN,
            (Self::ShowClosing, Outcome::Blank) => TO_SIGN_WITH_BLANKS,
            (Self::ShowClosing | Self::SignRegister, Outcome::Missing) => {
                &[Var::MissingDays, Var::MissingPeople, Var::MissingDisputes]
            }
            (Self::ShowClosing | Self::SignRegister, Outcome::Signed) => {
                &[Var::DocumentCode, Var::SignedAt, Var::DocumentState]
            }
            (Self::SignRegister, Outcome::Done) => &[Var::DocumentCode],
            (Self::ShowDocument, Outcome::Done | Outcome::Countersigned) => SIGNED_BY_CENTRE,
            (Self::CountersignRegister | Self::ReopenRegister, Outcome::Done) => {
                &[Var::Centre, Var::DocumentCode]
            }
            (Self::CheckDocument, Outcome::Done) => COUNTERSIGNED,
            (Self::CheckDocument, Outcome::Signed | Outcome::Replaced) => CHECKED,
            (
                Self::RequestCode
                | Self::CodeFate
                | Self::AnotherWay
                | Self::AskMove
                | Self::AskTakeBack
                | Self::MoveAnotherWay,
                Outcome::Refused | Outcome::NoWay | Outcome::Rerouted | Outcome::CalledInstead,
            ) => &[Var::Message, Var::CodeReference, Var::CodeUntil, Var::MessageReason],
            (
                Self::AnotherWay | Self::ByACall | Self::MoveAnotherWay | Self::MoveByACall,
                Outcome::Nothing,
            ) => &[Var::CodeReference, Var::CodeUntil],
            (
                Self::RequestCode
                | Self::CodeFate
                | Self::AnotherWay
                | Self::AskMove
                | Self::AskTakeBack
                | Self::MoveAnotherWay,
                Outcome::Sent | Outcome::Delivered | Outcome::Pending,
            ) => &[Var::Message, Var::CodeReference, Var::CodeUntil],
            (Self::RequestCode | Self::AskMove | Self::AskTakeBack, Outcome::TooSoon) => &[Var::WaitSeconds],
            (Self::RequestCode | Self::AskMove | Self::AskTakeBack, Outcome::TooMany | Outcome::Busy) => {
                &[Var::AgainAt]
            }
            (
                Self::CheckCode | Self::CheckOfficerCode | Self::CheckMoveCode | Self::TakeBack,
                Outcome::WrongCode,
            ) => &[Var::TriesLeft],
            _ => &[],
        }
    }
}

/// The same after somebody was added, with their number.
const AT_HOME_WITH_ADDED: &[Var] = &[
    Var::PostName,
    Var::Centre,
    Var::SeriesName,
    Var::OnDay,
    Var::Day,
    Var::DayStands,
    Var::Present,
    Var::Absent,
    Var::Added,
    Var::BlankCount,
    Var::MarkReference,
    Var::AgainAt,
    Var::KeptDay,
    Var::Number,
    Var::EntryReference,
];

/// What the home of a centre shows.
const AT_HOME: &[Var] = &[
    Var::PostName,
    Var::Centre,
    Var::SeriesName,
    Var::OnDay,
    Var::Day,
    Var::DayStands,
    Var::Present,
    Var::Absent,
    Var::Added,
    Var::BlankCount,
    Var::MarkReference,
    Var::AgainAt,
    Var::KeptDay,
];

/// What is shown of a register that can be signed.
const TO_SIGN: &[Var] = &[
    Var::Register,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
];

/// The same where people have no mark on days that are marked.
const TO_SIGN_WITH_BLANKS: &[Var] = &[
    Var::Register,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::MissingDays,
    Var::MissingPeople,
];

/// What a director is shown of a document.
const SIGNED_BY_CENTRE: &[Var] = &[
    Var::Centre,
    Var::CentreName,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::SignedAt,
];

/// What anybody is shown of a document.
pub(super) const CHECKED: &[Var] = &[
    Var::SeriesName,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::SignedAt,
];

/// The same of one that is countersigned.
pub(super) const COUNTERSIGNED: &[Var] = &[
    Var::SeriesName,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::SignedAt,
    Var::CountersignedAt,
];

/// What is set with the first screen of an officer.
const PLACE_SETS: &[Var] =
    &[Var::SeriesName, Var::Today, Var::LookedAt, Var::Centres, Var::Unmarked, Var::PlaceState];

/// The same, with the place's name, when the officer signs in.
const AT_OFFICE_SETS: &[Var] = &[
    Var::PostName,
    Var::SeriesName,
    Var::Today,
    Var::LookedAt,
    Var::Centres,
    Var::Unmarked,
    Var::PlaceState,
];

/// What is shown of a dispute.
pub(super) const DISPUTE: &[Var] = &[
    Var::DisputeDay,
    Var::Centre,
    Var::RosterNumber,
    Var::PersonName,
    Var::DisputeState,
    Var::DisputeAt,
    Var::DisputeMark,
];

/// The same, with which it is.
const DISPUTE_AND_ID: &[Var] = &[
    Var::DisputeDay,
    Var::Centre,
    Var::RosterNumber,
    Var::PersonName,
    Var::DisputeState,
    Var::DisputeAt,
    Var::DisputeMark,
    Var::Dispute,
];
