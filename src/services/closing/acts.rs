//! Signing, countersigning, opening again: each an act of the register's chain and a change of its document, in the
//! caller's unit of work, under the register's lock.

use chrono::{DateTime, Utc};

use super::{Built, Directed, Director, NotDirected, NotSigned, Of, Signed, Signer, build, is_fresh};
use crate::{
    model::{
        CentreCode, DocumentCode,
        season::{Act, Channel},
    },
    services::{
        Deps,
        register::{By, Changed, DayOf, change_state},
        season::calendar::day_of,
    },
    storage::{
        StoreError, Tx,
        documents::{self, Document, NewDocument},
        officers::Role,
        register_closing::{self, Closing},
        registers, scopes,
    },
};

/// How many codes are tried: ten thousand millions of them stand against some hundred thousand documents.
const TRIES: usize = 4;

/// Sign a register for its centre. From then on its days can't be marked any more.
///
/// Refused while something is missing (a day, the director's word on somebody who was added, an answer to a dispute), by a
/// deputy's PIN, and by one that was typed more than five minutes ago.
pub async fn sign(
    tx: &mut Tx,
    deps: &Deps,
    of: Of<'_>,
    by: &Signer<'_>,
    now: DateTime<Utc>,
) -> Result<Signed, StoreError> {
    let today = DayOf { series: of.series, centre: of.centre, on: day_of(now) };
    if registers::lock(tx, today).await?.is_none() {
        return Ok(Signed::Refused(NotSigned::NoRegister));
    }
    let Some(built) = build(tx, deps, of, now).await? else {
        return Ok(Signed::Refused(NotSigned::NoRegister));
    };
    if let Some(why) = refusal(&built, by, now) {
        return Ok(Signed::Refused(why));
    }
    let on = built.closing.days.keys().next_back().copied().unwrap_or(today.on);
    let hand = By { actor: Some(by.credential.0), line: Some(by.line), channel: Channel::Ussd };
    let changed = act(tx, deps, DayOf { on, ..today }, (Act::Sign, None), &hand, now).await?;
    match (changed, documents::standing(tx, of.series, of.centre).await?) {
        (Changed::Done(entry), Some(document)) => Ok(Signed::Done { code: document.code, entry }),
        _ => Ok(Signed::Refused(NotSigned::NoRegister)),
    }
}

fn refusal(built: &Built, by: &Signer<'_>, now: DateTime<Utc>) -> Option<NotSigned> {
    if by.deputy {
        return Some(NotSigned::Deputy);
    }
    if let Some(signed) = &built.signed {
        return Some(NotSigned::Already(Box::new(signed.clone())));
    }
    if !built.missing.is_nothing() || built.closing.days.is_empty() {
        return Some(NotSigned::Missing(Box::new(built.missing.clone())));
    }
    if built.series.practice {
        return Some(NotSigned::Practice);
    }
    (!is_fresh(by.pin_at, now)).then_some(NotSigned::PinTooOld)
}

/// Sign, countersign or open again, with what that makes of the register's document. Nothing is asked here but whether
/// the register's state allows it: who may do it, and when, is asked by `sign`, `countersign` and `reopen`.
pub async fn act(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    (act, reason): (Act, Option<&str>),
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Changed, StoreError> {
    let changed = change_state(tx, deps, of, (act, reason), by, now).await?;
    let Changed::Done(entry) = &changed else { return Ok(changed) };
    if act == Act::Sign {
        keep(tx, deps, of, by, (entry.seq, now)).await?;
        return Ok(changed);
    }
    if let Some(document) = documents::standing(tx, of.series, of.centre).await? {
        match act {
            Act::Countersign => documents::countersigned(tx, &document.code, by.actor, now).await?,
            _ => documents::replaced(tx, &document.code, now).await?,
        }
    }
    Ok(changed)
}

/// Keep the document of a signature that has just been written.
async fn keep(
    tx: &mut Tx,
    deps: &Deps,
    of: DayOf<'_>,
    by: &By<'_>,
    (seq, now): (i64, DateTime<Utc>),
) -> Result<(), StoreError> {
    let hand = by.actor.zip(by.line);
    let (signed_by, signed_line) = hand.ok_or(StoreError::Unreadable("whose signature it is"))?;
    let (closing, hash) = at(tx, (of.series, of.centre), seq).await?;
    for _ in 0..TRIES {
        let code = DocumentCode::new(deps.chance.bytes());
        let digest = closing.digest(code.digits(), (of.series, of.centre.as_str()), (seq, &hash));
        let (series, centre, sums) = (of.series, of.centre, closing.sums());
        let new = NewDocument {
            code: &code,
            series,
            centre,
            seq,
            digest: &digest,
            sums,
            signed_at: now,
            signed_by,
            signed_line,
        };
        if documents::insert(tx, &new).await? {
            return Ok(());
        }
    }
    Err(StoreError::Conflict { constraint: "register_documents.code".to_owned() })
}

/// What a register came to at an entry, and the entry's hash.
async fn at(
    tx: &mut Tx,
    (series, centre): (&str, &CentreCode),
    seq: i64,
) -> Result<(Closing, Vec<u8>), StoreError> {
    let entries = register_closing::entries(tx, series, centre).await?;
    let people = register_closing::listed(tx, series, centre).await?;
    let closing = Closing::at(seq, &entries, people.iter().flat_map(|one| one.marks.iter().copied()));
    let hash = entries.into_iter().find(|entry| entry.seq == seq).map(|entry| entry.hash);
    Ok((closing, hash.unwrap_or_default()))
}

/// Countersign what a centre has signed, by the code that the director was shown.
///
/// Only the director of the centre's sub-county, and another person than the signer: a line that ever spoke for the centre
/// is refused. Another line is another session too, because a session belongs to one line (`security.md` 22).
pub async fn countersign(
    tx: &mut Tx,
    deps: &Deps,
    code: &DocumentCode,
    by: &Director<'_>,
    now: DateTime<Utc>,
) -> Result<Directed, StoreError> {
    let (document, _) = match theirs(tx, code, by).await? {
        Ok(found) => found,
        Err(why) => return Ok(Directed::Refused(why)),
    };
    if by.officer.role != Role::SubCountyDirector {
        return Ok(Directed::Refused(NotDirected::NoDocument));
    }
    if document.signed_line == by.line.as_e164()
        || documents::is_line_of_centre(tx, &document.centre, by.line).await?
    {
        return Ok(Directed::Refused(NotDirected::SamePerson));
    }
    if !is_fresh(by.pin_at, now) {
        return Ok(Directed::Refused(NotDirected::PinTooOld));
    }
    if !still_says(tx, &document).await? {
        return Ok(Directed::Refused(NotDirected::Broken));
    }
    directed(tx, deps, document, (Act::Countersign, None), by, now).await
}

/// Open a signed register again: its document counts no more, and its days can be unlocked and corrected.
pub async fn reopen(
    tx: &mut Tx,
    deps: &Deps,
    (code, reason): (&DocumentCode, &str),
    by: &Director<'_>,
    now: DateTime<Utc>,
) -> Result<Directed, StoreError> {
    let (document, closed) = match theirs(tx, code, by).await? {
        Ok(found) => found,
        Err(why) => return Ok(Directed::Refused(why)),
    };
    if by.officer.role == Role::Support {
        return Ok(Directed::Refused(NotDirected::NoDocument));
    }
    if reason.trim().is_empty() {
        return Ok(Directed::Refused(NotDirected::NeedsReason));
    }
    if closed {
        // Nobody could sign it any more: the centres' PINs ended with the series.
        return Ok(Directed::Refused(NotDirected::SeriesClosed));
    }
    directed(tx, deps, document, (Act::Reopen, Some(reason)), by, now).await
}

/// The document of the code under its register's lock, if it counts and is the director's; and whether the series is
/// closed.
async fn theirs(
    tx: &mut Tx,
    code: &DocumentCode,
    by: &Director<'_>,
) -> Result<Result<(Document, bool), NotDirected>, StoreError> {
    let Some(seen) = documents::by_code(tx, code).await? else { return Ok(Err(NotDirected::NoDocument)) };
    if !scopes::reaches(tx, by.officer, &seen.centre).await? {
        return Ok(Err(NotDirected::NoDocument));
    }
    let on = day_of(seen.signed_at);
    let Some(head) = registers::lock(tx, DayOf { series: &seen.series, centre: &seen.centre, on }).await?
    else {
        return Ok(Err(NotDirected::NoDocument));
    };
    // What was read before the lock may have been replaced by whoever held it.
    let document = documents::by_code(tx, code).await?.unwrap_or(seen);
    if document.replaced_at.is_some() {
        return Ok(Err(NotDirected::Replaced));
    }
    Ok(Ok((document, head.facts.closed_at.is_some())))
}

async fn directed(
    tx: &mut Tx,
    deps: &Deps,
    document: Document,
    what: (Act, Option<&str>),
    by: &Director<'_>,
    now: DateTime<Utc>,
) -> Result<Directed, StoreError> {
    let on = day_of(document.signed_at);
    let of = DayOf { series: &document.series, centre: &document.centre, on };
    let hand = By { actor: Some(by.officer.id), line: Some(by.line), channel: Channel::Ussd };
    Ok(match act(tx, deps, of, what, &hand, now).await? {
        Changed::Done(entry) => Directed::Done { document: Box::new(document), entry },
        Changed::NotFrom(state) => Directed::Refused(NotDirected::NotFrom(state)),
        Changed::NoRegister => Directed::Refused(NotDirected::NoDocument),
    })
}

/// Whether the ledger still says what was signed.
pub(super) async fn still_says(tx: &mut Tx, document: &Document) -> Result<bool, StoreError> {
    let (series, centre) = (document.series.as_str(), &document.centre);
    let (closing, hash) = at(tx, (series, centre), document.seq).await?;
    let digest = closing.digest(document.code.digits(), (series, centre.as_str()), (document.seq, &hash));
    Ok(digest == document.digest && closing.sums() == document.sums)
}
