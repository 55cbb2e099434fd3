//! Tickets of the support desk: what a person wrote that nobody understood, and where it stands.

use serde::{Deserialize, Serialize};

/// Where a ticket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TicketState {
    /// The desk has something to read.
    Open,
    /// The desk has answered; another text of the person opens it again.
    Answered,
    /// It is over; another text begins a new ticket.
    Closed,
}

impl TicketState {
    /// Its name in tables and lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Closed => "closed",
        }
    }
}

/// The name under which somebody works at the desk, for the audit: a few plain characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskName(String);

/// Why a name is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("write a name such as a.wanjiku: 2 to 40 letters, digits, dots, dashes")]
pub struct BadDeskName;

impl std::str::FromStr for DeskName {
    type Err = BadDeskName;

    fn from_str(name: &str) -> Result<Self, BadDeskName> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
        let fits = (2..=40).contains(&name.len()) && name.chars().all(plain);
        if fits { Ok(Self(name.to_owned())) } else { Err(BadDeskName) }
    }
}

impl DeskName {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the audit names whoever it is: no other actor is called so.
    pub fn actor(&self) -> String {
        format!("desk:{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_called_the_same_everywhere() {
        for state in [TicketState::Open, TicketState::Answered, TicketState::Closed] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }

    #[test]
    fn a_desk_name_forges_neither_an_actor_nor_a_line() {
        assert_eq!("self".parse::<DeskName>().unwrap().actor(), "desk:self");
        for bad in ["", "a", "a b", "a\nb", "a:b", "é.é", &"a".repeat(41)] {
            assert_eq!(bad.parse::<DeskName>(), Err(BadDeskName), "{bad:?}");
        }
    }
}
