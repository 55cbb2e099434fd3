//! What an officer may do, by role; where is `storage/scopes.rs`. Support looks and reminds: whoever answers the help line
//! opens no day and hands out no PIN.

use crate::storage::officers::Role;

/// What an officer can do by phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// See who has marked, a centre's day, its absentees, the state of its PIN.
    See,
    /// Remind a centre that has not marked.
    Remind,
    /// Open a day after its time, and close it again.
    OpenDay,
    /// Say whether somebody who was added belongs there.
    Answer,
    /// Issue a centre's PIN.
    IssuePin,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::See, Self::Remind, Self::OpenDay, Self::Answer, Self::IssuePin];
}

/// Whether an officer of a role may do it, in the officer's own place.
pub fn may(role: Role, right: Right) -> bool {
    match (role, right) {
        (_, Right::See | Right::Remind) => true,
        (Role::SubCountyDirector | Role::Headquarters, _) => true,
        (Role::Support, Right::OpenDay | Right::Answer | Right::IssuePin) => false,
    }
}
