//! Values, rules and state machines of the domain. No I/O, no async, nothing of ours below it.

#[macro_use]
mod words;

pub mod attendance;
pub mod challenge;
pub mod dispute;
pub mod document_code;
pub mod ids;
pub mod language;
pub mod message;
pub mod msisdn;
pub mod name;
pub mod national_id;
pub mod network;
pub mod password;
pub mod pay;
pub mod pin;
pub mod reference;
pub mod roster;
pub mod season;
pub mod ticket;

pub use document_code::DocumentCode;
pub use ids::{
    AccountId, ChallengeId, CredentialId, DeploymentId, DisputeId, MessageId, PersonId, SessionId, TicketId,
};
pub use language::Language;
pub use msisdn::Msisdn;
pub use name::{NamePart, PersonName};
pub use national_id::NationalId;
pub use network::Network;
pub use password::Password;
pub use pin::Pin;
pub use roster::RosterNumber;
pub use season::{CentreCode, Post};
