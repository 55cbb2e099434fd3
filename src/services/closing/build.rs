//! The document of a register, built from the ledger in at most eight statements whatever its size; a signed one says what
//! it said when it was signed. And what is missing before it can be signed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};

use super::Of;
use crate::{
    documents::{Marked, RegisterDay, RegisterDocument, RegisterPerson, Signature, Standing},
    model::{
        DeploymentId,
        season::{Act, DayKind, DayShape, RegisterState},
    },
    services::{Deps, accounts::NAIROBI, season::calendar::weekdays},
    storage::{
        StoreError, Tx,
        audit::hex,
        documents::{self, Document},
        officers,
        register_closing::{self, ActAt, Closing, Listed},
        season::{self, Centre, Series},
    },
};

/// A register as it stands, with its document.
pub struct Built {
    /// The series.
    pub series: Series,
    /// The centre.
    pub centre: Centre,
    /// How far the register has come.
    pub state: RegisterState,
    /// What was signed, while it counts.
    pub signed: Option<Document>,
    /// The document.
    pub document: RegisterDocument,
    /// What must be done before it can be signed; nothing of a signed one.
    pub missing: Missing,
    /// Who has no mark though the day is marked; nothing of a signed one.
    pub blank: Blank,
    /// What it comes to.
    pub closing: Closing,
}

/// People without a mark on days that are marked and were held: who came onto the roster after that. They can be signed
/// so, because the centre marks no day by itself that is over; but it has to see that nobody is paid for a blank.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Blank {
    /// Those days, in order.
    pub days: BTreeSet<NaiveDate>,
    /// The people's numbers.
    pub people: BTreeSet<i64>,
}

/// What is missing from a register.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Missing {
    /// Days that are not marked though somebody is deployed, in order; days to come are among them.
    pub days: Vec<NaiveDate>,
    /// The numbers of people who were added and wait for the director's word.
    pub waiting: Vec<i64>,
    /// How many disputes nobody has answered.
    pub disputes: i64,
}

impl Missing {
    /// Whether nothing is missing.
    pub fn is_nothing(&self) -> bool {
        self.days.is_empty() && self.waiting.is_empty() && self.disputes == 0
    }
}

/// Everything that is read of a register.
struct Read {
    series: Series,
    centre: Centre,
    days: Vec<(NaiveDate, DayKind)>,
    seq: i64,
    hash: Vec<u8>,
    state: RegisterState,
    entries: Vec<ActAt>,
    people: Vec<Listed>,
    signed: Option<Document>,
}

/// Build a register's document; `None` when there is no such series or centre.
pub async fn build(
    tx: &mut Tx,
    deps: &Deps,
    of: Of<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Built>, StoreError> {
    let Some(series) = season::series(tx, of.series).await? else { return Ok(None) };
    let Some(centre) = season::centre(tx, of.centre).await? else { return Ok(None) };
    let days = days(tx, &series).await?;
    let (seq, hash, state) = register_closing::head(tx, of.series, of.centre).await?;
    let entries = register_closing::entries(tx, of.series, of.centre).await?;
    let people = register_closing::listed(tx, of.series, of.centre).await?;
    let signed = documents::standing(tx, of.series, of.centre).await?;
    let director = match signed.as_ref().and_then(|signed| signed.countersigned_by) {
        Some(id) => officers::name_of(tx, id).await?,
        None => None,
    };
    let read = Read { series, centre, days, seq, hash, state, entries, people, signed };
    let closing = read.closing();
    let missing = match read.signed {
        Some(_) => Missing::default(),
        None => {
            let disputes = documents::open_disputes(tx, of.series, of.centre).await?;
            Missing { disputes, ..read.missing(&closing) }
        }
    };
    let blank = if read.signed.is_some() { Blank::default() } else { read.blank(&closing) };
    let document = read.document(&closing, director, (deps.settings.service_code.as_str(), now));
    let Read { series, centre, state, signed, .. } = read;
    Ok(Some(Built { series, centre, state, signed, document, missing, blank, closing }))
}

/// The days of a series: its own table, or every weekday between its dates.
async fn days(tx: &mut Tx, series: &Series) -> Result<Vec<(NaiveDate, DayKind)>, StoreError> {
    let own = season::days(tx, &series.code).await?;
    if own.is_empty() {
        return Ok(weekdays(series.starts_on, series.ends_on).map(|on| (on, DayKind::Exam)).collect());
    }
    Ok(own.into_iter().map(|day| (day.on_day, day.kind)).collect())
}

impl Read {
    /// Where the document stands: on the entry that signed it, or on the last.
    fn place(&self) -> (i64, &[u8]) {
        let signed =
            self.signed.as_ref().and_then(|signed| self.entries.iter().find(|e| e.seq == signed.seq));
        signed.map_or((self.seq, &self.hash), |entry| (entry.seq, &entry.hash))
    }

    fn closing(&self) -> Closing {
        let (seq, _) = self.place();
        Closing::at(seq, &self.entries, self.people.iter().flat_map(|one| one.marks.iter().copied()))
    }

    /// What is missing, but for disputes.
    fn missing(&self, closing: &Closing) -> Missing {
        let somebody = |on: &NaiveDate| self.people.iter().any(|one| is_deployed(one, *on));
        let days = self.days.iter().map(|(on, _)| *on);
        let waits = |one: &&Listed| one.counts && closing.waiting.contains(&one.deployment);
        Missing {
            days: days.filter(|on| !closing.days.contains_key(on)).filter(somebody).collect(),
            waiting: self.people.iter().filter(waits).map(|one| one.number).collect(),
            disputes: 0,
        }
    }

    fn blank(&self, closing: &Closing) -> Blank {
        let held = closing.days.iter().filter(|(_, shape)| **shape != DayShape::Closed).map(|(on, _)| *on);
        let mut blank = Blank::default();
        for on in held {
            let bare =
                |one: &&Listed| is_deployed(one, on) && !closing.marks.contains_key(&(one.deployment, on));
            let people: Vec<i64> = self.people.iter().filter(bare).map(|one| one.number).collect();
            if !people.is_empty() {
                blank.days.insert(on);
                blank.people.extend(people);
            }
        }
        blank
    }

    fn document(
        &self,
        closing: &Closing,
        director: Option<String>,
        (service_code, now): (&str, DateTime<Utc>),
    ) -> RegisterDocument {
        let (seq, hash) = self.place();
        let code = self.signed.as_ref().map(|signed| signed.code.digits().to_owned()).unwrap_or_default();
        let digest = closing.digest(&code, (&self.series.code, self.centre.code.as_str()), (seq, hash));
        let days = self.all_days(closing);
        RegisterDocument {
            series: self.series.code.clone(),
            exam: self.series.exam.clone(),
            year: self.series.year,
            practice: self.series.practice,
            centre: self.centre.code.clone(),
            centre_name: self.centre.name.clone(),
            county: self.centre.county.clone(),
            sub_county: self.centre.sub_county.clone(),
            people: self.listed(closing, &days),
            days: days.into_iter().map(|(on, kind)| self.day(on, kind, closing)).collect(),
            seq,
            head: hex(hash),
            digest: hex(&digest),
            standing: self.standing(director),
            made_at: now.with_timezone(&NAIROBI),
            service_code: service_code.to_owned(),
        }
    }

    /// The days of the series, and those that were marked and are no longer among them.
    fn all_days(&self, closing: &Closing) -> Vec<(NaiveDate, DayKind)> {
        let marked = closing.days.keys().map(|on| (*on, DayKind::Exam));
        let mut days: BTreeMap<NaiveDate, DayKind> = marked.collect();
        days.extend(self.days.iter().copied());
        days.into_iter().collect()
    }

    /// A signed document has whoever was marked; a draft also has whoever is deployed and was not marked yet.
    fn listed(&self, closing: &Closing, days: &[(NaiveDate, DayKind)]) -> Vec<RegisterPerson> {
        let mark = |deployment: DeploymentId, on: NaiveDate| {
            closing.marks.get(&(deployment, on)).map(|mark| mark.present)
        };
        let marks = |one: &Listed| days.iter().map(|(on, _)| mark(one.deployment, *on)).collect::<Vec<_>>();
        let draft = self.signed.is_none();
        let person = |one: &Listed| {
            let marks = marks(one);
            let is_on = marks.iter().any(Option::is_some) || (draft && one.counts);
            is_on.then(|| RegisterPerson {
                number: one.number,
                full_name: one.full_name.clone(),
                role: one.role,
                waits: closing.waiting.contains(&one.deployment),
                marks,
            })
        };
        self.people.iter().filter_map(person).collect()
    }

    fn day(&self, on: NaiveDate, kind: DayKind, closing: &Closing) -> RegisterDay {
        let (seq, _) = self.place();
        let acts = self.entries.iter().filter(|entry| entry.seq <= seq && entry.on_day == on);
        let marking: Vec<&ActAt> = acts.filter(|entry| marks(entry)).collect();
        let marked = closing.days.get(&on).zip(marking.last()).map(|(shape, last)| Marked {
            shape: *shape,
            at: last.at.with_timezone(&NAIROBI),
            channel: last.channel,
            line_end: last.line.as_deref().map(end),
            reference: last.reference.clone(),
            corrections: marking.len() - 1,
        });
        RegisterDay { on, kind, marked }
    }

    fn standing(&self, director: Option<String>) -> Standing {
        let Some(signed) = &self.signed else { return Standing::Draft };
        let act =
            |act: Act| self.entries.iter().find(move |entry| entry.seq >= signed.seq && entry.act == act);
        let reference = |of: Act| act(of).map(|entry| entry.reference.clone()).unwrap_or_default();
        let line_end = |of: Act| act(of).and_then(|entry| entry.line.as_deref()).map(end);
        Standing::Signed {
            code: signed.code.clone(),
            centre: Signature {
                at: signed.signed_at.with_timezone(&NAIROBI),
                by: format!("Centre / Kituo {}", self.centre.code),
                line_end: line_end(Act::Sign),
                reference: reference(Act::Sign),
            },
            director: signed.countersigned_at.map(|at| Signature {
                at: at.with_timezone(&NAIROBI),
                by: director.unwrap_or_else(|| "Director / Mkurugenzi".to_owned()),
                line_end: line_end(Act::Countersign),
                reference: reference(Act::Countersign),
            }),
        }
    }
}

fn is_deployed(one: &Listed, on: NaiveDate) -> bool {
    one.counts && one.from_on <= on && on <= one.to_on
}

fn marks(entry: &ActAt) -> bool {
    matches!(entry.act, Act::Submit | Act::Correct)
}

/// The last digits of a line.
fn end(line: &str) -> String {
    line.get(line.len().saturating_sub(3)..).unwrap_or_default().to_owned()
}
