//! Ids as types, so that one can't stand where another belongs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

uuid_id!(
    /// One person's account.
    AccountId
);
uuid_id!(
    /// One message to one phone, whatever routes it takes.
    MessageId
);
uuid_id!(
    /// One challenge: a one-time code, however often it is said.
    ChallengeId
);
uuid_id!(
    /// One ticket of the support desk.
    TicketId
);
uuid_id!(
    /// One PIN of a post: a centre's, a deputy's or an officer's.
    CredentialId
);
uuid_id!(
    /// Somebody who is deployed.
    PersonId
);
uuid_id!(
    /// One person at one centre in one series, from a day to a day.
    DeploymentId
);
uuid_id!(
    /// One dispute over one mark.
    DisputeId
);

/// The aggregator's name for one USSD session: opaque, at most 128 printable ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionId(String);

impl SessionId {
    /// Accept an aggregator's id; `None` when it is empty, too long or holds control characters.
    pub fn parse(id: &str) -> Option<Self> {
        let fits = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(id.to_owned()))
    }

    /// The id as the aggregator wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
