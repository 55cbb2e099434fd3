//! The session value: everything the engine knows of a caller between two hops. It is sealed before it is stored, and
//! holds no secret: of a new PIN only a keyed digest, and only between its two entries.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    compiled::ScreenId,
    registry::{Flag, Outcome, Refusal, Say, Source, Var},
};
use crate::model::{AccountId, CredentialId, Language, Post};
use chrono::{DateTime, Utc};

/// What a variable holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Text to show or to hand to an action; a word's name for variables of that shape.
    Text(String),
    /// The keyed digest of a secret.
    Digest([u8; 16]),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Flags(u32);

impl Flags {
    /// Whether the flag is up.
    pub fn has(self, flag: Flag) -> bool {
        self.0 & bit(flag) != 0
    }

    /// Put the flag up or down.
    pub fn set(&mut self, flag: Flag, up: bool) {
        if up { self.0 |= bit(flag) } else { self.0 &= !bit(flag) }
    }

    /// The same with the flag up or down.
    #[must_use]
    pub fn with(mut self, flag: Flag, up: bool) -> Self {
        self.set(flag, up);
        self
    }

    /// The flags as a number, for tables.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }

    /// The flags of a number from a table.
    pub fn from_bits(bits: i64) -> Self {
        Self(u32::try_from(bits).unwrap_or(0))
    }

    /// The flags of a list.
    pub fn of(flags: &[Flag]) -> Self {
        Self(flags.iter().fold(0, |bits, flag| bits | bit(*flag)))
    }
}

fn bit(flag: Flag) -> u32 {
    1 << (flag as u16)
}

/// That the PIN of an account was right in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The account.
    pub account: AccountId,
    /// The account's epoch at that time: a later one ends the sign-in.
    pub epoch: i64,
    /// When the PIN was checked.
    pub at: DateTime<Utc>,
}

/// That the PIN of a post was right in this session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AtPost {
    /// The credential whose PIN it was.
    pub credential: CredentialId,
    /// Whose it is.
    pub post: Post,
    /// The series whose registers a centre is at; empty for officers.
    pub series: String,
    /// Whether it is the PIN of somebody who stands in.
    pub deputy: bool,
    /// The credential's epoch at that time: a later one ends the sign-in.
    pub epoch: i64,
    /// When the PIN was checked.
    pub at: DateTime<Utc>,
}

/// One row of a list as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What a choice of it means.
    pub id: String,
    /// What it shows.
    pub values: Vec<(Var, Value)>,
}

/// What stands above a screen because of the last input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The input was refused.
    Refused(Refusal),
    /// The program has something to say.
    Said(Say),
}

/// What an action came out as, and everything that follows from it for the session. It is what the journal keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The outcome.
    pub outcome: Outcome,
    /// Variables it sets.
    pub sets: Vec<(Var, Value)>,
    /// The sign-in it proves.
    pub proof: Option<Proof>,
    /// The sign-in at a post that it proves, or moves to another series.
    pub post: Option<AtPost>,
    /// The language from now on.
    pub language: Option<Language>,
    /// The flags that it tells ([`Action::tells`](super::registry::Action::tells)).
    pub flags: Vec<(Flag, bool)>,
    /// The rows that it tells ([`Action::lists`](super::registry::Action::lists)).
    pub rows: Vec<(Source, Vec<Row>)>,
}

impl Reply {
    /// An outcome and nothing else.
    pub fn of(outcome: Outcome) -> Self {
        Self { outcome, sets: vec![], proof: None, post: None, language: None, flags: vec![], rows: vec![] }
    }

    /// With a flag put up or down.
    #[must_use]
    pub fn flag(mut self, flag: Flag, up: bool) -> Self {
        self.flags.push((flag, up));
        self
    }

    /// With the rows of a source told.
    #[must_use]
    pub fn rows(mut self, source: Source, rows: Vec<Row>) -> Self {
        self.rows.push((source, rows));
        self
    }

    /// With a variable set.
    #[must_use]
    pub fn set(mut self, var: Var, value: impl Into<Value>) -> Self {
        self.sets.push((var, value.into()));
        self
    }
}

/// Where a caller is in the menus, and what has been typed and found out so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The language of the screens.
    pub language: Language,
    /// The caller's situation.
    pub flags: Flags,
    /// What was typed and looked up.
    pub vars: Vec<(Var, Value)>,
    /// The screens behind, the one on show last.
    pub trail: Vec<ScreenId>,
    /// The page of the screen on show, from 0.
    pub page: u8,
    /// The list on show, as it was when it was shown.
    pub rows: Vec<Row>,
    /// The rows that actions have told, the latest of each source.
    pub told: Vec<(Source, Vec<Row>)>,
    /// What stands above the screen.
    pub notice: Option<Notice>,
    /// The sign-in, once the PIN was right.
    pub proof: Option<Proof>,
    /// The sign-in at a post. There is one sign-in at a time.
    pub post: Option<AtPost>,
    /// Lists shown so far, digested: what the echoed note proves.
    pub lists: u64,
    /// Whether the last screen was shown.
    pub ended: bool,
}

impl Session {
    /// A session before its first screen.
    pub fn new(language: Language, flags: Flags) -> Self {
        Self {
            language,
            flags,
            vars: vec![],
            trail: vec![],
            page: 0,
            rows: vec![],
            told: vec![],
            notice: None,
            proof: None,
            post: None,
            lists: 0,
            ended: false,
        }
    }

    /// The value of a variable.
    pub fn get(&self, var: Var) -> Option<&Value> {
        self.vars.iter().find(|(v, _)| *v == var).map(|(_, value)| value)
    }

    /// The text of a variable.
    pub fn text(&self, var: Var) -> Option<&str> {
        match self.get(var) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Set a variable.
    pub fn set(&mut self, var: Var, value: Value) {
        self.unset(var);
        self.vars.push((var, value));
    }

    /// Forget a variable.
    pub fn unset(&mut self, var: Var) {
        self.vars.retain(|(v, _)| *v != var);
    }

    /// The rows of a source: as an action told them, or as they were fetched for the list on show.
    pub fn rows_of(&self, source: Source) -> &[Row] {
        if !source.is_told() {
            return &self.rows;
        }
        self.told.iter().find(|(told, _)| *told == source).map_or(&[], |(_, rows)| rows)
    }

    /// Keep what an action told.
    pub fn tell(&mut self, source: Source, rows: Vec<Row>) {
        self.told.retain(|(told, _)| *told != source);
        self.told.push((source, rows));
    }

    /// The screen on show.
    pub fn screen(&self) -> Option<ScreenId> {
        self.trail.last().copied()
    }
}
