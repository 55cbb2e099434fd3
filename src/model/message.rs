//! Messages to phones: why they are sent, how long they may wait, and what becomes of them.

use chrono::Duration;
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer as _, value::Error as ValueError},
};

/// Why a message is sent. Decides its priority, its age limit and the words it uses (`menus/sms.toml`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// An account was opened on this line.
    AccountOpened,
    /// The PIN of the account was changed.
    PinChanged,
    /// The answer to an inbound SMS.
    HelpReply,
    /// The code for a new PIN.
    ResetCode,
    /// The code for a password of the portal.
    PasswordCode,
    /// The code that moves an account to another line, sent to the old one.
    NumberCode,
    /// The PIN of the account was made anew by recovery.
    PinReset,
    /// A password for the portal was chosen.
    PasswordSet,
    /// An officer made a code with which the account gets a new PIN.
    OfficerHelped,
    /// To the old line: the account went over to another.
    NumberChanged,
    /// To the new line: the account is on it now.
    NumberTaken,
    /// The code that takes an account back to the line it left.
    TakeBackCode,
    /// To both lines: the account is on the old one again.
    NumberBack,
    /// Somebody wrote about another number: only its owner can, from there.
    AboutAnother,
    /// What has become of the last code or notice to the line.
    StatusReply,
    /// The same where none was sent.
    StatusNone,
    /// Reminders and notices have stopped.
    Stopped,
    /// Reminders and notices come again.
    Started,
    /// We write in this language from now on.
    LanguageSet,
    /// A person at the desk will read what was not understood.
    NotUnderstood,
    /// Somebody sent a PIN or a password, which nobody should.
    NeverTell,
    /// Somebody sent a code, which belongs into the dial.
    SentCode,
    /// The line has no account.
    NoAccount,
    /// No new code before some time.
    TryLater,
    /// Too many wrong codes: only a person can help.
    CodesBlocked,
    /// Marks from a line that is not a centre's.
    NotACentre,
    /// No document has this code.
    CheckUnknown,
    /// What a person at the desk answers, in his own words.
    SupportAnswer,
    /// The first PIN of a centre, a deputy or an officer.
    FirstPin,
    /// To the other lines of a centre and its director: it was signed in from a new line.
    PostBound,
    /// The PIN of a centre was changed.
    PostPinChanged,
    /// The centre has not marked, and its director asks for it.
    CentreReminded,
    /// An officer has opened a day of the centre after its time.
    DayOpened,
    /// An officer has closed it again.
    DayClosed,
    /// The centre has marked the person absent.
    MarkedAbsent,
    /// The centre has corrected that: the person is marked present.
    MarkedPresent,
    /// To the centre: somebody says "I was there".
    DisputeOpened,
    /// A dispute is solved: the register was put right.
    DisputeGranted,
    /// The director has refused a dispute.
    DisputeRefused,
    /// The centre has refused a dispute; the director looks at it.
    DisputeRefusedByCentre,
    /// The centre has passed a dispute on to the director.
    DisputePassedOn,
    /// What has become of the last message, and what the register says of the person.
    StatusMarks,
    /// What the register says of the person.
    StatusMarksOnly,
    /// To the signer: the register is signed, and this is its code.
    RegisterSigned,
    /// To a director: so many signed registers wait for the countersignature.
    CountersignDue,
    /// To the line that signed: the director has countersigned.
    RegisterCountersigned,
    /// To the line that signed: the director has opened the register again.
    RegisterReopened,
    /// The code just sent is none: a digit is wrong.
    CheckTypo,
    /// What a signed document says.
    CheckSigned,
    /// What a countersigned document says.
    CheckCountersigned,
    /// What a document said that counts no more.
    CheckReplaced,
    /// To whoever marked a register: what was recorded, and under which reference.
    Receipt,
    /// The same where everybody was there.
    ReceiptAll,
    /// The same where the centre was closed.
    ReceiptClosed,
    /// Nothing was recorded of a centre's day, and why.
    NotRecorded,
    /// Nothing was recorded: numbers are not on the roster.
    NoSuchNumbers,
    /// A register by SMS can't be read for certain.
    RegisterUnread,
    /// A register can't be marked by SMS from this line today.
    MarkByDialling,
    /// A roster was asked for, and no day of a register is near.
    NoRoster,
    /// The first part of a roster that was asked for, with the day's code.
    Roster,
    /// Its other parts.
    RosterMore,
    /// The first part of tomorrow's roster, with its day's code.
    RosterAhead,
    /// Its other parts.
    RosterAheadMore,
    /// A centre has not marked its register yet.
    Reminder,
    /// To a director: which centres have not.
    UnmarkedList,
    /// To headquarters: how many have not, by county.
    UnmarkedTotal,
}

impl Purpose {
    /// Every purpose there is.
    pub const ALL: &[Self] = &[
        Self::AccountOpened,
        Self::PinChanged,
        Self::HelpReply,
        Self::ResetCode,
        Self::PasswordCode,
        Self::NumberCode,
        Self::PinReset,
        Self::PasswordSet,
        Self::OfficerHelped,
        Self::NumberChanged,
        Self::NumberTaken,
        Self::TakeBackCode,
        Self::NumberBack,
        Self::AboutAnother,
        Self::StatusReply,
        Self::StatusNone,
        Self::Stopped,
        Self::Started,
        Self::LanguageSet,
        Self::NotUnderstood,
        Self::NeverTell,
        Self::SentCode,
        Self::NoAccount,
        Self::TryLater,
        Self::CodesBlocked,
        Self::NotACentre,
        Self::CheckUnknown,
        Self::SupportAnswer,
        Self::FirstPin,
        Self::PostBound,
        Self::PostPinChanged,
        Self::CentreReminded,
        Self::DayOpened,
        Self::DayClosed,
        Self::MarkedAbsent,
        Self::MarkedPresent,
        Self::DisputeOpened,
        Self::DisputeGranted,
        Self::DisputeRefused,
        Self::DisputeRefusedByCentre,
        Self::DisputePassedOn,
        Self::StatusMarks,
        Self::StatusMarksOnly,
        Self::RegisterSigned,
        Self::CountersignDue,
        Self::RegisterCountersigned,
        Self::RegisterReopened,
        Self::CheckTypo,
        Self::CheckSigned,
        Self::CheckCountersigned,
        Self::CheckReplaced,
        Self::Receipt,
        Self::ReceiptAll,
        Self::ReceiptClosed,
        Self::NotRecorded,
        Self::NoSuchNumbers,
        Self::RegisterUnread,
        Self::MarkByDialling,
        Self::NoRoster,
        Self::Roster,
        Self::RosterMore,
        Self::RosterAhead,
        Self::RosterAheadMore,
        Self::Reminder,
        Self::UnmarkedList,
        Self::UnmarkedTotal,
    ];

    /// Its name in `menus/sms.toml` and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountOpened => "account_opened",
            Self::PinChanged => "pin_changed",
            Self::HelpReply => "help_reply",
            Self::ResetCode => "reset_code",
            Self::PasswordCode => "password_code",
            Self::NumberCode => "number_code",
            Self::PinReset => "pin_reset",
            Self::PasswordSet => "password_set",
            Self::OfficerHelped => "officer_helped",
            Self::NumberChanged => "number_changed",
            Self::NumberTaken => "number_taken",
            Self::TakeBackCode => "take_back_code",
            Self::NumberBack => "number_back",
            Self::AboutAnother => "about_another",
            Self::StatusReply => "status_reply",
            Self::StatusNone => "status_none",
            Self::Stopped => "stopped",
            Self::Started => "started",
            Self::LanguageSet => "language_set",
            Self::NotUnderstood => "not_understood",
            Self::NeverTell => "never_tell",
            Self::SentCode => "sent_code",
            Self::NoAccount => "no_account",
            Self::TryLater => "try_later",
            Self::CodesBlocked => "codes_blocked",
            Self::NotACentre => "not_a_centre",
            Self::CheckUnknown => "check_unknown",
            Self::SupportAnswer => "support_answer",
            Self::FirstPin => "first_pin",
            Self::PostBound => "post_bound",
            Self::PostPinChanged => "post_pin_changed",
            Self::CentreReminded => "centre_reminded",
            Self::DayOpened => "day_opened",
            Self::DayClosed => "day_closed",
            Self::MarkedAbsent => "marked_absent",
            Self::MarkedPresent => "marked_present",
            Self::DisputeOpened => "dispute_opened",
            Self::DisputeGranted => "dispute_granted",
            Self::DisputeRefused => "dispute_refused",
            Self::DisputeRefusedByCentre => "dispute_refused_by_centre",
            Self::DisputePassedOn => "dispute_passed_on",
            Self::StatusMarks => "status_marks",
            Self::StatusMarksOnly => "status_marks_only",
            Self::RegisterSigned => "register_signed",
            Self::CountersignDue => "countersign_due",
            Self::RegisterCountersigned => "register_countersigned",
            Self::RegisterReopened => "register_reopened",
            Self::CheckTypo => "check_typo",
            Self::CheckSigned => "check_signed",
            Self::CheckCountersigned => "check_countersigned",
            Self::CheckReplaced => "check_replaced",
            Self::Receipt => "receipt",
            Self::ReceiptAll => "receipt_all",
            Self::ReceiptClosed => "receipt_closed",
            Self::NotRecorded => "not_recorded",
            Self::NoSuchNumbers => "no_such_numbers",
            Self::RegisterUnread => "register_unread",
            Self::MarkByDialling => "mark_by_dialling",
            Self::NoRoster => "no_roster",
            Self::Roster => "roster",
            Self::RosterMore => "roster_more",
            Self::RosterAhead => "roster_ahead",
            Self::RosterAheadMore => "roster_ahead_more",
            Self::Reminder => "reminder",
            Self::UnmarkedList => "unmarked_list",
            Self::UnmarkedTotal => "unmarked_total",
        }
    }

    /// The purpose of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.name() == name)
    }

    /// Which messages go first when not all can go at once.
    pub fn priority(self) -> Priority {
        match self {
            Self::ResetCode | Self::PasswordCode | Self::NumberCode | Self::TakeBackCode => Priority::Code,
            Self::RosterAhead
            | Self::RosterAheadMore
            | Self::Reminder
            | Self::UnmarkedList
            | Self::UnmarkedTotal
            | Self::CountersignDue => Priority::Bulk,
            _ => Priority::Notice,
        }
    }

    /// The age past which it is not sent any more.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::AccountOpened
            | Self::PinChanged
            | Self::PinReset
            | Self::OfficerHelped
            | Self::PostBound
            | Self::PostPinChanged
            | Self::DayOpened
            | Self::DayClosed
            | Self::PasswordSet
            | Self::MarkedAbsent
            | Self::MarkedPresent
            | Self::Receipt
            | Self::ReceiptAll
            | Self::ReceiptClosed => Duration::hours(24),
            // An answer is waited for.
            Self::DisputeOpened
            | Self::DisputeGranted
            | Self::DisputeRefused
            | Self::DisputeRefusedByCentre
            | Self::DisputePassedOn => Duration::hours(48),
            // Later in the day other centres have not marked; whoever asks for a list gets it.
            Self::Reminder | Self::UnmarkedList | Self::UnmarkedTotal => Duration::hours(2),
            // What still waits is said again the next day.
            Self::CountersignDue => Duration::hours(12),
            // An evening, if the outbox has a country of rosters to send.
            Self::RosterAhead | Self::RosterAheadMore => Duration::hours(4),
            // As long as it helps to know.
            Self::NumberChanged
            | Self::NumberTaken
            | Self::NumberBack
            | Self::FirstPin
            | Self::RegisterSigned
            | Self::RegisterCountersigned
            | Self::RegisterReopened => Duration::hours(72),
            // It says by which words of the person it was asked for; a desk may answer late in the evening.
            Self::SupportAnswer => Duration::hours(48),
            // As long as the code itself; the message of a code said again ends with the code.
            Self::ResetCode | Self::PasswordCode | Self::NumberCode | Self::TakeBackCode => {
                Duration::minutes(10)
            }
            _ => Duration::hours(1),
        }
    }

    /// Whether it answers an SMS that the person has sent just now.
    pub fn is_reply(self) -> bool {
        match self {
            Self::AccountOpened
            | Self::PinChanged
            | Self::ResetCode
            | Self::PasswordCode
            | Self::NumberCode
            | Self::PinReset
            | Self::OfficerHelped
            | Self::NumberChanged
            | Self::NumberTaken
            | Self::TakeBackCode
            | Self::NumberBack
            | Self::PasswordSet
            | Self::FirstPin
            | Self::PostBound
            | Self::PostPinChanged
            | Self::CentreReminded
            | Self::DayOpened
            | Self::DayClosed
            | Self::SupportAnswer
            | Self::MarkedAbsent
            | Self::MarkedPresent
            | Self::DisputeOpened
            | Self::DisputeGranted
            | Self::DisputeRefused
            | Self::DisputeRefusedByCentre
            | Self::DisputePassedOn
            | Self::RegisterSigned
            | Self::CountersignDue
            | Self::RegisterCountersigned
            | Self::RegisterReopened
            | Self::Receipt
            | Self::ReceiptAll
            | Self::ReceiptClosed
            | Self::RosterAhead
            | Self::RosterAheadMore
            | Self::Reminder
            | Self::UnmarkedList
            | Self::UnmarkedTotal => false,
            Self::HelpReply
            | Self::AboutAnother
            | Self::StatusReply
            | Self::StatusMarks
            | Self::StatusMarksOnly
            | Self::StatusNone
            | Self::Stopped
            | Self::Started
            | Self::LanguageSet
            | Self::NotUnderstood
            | Self::NeverTell
            | Self::SentCode
            | Self::NoAccount
            | Self::TryLater
            | Self::CodesBlocked
            | Self::NotACentre
            | Self::CheckTypo
            | Self::CheckSigned
            | Self::CheckCountersigned
            | Self::CheckReplaced
            | Self::CheckUnknown
            | Self::NotRecorded
            | Self::NoSuchNumbers
            | Self::RegisterUnread
            | Self::MarkByDialling
            | Self::NoRoster
            | Self::Roster
            | Self::RosterMore => true,
        }
    }

    /// Whether STOP keeps it from being sent: reminders, and notices of what the person has just read on the screen.
    /// Codes, what warns of a change to the account, and answers are never stopped.
    pub fn may_be_stopped(self) -> bool {
        matches!(self, Self::AccountOpened | Self::MarkedAbsent | Self::MarkedPresent)
            || self.priority() == Priority::Bulk
    }

    /// How many septets its text may have: one SMS; two for a person's own words and for lists of people and centres; four
    /// for headquarters, which gets the whole country.
    pub fn most_septets(self) -> usize {
        match self {
            Self::SupportAnswer | Self::Receipt | Self::UnmarkedList | Self::CountersignDue => 2 * 153,
            Self::UnmarkedTotal => 4 * 153,
            _ => 160,
        }
    }

    /// Whether it carries the code of a centre's day, which is put in when it is sent, and not kept.
    pub fn has_day_code(self) -> bool {
        matches!(self, Self::Roster | Self::RosterAhead)
    }

    /// Whether it carries a one-time code: its words are made when it is sent, and not kept.
    pub fn is_code(self) -> bool {
        self.priority() == Priority::Code
    }

    /// How long it may stay without a report of its delivery before another route is tried: only somebody who waits
    /// for a code is helped by getting it twice.
    pub fn patience(self) -> Option<Duration> {
        self.is_code().then(|| Duration::seconds(25))
    }
}

/// Codes go before notices, notices before bulk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Priority {
    /// One-time codes.
    Code = 0,
    /// Something happened that concerns one person.
    Notice = 1,
    /// Rosters, reminders, campaigns.
    Bulk = 2,
}

/// What has become of a message so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Waiting for a route, or for its next try.
    Queued,
    /// A route has taken it; nothing final is known yet.
    Sent,
    /// The phone has it.
    Delivered,
    /// It was refused for good; the reason stands beside it.
    Refused,
    /// It grew too old before any route could send it.
    Expired,
}

impl Fate {
    /// Whether nothing more is expected to happen.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Refused | Self::Expired)
    }

    /// The fate after news of it, however late or often the news come: `None` when nothing changes.
    ///
    /// "Delivered" is believed whenever it comes; nothing else moves a message on from a final fate.
    #[must_use]
    pub fn after(self, news: Self) -> Option<Self> {
        match (self, news) {
            (Self::Delivered, _) => None,
            (_, Self::Delivered) => Some(Self::Delivered),
            (old, _) if old.is_final() => None,
            (old, new) if old == new => None,
            (Self::Sent, Self::Queued) => None,
            (_, new) => Some(new),
        }
    }
}

/// Why a route or a network refused a message, in the few kinds that ask for different advice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// The line blocks messages of this kind (opted out, do-not-disturb, "blacklist").
    LineBlocks,
    /// No such number, or not one that can get SMS.
    BadNumber,
    /// The phone is off or out of reach for too long.
    PhoneAway,
    /// The phone's memory is full.
    PhoneFull,
    /// The line is suspended or inactive.
    LineInactive,
    /// Our sender name, credentials or credit are at fault, not the person's line.
    OurSide,
    /// The route could not carry it to this network.
    NoRoute,
    /// Refused without a reason that we know.
    Unknown,
    /// The person wanted no more of this kind (STOP).
    Stopped,
}

impl RefusalReason {
    /// The reason of this name in tables.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::deserialize(name.into_deserializer()).map_err(|_: ValueError| ()).ok()
    }
}

/// What a message comes as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Words on the phone.
    Sms,
    /// A call that says them.
    Call,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_in_any_order_end_in_the_same_fate() {
        use Fate::*;
        assert_eq!(Sent.after(Delivered), Some(Delivered));
        assert_eq!(Delivered.after(Sent), None);
        assert_eq!(Delivered.after(Refused), None);
        assert_eq!(Refused.after(Delivered), Some(Delivered), "a phone that has it has it");
        assert_eq!(Refused.after(Sent), None);
        assert_eq!(
            Queued.after(Delivered),
            Some(Delivered),
            "a report may come before the send call returns"
        );
        assert_eq!(Sent.after(Queued), None);
    }

    #[test]
    fn reasons_are_found_by_their_names() {
        assert_eq!(RefusalReason::from_name("line_blocks"), Some(RefusalReason::LineBlocks));
        assert_eq!(RefusalReason::from_name("blocks"), None);
    }

    #[test]
    fn names_match_the_tables() {
        for purpose in Purpose::ALL.iter().copied() {
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.name());
        }
    }
}
