//! How long the value of a variable can get on a screen.

use super::{
    Var, fate_word, medium_word, reason_word,
    words::{
        CALL_TO_COME, DAY_STANDS, DIFFERS, DISPUTE_STATES, FATES, MARK_WHY_NOT, MEDIA, NETWORKS,
        NOT_RECORDED, POST_STATES, REASONS, REASONS_TO_MARK, REGISTER_FAULTS, REGISTER_SAID, REOPEN_REASONS,
        WHY_NOT,
    },
};
use crate::model::{
    attendance::{DayMark, MarkedBy},
    dispute::{Party, RefusedFor, Step},
    message::Purpose,
    pay::{Block, ClaimState},
    season::{Channel, DayShape, DeployedAs},
};

/// How many septets of their own words somebody at the desk may write in one answer.
pub const LONGEST_ANSWER: usize = 260;

/// What a variable's value looks like, which decides how long it can get on a screen.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text of at most so many septets; longer values are cut there, folded to GSM-7.
    Text(usize),
    /// One of a fixed set of words, each with a text in every language (`[word.<var>.<word>]`).
    Word(fn() -> Vec<&'static str>),
    /// Never shown.
    Hidden,
}

impl Var {
    /// Its shape.
    // A table, like those of actions.
    #[allow(clippy::too_many_lines)]
    pub fn shape(self) -> Shape {
        match self {
            Self::GivenNames | Self::Surname | Self::FullName => Shape::Text(18),
            Self::NationalId | Self::MaskedId => Shape::Text(9),
            Self::Username => Shape::Text(15),
            Self::OpenedOn | Self::NewNumber => Shape::Text(10),
            Self::TriesLeft | Self::PinDigits | Self::PostPinDigits | Self::WaitSeconds => Shape::Text(2),
            Self::WaitMinutes => Shape::Text(3),
            Self::HelpLine | Self::ServiceCode => Shape::Text(16),
            Self::MessageAt | Self::AgainAt => Shape::Text(11),
            Self::Reference => Shape::Text(6),
            Self::Code | Self::WebCode | Self::Centre => Shape::Text(8),
            Self::Portal => Shape::Text(36),
            Self::CodeReference | Self::Ticket => Shape::Text(4),
            Self::CodeUntil
            | Self::Day
            | Self::Today
            | Self::KeptDay
            | Self::DisputeDay
            | Self::RosterDay => Shape::Text(5),
            Self::Answer => Shape::Text(LONGEST_ANSWER),
            Self::MessagePurpose => Shape::Word(|| Purpose::ALL.iter().map(|p| p.name()).collect()),
            Self::MessageFate => {
                Shape::Word(|| FATES.iter().map(|f| fate_word(*f)).chain([CALL_TO_COME]).collect())
            }
            Self::MessageReason => Shape::Word(|| {
                REASONS.iter().map(|r| reason_word(Some(*r))).chain([reason_word(None)]).collect()
            }),
            Self::BlockAdvice => Shape::Word(|| NETWORKS.to_vec()),
            Self::HoldReason => Shape::Word(|| vec!["swap_unknown", "swap_recent", "moved"]),
            Self::MessageWay => Shape::Word(|| MEDIA.map(medium_word).to_vec()),
            Self::PostKind => Shape::Word(|| vec!["centre", "officer"]),
            Self::PostName => Shape::Text(18),
            Self::DocumentCode => Shape::Text(14),
            Self::DocumentDays | Self::DocumentPeople | Self::MissingDisputes => Shape::Text(3),
            Self::DocumentPresent | Self::DocumentAbsent => Shape::Text(5),
            Self::SignedAt | Self::CountersignedAt => Shape::Text(11),
            Self::MissingDays => Shape::Text(28),
            Self::MissingPeople => Shape::Text(20),
            Self::DocumentState => Shape::Word(|| vec!["signed", "countersigned"]),
            Self::ReopenReason => Shape::Word(|| REOPEN_REASONS.to_vec()),
            Self::Document | Self::Register => Shape::Hidden,
            Self::Line | Self::SeriesName => Shape::Text(12),
            Self::Number | Self::PeopleCount => Shape::Text(3),
            Self::Unknown => Shape::Text(20),
            Self::AbsentNumbers => Shape::Text(40),
            Self::AbsentNames => Shape::Text(MOST_NAMES),
            Self::Person | Self::NewPerson => Shape::Text(18),
            Self::DayStands => Shape::Word(|| DAY_STANDS.to_vec()),
            Self::DayShape => Shape::Word(|| DayShape::ALL.iter().map(|shape| shape.word()).collect()),
            Self::MarkWhyNot => Shape::Word(|| MARK_WHY_NOT.to_vec()),
            Self::MarkIs => Shape::Word(|| vec!["present", "absent"]),
            Self::Differs => Shape::Word(|| DIFFERS.to_vec()),
            Self::MarkReason => Shape::Word(|| REASONS_TO_MARK.to_vec()),
            Self::CentreName | Self::PlaceName => Shape::Text(18),
            Self::LookedAt | Self::Centres | Self::Unmarked | Self::LastMarked => Shape::Text(5),
            Self::Present | Self::Absent | Self::Added | Self::BlankCount | Self::RosterNumber => {
                Shape::Text(3)
            }
            Self::EntryReference => Shape::Text(6),
            Self::EntryAt | Self::DueSince => Shape::Text(11),
            Self::ManagerLine => Shape::Text(10),
            Self::Reason => Shape::Text(LONGEST_REASON),
            Self::DayMark => Shape::Word(|| vec!["blank", "marked", "half", "closed", "none"]),
            Self::PlaceState => Shape::Word(|| vec!["due", "all", "no_day", "no_series", "no_place"]),
            Self::EntryBy => Shape::Word(|| Channel::ALL.iter().map(|channel| channel.word()).collect()),
            Self::Role => Shape::Word(|| DeployedAs::ALL.iter().map(|role| role.word()).collect()),
            Self::OpenUntil => Shape::Word(|| vec!["today", "tomorrow"]),
            Self::PinState => Shape::Word(|| vec!["none", "first", "chosen"]),
            Self::WhyNot => Shape::Word(|| WHY_NOT.to_vec()),
            Self::PostState => Shape::Word(|| POST_STATES.to_vec()),
            Self::NewPin
            | Self::Language
            | Self::Message
            | Self::Post
            | Self::DeputyDay
            | Self::Series
            | Self::OnDay
            | Self::Marks
            | Self::RoleChosen
            | Self::County
            | Self::SubCounty
            | Self::Deployment => Shape::Hidden,
            Self::Mark | Self::TodayMark => {
                Shape::Word(|| DayMark::ALL.iter().map(|mark| mark.word()).collect())
            }
            Self::ChangedTo => Shape::Word(|| vec!["present", "absent"]),
            Self::MarkedBy | Self::ChangedBy => {
                Shape::Word(|| MarkedBy::ALL.iter().map(|by| by.word()).collect())
            }
            Self::DisputeState => Shape::Word(|| DISPUTE_STATES.to_vec()),
            Self::DisputeMark => Shape::Word(|| vec!["present", "absent", "unmarked"]),
            Self::SaidBy => Shape::Word(|| Party::ALL.iter().map(|party| party.word()).collect()),
            Self::Said => Shape::Word(|| {
                let steps = Step::ALL.iter().map(|step| step.word());
                steps.chain(RefusedFor::ALL.iter().map(|why| why.word())).collect()
            }),
            Self::ClaimState => Shape::Word(|| {
                let blocked = |state: &&ClaimState| **state != ClaimState::Blocked;
                ClaimState::ALL.iter().filter(blocked).map(|state| state.word()).collect()
            }),
            Self::ClaimBlock => Shape::Word(|| Block::ALL.iter().map(|block| block.word()).collect()),
            Self::DaysCounted => Shape::Text(6),
            Self::DaysThere | Self::DaysInAll => Shape::Text(3),
            Self::MarkedAt | Self::ChangedAt | Self::DisputeAt | Self::SaidAt => Shape::Text(11),
            Self::PersonName => Shape::Text(18),
            Self::Ksh => Shape::Text(10),
            Self::MyDay | Self::MyCentre | Self::Step | Self::Dispute | Self::DisputeReason => Shape::Hidden,
            Self::DayCode => Shape::Text(4),
            Self::Part
            | Self::OpensAt
            | Self::ClosesAt
            | Self::MissingCount
            | Self::CentreCount
            | Self::WaitingCount => Shape::Text(5),
            Self::PresentCount | Self::AbsentCount => Shape::Text(3),
            Self::MarkReference => Shape::Text(6),
            Self::Place => Shape::Text(18),
            Self::Numbers => Shape::Text(NUMBERS),
            Self::People => Shape::Text(FIRST_PEOPLE),
            Self::MorePeople => Shape::Text(MORE_PEOPLE),
            Self::Absentees => Shape::Text(ABSENTEES),
            Self::UnmarkedCentres => Shape::Text(UNMARKED_CENTRES),
            Self::UnmarkedCounties => Shape::Text(UNMARKED_COUNTIES),
            Self::WaitingCentres => Shape::Text(WAITING_CENTRES),
            Self::RegisterKind
            | Self::RegisterAt
            | Self::RegisterPart
            | Self::SeriesShown
            | Self::TodayOf => Shape::Word(|| vec!["real", "practice"]),
            Self::RegisterSaid => Shape::Word(|| REGISTER_SAID.to_vec()),
            Self::RosterFor => Shape::Word(|| vec!["asked", "tomorrow", "wrong_code", "no_code"]),
            Self::NotRecorded => Shape::Word(|| NOT_RECORDED.to_vec()),
            Self::RegisterFault => Shape::Word(|| REGISTER_FAULTS.to_vec()),
            Self::DialWhy => Shape::Word(|| vec!["wrong_codes", "same_code"]),
        }
    }
}

/// How many septets the names of the absent may have on one screen; more are named line by line.
pub const MOST_NAMES: usize = 72;

/// How many septets the people of a roster's first part may take; the rest of it says what to do with them.
pub const FIRST_PEOPLE: usize = 30;

/// The same of its other parts.
pub const MORE_PEOPLE: usize = 136;

/// How many septets numbers that are on no roster may take.
pub const NUMBERS: usize = 18;

/// How many septets the names of the absent may take in a receipt.
pub const ABSENTEES: usize = 120;

/// How many septets a director's list of centres may take.
pub const UNMARKED_CENTRES: usize = 220;

/// How many septets a director's list of registers to countersign may take.
pub const WAITING_CENTRES: usize = 180;

/// How many septets headquarters' list of counties may take.
pub const UNMARKED_COUNTIES: usize = 540;

/// How many septets of a reason are kept and shown.
pub const LONGEST_REASON: usize = 40;
