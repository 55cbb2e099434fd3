//! The season's own words: centres, roles, days, and what a person was on a day.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A centre's code: eight digits, text because zeros lead some.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CentreCode(String);

impl CentreCode {
    /// Read a code; blanks around it don't count.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        (text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit())).then(|| Self(text.to_owned()))
    }

    /// The eight digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CentreCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who may act with a PIN that belongs to a post, not to a person.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Post {
    /// Whoever manages a centre.
    Centre(CentreCode),
    /// An officer.
    Officer(Uuid),
}

impl Post {
    /// Its kind in tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Centre(_) => "centre",
            Self::Officer(_) => "officer",
        }
    }

    /// Its name in tables: a centre's code, an officer's id in 32 hexadecimal digits.
    pub fn name(&self) -> String {
        match self {
            Self::Centre(code) => code.as_str().to_owned(),
            Self::Officer(id) => id.simple().to_string(),
        }
    }

    /// The post of a kind and a name.
    pub fn of(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "centre" => CentreCode::parse(name).map(Self::Centre),
            "officer" => Uuid::try_parse(name).ok().map(Self::Officer),
            _ => None,
        }
    }
}

words! {
    /// What somebody is deployed as (`domain.md`).
    pub enum DeployedAs {
        /// The principal or head teacher; marks everybody, also himself.
        CentreManager = "centre_manager",
        /// One for 200 candidates.
        Supervisor = "supervisor",
        /// One for 20 candidates.
        Invigilator = "invigilator",
        /// Guards the papers.
        Security = "security",
        /// Drives them.
        Driver = "driver",
        /// Marks them.
        Examiner = "examiner",
    }
}

words! {
    /// What a day is in a series.
    pub enum DayKind {
        /// Everything is tried once.
        Rehearsal = "rehearsal",
        /// Papers are written.
        Exam = "exam",
    }
}

words! {
    /// How much of a day a centre held.
    pub enum DayShape {
        /// All of it.
        Full = "full",
        /// A part; what it counts is the rule of the series' rates.
        Half = "half",
        /// Nothing: nobody is marked, nobody is paid.
        Closed = "closed",
    }
}

words! {
    /// How far a centre's day has come.
    pub enum DayState {
        /// Nothing is confirmed yet.
        Open = "open",
        /// Everybody is marked.
        Submitted = "submitted",
    }
}

words! {
    /// How far a centre's register of a series has come.
    pub enum RegisterState {
        /// Days can be marked and corrected.
        Open = "open",
        /// The manager has signed the closing document.
        Signed = "signed",
        /// The director has countersigned it: it is handed in.
        Countersigned = "countersigned",
    }
}

words! {
    /// What an entry of a register's chain did.
    pub enum Act {
        /// Everybody of a day was marked for the first time.
        Submit = "submit",
        /// Marks of a day were changed.
        Correct = "correct",
        /// The director opened a day after its time.
        Unlock = "unlock",
        /// The director closed it again.
        Lock = "lock",
        /// Somebody who turned up was put on the roster.
        Add = "add",
        /// The manager signed the closing document.
        Sign = "sign",
        /// The director countersigned it.
        Countersign = "countersign",
        /// The director opened a signed register again.
        Reopen = "reopen",
        /// The director agreed that somebody who was added belongs there.
        Accept = "accept",
        /// The director did not: whatever was marked of them counts nothing.
        Reject = "reject",
    }
}

words! {
    /// By which way somebody acted.
    pub enum Channel {
        /// A dialled session.
        Ussd = "ussd",
        /// A text.
        Sms = "sms",
        /// A web page of the staff.
        Console = "console",
        /// A command on a server.
        Cli = "cli",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centre_code_has_eight_digits_and_keeps_its_zeros() {
        assert_eq!(CentreCode::parse(" 01234567 ").unwrap().as_str(), "01234567");
        for wrong in ["1234567", "123456789", "1234567a", ""] {
            assert_eq!(CentreCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_post_comes_back_from_its_kind_and_name() {
        let posts = [Post::Centre(CentreCode::parse("12345001").unwrap()), Post::Officer(Uuid::from_u128(7))];
        for post in posts {
            assert_eq!(Post::of(post.kind(), &post.name()), Some(post));
        }
    }

    #[test]
    fn every_word_leads_back_to_what_it_stands_for() {
        for role in DeployedAs::ALL {
            assert_eq!(DeployedAs::from_word(role.word()), Some(*role));
        }
    }
}
