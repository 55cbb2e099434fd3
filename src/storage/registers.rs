//! A register's chain: its head is locked first by whatever changes marks of its centre, so one act after the other;
//! an act is one entry, whatever number of people it marks. Writers of different centres never wait for each other.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    calendar::{DayFacts, FACTS},
    engine::{Dialect, Result, StoreError, Tx, assert_safe, placeholders},
    register_chain::{Link, Mark, commitment_of, digest},
};
use crate::model::{
    CentreCode, DeploymentId, Msisdn,
    season::{Act, Channel, DayShape, RegisterState},
};

/// Which day of which register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayOf<'a> {
    /// The series.
    pub series: &'a str,
    /// The centre.
    pub centre: &'a CentreCode,
    /// The day, in Nairobi.
    pub on: NaiveDate,
}

/// The end of a register's chain, locked until the unit of work ends.
#[derive(Debug, Clone)]
pub struct Head {
    /// How many entries it has.
    pub seq: i64,
    /// The hash of the last; empty before the first.
    pub hash: Vec<u8>,
    /// How far the register has come.
    pub state: RegisterState,
    /// What the series says of the day it was locked for.
    pub facts: DayFacts,
}

/// One entry to append.
#[derive(Debug, Clone, Copy)]
pub struct NewEntry<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub act: Act,
    /// By which way.
    pub channel: Channel,
    /// The credential that acted, or the officer; `None` for a worker.
    pub actor: Option<Uuid>,
    /// From which line.
    pub line: Option<&'a Msisdn>,
    /// Why.
    pub reason: Option<&'a str>,
    /// Random; it goes before line and reason in their commitment.
    pub salt: [u8; 16],
    /// Who was marked what; versions are one above those that stand.
    pub marks: &'a [Mark],
    /// What the day is said to be, by acts that say so.
    pub shape: Option<DayShape>,
    /// Until when an unlocked day stands open.
    pub opened_until: Option<DateTime<Utc>>,
    /// Whom it is about: the deployment that was added, accepted or rejected.
    pub subject: Option<DeploymentId>,
}

/// Where an act stands, and by which name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRef {
    /// Its place in the register's chain.
    pub seq: i64,
    /// What the person is told, e.g. `K7Q2M9`.
    pub reference: String,
}

#[derive(FromRow)]
struct HeadRow {
    seq: i64,
    hash: Vec<u8>,
    state: RegisterState,
    #[sqlx(flatten)]
    facts: DayFacts,
}

/// Lock a register's head. `None` when there is no such series or no such centre.
pub async fn lock(tx: &mut Tx, of: DayOf<'_>) -> Result<Option<Head>> {
    if let Some(head) = lock_existing(tx, of).await? {
        return Ok(Some(head));
    }
    // The first act of a centre: whoever comes second waits here, and finds the row of the first below.
    tx.query(
        "INSERT INTO registers (series, centre, seq, hash, state)
         SELECT s.code, c.code, 0, $3, $4 FROM series s, centres c WHERE s.code = $1 AND c.code = $2
         ON CONFLICT (series, centre) DO NOTHING",
    )
    .bind(of.series)
    .bind(of.centre.as_str())
    .bind(Vec::<u8>::new())
    .bind(RegisterState::Open)
    .execute()
    .await?;
    lock_existing(tx, of).await
}

async fn lock_existing(tx: &mut Tx, of: DayOf<'_>) -> Result<Option<Head>> {
    let locked = match tx.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE OF r",
    };
    // Only what never changes during a season is joined: after a wait, Postgres reads the locked row anew, not the others.
    let sql = format!(
        "SELECT r.seq, r.hash, r.state, {FACTS} FROM registers r JOIN series s ON s.code = r.series
         LEFT JOIN series_days t ON t.series = s.code AND t.on_day = $3
         WHERE r.series = $1 AND r.centre = $2 {locked}"
    );
    let query = tx.query(assert_safe(sql)).bind(of.series).bind(of.centre.as_str()).bind(of.on);
    let row: Option<HeadRow> = query.optional().await?;
    Ok(row.map(|row| Head { seq: row.seq, hash: row.hash, state: row.state, facts: row.facts }))
}

/// How many references are tried: a thousand million of them stand against some millions of entries.
const TRIES: usize = 4;

/// Append an act to the chain whose head is locked; the head goes on with it. `reference` gives new ones, six characters
/// each, until one is free.
pub async fn append(
    tx: &mut Tx,
    of: DayOf<'_>,
    head: &mut Head,
    entry: NewEntry<'_>,
    mut reference: impl FnMut() -> String,
) -> Result<EntryRef> {
    let mut digested = entry.marks.to_vec();
    let marks = digest(&mut digested);
    for _ in 0..TRIES {
        let reference = reference();
        if let Some(hash) = insert(tx, of, head, &entry, &marks, &reference).await? {
            insert_marks(tx, of.on, head.seq + 1, entry.marks).await?;
            go_on(tx, of, head, hash).await?;
            return Ok(EntryRef { seq: head.seq, reference });
        }
    }
    Err(StoreError::Conflict { constraint: "register_entries.reference".to_owned() })
}

/// The entry's hash; `None` when its reference is taken.
async fn insert(
    tx: &mut Tx,
    of: DayOf<'_>,
    head: &Head,
    entry: &NewEntry<'_>,
    marks: &[u8],
    reference: &str,
) -> Result<Option<Vec<u8>>> {
    let personal = entry.line.is_some() || entry.reason.is_some();
    let commitment = if personal { commitment_of(&entry.salt, entry.line, entry.reason) } else { vec![] };
    let link = Link {
        series: of.series,
        centre: of.centre.as_str(),
        seq: head.seq + 1,
        at: entry.at,
        on: of.on,
        act: entry.act.word(),
        channel: entry.channel.word(),
        actor: entry.actor,
        commitment: &commitment,
        marks,
        reference,
        shape: entry.shape.map(DayShape::word),
        opened_until: entry.opened_until,
        subject: entry.subject.map(|subject| subject.0),
    };
    let hash = link.hash_after(&head.hash);
    let inserted = tx
        .query(
            "INSERT INTO register_entries (series, centre, seq, at, on_day, act, channel, actor, salt, line, reason,
                commitment, marks, reference, hash, shape, opened_until, subject)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
             ON CONFLICT (reference) DO NOTHING",
        )
        .bind(of.series)
        .bind(of.centre.as_str())
        .bind(link.seq)
        .bind(link.at)
        .bind(of.on)
        .bind(link.act)
        .bind(link.channel)
        .bind(link.actor)
        .bind(personal.then(|| entry.salt.to_vec()))
        .bind(entry.line.map(|line| line.as_e164().to_owned()))
        .bind(entry.reason)
        .bind(commitment.clone())
        .bind(marks)
        .bind(reference)
        .bind(hash.clone())
        .bind(link.shape)
        .bind(link.opened_until)
        .bind(link.subject)
        .execute()
        .await?;
    Ok((inserted == 1).then_some(hash))
}

/// All marks of an act in one statement.
async fn insert_marks(tx: &mut Tx, on: NaiveDate, seq: i64, marks: &[Mark]) -> Result<()> {
    if marks.is_empty() {
        return Ok(());
    }
    let row = |n: usize| format!("({}, $1, $2)", placeholders(3 + 3 * n, 3));
    let rows = (0..marks.len()).map(row).collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO marks (deployment, version, present, on_day, seq) VALUES {rows}");
    let query = tx.query(assert_safe(sql)).bind(on).bind(seq);
    let bound = marks
        .iter()
        .fold(query, |query, mark| query.bind(mark.deployment.0).bind(mark.version).bind(mark.present));
    bound.execute_exactly(marks.len() as u64).await
}

async fn go_on(tx: &mut Tx, of: DayOf<'_>, head: &mut Head, hash: Vec<u8>) -> Result<()> {
    head.seq += 1;
    head.hash = hash;
    tx.query("UPDATE registers SET seq = $1, hash = $2 WHERE series = $3 AND centre = $4")
        .bind(head.seq)
        .bind(head.hash.clone())
        .bind(of.series)
        .bind(of.centre.as_str())
        .execute_exactly(1)
        .await
}

/// How far the register has come from here on; the head must be locked.
pub async fn set_state(tx: &mut Tx, of: DayOf<'_>, head: &mut Head, state: RegisterState) -> Result<()> {
    head.state = state;
    tx.query("UPDATE registers SET state = $1 WHERE series = $2 AND centre = $3")
        .bind(state)
        .bind(of.series)
        .bind(of.centre.as_str())
        .execute_exactly(1)
        .await
}

/// The length of a register's chain and its state, without a lock; a register that nobody has touched is open and empty.
pub async fn standing(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<(i64, RegisterState)> {
    let row: Option<(i64, RegisterState)> = tx
        .query("SELECT seq, state FROM registers WHERE series = $1 AND centre = $2")
        .bind(series)
        .bind(centre.as_str())
        .optional()
        .await?;
    Ok(row.unwrap_or((0, RegisterState::Open)))
}

/// An entry as people may read it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Entry {
    /// Its place in the chain.
    pub seq: i64,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// The day it is about.
    pub on_day: NaiveDate,
    /// What was done.
    pub act: Act,
    /// By which way.
    pub channel: Channel,
    /// By whom.
    pub actor: Option<Uuid>,
    /// From which line, in E.164; `None` once erased.
    pub line: Option<String>,
    /// Why; `None` once erased.
    pub reason: Option<String>,
    /// What the person was told.
    pub reference: String,
    /// What the day was said to be.
    pub shape: Option<DayShape>,
}

/// The entries of a register's day after a place in the chain, in order.
pub async fn entries_of_day(tx: &mut Tx, of: DayOf<'_>, after: i64) -> Result<Vec<Entry>> {
    tx.query(
        "SELECT seq, at, on_day, act, channel, actor, line, reason, reference, shape FROM register_entries
         WHERE series = $1 AND centre = $2 AND seq > $4 AND on_day = $3 ORDER BY seq",
    )
    .bind(of.series)
    .bind(of.centre.as_str())
    .bind(of.on)
    .bind(after)
    .all()
    .await
}
