//! The registers' chains recomputed: entries, the marks that each of them made, the rows that are derived from both, and
//! the closing documents. Whoever changes, cuts or rewrites them behind our back is found out, and the first broken link
//! is named.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    audit::{BrokenLink, Head, Verified, hex},
    document_audit::{self, DocumentRow},
    engine::{Result, StoreError, Tx},
    register_chain::{Link, Mark, commitment, digest},
    register_projection::{DayRow, Derived, MarkRow},
};

/// How many registers are held in memory at once.
const AT_ONCE: usize = 50;

/// What the names of these chains begin with; the series and the centre follow.
const PREFIX: &str = "register-";

/// The name of a register's chain.
pub fn chain(series: &str, centre: &str) -> String {
    format!("{PREFIX}{series}-{centre}")
}

/// Whether a chain is a register's.
pub fn is_register(head: &Head) -> bool {
    head.chain.starts_with(PREFIX)
}

fn register_of(chain: &str) -> Option<Key> {
    let (series, centre) = chain.strip_prefix(PREFIX)?.rsplit_once('-')?;
    Some((series.to_owned(), centre.to_owned()))
}

/// Series and centre.
type Key = (String, String);

#[derive(FromRow)]
pub(super) struct EntryRow {
    pub(super) centre: String,
    pub(super) seq: i64,
    pub(super) at: DateTime<Utc>,
    pub(super) on_day: NaiveDate,
    pub(super) act: String,
    pub(super) channel: String,
    pub(super) actor: Option<Uuid>,
    salt: Option<Vec<u8>>,
    pub(super) line: Option<String>,
    reason: Option<String>,
    commitment: Vec<u8>,
    pub(super) marks: Vec<u8>,
    pub(super) reference: String,
    pub(super) hash: Vec<u8>,
    pub(super) shape: Option<String>,
    pub(super) opened_until: Option<DateTime<Utc>>,
    pub(super) subject: Option<Uuid>,
}

impl EntryRow {
    fn hash_after(&self, series: &str, previous: &[u8]) -> Vec<u8> {
        let link = Link {
            series,
            centre: &self.centre,
            seq: self.seq,
            at: self.at,
            on: self.on_day,
            act: &self.act,
            channel: &self.channel,
            actor: self.actor,
            commitment: &self.commitment,
            marks: &self.marks,
            reference: &self.reference,
            shape: self.shape.as_deref(),
            opened_until: self.opened_until,
            subject: self.subject,
        };
        link.hash_after(previous)
    }

    /// Whether line and reason are those that were committed to, or were erased together with their salt.
    fn keeps_its_word(&self) -> bool {
        match &self.salt {
            Some(salt) => {
                commitment(Some(salt), self.line.as_deref(), self.reason.as_deref()) == self.commitment
            }
            None => self.line.is_none() && self.reason.is_none(),
        }
    }
}

/// The ends of the registers' chains, in the order of their names.
pub async fn heads(tx: &mut Tx) -> Result<Vec<Head>> {
    let rows: Vec<(String, String, i64, Vec<u8>)> = tx
        .query("SELECT series, centre, seq, hash FROM registers WHERE seq > 0 ORDER BY series, centre")
        .all()
        .await?;
    let head = |(series, centre, seq, hash): (String, String, i64, Vec<u8>)| Head {
        chain: chain(&series, &centre),
        seq,
        hash: hex(&hash),
    };
    Ok(rows.into_iter().map(head).collect())
}

/// Recompute every register's chain, and hold it against heads that were exported earlier.
pub async fn verify(tx: &mut Tx, exported: &[Head]) -> Result<std::result::Result<Verified, BrokenLink>> {
    let mut anchors: BTreeMap<Key, Vec<&Head>> = BTreeMap::new();
    for head in exported {
        if let Some(key) = register_of(&head.chain) {
            anchors.entry(key).or_default().push(head);
        }
    }
    let mut by_series: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (series, centre) in registers(tx).await?.into_iter().chain(anchors.keys().cloned()) {
        by_series.entry(series).or_default().insert(centre);
    }
    let mut verified = Verified::default();
    for (series, centres) in by_series {
        let centres: Vec<String> = centres.into_iter().collect();
        for some in centres.chunks(AT_ONCE) {
            match verify_some(tx, &series, some, &anchors).await? {
                Ok(found) => {
                    verified.chains += found.chains;
                    verified.entries += found.entries;
                }
                Err(broken) => return Ok(Err(broken)),
            }
        }
    }
    Ok(Ok(verified))
}

/// Every register there is a trace of.
async fn registers(tx: &mut Tx) -> Result<Vec<Key>> {
    tx.query(
        "SELECT series, centre FROM registers
         UNION SELECT series, centre FROM register_entries
         UNION SELECT series, centre FROM register_days
         UNION SELECT series, centre FROM register_documents",
    )
    .all()
    .await
}

async fn verify_some(
    tx: &mut Tx,
    series: &str,
    centres: &[String],
    anchors: &BTreeMap<Key, Vec<&Head>>,
) -> Result<std::result::Result<Verified, BrokenLink>> {
    let mut verified = Verified::default();
    let mut read = match Batch::read(tx, series, centres).await {
        Err(StoreError::Driver(sqlx::Error::ColumnDecode { .. })) => {
            return unreadable(tx, series, centres).await.map(Err);
        }
        read => read?,
    };
    for centre in centres {
        let none = vec![];
        let anchors = anchors.get(&(series.to_owned(), centre.clone())).unwrap_or(&none);
        match read.fault(series, centre, anchors) {
            Ok(0) => {}
            Ok(entries) => {
                verified.entries += entries;
                verified.chains += 1;
            }
            Err((seq, why)) => return Ok(Err(BrokenLink { chain: chain(series, centre), seq, why })),
        }
    }
    Ok(Ok(verified))
}

/// What is stored of some registers of one series, by centre.
struct Batch {
    heads: BTreeMap<String, (i64, Vec<u8>, String)>,
    entries: BTreeMap<String, Vec<EntryRow>>,
    marks: BTreeMap<String, Vec<MarkRow>>,
    days: BTreeMap<String, Vec<DayRow>>,
    documents: BTreeMap<String, Vec<DocumentRow>>,
}

impl Batch {
    /// Codes are digits of one length, so a range of them holds the same everywhere.
    async fn read(tx: &mut Tx, series: &str, centres: &[String]) -> Result<Self> {
        let (first, last) = (centres.first().cloned(), centres.last().cloned());
        let mut rows = Self {
            heads: BTreeMap::new(),
            entries: BTreeMap::new(),
            marks: BTreeMap::new(),
            days: BTreeMap::new(),
            documents: BTreeMap::new(),
        };
        let heads: Vec<(String, i64, Vec<u8>, String)> = tx
            .query(
                "SELECT centre, seq, hash, state FROM registers WHERE series = $1 AND centre >= $2 AND centre <= $3",
            )
            .bind(series)
            .bind(first.clone())
            .bind(last.clone())
            .all()
            .await?;
        rows.heads =
            heads.into_iter().map(|(centre, seq, hash, state)| (centre, (seq, hash, state))).collect();
        for entry in entries(tx, series, (&first, &last)).await? {
            rows.entries.entry(entry.centre.clone()).or_default().push(entry);
        }
        for mark in MarkRow::read(tx, series, (&first, &last)).await? {
            rows.marks.entry(mark.centre.clone()).or_default().push(mark);
        }
        for day in DayRow::read(tx, series, (&first, &last)).await? {
            rows.days.entry(day.centre.clone()).or_default().push(day);
        }
        for document in DocumentRow::read(tx, series, (&first, &last)).await? {
            rows.documents.entry(document.centre.clone()).or_default().push(document);
        }
        Ok(rows)
    }

    /// How many entries a register has, or where it is broken and why.
    fn fault(
        &mut self,
        series: &str,
        centre: &str,
        anchors: &[&Head],
    ) -> std::result::Result<usize, (i64, &'static str)> {
        let entries = self.entries.remove(centre).unwrap_or_default();
        let marks = self.marks.remove(centre).unwrap_or_default();
        let mut by_act: BTreeMap<i64, Vec<Mark>> = BTreeMap::new();
        for mark in &marks {
            by_act.entry(mark.seq).or_default().push(mark.mark());
        }
        let (mut seq, mut previous) = (0, vec![]);
        for entry in &entries {
            let mut own = by_act.remove(&(seq + 1)).unwrap_or_default();
            if let Some(why) = fault(entry, (series, seq + 1, &previous), &mut own, anchors) {
                return Err((seq + 1, why));
            }
            seq += 1;
            previous.clone_from(&entry.hash);
        }
        let (head_seq, hash, state) =
            self.heads.remove(centre).unwrap_or_else(|| (0, vec![], "open".to_owned()));
        if anchors.iter().any(|head| head.seq > seq) {
            return Err((
                seq + 1,
                "the exported head lies beyond the last entry: entries are missing at the end",
            ));
        }
        if (head_seq, &hash) != (seq, &previous) {
            let why =
                "the head is not the last entry: entries are missing at the end, or the head was changed";
            return Err((seq + 1, why));
        }
        if by_act.first_key_value().is_some() {
            return Err((seq + 1, "there are marks of an act that is not in the chain"));
        }
        let days = self.days.remove(centre).unwrap_or_default();
        Derived::from(&entries, &marks).fault(&state, &days)?;
        document_audit::fault(
            (series, centre),
            &self.documents.remove(centre).unwrap_or_default(),
            &entries,
            &marks,
        )?;
        Ok(entries.len())
    }
}

fn fault(
    entry: &EntryRow,
    (series, seq, previous): (&str, i64, &[u8]),
    own: &mut [Mark],
    anchors: &[&Head],
) -> Option<&'static str> {
    if entry.seq != seq {
        Some("an entry is missing here")
    } else if !entry.keeps_its_word() {
        Some("its line or its reason is not the one that was committed to")
    } else if entry.hash != entry.hash_after(series, previous) {
        Some("its hash does not follow from its contents and the entry before")
    } else if entry.marks != digest(own) {
        Some("its marks are not those that it made")
    } else if anchors.iter().any(|head| head.seq == seq && head.hash != hex(&entry.hash)) {
        Some("its hash is not the exported one")
    } else {
        None
    }
}

const ENTRY: &str = "SELECT centre, seq, at, on_day, act, channel, actor, salt, line, reason, commitment, marks, \
     reference, hash, shape, opened_until, subject FROM register_entries";

async fn entries(
    tx: &mut Tx,
    series: &str,
    (first, last): (&Option<String>, &Option<String>),
) -> Result<Vec<EntryRow>> {
    let sql = format!("{ENTRY} WHERE series = $1 AND centre >= $2 AND centre <= $3 ORDER BY centre, seq");
    let query = tx.query(super::engine::assert_safe(sql));
    query.bind(series).bind(first.clone()).bind(last.clone()).all().await
}

/// Where what can't be read stands: SQLite keeps whatever bytes it is given.
async fn unreadable(tx: &mut Tx, series: &str, centres: &[String]) -> Result<BrokenLink> {
    for centre in centres {
        let mut seq = 0;
        let sql = format!("{ENTRY} WHERE series = $1 AND centre = $2 AND seq > $3 ORDER BY seq LIMIT 1");
        loop {
            let query = tx.query(super::engine::assert_safe(sql.clone()));
            match query.bind(series).bind(centre.as_str()).bind(seq).optional::<EntryRow>().await {
                Ok(Some(entry)) => seq = entry.seq,
                Ok(None) => break,
                Err(_) => {
                    let why = "it can't be read";
                    return Ok(BrokenLink { chain: chain(series, centre), seq: seq + 1, why });
                }
            }
        }
    }
    let first = centres.first().map_or("", String::as_str);
    let why = "marks or days from this register on can't be read";
    Ok(BrokenLink { chain: chain(series, first), seq: 1, why })
}
