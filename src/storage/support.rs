//! Tickets of the support desk: one at a time for a line, with what its owner wrote and what the desk answered. The words
//! are those of `inbound_messages` and `messages`: kept once, sealed, wiped there.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Dialect, Result, StoreError, Tx, assert_safe},
    inbound, messages,
};
use crate::{
    model::{Language, MessageId, Msisdn, TicketId, message::Fate, ticket::TicketState},
    secrets::{Place, Sealed},
};

/// A ticket.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What the person and the desk call it.
    pub reference: String,
    /// The line that wrote.
    pub msisdn: Msisdn,
    /// The language of its last text.
    pub language: Language,
    /// Where it stands.
    pub state: TicketState,
    /// When it began.
    pub opened_at: DateTime<Utc>,
    /// When somebody last did something about it.
    pub changed_at: DateTime<Utc>,
    /// How many texts of the person it has.
    pub texts: i64,
}

/// What was written on a ticket.
#[derive(Debug)]
pub struct Note {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub writer: Writer,
    /// The words, until they are wiped.
    pub words: Option<Sealed>,
}

/// Who wrote.
#[derive(Debug)]
pub enum Writer {
    /// The person; the words are sealed in this row of `inbound_messages`.
    Person(Vec<u8>),
    /// The desk, with the message it became.
    Desk {
        /// Who at the desk.
        name: String,
        /// The message.
        message: MessageId,
        /// What has become of it.
        fate: Fate,
    },
}

impl Note {
    /// Where its words are sealed.
    pub fn place(&self) -> Place<'_> {
        match &self.writer {
            Writer::Person(row) => inbound::text_place(row),
            Writer::Desk { message, .. } => messages::body_place(message),
        }
    }
}

#[derive(FromRow)]
struct TicketRow {
    id: Uuid,
    reference: String,
    msisdn: String,
    language: String,
    state: TicketState,
    opened_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    texts: i64,
}

impl TryFrom<TicketRow> for Ticket {
    type Error = StoreError;

    fn try_from(row: TicketRow) -> Result<Self> {
        let unreadable = || StoreError::Unreadable("a ticket");
        Ok(Self {
            id: TicketId(row.id),
            reference: row.reference,
            msisdn: Msisdn::from_network(&row.msisdn).ok_or_else(unreadable)?,
            language: Language::from_code(&row.language).ok_or_else(unreadable)?,
            state: row.state,
            opened_at: row.opened_at,
            changed_at: row.changed_at,
            texts: row.texts,
        })
    }
}

const COLUMNS: &str = "t.id, t.reference, t.msisdn, t.language, t.state, t.opened_at, t.changed_at,
    (SELECT CAST(COUNT(*) AS BIGINT) FROM support_notes n WHERE n.ticket = t.id AND n.provider IS NOT NULL) AS texts";

/// The ticket of a line that is not closed, open again as of now.
pub async fn reopen(
    tx: &mut Tx,
    line: &Msisdn,
    language: Language,
    now: DateTime<Utc>,
) -> Result<Option<(TicketId, String)>> {
    let row: Option<(Uuid, String)> = tx
        .query(
            "UPDATE support_tickets SET state = 'open', language = $1, changed_at = $2
             WHERE msisdn = $3 AND state <> 'closed' RETURNING id, reference",
        )
        .bind(language.code())
        .bind(now)
        .bind(line.as_e164())
        .optional()
        .await?;
    Ok(row.map(|(id, reference)| (TicketId(id), reference)))
}

/// Begin a ticket; `false` when its reference is in use, or the line has one.
pub async fn open(
    tx: &mut Tx,
    id: TicketId,
    reference: &str,
    line: &Msisdn,
    language: Language,
    now: DateTime<Utc>,
) -> Result<bool> {
    let rows = tx
        .query(
            "INSERT INTO support_tickets (id, reference, msisdn, language, state, opened_at, changed_at)
             VALUES ($1, $2, $3, $4, 'open', $5, $5) ON CONFLICT DO NOTHING",
        )
        .bind(id.0)
        .bind(reference)
        .bind(line.as_e164())
        .bind(language.code())
        .bind(now)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// How many texts of the person a ticket has.
pub async fn texts(tx: &mut Tx, ticket: TicketId) -> Result<i64> {
    let (count,): (i64,) = tx
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM support_notes WHERE ticket = $1 AND provider IS NOT NULL",
        )
        .bind(ticket.0)
        .one()
        .await?;
    Ok(count)
}

/// Put an inbound SMS on a ticket.
pub async fn note_text(
    tx: &mut Tx,
    id: Uuid,
    ticket: TicketId,
    (provider, provider_id): (&str, &str),
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query("INSERT INTO support_notes (id, ticket, at, provider, provider_id) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(ticket.0)
        .bind(now)
        .bind(provider)
        .bind(provider_id)
        .execute_exactly(1)
        .await
}

/// Put an answer of the desk on a ticket.
pub async fn note_answer(
    tx: &mut Tx,
    id: Uuid,
    ticket: TicketId,
    message: MessageId,
    written_by: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query("INSERT INTO support_notes (id, ticket, at, message, written_by) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(ticket.0)
        .bind(now)
        .bind(message.0)
        .bind(written_by)
        .execute_exactly(1)
        .await
}

/// Tickets, those waiting longest first; closed ones only with `all`.
pub async fn list(tx: &mut Tx, all: bool) -> Result<Vec<Ticket>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM support_tickets t WHERE $1 OR t.state <> 'closed'
         ORDER BY CASE t.state WHEN 'open' THEN 0 WHEN 'answered' THEN 1 ELSE 2 END, t.changed_at, t.id"
    );
    let rows: Vec<TicketRow> = tx.query(assert_safe(sql)).bind(all).all().await?;
    rows.into_iter().map(Ticket::try_from).collect()
}

/// The latest ticket of a reference, locked until the unit of work ends.
pub async fn by_reference(tx: &mut Tx, reference: &str) -> Result<Option<Ticket>> {
    let lock = if tx.dialect() == Dialect::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!(
        "SELECT {COLUMNS} FROM support_tickets t WHERE t.reference = $1 ORDER BY t.opened_at DESC LIMIT 1 {lock}"
    );
    let row: Option<TicketRow> = tx.query(assert_safe(sql)).bind(reference).optional().await?;
    row.map(Ticket::try_from).transpose()
}

/// Say where a ticket stands.
pub async fn set_state(tx: &mut Tx, ticket: TicketId, state: TicketState, now: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE support_tickets SET state = $1, changed_at = $2 WHERE id = $3")
        .bind(state)
        .bind(now)
        .bind(ticket.0)
        .execute_exactly(1)
        .await
}

#[derive(FromRow)]
struct NoteRow {
    at: DateTime<Utc>,
    provider: Option<String>,
    provider_id: Option<String>,
    message: Option<Uuid>,
    written_by: Option<String>,
    fate: Option<Fate>,
    words: Option<Vec<u8>>,
    words_key: Option<String>,
}

impl TryFrom<NoteRow> for Note {
    type Error = StoreError;

    fn try_from(row: NoteRow) -> Result<Self> {
        let text = row.provider.zip(row.provider_id);
        let answer = row.message.zip(row.written_by).zip(row.fate);
        let writer = match (text, answer) {
            (Some((provider, id)), None) => Writer::Person(inbound::text_row(&provider, &id)),
            (None, Some(((message, name), fate))) => Writer::Desk { name, message: MessageId(message), fate },
            _ => return Err(StoreError::Unreadable("a ticket's note")),
        };
        let words = row.words.zip(row.words_key).map(|(bytes, key_id)| Sealed { key_id, bytes });
        Ok(Self { at: row.at, writer, words })
    }
}

/// What was written on a ticket, in its order.
pub async fn notes(tx: &mut Tx, ticket: TicketId) -> Result<Vec<Note>> {
    let rows: Vec<NoteRow> = tx
        .query(
            "SELECT n.at, n.provider, n.provider_id, n.message, n.written_by, m.fate,
                    COALESCE(i.text, m.body) AS words, COALESCE(i.text_key, m.body_key) AS words_key
             FROM support_notes n
             LEFT JOIN inbound_messages i ON i.provider = n.provider AND i.provider_id = n.provider_id
             LEFT JOIN messages m ON m.id = n.message
             WHERE n.ticket = $1 ORDER BY n.at, n.id",
        )
        .bind(ticket.0)
        .all()
        .await?;
    rows.into_iter().map(Note::try_from).collect()
}
