//! Challenges: what a one-time code opens, for how long, and how many tries it has (`security.md` 1 to 5).

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::pin::folded_digits;

/// What a one-time code allows. Another purpose has another code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Choosing a new PIN.
    ResetPin,
    /// Choosing a password for the portal, be it the first or a new one: the web can't tell which without telling
    /// whether there is one.
    ResetPassword,
    /// Moving the account to another line: goes to the old one.
    NewNumber,
    /// Recovery with an officer's help: read out or handed over, never sent, and useless alone.
    Officer,
    /// Taking an account back to the line it left: goes to that line.
    TakeBack,
    /// Choosing the PIN of a post: goes to the line that it is issued to, and works from there alone.
    FirstPin,
}

impl Door {
    /// Its name in tables and in the derivation of codes.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPin => "reset_pin",
            Self::ResetPassword => "reset_password",
            Self::NewNumber => "new_number",
            Self::Officer => "officer",
            Self::TakeBack => "take_back",
            Self::FirstPin => "first_pin",
        }
    }

    /// How long a code counts.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Officer => Duration::hours(24),
            Self::FirstPin => Duration::hours(72),
            _ => Duration::minutes(10),
        }
    }
}

/// Wrong tries that kill a code.
pub const MOST_TRIES: i64 = 3;

/// How far the clocks of two nodes may be apart (`security.md` B).
pub const MOST_SKEW: Duration = Duration::seconds(30);

/// That a code was right, and where: it may be used there alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// The mark of the session.
    pub by: [u8; 16],
    /// When.
    pub at: DateTime<Utc>,
}

/// What somebody typed for a code: six or eight digits. Never shown, never stored.
#[derive(Clone)]
pub struct TypedCode(SecretString);

impl TypedCode {
    /// Read what was typed; blanks and dashes are dropped, digits of other scripts folded. `None` when it can't be a
    /// code.
    pub fn parse(typed: &str) -> Option<Self> {
        let digits = SecretString::from(folded_digits(typed)?);
        matches!(digits.expose_secret().len(), 6 | 8).then_some(Self(digits))
    }

    /// The digits, for comparing.
    pub fn digits(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for TypedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TypedCode(…)")
    }
}

/// Why a code no longer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Closed {
    /// It was right, once.
    Used,
    /// It was typed wrong too often.
    Dead,
    /// A later one stands in its place.
    Replaced,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_or_eight_digits_however_they_are_grouped() {
        for (typed, digits) in [("042917", "042917"), ("042 917", "042917"), ("0429-1738", "04291738")] {
            assert_eq!(TypedCode::parse(typed).unwrap().digits(), digits);
        }
        for typed in ["", "04291", "0429173", "042917380", "04291x", "K7Q2"] {
            assert!(TypedCode::parse(typed).is_none(), "{typed}");
        }
        assert_eq!(format!("{:?}", TypedCode::parse("042917")), "Some(TypedCode(…))");
    }

    #[test]
    fn names_match_the_tables() {
        for door in [
            Door::ResetPin,
            Door::ResetPassword,
            Door::NewNumber,
            Door::Officer,
            Door::TakeBack,
            Door::FirstPin,
        ] {
            assert_eq!(serde_json::to_value(door).unwrap(), door.name());
        }
    }
}
