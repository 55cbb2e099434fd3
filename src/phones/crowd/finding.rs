//! What was not as it should be, and what each kind is called.

use std::fmt;

/// The kinds that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The screen is not what the journey expects there.
    WrongScreen,
    /// In the middle of a session the gateway began anew, or said that it can't go on.
    LostSession,
    /// One intent had two effects: the same request answered twice in different ways, the same SMS twice.
    DoubleEffect,
    /// No answer before the network hung up.
    Late,
    /// An answer after the 8 s that are promised, and before the network hung up.
    OverPromise,
    /// No connection, or one that broke.
    NoAnswer,
    /// A status other than 200, or a body that is neither `CON` nor `END`.
    BadAnswer,
    /// An SMS with other words than the journey expects.
    WrongSms,
    /// An SMS that did not come.
    MissingSms,
    /// The gateway said that something is broken and asked to dial again: nothing is wrong, and nobody was served.
    TryAgain,
    /// The gateway turned the line away for its many hops or calls.
    TurnedAway,
}

impl Kind {
    /// All of them, worst first.
    pub const ALL: [Self; 11] = [
        Self::WrongScreen,
        Self::LostSession,
        Self::DoubleEffect,
        Self::Late,
        Self::OverPromise,
        Self::NoAnswer,
        Self::BadAnswer,
        Self::WrongSms,
        Self::MissingSms,
        Self::TryAgain,
        Self::TurnedAway,
    ];

    /// Its name in the JSON summary and in a budget.
    pub fn name(self) -> &'static str {
        match self {
            Self::WrongScreen => "wrong",
            Self::LostSession => "lost",
            Self::DoubleEffect => "double",
            Self::Late => "late",
            Self::OverPromise => "over_8s",
            Self::NoAnswer => "no_answer",
            Self::BadAnswer => "bad_answer",
            Self::WrongSms => "sms_wrong",
            Self::MissingSms => "sms_missing",
            Self::TryAgain => "try_again",
            Self::TurnedAway => "turned_away",
        }
    }

    /// Its name for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::WrongScreen => "wrong screens",
            Self::LostSession => "lost sessions",
            Self::DoubleEffect => "double effects",
            Self::Late => "late answers",
            Self::OverPromise => "answers after 8 s",
            Self::NoAnswer => "no connection",
            Self::BadAnswer => "unusable answers",
            Self::WrongSms => "wrong SMS",
            Self::MissingSms => "missing SMS",
            Self::TryAgain => "asked to try again",
            Self::TurnedAway => "turned away",
        }
    }
}

/// One finding. What it shows has no person's name, number, ID or PIN in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The journey.
    pub journey: String,
    /// The line of the step in its file.
    pub line: usize,
    /// What the phone did.
    pub step: String,
    /// The lines expected there.
    pub expected: Vec<String>,
    /// What came, or what was wrong.
    pub got: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}, {}", self.journey, self.line, self.step)?;
        for line in &self.expected {
            write!(f, "\n    expected | {line}")?;
        }
        for line in &self.got {
            write!(f, "\n    got      | {line}")?;
        }
        Ok(())
    }
}
