//! The register as a ledger: what somebody wants to record of a centre's day, and what comes of it. Every function takes
//! the caller's unit of work and is done in it; whatever changes marks locks the register's head first.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    model::{
        CentreCode, DeploymentId, Msisdn,
        season::{Channel, DayShape},
    },
    storage::registers::Entry,
};

mod act;
mod add;
mod counting;
mod drafts;
mod one;
mod reads;
mod record;
mod unlock;
mod window;

pub(in crate::services) use self::act::change_state;
pub use self::{
    act::Changed,
    add::{AddRefused, Added, Answered, NewPerson, add_person, adopted, answer_addition, waiting_additions},
    counting::{Counted, counted, days_counted, days_counted_of_all},
    drafts::{draft, drop_draft, join_draft, keep_draft, latest_drafts},
    one::{PutRight, put_right},
    reads::{
        DayView, Unmarked, country_coverage, coverage, day, history, missed_days, opened_days, person_days,
        roster, unmarked,
    },
    record::{moved, record},
    unlock::{Unlocked, lock, unlock},
};
pub use crate::storage::{
    additions::Waiting,
    coverage::{CentreDay, Covered},
    marks::{MarkView, OnRoster, PersonDay},
    register_drafts::{RegisterDraft, View},
    registers::{DayOf, EntryRef},
};

/// What somebody wants to record of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// The day.
    pub on: NaiveDate,
    /// How much of it was held.
    pub shape: DayShape,
    /// Who was not there. Everybody else on the roster is present; ids that are not on it say nothing.
    pub absent: BTreeSet<DeploymentId>,
    /// Why: for corrections and for days that were missed.
    pub reason: Option<String>,
    /// The length of the chain that the wish was made from; `None` when nothing was looked at.
    pub base_seq: Option<i64>,
    /// The numbers of the roster that it was made from. An import changes the roster and adds nothing to the chain.
    pub base_roster: Option<BTreeSet<i64>>,
}

impl Wish {
    /// Which day of which register.
    pub fn of(&self) -> DayOf<'_> {
        DayOf { series: &self.series, centre: &self.centre, on: self.on }
    }
}

/// Who acts, and from where.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// The credential or the officer; `None` for a worker.
    pub actor: Option<Uuid>,
    /// The line.
    pub line: Option<&'a Msisdn>,
    /// The way.
    pub channel: Channel,
}

/// What came of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is in the ledger once the unit of work is committed.
    Done {
        /// Under which name.
        entry: EntryRef,
        /// The day as it stands now.
        day: DaySummary,
        /// How many people's marks were written.
        changed: usize,
    },
    /// The same stands already: nothing was written.
    AlreadySo {
        /// The reference of what stands.
        reference: String,
        /// The day as it stands.
        day: DaySummary,
    },
    /// Nothing was written.
    Refused(NotNow),
}

/// Why a day can't be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotNow {
    /// The series has no such day.
    NotASeriesDay,
    /// Its hours have not begun.
    TooEarly {
        /// When they do.
        opens: DateTime<Utc>,
    },
    /// It is over for the centre, and the director has not opened it.
    TooLate,
    /// The register is signed; only reopening it changes that.
    Signed,
    /// There is nobody on the roster of the day.
    NobodyDeployed,
    /// A correction and a day that was missed need a reason.
    NeedsReason,
    /// Somebody has acted on the day since the wish was made.
    Moved(Difference),
}

/// What a day's marks come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaySummary {
    /// Which day.
    pub on: NaiveDate,
    /// How much of it was held.
    pub shape: DayShape,
    /// Who was there, without those who wait for the director's word. Nobody, on a closed day.
    pub present: usize,
    /// Who was not.
    pub absent: usize,
    /// Who was there, was added at the centre and waits for the director's word.
    pub added: usize,
    /// Who has no mark: everybody before the day is marked, and after it who came onto the roster since.
    pub blank: usize,
    /// Those who were not there, in the order of their numbers.
    pub absentees: Vec<OnRoster>,
}

/// Where what stands differs from a wish, and who made it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The length of the chain now: a wish made after this was shown begins from here.
    pub seq: i64,
    /// What was done to the day since.
    pub acts: Vec<Entry>,
    /// Who has come onto its roster since, in the order of their numbers.
    pub joined: Vec<OnRoster>,
    /// The numbers of those who are no longer on it.
    pub left: Vec<i64>,
    /// How much of the day was held, as it stands and as it was wished; `None` when they are the same.
    pub shape: Option<(DayShape, DayShape)>,
    /// Those whose mark is not what was wished, in the order of their numbers; who has just joined is not among them.
    pub people: Vec<Differs>,
}

/// Somebody whose mark is not what was wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Differs {
    /// Who, and what stands.
    pub who: OnRoster,
    /// What was wished.
    pub wished: bool,
}
