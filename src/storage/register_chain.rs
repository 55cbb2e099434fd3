//! What binds the entries of a register together: each hash covers the entry, the marks that it made and the entry
//! before. Personal fields (the line, the reason) are covered by a salted commitment only, so that wiping them leaves
//! the chain whole (`security.md` 35).

use chrono::{DateTime, NaiveDate, Utc};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::model::{DeploymentId, Msisdn};

/// One mark as the digest sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// Whose.
    pub deployment: DeploymentId,
    /// Of which day.
    pub on: NaiveDate,
    /// One above the one before.
    pub version: i64,
    /// Whether the person was there.
    pub present: bool,
}

/// What an entry's hash covers, besides the entry before.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// The series of its register.
    pub series: &'a str,
    /// The centre of its register.
    pub centre: &'a str,
    /// Its place in the chain, from 1.
    pub seq: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The day that it is about.
    pub on: NaiveDate,
    /// What was done, as its word.
    pub act: &'a str,
    /// By which way, as its word.
    pub channel: &'a str,
    /// By whom.
    pub actor: Option<Uuid>,
    /// What holds the personal fields.
    pub commitment: &'a [u8],
    /// What holds the marks.
    pub marks: &'a [u8],
    /// What the person was told.
    pub reference: &'a str,
    /// What the day was said to be, as its word.
    pub shape: Option<&'a str>,
    /// Until when an unlocked day stands open.
    pub opened_until: Option<DateTime<Utc>>,
    /// Whom it is about.
    pub subject: Option<Uuid>,
}

/// Hashes parts with their lengths before them: no two lists of parts give the same bytes.
pub(super) struct Parts(Sha256);

impl Parts {
    pub(super) fn new() -> Self {
        Self(Sha256::new())
    }

    pub(super) fn part(mut self, part: &[u8]) -> Self {
        self.0.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(part);
        self
    }

    /// A part that may be absent, which is not the same as empty.
    fn maybe(self, part: Option<&[u8]>) -> Self {
        match part {
            Some(part) => self.part(&[1]).part(part),
            None => self.part(&[0]),
        }
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0.finalize().to_vec()
    }
}

impl Link<'_> {
    /// The hash of this entry after the one before.
    pub fn hash_after(&self, previous: &[u8]) -> Vec<u8> {
        Parts::new()
            .part(previous)
            .part(self.series.as_bytes())
            .part(self.centre.as_bytes())
            .part(&self.seq.to_be_bytes())
            .part(&self.at.timestamp_micros().to_be_bytes())
            .part(self.on.to_string().as_bytes())
            .part(self.act.as_bytes())
            .part(self.channel.as_bytes())
            .maybe(self.actor.as_ref().map(|actor| &actor.as_bytes()[..]))
            .part(self.commitment)
            .part(self.marks)
            .part(self.reference.as_bytes())
            .maybe(self.shape.map(str::as_bytes))
            .maybe(self.opened_until.map(|at| at.timestamp_micros().to_be_bytes()).as_ref().map(|b| &b[..]))
            .maybe(self.subject.as_ref().map(|subject| &subject.as_bytes()[..]))
            .done()
    }
}

/// What stands in the chain for a line and a reason; without a salt there is nothing personal.
pub fn commitment(salt: Option<&[u8]>, line: Option<&str>, reason: Option<&str>) -> Vec<u8> {
    let Some(salt) = salt else { return vec![] };
    let (line, reason) = (line.map(str::as_bytes), reason.map(str::as_bytes));
    Parts::new().part(salt).maybe(line).maybe(reason).done()
}

/// The same for a line that is known as such.
pub(super) fn commitment_of(salt: &[u8; 16], line: Option<&Msisdn>, reason: Option<&str>) -> Vec<u8> {
    commitment(Some(salt), line.map(Msisdn::as_e164), reason)
}

/// The digest of the marks of one act, in the order of their deployments whatever order they come in.
pub fn digest(marks: &mut [Mark]) -> Vec<u8> {
    marks.sort_unstable();
    let mut hash = Sha256::new();
    for mark in marks {
        // Every part has a length that never varies.
        hash.update(mark.deployment.0.as_bytes());
        hash.update(mark.on.to_epoch_days().to_be_bytes());
        hash.update(mark.version.to_be_bytes());
        hash.update([u8::from(mark.present)]);
    }
    hash.finalize().to_vec()
}
