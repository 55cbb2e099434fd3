//! The audit chains: append-only, each entry hashed over the one before it. Hashes cover ids and a salted commitment,
//! never personal fields, so that erasing salt and detail leaves every chain verifiable (`security.md` 35).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Dialect, Result, StoreError, Tx};

/// How many chains subjects are spread over, so that writers seldom wait for each other.
const SUBJECT_CHAINS: u8 = 64;

/// Something that happened to a subject.
#[derive(Debug, Clone)]
pub struct Event<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// Who did it: `self`, `worker`, or a user of the desk.
    pub actor: &'a str,
    /// What, e.g. `account_opened`.
    pub action: &'a str,
    /// To whom.
    pub subject: Uuid,
    /// By which channel: `ussd`, `sms`, `cli`…
    pub channel: &'a str,
    /// More, if any: goes into the hash only as a commitment with this salt.
    pub detail: Option<(&'a str, [u8; 16])>,
}

/// The end of a chain: what a deleted tail is found out by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The chain.
    pub chain: String,
    /// How many entries it has.
    pub seq: i64,
    /// The hash of the last, hexadecimal.
    pub hash: String,
}

/// Where a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chain {chain}, entry {seq}: {why}")]
pub struct BrokenLink {
    /// The chain.
    pub chain: String,
    /// The first entry that does not fit.
    pub seq: i64,
    /// What does not fit.
    pub why: &'static str,
}

/// What a verification has looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verified {
    /// Chains.
    pub chains: usize,
    /// Entries in all of them.
    pub entries: usize,
}

#[derive(FromRow)]
struct EntryRow {
    seq: i64,
    at: DateTime<Utc>,
    actor: String,
    action: String,
    subject: Uuid,
    channel: String,
    salt: Option<Vec<u8>>,
    detail: Option<String>,
    commitment: Vec<u8>,
    hash: Vec<u8>,
}

impl EntryRow {
    fn hash_after(&self, chain: &str, previous: &[u8]) -> [u8; 32] {
        let mut hash = Sha256::new();
        let at = self.at.timestamp_micros().to_be_bytes();
        let seq = self.seq.to_be_bytes();
        let parts: [&[u8]; 9] = [
            previous,
            chain.as_bytes(),
            &seq,
            &at,
            self.actor.as_bytes(),
            self.action.as_bytes(),
            self.subject.as_bytes(),
            self.channel.as_bytes(),
            &self.commitment,
        ];
        for part in parts {
            // Lengths before contents: no two entries give the same bytes.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

fn commitment(detail: Option<(&str, &[u8])>) -> Vec<u8> {
    let Some((detail, salt)) = detail else { return vec![] };
    Sha256::new().chain_update(salt).chain_update(detail).finalize().to_vec()
}

/// The chain of a subject: who appends to several in one unit of work takes them in this order.
pub fn chain_of(subject: Uuid) -> String {
    let last = subject.as_bytes().last().copied().unwrap_or(0);
    format!("subject-{:02}", last % SUBJECT_CHAINS)
}

/// Append an entry to its subject's chain. Call it last in the unit of work: the head's row stays locked to the end.
pub async fn append(tx: &mut Tx, event: Event<'_>) -> Result<()> {
    let chain = chain_of(event.subject);
    let (before, previous) = head(tx, &chain).await?;
    let mut entry = EntryRow {
        seq: before + 1,
        at: event.at,
        actor: event.actor.to_owned(),
        action: event.action.to_owned(),
        subject: event.subject,
        channel: event.channel.to_owned(),
        salt: event.detail.map(|(_, salt)| salt.to_vec()),
        detail: event.detail.map(|(detail, _)| detail.to_owned()),
        commitment: commitment(event.detail.as_ref().map(|(detail, salt)| (*detail, &salt[..]))),
        hash: vec![],
    };
    entry.hash = entry.hash_after(&chain, &previous).to_vec();
    insert(tx, &chain, entry).await
}

async fn head(tx: &mut Tx, chain: &str) -> Result<(i64, Vec<u8>)> {
    tx.query("INSERT INTO audit_heads (chain, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (chain) DO NOTHING")
        .bind(chain.to_owned())
        .bind(Vec::<u8>::new())
        .execute()
        .await?;
    let sql = match tx.dialect() {
        Dialect::Sqlite => "SELECT seq, hash FROM audit_heads WHERE chain = $1",
        Dialect::Postgres => "SELECT seq, hash FROM audit_heads WHERE chain = $1 FOR UPDATE",
    };
    tx.query(sql).bind(chain.to_owned()).one().await
}

async fn insert(tx: &mut Tx, chain: &str, entry: EntryRow) -> Result<()> {
    tx.query("UPDATE audit_heads SET seq = $1, hash = $2 WHERE chain = $3")
        .bind(entry.seq)
        .bind(entry.hash.clone())
        .bind(chain.to_owned())
        .execute_exactly(1)
        .await?;
    tx.query(
        "INSERT INTO audit_entries (chain, seq, at, actor, action, subject, channel, salt, detail, commitment, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(chain.to_owned())
    .bind(entry.seq)
    .bind(entry.at)
    .bind(entry.actor)
    .bind(entry.action)
    .bind(entry.subject)
    .bind(entry.channel)
    .bind(entry.salt)
    .bind(entry.detail)
    .bind(entry.commitment)
    .bind(entry.hash)
    .execute_exactly(1)
    .await
}

/// The heads of all chains, to be kept elsewhere.
pub async fn heads(tx: &mut Tx) -> Result<Vec<Head>> {
    let rows: Vec<(String, i64, Vec<u8>)> =
        tx.query("SELECT chain, seq, hash FROM audit_heads WHERE seq > 0 ORDER BY chain").all().await?;
    Ok(rows.into_iter().map(|(chain, seq, hash)| Head { chain, seq, hash: hex(&hash) }).collect())
}

/// Recompute every chain, and hold it against heads that were exported earlier.
pub async fn verify(tx: &mut Tx, exported: &[Head]) -> Result<std::result::Result<Verified, BrokenLink>> {
    let mut verified = Verified::default();
    let mut chains: Vec<String> = tx
        .query("SELECT chain FROM audit_heads UNION SELECT DISTINCT chain FROM audit_entries ORDER BY chain")
        .all::<(String,)>()
        .await?
        .into_iter()
        .map(|(chain,)| chain)
        .collect();
    chains.extend(
        exported.iter().map(|head| head.chain.clone()).filter(|c| !chains.contains(c)).collect::<Vec<_>>(),
    );
    for chain in chains {
        let anchors: Vec<&Head> = exported.iter().filter(|head| head.chain == chain).collect();
        match verify_chain(tx, &chain, &anchors).await? {
            Ok(entries) => verified.entries += entries,
            Err(broken) => return Ok(Err(broken)),
        }
        verified.chains += 1;
    }
    Ok(Ok(verified))
}

async fn verify_chain(
    tx: &mut Tx,
    chain: &str,
    anchors: &[&Head],
) -> Result<std::result::Result<usize, BrokenLink>> {
    let (mut seq, mut previous) = (0_i64, Vec::new());
    loop {
        let Some(page) = page(tx, chain, seq).await? else {
            let why = "it can't be read";
            return Ok(Err(BrokenLink { chain: chain.to_owned(), seq: seq + 1, why }));
        };
        if page.is_empty() {
            break;
        }
        for entry in page {
            if let Some(why) = fault(&entry, chain, seq + 1, &previous, anchors) {
                return Ok(Err(BrokenLink { chain: chain.to_owned(), seq: seq + 1, why }));
            }
            seq += 1;
            previous = entry.hash;
        }
    }
    let why = end_fault(tx, chain, seq, &previous, anchors).await?;
    Ok(match why {
        Some(why) => Err(BrokenLink { chain: chain.to_owned(), seq: seq + 1, why }),
        None => usize::try_from(seq).map_err(|_| StoreError::Unreadable("a chain")).map(Ok)?,
    })
}

/// The next entries; `None` when the first of them can't be read: SQLite keeps whatever bytes it is given.
async fn page(tx: &mut Tx, chain: &str, after: i64) -> Result<Option<Vec<EntryRow>>> {
    for limit in [1000, 1] {
        match entries(tx, chain, after, limit).await {
            Err(StoreError::Driver(sqlx::Error::ColumnDecode { .. })) => {}
            entries => return entries.map(Some),
        }
    }
    Ok(None)
}

async fn entries(tx: &mut Tx, chain: &str, after: i64, limit: i64) -> Result<Vec<EntryRow>> {
    tx.query(
        "SELECT seq, at, actor, action, subject, channel, salt, detail, commitment, hash FROM audit_entries
         WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3",
    )
    .bind(chain.to_owned())
    .bind(after)
    .bind(limit)
    .all()
    .await
}

fn fault(
    entry: &EntryRow,
    chain: &str,
    seq: i64,
    previous: &[u8],
    anchors: &[&Head],
) -> Option<&'static str> {
    let detail = entry.detail.as_deref().zip(entry.salt.as_deref());
    if entry.seq != seq {
        Some("an entry is missing here")
    } else if detail.is_some() && commitment(detail) != entry.commitment {
        Some("its detail is not the one that was committed to")
    } else if detail.is_none() && (entry.detail.is_some() || entry.salt.is_some()) {
        Some("its detail or its salt is gone, but not both")
    } else if entry.hash != entry.hash_after(chain, previous) {
        Some("its hash does not follow from its contents and the entry before")
    } else if anchors.iter().any(|head| head.seq == seq && head.hash != hex(&entry.hash)) {
        Some("its hash is not the exported one")
    } else {
        None
    }
}

async fn end_fault(
    tx: &mut Tx,
    chain: &str,
    seq: i64,
    last: &[u8],
    anchors: &[&Head],
) -> Result<Option<&'static str>> {
    let head: Option<(i64, Vec<u8>)> = tx
        .query("SELECT seq, hash FROM audit_heads WHERE chain = $1")
        .bind(chain.to_owned())
        .optional()
        .await?;
    let fits = head.is_some_and(|(head_seq, hash)| head_seq == seq && hash == last);
    Ok(if anchors.iter().any(|head| head.seq > seq) {
        Some("the exported head lies beyond the last entry: entries are missing at the end")
    } else if !fits {
        Some("the head is not the last entry: entries are missing at the end, or the head was changed")
    } else {
        None
    })
}

/// Bytes as they stand in exported heads.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
