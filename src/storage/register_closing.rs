//! What a register comes to at a place in its chain: what a closing document says, told from entries and marks alone, so
//! that the audit finds the same as whoever signed. And its digest.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    documents::Sums,
    engine::{Result, Tx},
    register_chain::{Mark, Parts, digest},
};
use crate::model::{
    CentreCode, DeploymentId,
    season::{Act, Channel, DayShape, DeployedAs, RegisterState},
};

/// An entry, as far as a document needs it.
#[derive(Debug, Clone, FromRow)]
pub struct ActAt {
    /// Its place.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// The day it is about.
    pub on_day: NaiveDate,
    /// What was done.
    pub act: Act,
    /// By which way.
    pub channel: Channel,
    /// From which line, in E.164; `None` once erased.
    pub line: Option<String>,
    /// What the person was told.
    pub reference: String,
    /// What the day was said to be.
    pub shape: Option<DayShape>,
    /// Whom it is about.
    pub subject: Option<Uuid>,
    /// Its hash.
    pub hash: Vec<u8>,
}

/// A mark and the act that made it.
#[derive(Debug, Clone, Copy)]
pub struct MarkAt {
    /// The act's place.
    pub seq: i64,
    /// The mark.
    pub mark: Mark,
}

/// What a register comes to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Closing {
    /// The days that are marked, and how much of each was held.
    pub days: BTreeMap<NaiveDate, DayShape>,
    /// The standing marks of everybody whom the director did not reject.
    pub marks: BTreeMap<(DeploymentId, NaiveDate), Mark>,
    /// Who was added and waits for the director's word.
    pub waiting: BTreeSet<DeploymentId>,
}

impl Closing {
    /// What entries and marks come to up to a place; what comes after it is passed over. Both in the order of the chain.
    pub fn at<'e>(
        seq: i64,
        entries: impl IntoIterator<Item = &'e ActAt>,
        marks: impl IntoIterator<Item = MarkAt>,
    ) -> Self {
        let mut closing = Self::default();
        let mut rejected = BTreeSet::new();
        for entry in entries.into_iter().filter(|entry| entry.seq <= seq) {
            let subject = entry.subject.map(DeploymentId);
            match entry.act {
                Act::Submit | Act::Correct => {
                    let shape = closing.days.entry(entry.on_day).or_insert(DayShape::Full);
                    *shape = entry.shape.unwrap_or(*shape);
                }
                Act::Add => closing.waiting.extend(subject),
                Act::Accept | Act::Reject => {
                    let Some(subject) = subject else { continue };
                    closing.waiting.remove(&subject);
                    if entry.act == Act::Reject {
                        rejected.insert(subject);
                    } else {
                        rejected.remove(&subject);
                    }
                }
                Act::Unlock | Act::Lock | Act::Sign | Act::Countersign | Act::Reopen => {}
            }
        }
        for one in marks.into_iter().filter(|one| one.seq <= seq) {
            let mark = one.mark;
            if rejected.contains(&mark.deployment) {
                continue;
            }
            let stands = closing.marks.entry((mark.deployment, mark.on)).or_insert(mark);
            if stands.version < mark.version {
                *stands = mark;
            }
        }
        closing
    }

    /// Its sums, as the rows of its days have them.
    pub fn sums(&self) -> Sums {
        let people: BTreeSet<_> = self.marks.keys().map(|(deployment, _)| deployment).collect();
        let held = |mark: &&Mark| self.days.get(&mark.on).is_some_and(|shape| *shape != DayShape::Closed);
        let counted = |mark: &&Mark| !(mark.present && self.waiting.contains(&mark.deployment));
        let counted: Vec<&Mark> = self.marks.values().filter(held).filter(counted).collect();
        let present = counted.iter().filter(|mark| mark.present).count();
        Sums {
            people: many(people.len()),
            days: many(self.days.len()),
            present: many(present),
            absent: many(counted.len() - present),
        }
    }

    /// The digest of what a document says: its code, its register, the entry that it stands on with all before it, and
    /// what that comes to. A draft has no code.
    pub fn digest(&self, code: &str, of: (&str, &str), (seq, hash): (i64, &[u8])) -> Vec<u8> {
        let (series, centre) = of;
        let parts = Parts::new()
            .part(b"register document")
            .part(code.as_bytes())
            .part(series.as_bytes())
            .part(centre.as_bytes())
            .part(&seq.to_be_bytes())
            .part(hash);
        let days = self.days.iter().fold(parts, |parts, (on, shape)| {
            parts.part(on.to_string().as_bytes()).part(shape.word().as_bytes())
        });
        let mut marks: Vec<Mark> = self.marks.values().copied().collect();
        let Sums { people, days: many, present, absent } = self.sums();
        let sums = [people, many, present, absent];
        let marked = days.part(&digest(&mut marks));
        sums.iter().fold(marked, |parts, sum| parts.part(&sum.to_be_bytes())).done()
    }
}

fn many(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The end of a register's chain, without a lock; one that nobody has touched is open and empty.
pub async fn head(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<(i64, Vec<u8>, RegisterState)> {
    let row: Option<(i64, Vec<u8>, RegisterState)> = tx
        .query("SELECT seq, hash, state FROM registers WHERE series = $1 AND centre = $2")
        .bind(series)
        .bind(centre.as_str())
        .optional()
        .await?;
    Ok(row.unwrap_or((0, vec![], RegisterState::Open)))
}

/// A register's entries, in order.
pub async fn entries(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Vec<ActAt>> {
    tx.query(
        "SELECT seq, at, on_day, act, channel, line, reference, shape, subject, hash FROM register_entries
         WHERE series = $1 AND centre = $2 ORDER BY seq",
    )
    .bind(series)
    .bind(centre.as_str())
    .all()
    .await
}

/// Somebody who is or was on a register's roster.
#[derive(Clone)]
pub struct Listed {
    /// As what and where.
    pub deployment: DeploymentId,
    /// The number on the roster.
    pub number: i64,
    /// The whole name.
    pub full_name: String,
    /// As what.
    pub role: DeployedAs,
    /// From which day.
    pub from_on: NaiveDate,
    /// Up to which.
    pub to_on: NaiveDate,
    /// Whether they are still on it: not removed, not rejected.
    pub counts: bool,
    /// Every mark of theirs.
    pub marks: Vec<MarkAt>,
}

#[derive(FromRow)]
struct ListedRow {
    id: Uuid,
    number: i64,
    full_name: String,
    role: DeployedAs,
    from_on: NaiveDate,
    to_on: NaiveDate,
    counts: bool,
    on_day: Option<NaiveDate>,
    version: Option<i64>,
    present: Option<bool>,
    seq: Option<i64>,
}

/// Everybody who is or was on a register's roster, with all their marks, by number. One statement.
pub async fn listed(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Vec<Listed>> {
    let rows: Vec<ListedRow> = tx
        .query(
            "SELECT d.id, d.number, p.full_name, d.role, d.from_on, d.to_on,
                d.removed_at IS NULL AND d.accepted IS NOT FALSE AS counts, m.on_day, m.version, m.present, m.seq
             FROM deployments d JOIN people p ON p.id = d.person LEFT JOIN marks m ON m.deployment = d.id
             WHERE d.series = $1 AND d.centre = $2 ORDER BY d.number, d.id, m.on_day, m.version",
        )
        .bind(series)
        .bind(centre.as_str())
        .all()
        .await?;
    let mut people: Vec<Listed> = vec![];
    for row in rows {
        let deployment = DeploymentId(row.id);
        let mark = row.mark();
        match people.last_mut().filter(|last| last.deployment == deployment) {
            Some(last) => last.marks.extend(mark),
            None => people.push(Listed {
                deployment,
                number: row.number,
                full_name: row.full_name,
                role: row.role,
                from_on: row.from_on,
                to_on: row.to_on,
                counts: row.counts,
                marks: mark.into_iter().collect(),
            }),
        }
    }
    Ok(people)
}

impl ListedRow {
    fn mark(&self) -> Option<MarkAt> {
        let (on, version, present) = (self.on_day?, self.version?, self.present?);
        let mark = Mark { deployment: DeploymentId(self.id), on, version, present };
        Some(MarkAt { seq: self.seq?, mark })
    }
}
