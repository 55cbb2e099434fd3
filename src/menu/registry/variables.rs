//! The variables that screens and messages can show.

use serde::{Deserialize, Serialize};

use super::{
    Flag, Shape,
    words::{REASONS_TO_MARK, REOPEN_REASONS, ROLES},
};

named! {
    /// What texts can show and sessions hold.
    pub enum Var {
        /// First and middle names.
        GivenNames = "given_names",
        /// Family name.
        Surname = "surname",
        /// The whole name.
        FullName = "full_name",
        /// The national ID as typed.
        NationalId = "national_id",
        /// The national ID, all but three digits starred.
        MaskedId = "masked_id",
        /// Between two entries of a new PIN: its keyed digest. Can't be shown.
        NewPin = "new_pin",
        /// The user name: the number without its plus.
        Username = "username",
        /// The day the account was opened.
        OpenedOn = "opened_on",
        /// Wrong PINs that may still be typed.
        TriesLeft = "tries_left",
        /// Minutes to wait.
        WaitMinutes = "wait_minutes",
        /// Whom to call.
        HelpLine = "help_line",
        /// What to dial.
        ServiceCode = "service_code",
        /// How many digits a PIN has.
        PinDigits = "pin_digits",
        /// A language, for the action that sets it. Can't be shown.
        Language = "language",
        /// The id of a chosen message. Can't be shown.
        Message = "message",
        /// When a message was written, Nairobi time.
        MessageAt = "message_at",
        /// What a message is about.
        MessagePurpose = "message_purpose",
        /// What became of it.
        MessageFate = "message_fate",
        /// Why it was refused.
        MessageReason = "message_reason",
        /// How the caller's network lets our messages through.
        BlockAdvice = "block_advice",
        /// What to tell the help desk.
        Reference = "reference",
        /// A one-time code. Only in messages.
        Code = "code",
        /// A one-time code for the portal. A session holds what it is derived from, never a digit of it.
        WebCode = "web_code",
        /// Where the portal is found.
        Portal = "portal",
        /// What a message with a code and the screen that asks for it both show.
        CodeReference = "code_reference",
        /// Until when a code counts, Nairobi time.
        CodeUntil = "code_until",
        /// Seconds to wait.
        WaitSeconds = "wait_seconds",
        /// From when something can be asked for again, Nairobi time.
        AgainAt = "again_at",
        /// Why changes of pay details rest.
        HoldReason = "hold_reason",
        /// The number that an account moves to, as it is dialled at home.
        NewNumber = "new_number",
        /// By which a person's texts are known at the desk.
        Ticket = "ticket",
        /// What somebody at the desk has written. Only in messages.
        Answer = "answer",
        /// By which way a message went: as an SMS or as a call.
        MessageWay = "message_way",
        /// A post as tables name it: a centre's code, or an officer's id. Can't be shown.
        Post = "post",
        /// What kind of post it is.
        PostKind = "post_kind",
        /// How people call it: a centre's code, an officer's place.
        PostName = "post_name",
        /// How its day stands.
        PostState = "post_state",
        /// How many digits the PIN of a post has.
        PostPinDigits = "post_pin_digits",
        /// A phone number with stars, as others may see it.
        Line = "line",
        /// The day that somebody stands in. Can't be shown.
        DeputyDay = "deputy_day",
        /// The code of a chosen series. Can't be shown.
        Series = "series",
        /// How people call a series.
        SeriesName = "series_name",
        /// The same in a list of several, where one for training says so.
        SeriesShown = "series_shown",
        /// A day of the register, Nairobi: `24/11`.
        Day = "day",
        /// A centre's code.
        Centre = "centre",
        /// The day that an earlier call was in the middle of; empty when there is none.
        KeptDay = "kept_day",
        /// How it stands.
        DayStands = "day_stands",
        /// How much of it was held.
        DayShape = "day_shape",
        /// Why it can't be marked now, and what to do.
        MarkWhyNot = "mark_why_not",
        /// What is marked so far. Can't be shown.
        Marks = "marks",
        /// Those that are not on it.
        Unknown = "unknown",
        /// Who is absent, by number and name.
        AbsentNames = "absent_names",
        /// The same by number alone.
        AbsentNumbers = "absent_numbers",
        /// Somebody's number on the roster.
        Number = "number",
        /// Somebody's name.
        Person = "person",
        /// What is marked of somebody so far.
        MarkIs = "mark_is",
        /// How what stands of somebody is another than what was to be recorded.
        Differs = "differs",
        /// The role chosen from a list. Can't be shown.
        RoleChosen = "role_chosen",
        /// Why a day is corrected, or recorded late.
        MarkReason = "mark_reason",
        /// The name of somebody who is not on the roster, as it was typed.
        NewPerson = "new_person",
        /// The day whose roster is sent.
        RosterDay = "roster_day",
        /// What a day is to the person whom it is about.
        Mark = "mark",
        /// Today, beside what is looked at.
        Today = "today",
        /// What today is to the person whom it is about.
        TodayMark = "today_mark",
        /// Days that count.
        DaysCounted = "days_counted",
        /// Days on which the person was there.
        DaysThere = "days_there",
        /// Days on which the person should have been.
        DaysInAll = "days_in_all",
        /// When a mark was made, Nairobi time.
        MarkedAt = "marked_at",
        /// Who made it, and by which way.
        MarkedBy = "marked_by",
        /// When a mark of a day's history was made, Nairobi time.
        ChangedAt = "changed_at",
        /// What it said.
        ChangedTo = "changed_to",
        /// Who made it, and by which way.
        ChangedBy = "changed_by",
        /// A day chosen from a list. Can't be shown.
        MyDay = "my_day",
        /// A centre chosen from a list. Can't be shown.
        MyCentre = "my_centre",
        /// A row of a history. Can't be shown.
        Step = "step",
        /// A dispute. Can't be shown.
        Dispute = "dispute",
        /// The day that it is over.
        DisputeDay = "dispute_day",
        /// What the register says of that day.
        DisputeMark = "dispute_mark",
        /// How far it has come, and whose turn it is.
        DisputeState = "dispute_state",
        /// When it was opened, Nairobi time.
        DisputeAt = "dispute_at",
        /// When something was said in it, Nairobi time.
        SaidAt = "said_at",
        /// Who said it.
        SaidBy = "said_by",
        /// What was said.
        Said = "said",
        /// Why it stays as it is. Can't be shown.
        DisputeReason = "dispute_reason",
        /// The name of somebody on a roster.
        PersonName = "person_name",
        /// Shillings.
        Ksh = "ksh",
        /// How far a claim has come.
        ClaimState = "claim_state",
        /// What is in the way of a claim.
        ClaimBlock = "claim_block",
        /// A centre's name.
        CentreName = "centre_name",
        /// Which register is on show: its series and centre. Can't be shown.
        Register = "register",
        /// The code of a closing document.
        DocumentCode = "document_code",
        /// The code of the document that was chosen. Can't be shown.
        Document = "document",
        /// How many days of a document are marked.
        DocumentDays = "document_days",
        /// How many people it holds.
        DocumentPeople = "document_people",
        /// How often somebody was present in it.
        DocumentPresent = "document_present",
        /// How often somebody was absent.
        DocumentAbsent = "document_absent",
        /// How far a document has come.
        DocumentState = "document_state",
        /// When it was signed, Nairobi time.
        SignedAt = "signed_at",
        /// When it was countersigned, Nairobi time.
        CountersignedAt = "countersigned_at",
        /// Days that are missing of a register: how many, and the first.
        MissingDays = "missing_days",
        /// People who wait for the director's word: how many, and the first numbers.
        MissingPeople = "missing_people",
        /// Disputes that nobody has answered.
        MissingDisputes = "missing_disputes",
        /// Why a register is opened again.
        ReopenReason = "reopen_reason",
        /// A day in full. Can't be shown.
        OnDay = "on_day",
        /// How a centre's day stands.
        DayMark = "day_mark",
        /// When a place was looked at, Nairobi time: `07:42`.
        LookedAt = "looked_at",
        /// How many centres of a place have people today.
        Centres = "centres",
        /// How many of them have not marked.
        Unmarked = "unmarked",
        /// How a place's day stands.
        PlaceState = "place_state",
        /// A county or sub-county.
        PlaceName = "place_name",
        /// The code of a chosen county. Can't be shown.
        County = "county",
        /// A chosen sub-county. Can't be shown.
        SubCounty = "sub_county",
        /// How many were there.
        Present = "present",
        /// How many were not.
        Absent = "absent",
        /// How many were added at the centre and wait for an answer.
        Added = "added",
        /// How many people have no mark on a day that is marked.
        BlankCount = "blank_count",
        /// The reference of an act of the register.
        EntryReference = "entry_reference",
        /// When it was done, Nairobi time.
        EntryAt = "entry_at",
        /// By which way.
        EntryBy = "entry_by",
        /// Since when a day can be marked, Nairobi time.
        DueSince = "due_since",
        /// The last day before that is marked.
        LastMarked = "last_marked",
        /// Whom to call at a centre, as it is dialled at home.
        ManagerLine = "manager_line",
        /// A number on a roster.
        RosterNumber = "roster_number",
        /// As what somebody is deployed.
        Role = "role",
        /// A place on a roster. Can't be shown.
        Deployment = "deployment",
        /// Why something is done, as it was typed.
        Reason = "reason",
        /// Until when a day is to be opened.
        OpenUntil = "open_until",
        /// How the PIN of a centre stands.
        PinState = "pin_state",
        /// Why something can't be done.
        WhyNot = "why_not",
        /// The code of a centre's day. Only in messages.
        DayCode = "day_code",
        /// Which part of how many: `1/3`.
        Part = "part",
        /// Why a roster is sent.
        RosterFor = "roster_for",
        /// The people of a roster's first part. Only in messages.
        People = "people",
        /// The people of its other parts. Only in messages.
        MorePeople = "more_people",
        /// Whether a register counts or is for training.
        RegisterKind = "register_kind",
        /// The same with its centre, where a text begins.
        RegisterAt = "register_at",
        /// The centre and day of a roster's other parts, or that they are for training.
        RegisterPart = "register_part",
        /// Today, where a text begins, in a series that counts or is for training.
        TodayOf = "today_of",
        /// What was recorded, and whether it was so already.
        RegisterSaid = "register_said",
        /// How many were there.
        PresentCount = "present_count",
        /// How many were not.
        AbsentCount = "absent_count",
        /// Who was not: `3 Asha Njeri, 7 Otieno Kisa +4`. Only in messages.
        Absentees = "absentees",
        /// By which an act of the register is known.
        MarkReference = "mark_reference",
        /// Why nothing was recorded, and what to do.
        NotRecorded = "not_recorded",
        /// From when a day is marked, Nairobi time.
        OpensAt = "opens_at",
        /// Numbers of a roster.
        Numbers = "numbers",
        /// What can't be read in a register by SMS.
        RegisterFault = "register_fault",
        /// Why a register can't be marked by SMS.
        DialWhy = "dial_why",
        /// Until when a day is marked, Nairobi time.
        ClosesAt = "closes_at",
        /// How many centres have not marked.
        MissingCount = "missing_count",
        /// Of how many.
        CentreCount = "centre_count",
        /// A sub-county.
        Place = "place",
        /// Which centres have not. Only in messages.
        UnmarkedCentres = "unmarked_centres",
        /// How many registers wait for a countersignature.
        WaitingCount = "waiting_count",
        /// Which centres' do. Only in messages.
        WaitingCentres = "waiting_centres",
        /// How many have not, by county. Only in messages.
        UnmarkedCounties = "unmarked_counties",
        /// How many people there are.
        PeopleCount = "people_count",
    }
}

impl Var {
    /// Whether a screen can show it.
    pub fn can_be_shown(self) -> bool {
        !matches!(self.shape(), Shape::Hidden)
    }

    /// Whether every text may show it at any time: it comes from the configuration or the call itself.
    pub fn is_constant(self) -> bool {
        matches!(
            self,
            Self::Username
                | Self::HelpLine
                | Self::ServiceCode
                | Self::PinDigits
                | Self::PostPinDigits
                | Self::Reference
                | Self::Portal
                | Self::BlockAdvice
        )
    }

    /// The flags with which a dial knows it from the beginning.
    pub fn known_with(self) -> &'static [Flag] {
        match self {
            Self::CodeReference | Self::CodeUntil => &[Flag::CodeDue],
            Self::Post | Self::PostKind | Self::PostName | Self::PostState => &[Flag::PostLine],
            Self::Message | Self::MessageAt | Self::MessageReason => {
                &[Flag::FateDue, Flag::CodeMissing, Flag::CodeStuck]
            }
            _ => &[],
        }
    }

    /// The values it can have when a choice sets it.
    pub fn settable(self) -> &'static [&'static str] {
        match self {
            Self::Language => &["en", "sw"],
            Self::DisputeReason => &["not_there", "not_all_day", "replaced", "not_ours"],
            Self::ReopenReason => &REOPEN_REASONS,
            Self::DeputyDay | Self::OpenUntil => &["today", "tomorrow"],
            Self::DayShape => &["full", "half", "closed"],
            Self::MarkReason => &REASONS_TO_MARK,
            Self::Role => &ROLES,
            _ => &[],
        }
    }
}
