//! What follows from a register's entries and marks: its state, its days with their counts, and who of those that were
//! added belongs there. Rows that say otherwise were not written by an act.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Result, Tx},
    register_audit::EntryRow,
    register_chain::{Mark, digest},
};
use crate::model::{
    DeploymentId,
    season::{Act, DayShape, DayState, RegisterState},
};

/// A mark, and how its deployment counts.
#[derive(FromRow)]
pub(super) struct MarkRow {
    pub(super) centre: String,
    pub(super) seq: i64,
    deployment: Uuid,
    on_day: NaiveDate,
    version: i64,
    present: bool,
    origin: String,
    accepted: Option<bool>,
}

impl MarkRow {
    /// The marks of some registers of a series.
    pub(super) async fn read(
        tx: &mut Tx,
        series: &str,
        (first, last): (&Option<String>, &Option<String>),
    ) -> Result<Vec<Self>> {
        tx.query(
            "SELECT d.centre, m.seq, m.deployment, m.on_day, m.version, m.present, d.origin, d.accepted
             FROM deployments d JOIN marks m ON m.deployment = d.id
             WHERE d.series = $1 AND d.centre >= $2 AND d.centre <= $3
             ORDER BY d.centre, m.on_day, m.deployment, m.version",
        )
        .bind(series)
        .bind(first.clone())
        .bind(last.clone())
        .all()
        .await
    }

    /// Whether the deployment's row says of its origin what the chain says. An import that adopts somebody says so by an
    /// act.
    fn is_as_told(&self, told: Told) -> bool {
        let imported = self.origin == "import" && self.accepted.is_none();
        let added = |accepted| self.origin == "added" && self.accepted == accepted;
        match told {
            Told::Imported => imported,
            Told::Waiting => added(None),
            Told::Accepted => imported || added(Some(true)),
            Told::Rejected => added(Some(false)),
        }
    }

    pub(super) fn mark(&self) -> Mark {
        let (on, version, present) = (self.on_day, self.version, self.present);
        Mark { deployment: DeploymentId(self.deployment), on, version, present }
    }
}

/// What the chain tells of how somebody came to a roster.
#[derive(Clone, Copy)]
enum Told {
    Imported,
    Waiting,
    Accepted,
    Rejected,
}

/// The row of a day.
#[derive(FromRow)]
pub(super) struct DayRow {
    pub(super) centre: String,
    on_day: NaiveDate,
    state: String,
    shape: String,
    present: i64,
    absent: i64,
    added: i64,
    reference: Option<String>,
    unlocked_until: Option<DateTime<Utc>>,
}

impl DayRow {
    /// The days of some registers of a series.
    pub(super) async fn read(
        tx: &mut Tx,
        series: &str,
        (first, last): (&Option<String>, &Option<String>),
    ) -> Result<Vec<Self>> {
        tx.query(
            "SELECT centre, on_day, state, shape, present, absent, added, reference, unlocked_until
             FROM register_days WHERE series = $1 AND centre >= $2 AND centre <= $3",
        )
        .bind(series)
        .bind(first.clone())
        .bind(last.clone())
        .all()
        .await
    }
}

/// A day as its acts and marks have it.
struct Day {
    seq: i64,
    submitted: bool,
    shape: String,
    reference: Option<String>,
    unlocked_until: Option<DateTime<Utc>>,
    counts: (i64, i64, i64),
}

/// What the entries and marks of one register come to.
pub(super) struct Derived {
    state: &'static str,
    days: BTreeMap<NaiveDate, Day>,
    last: i64,
    /// The first act whose outcome the deployments' rows deny.
    denied: Option<i64>,
}

impl Derived {
    pub(super) fn from(entries: &[EntryRow], marks: &[MarkRow]) -> Self {
        let last = entries.last().map_or(0, |entry| entry.seq);
        let mut derived =
            Self { state: RegisterState::Open.word(), days: BTreeMap::new(), last, denied: None };
        let mut told: BTreeMap<Uuid, (i64, Told)> = BTreeMap::new();
        for entry in entries {
            derived.take(entry);
            let how = match Act::from_word(&entry.act) {
                Some(Act::Add) => Told::Waiting,
                Some(Act::Accept) => Told::Accepted,
                Some(Act::Reject) => Told::Rejected,
                _ => continue,
            };
            told.extend(entry.subject.map(|subject| (subject, (entry.seq, how))));
        }
        for (n, row) in marks.iter().enumerate() {
            let (seq, how) = told.get(&row.deployment).copied().unwrap_or((row.seq, Told::Imported));
            if !row.is_as_told(how) {
                derived.denied = Some(derived.denied.map_or(seq, |first| first.min(seq)));
            }
            // In the order of versions: the last of a person's day is the one that stands.
            let next = marks.get(n + 1).map(|next| (next.deployment, next.on_day));
            if next != Some((row.deployment, row.on_day)) {
                derived.count(row);
            }
        }
        derived
    }

    fn take(&mut self, entry: &EntryRow) {
        let Some(act) = Act::from_word(&entry.act) else { return };
        match act {
            Act::Sign => self.state = RegisterState::Signed.word(),
            Act::Countersign => self.state = RegisterState::Countersigned.word(),
            Act::Reopen => self.state = RegisterState::Open.word(),
            Act::Accept | Act::Reject => {}
            Act::Add if entry.marks == digest(&mut []) => {}
            Act::Submit | Act::Correct | Act::Add | Act::Unlock | Act::Lock => {
                let day = self.days.entry(entry.on_day).or_insert_with(Day::untouched);
                day.take(act, entry);
            }
        }
    }

    fn count(&mut self, row: &MarkRow) {
        let Some(day) = self.days.get_mut(&row.on_day) else { return };
        let waits = row.origin == "added" && row.accepted.is_none();
        if day.shape == DayShape::Closed.word() || row.accepted == Some(false) {
            return;
        }
        match (row.present, waits) {
            (true, false) => day.counts.0 += 1,
            (false, _) => day.counts.1 += 1,
            (true, true) => day.counts.2 += 1,
        }
    }

    /// The act from which the rows say something else than it did, and what.
    pub(super) fn fault(&self, state: &str, rows: &[DayRow]) -> std::result::Result<(), (i64, &'static str)> {
        if let Some(seq) = self.denied {
            return Err((seq, "whom it added, accepted or rejected is no longer told so"));
        }
        if state != self.state {
            return Err((self.last, "the register's state is not the one that its acts led to"));
        }
        for row in rows {
            match self.days.get(&row.on_day) {
                None => return Err((self.last + 1, "there is a day that no act is about")),
                Some(day) if !day.is(row) => {
                    return Err((day.seq, "the row of its day does not say what the chain says"));
                }
                Some(_) => {}
            }
        }
        let gone = self.days.iter().find(|(on, _)| rows.iter().all(|row| row.on_day != **on));
        gone.map_or(Ok(()), |(_, day)| Err((day.seq, "the row of its day is gone")))
    }
}

impl Day {
    fn untouched() -> Self {
        Self {
            seq: 0,
            submitted: false,
            shape: DayShape::Full.word().to_owned(),
            reference: None,
            unlocked_until: None,
            counts: (0, 0, 0),
        }
    }

    fn take(&mut self, act: Act, entry: &EntryRow) {
        self.seq = entry.seq;
        if matches!(act, Act::Unlock | Act::Lock) {
            self.unlocked_until = entry.opened_until;
            return;
        }
        self.submitted = true;
        self.reference = Some(entry.reference.clone());
        if let Some(shape) = &entry.shape {
            self.shape.clone_from(shape);
        }
    }

    fn is(&self, row: &DayRow) -> bool {
        let state = if self.submitted { DayState::Submitted } else { DayState::Open };
        row.state == state.word()
            && row.shape == self.shape
            && row.reference == self.reference
            && row.unlocked_until == self.unlocked_until
            && (row.present, row.absent, row.added) == self.counts
    }
}
