//! The lists that a screen can show, and what their rows hold.

use serde::{Deserialize, Serialize};

use super::{Needs, Var, results::DISPUTE};

named! {
    /// Where the rows of a list come from.
    pub enum Source {
        /// The latest messages to the signed-in person, newest first.
        MyMessages = "my_messages",
        /// The centres and offices that the line speaks for.
        MyPosts = "my_posts",
        /// The series that are open for the post that is signed in.
        MySeries = "my_series",
        /// The roles of a day's roster.
        RosterRoles = "roster_roles",
        /// People of a day's roster with what is marked of them so far.
        RosterLines = "roster_lines",
        /// Everybody who is marked absent so far.
        MarkedAbsent = "marked_absent",
        /// Where a day as it stands is another than what was to be recorded.
        Differences = "differences",
        /// The days that can be marked or corrected.
        RegisterDays = "register_days",
        /// The series in which the signed-in person is deployed.
        MyWork = "my_work",
        /// The person's days in the chosen series, newest first.
        MyDays = "my_days",
        /// The centres of those days.
        MyCentres = "my_centres",
        /// The days at the chosen centre.
        DaysAtCentre = "days_at_centre",
        /// Every mark of the chosen day, the latest first.
        DayChanges = "day_changes",
        /// The person's disputes, newest first.
        MyDisputes = "my_disputes",
        /// What was said in the chosen dispute, the latest first.
        DisputeEvents = "dispute_events",
        /// What stands open with the centre.
        CentreDisputes = "centre_disputes",
        /// What the director has to decide.
        PlaceDisputes = "place_disputes",
        /// The signed registers of the director's centres, those to be countersigned first.
        SignedRegisters = "signed_registers",
        /// The centres of the officer's place, or of the sub-county chosen, that have not marked today.
        UnmarkedCentres = "unmarked_centres",
        /// The counties that the officer sees.
        Counties = "counties",
        /// The sub-counties of the county chosen.
        SubCounties = "sub_counties",
        /// The days of the series up to today.
        CentreDays = "centre_days",
        /// Who was absent from the centre on the day.
        Absentees = "absentees",
        /// Who was added at centres of the place and waits for an answer.
        Additions = "additions",
    }
}

impl Source {
    /// The variables each row carries.
    pub fn row(self) -> &'static [Var] {
        match self {
            Self::MyMessages => &[Var::MessageAt, Var::MessagePurpose, Var::MessageFate, Var::MessageWay],
            Self::MyPosts => &[Var::PostKind, Var::PostName, Var::PostState],
            Self::MySeries => &[Var::SeriesName, Var::SeriesShown],
            Self::RosterRoles => &[Var::Role, Var::PeopleCount, Var::AbsentCount],
            Self::RosterLines | Self::MarkedAbsent => &[Var::Number, Var::Person, Var::MarkIs],
            Self::Differences => &[Var::Number, Var::Person, Var::Differs],
            Self::RegisterDays => &[
                Var::Day,
                Var::DayStands,
                Var::Present,
                Var::Absent,
                Var::Added,
                Var::BlankCount,
                Var::MarkReference,
                Var::AgainAt,
            ],
            Self::MyWork => &[Var::SeriesName, Var::SeriesShown, Var::DaysCounted],
            Self::MyDays | Self::DaysAtCentre => &[Var::Day, Var::Centre, Var::Mark],
            Self::MyCentres => &[Var::Centre, Var::DaysThere, Var::DaysInAll],
            Self::DayChanges => &[Var::ChangedAt, Var::ChangedTo, Var::ChangedBy, Var::MarkReference],
            Self::MyDisputes | Self::CentreDisputes | Self::PlaceDisputes => DISPUTE,
            Self::DisputeEvents => &[Var::SaidAt, Var::SaidBy, Var::Said],
            Self::SignedRegisters => &[Var::Centre, Var::CentreName, Var::DocumentState],
            Self::UnmarkedCentres => &[Var::Centre, Var::CentreName],
            Self::Counties | Self::SubCounties => &[Var::PlaceName, Var::Unmarked, Var::Centres],
            Self::CentreDays => &[Var::Day, Var::DayMark],
            Self::Absentees => &[Var::RosterNumber, Var::FullName, Var::Role],
            Self::Additions => &[Var::Centre, Var::RosterNumber, Var::FullName, Var::Role, Var::Day],
        }
    }

    /// The variable that holds the id of the chosen row.
    pub fn chosen(self) -> Var {
        match self {
            Self::MyMessages => Var::Message,
            Self::MyPosts => Var::Post,
            Self::MySeries => Var::Series,
            Self::RosterRoles => Var::RoleChosen,
            Self::RegisterDays => Var::OnDay,
            // Read, not chosen from.
            Self::RosterLines | Self::MarkedAbsent | Self::Differences => Var::Marks,
            Self::MyWork => Var::Series,
            Self::MyDays | Self::DaysAtCentre => Var::MyDay,
            Self::MyCentres => Var::MyCentre,
            Self::DayChanges | Self::DisputeEvents => Var::Step,
            Self::MyDisputes | Self::CentreDisputes | Self::PlaceDisputes => Var::Dispute,
            Self::SignedRegisters => Var::Document,
            Self::UnmarkedCentres => Var::Centre,
            Self::Counties => Var::County,
            Self::SubCounties => Var::SubCounty,
            Self::CentreDays => Var::OnDay,
            Self::Absentees | Self::Additions => Var::Deployment,
        }
    }

    /// Whether an action tells its rows, instead of their being fetched when they are shown.
    pub fn is_told(self) -> bool {
        matches!(
            self,
            Self::RosterRoles
                | Self::RosterLines
                | Self::MarkedAbsent
                | Self::Differences
                | Self::RegisterDays
        )
    }

    /// As whom a session must be signed in to see it.
    pub fn needs(self) -> Needs {
        match self {
            Self::RosterRoles
            | Self::RosterLines
            | Self::MarkedAbsent
            | Self::Differences
            | Self::RegisterDays => Needs::Centre,
            Self::MyMessages
            | Self::MyWork
            | Self::MyDays
            | Self::MyCentres
            | Self::DaysAtCentre
            | Self::DayChanges
            | Self::MyDisputes => Needs::Account,
            Self::CentreDisputes => Needs::Centre,
            Self::PlaceDisputes => Needs::Officer,
            // Of three sides; who may see it is asked where it is read.
            Self::DisputeEvents => Needs::Nobody,
            Self::SignedRegisters => Needs::Officer,
            // What is open is no secret; whoever has no sign-in has no list of their own.
            Self::MyPosts | Self::MySeries => Needs::Nobody,
            Self::UnmarkedCentres
            | Self::Counties
            | Self::SubCounties
            | Self::CentreDays
            | Self::Absentees
            | Self::Additions => Needs::Officer,
        }
    }
}
