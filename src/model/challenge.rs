//! Challenges: what a one-time code opens, for how long, and how many tries it has (`security.md` 1 to 5).

use chrono::Duration;
use serde::{Deserialize, Serialize};

/// What a one-time code allows. Another purpose has another code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Choosing a new PIN.
    ResetPin,
    /// Choosing a new password for the portal.
    ResetPassword,
    /// Signing in to the portal for the first time.
    FirstPassword,
    /// Moving the account to another line: goes to the old one.
    NewNumber,
    /// Recovery with an officer's help: read out or handed over, never sent, and useless alone.
    Officer,
}

impl Door {
    /// Its name in tables and in the derivation of codes.
    pub fn name(self) -> &'static str {
        match self {
            Self::ResetPin => "reset_pin",
            Self::ResetPassword => "reset_password",
            Self::FirstPassword => "first_password",
            Self::NewNumber => "new_number",
            Self::Officer => "officer",
        }
    }

    /// How long a code counts.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::Officer => Duration::hours(24),
            _ => Duration::minutes(10),
        }
    }
}

/// Wrong tries that kill a code.
pub const MOST_TRIES: i64 = 3;

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
    fn names_match_the_tables() {
        for door in [Door::ResetPin, Door::ResetPassword, Door::FirstPassword, Door::NewNumber, Door::Officer]
        {
            assert_eq!(serde_json::to_value(door).unwrap(), door.name());
        }
    }
}
