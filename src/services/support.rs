//! The support desk: what nobody understood becomes a ticket, a person at the desk reads and answers it. Whoever reads is
//! named in the audit (`security.md` 35); a PIN or code that stands in a text is not shown to him.

use chrono::{DateTime, Utc};

use super::{Deps, messaging};
use crate::{
    menu::{Menus, Var, registry::LONGEST_ANSWER},
    model::{
        Language, MessageId, Msisdn, TicketId,
        message::{Fate, Purpose},
        reference::reference,
        ticket::{DeskName, TicketState},
    },
    storage::{
        StoreError, Tx, audit,
        support::{self, Note, Ticket, Writer},
    },
    text::{gsm, wish},
};

/// How many texts one ticket takes; a machine that writes on and on fills no desk.
const MOST_TEXTS: i64 = 20;
/// How many references are tried before one is free: of a million, few are in use.
const REFERENCES: usize = 16;
/// How many digits PINs and codes of people have; the desk needs no number of so many. (Eight have IDs and centres too.)
const SECRET_DIGITS: usize = 6;

/// Why the desk can't do something.
#[derive(Debug, thiserror::Error)]
pub enum SupportRefused {
    /// No ticket is called so.
    #[error("there is no ticket {0}")]
    NoTicket(String),
    /// It is over.
    #[error("ticket {0} is closed")]
    Closed(String),
    /// An answer without words.
    #[error("the answer has no words")]
    Empty,
    /// An answer that two SMS can't hold.
    #[error("the answer has {0} characters as an SMS counts them, {LONGEST_ANSWER} are allowed")]
    TooLong(usize),
    /// Six or eight digits: nobody at the desk knows or tells a PIN or a code.
    #[error(
        "a number of 6 or 8 digits looks like a PIN or a code; say it in other words (a centre by its name)"
    )]
    LooksLikeCode,
    /// A text can't be read with any key there is.
    #[error(transparent)]
    Unsealable(#[from] crate::secrets::Unsealable),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A ticket with what was written on it.
#[derive(Debug)]
pub struct Shown {
    /// The ticket.
    pub ticket: Ticket,
    /// What was written, in its order.
    pub notes: Vec<Written>,
}

/// Something that was written on a ticket.
pub struct Written {
    /// When.
    pub at: DateTime<Utc>,
    /// Who at the desk, and what has become of his message; `None`: the person.
    pub desk: Option<(String, Fate)>,
    /// The words; `None` once they are wiped.
    pub words: Option<String>,
    /// Whether digits are starred because they may be a secret.
    pub starred: bool,
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Written").field("at", &self.at).field("desk", &self.desk).finish_non_exhaustive()
    }
}

/// Put a text on its line's ticket, a new one where there is none; its reference.
pub(super) async fn gather(
    tx: &mut Tx,
    deps: &Deps,
    line: &Msisdn,
    language: Language,
    sms: (&str, &str),
    now: DateTime<Utc>,
) -> Result<String, StoreError> {
    let (ticket, reference) = match support::reopen(tx, line, language, now).await? {
        Some(found) => found,
        None => begin(tx, deps, line, language, now).await?,
    };
    if support::texts(tx, ticket).await? < MOST_TEXTS {
        support::note_text(tx, deps.chance.id(now), ticket, sms, now).await?;
    }
    Ok(reference)
}

async fn begin(
    tx: &mut Tx,
    deps: &Deps,
    line: &Msisdn,
    language: Language,
    now: DateTime<Utc>,
) -> Result<(TicketId, String), StoreError> {
    let id = TicketId(deps.chance.id(now));
    for _ in 0..REFERENCES {
        let reference = reference(deps.chance.bytes());
        if support::open(tx, id, &reference, line, language, now).await? {
            return Ok((id, reference));
        }
    }
    Err(StoreError::Conflict { constraint: "support_tickets.reference".to_owned() })
}

/// The tickets, those waiting longest first; closed ones only with `all`.
pub async fn list(deps: &Deps, all: bool) -> Result<Vec<Ticket>, StoreError> {
    support::list(&mut deps.store.read().await?, all).await
}

/// Read a ticket. That it was read, and by whom, is in the audit.
pub async fn show(deps: &Deps, reference: &str, by: &DeskName) -> Result<Shown, SupportRefused> {
    let mut tx = deps.store.begin().await?;
    let ticket = find(&mut tx, reference).await?;
    let notes = support::notes(&mut tx, ticket.id).await?;
    let notes =
        notes.iter().map(|note| written(deps, &ticket, note)).collect::<Result<Vec<_>, SupportRefused>>()?;
    record(&mut tx, deps, &ticket, by, "ticket_read").await?;
    tx.commit().await?;
    Ok(Shown { ticket, notes })
}

/// Answer a ticket by SMS; ring [`Deps::outbox`] where there is a worker.
pub async fn answer(
    deps: &Deps,
    menus: &Menus,
    reference: &str,
    words: &str,
    by: &DeskName,
) -> Result<MessageId, SupportRefused> {
    let words = fit(words)?;
    let mut tx = deps.store.begin().await?;
    let ticket = find_unclosed(&mut tx, reference).await?;
    let vars = [(Var::Answer, words.into()), (Var::Ticket, ticket.reference.as_str().into())];
    let (purpose, line, now) = (Purpose::SupportAnswer, &ticket.msisdn, deps.clock.now());
    let message = messaging::queue_with(deps, &mut tx, menus, purpose, line, ticket.language, &vars).await?;
    support::note_answer(&mut tx, deps.chance.id(now), ticket.id, message, by.as_str(), now).await?;
    support::set_state(&mut tx, ticket.id, TicketState::Answered, now).await?;
    record(&mut tx, deps, &ticket, by, "ticket_answered").await?;
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(message)
}

/// Close a ticket: what its person writes next begins another.
pub async fn close(deps: &Deps, reference: &str, by: &DeskName) -> Result<(), SupportRefused> {
    let mut tx = deps.store.begin().await?;
    let ticket = find_unclosed(&mut tx, reference).await?;
    support::set_state(&mut tx, ticket.id, TicketState::Closed, deps.clock.now()).await?;
    record(&mut tx, deps, &ticket, by, "ticket_closed").await?;
    Ok(tx.commit().await?)
}

async fn find(tx: &mut Tx, reference: &str) -> Result<Ticket, SupportRefused> {
    let reference = reference.trim().to_uppercase();
    support::by_reference(tx, &reference).await?.ok_or(SupportRefused::NoTicket(reference))
}

async fn find_unclosed(tx: &mut Tx, reference: &str) -> Result<Ticket, SupportRefused> {
    let ticket = find(tx, reference).await?;
    if ticket.state == TicketState::Closed {
        return Err(SupportRefused::Closed(ticket.reference));
    }
    Ok(ticket)
}

async fn record(
    tx: &mut Tx,
    deps: &Deps,
    ticket: &Ticket,
    by: &DeskName,
    action: &str,
) -> Result<(), StoreError> {
    let (at, actor, subject) = (deps.clock.now(), &by.actor(), ticket.id.0);
    audit::append(tx, audit::Event { at, actor, action, subject, channel: "cli", detail: None }).await
}

fn written(deps: &Deps, ticket: &Ticket, note: &Note) -> Result<Written, SupportRefused> {
    let plain = note.words.as_ref().map(|sealed| deps.keys.open(note.place(), sealed)).transpose()?;
    let words = plain.map(|plain| String::from_utf8_lossy(&plain).into_owned());
    Ok(match &note.writer {
        Writer::Desk { name, fate, .. } => {
            Written { at: note.at, desk: Some((name.clone(), *fate)), words, starred: false }
        }
        Writer::Person(_) => {
            let safe = words.as_ref().map(|words| safe(words, &ticket.msisdn));
            Written { at: note.at, desk: None, starred: safe != words, words: safe }
        }
    })
}

/// A text as the desk may see it: what may be a PIN or a code is starred.
fn safe(words: &str, writer: &Msisdn) -> String {
    if wish::read(words, Some(writer)).tells_secret {
        return star(words);
    }
    let is_digit = |c: char| c.is_ascii_digit();
    let starred = words.split_inclusive(|c| !is_digit(c)).map(|piece| {
        let run = piece.trim_end_matches(|c| !is_digit(c));
        if run.len() == SECRET_DIGITS { star(piece) } else { piece.to_owned() }
    });
    starred.collect()
}

fn star(words: &str) -> String {
    words.chars().map(|c| if c.is_numeric() { '*' } else { c }).collect()
}

/// The words as an SMS carries them, on one line.
fn fit(words: &str) -> Result<String, SupportRefused> {
    let folded = gsm::fold(&words.split_whitespace().collect::<Vec<_>>().join(" "));
    if folded.is_empty() {
        return Err(SupportRefused::Empty);
    }
    let measured = gsm::septets(&folded).unwrap_or(usize::MAX);
    if measured > LONGEST_ANSWER {
        return Err(SupportRefused::TooLong(measured));
    }
    let mut runs = folded.split(|c: char| !c.is_ascii_digit());
    if runs.any(|run| matches!(run.len(), 6 | 8)) {
        return Err(SupportRefused::LooksLikeCode);
    }
    Ok(folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_fits_two_sms_and_tells_no_code() {
        assert_eq!(fit("  Your name\nis  “right” now ").unwrap(), "Your name is \"right\" now");
        assert_eq!(fit("Piga *456*9*5*5*1# au 0700 000 099, KSh 12500").unwrap().len(), 45);
        assert!(matches!(fit(" \n"), Err(SupportRefused::Empty)));
        assert!(fit(&"a".repeat(260)).is_ok());
        assert!(matches!(fit(&"a".repeat(261)), Err(SupportRefused::TooLong(261))));
        for told in ["Your PIN is 907318", "code 48213377.", "123456"] {
            assert!(matches!(fit(told), Err(SupportRefused::LooksLikeCode)), "{told}");
        }
    }

    #[test]
    fn the_desk_sees_numbers_but_no_pin() {
        let writer = Msisdn::from_typed("+254700000010").unwrap();
        for (text, seen) in [
            ("PIN yangu ni 9073 au 48213377", "PIN yangu ni **** au ********"),
            ("The gate says 907318, I think", "The gate says ******, I think"),
            ("907318", "******"),
            ("Centre 12345001 at 0700000012 since 2019", "Centre 12345001 at 0700000012 since 2019"),
            ("Habari ya leo\nasubuhi", "Habari ya leo\nasubuhi"),
        ] {
            assert_eq!(safe(text, &writer), seen);
        }
    }
}
