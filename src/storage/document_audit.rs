//! Closing documents held against the acts that made them: every signature has its document, and it says what the ledger
//! came to when it was signed.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    documents::Sums,
    engine::{Result, Tx},
    register_audit::EntryRow,
    register_closing::{ActAt, Closing, MarkAt},
    register_projection::MarkRow,
};
use crate::model::season::{Act, Channel, DayShape};

/// The row of a document.
#[derive(FromRow)]
pub(super) struct DocumentRow {
    pub(super) centre: String,
    code: String,
    seq: i64,
    digest: Vec<u8>,
    #[sqlx(flatten)]
    sums: Sums,
    signed_at: DateTime<Utc>,
    signed_by: Uuid,
    signed_line: String,
    countersigned_at: Option<DateTime<Utc>>,
    countersigned_by: Option<Uuid>,
    replaced_at: Option<DateTime<Utc>>,
}

impl DocumentRow {
    /// The documents of some registers of a series.
    pub(super) async fn read(
        tx: &mut Tx,
        series: &str,
        (first, last): (&Option<String>, &Option<String>),
    ) -> Result<Vec<Self>> {
        tx.query(
            "SELECT centre, code, seq, digest, people, days, present, absent, signed_at, signed_by, signed_line,
                countersigned_at, countersigned_by, replaced_at
             FROM register_documents WHERE series = $1 AND centre >= $2 AND centre <= $3 ORDER BY centre, seq, code",
        )
        .bind(series)
        .bind(first.clone())
        .bind(last.clone())
        .all()
        .await
    }
}

/// The first act whose document does not say what it made, and why.
pub(super) fn fault(
    (series, centre): (&str, &str),
    documents: &[DocumentRow],
    entries: &[EntryRow],
    marks: &[MarkRow],
) -> std::result::Result<(), (i64, &'static str)> {
    let is_sign = |entry: &&EntryRow| Act::from_word(&entry.act) == Some(Act::Sign);
    let signs: Vec<&EntryRow> = entries.iter().filter(is_sign).collect();
    if documents.is_empty() && signs.is_empty() {
        return Ok(());
    }
    if let Some(stray) = documents.iter().find(|one| signs.iter().all(|entry| entry.seq != one.seq)) {
        return Err((stray.seq, "there is a document that no act signed"));
    }
    let acts: Vec<ActAt> = entries.iter().filter_map(act_at).collect();
    for sign in signs {
        let own: Vec<&DocumentRow> = documents.iter().filter(|one| one.seq == sign.seq).collect();
        let [document] = own[..] else {
            let why = if own.is_empty() {
                "the document that it signed is gone"
            } else {
                "it has signed more than one document"
            };
            return Err((sign.seq, why));
        };
        let closing = Closing::at(sign.seq, &acts, marks.iter().map(mark_at));
        let digest = closing.digest(&document.code, (series, centre), (sign.seq, &sign.hash));
        if digest != document.digest || closing.sums() != document.sums {
            return Err((sign.seq, "its document does not say what the ledger says"));
        }
        if let Some(why) = hands(document, sign, entries) {
            return Err((sign.seq, why));
        }
    }
    Ok(())
}

/// Whether who signed and what became of the document is what the acts say.
fn hands(document: &DocumentRow, sign: &EntryRow, entries: &[EntryRow]) -> Option<&'static str> {
    let line_is_another = sign.line.as_ref().is_some_and(|line| *line != document.signed_line);
    if (document.signed_at, Some(document.signed_by)) != (sign.at, sign.actor) || line_is_another {
        return Some("its document has another signer");
    }
    let after = entries.iter().filter(|entry| entry.seq > sign.seq);
    let own: Vec<&EntryRow> = after.take_while(|entry| entry.act != Act::Sign.word()).collect();
    let act = |act: Act| own.iter().find(|entry| entry.act == act.word());
    let countersigned = act(Act::Countersign).map(|entry| (Some(entry.at), entry.actor)).unwrap_or_default();
    if (document.countersigned_at, document.countersigned_by) != countersigned {
        return Some("its document's countersignature is not the one that was given");
    }
    let replaced = act(Act::Reopen).map(|entry| entry.at);
    (document.replaced_at != replaced).then_some("whether its document counts is not what its acts led to")
}

/// An entry as a document sees it; one whose words nobody knows has been found out before.
fn act_at(entry: &EntryRow) -> Option<ActAt> {
    Some(ActAt {
        seq: entry.seq,
        at: entry.at,
        on_day: entry.on_day,
        act: Act::from_word(&entry.act)?,
        channel: Channel::from_word(&entry.channel)?,
        line: entry.line.clone(),
        reference: entry.reference.clone(),
        shape: entry.shape.as_deref().and_then(DayShape::from_word),
        subject: entry.subject,
        hash: entry.hash.clone(),
    })
}

fn mark_at(row: &MarkRow) -> MarkAt {
    MarkAt { seq: row.seq, mark: row.mark() }
}
