//! Messages to a line with everything that happened to them, in order: for whoever follows them step by step.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    attempts::Try,
    engine::{Result, Tx},
};
use crate::{
    model::{
        MessageId, Msisdn,
        message::{Fate, Purpose, RefusalReason},
    },
    secrets::Sealed,
};

/// A message and what happened to it.
#[derive(Debug)]
pub struct Traced {
    /// Its id.
    pub id: MessageId,
    /// Why it was sent.
    pub purpose: Purpose,
    /// What has become of it.
    pub fate: Fate,
    /// Why it was refused.
    pub reason: Option<RefusalReason>,
    /// Its tries that a route took, oldest first.
    pub taken: Vec<Taken>,
    /// The words, as long as they are kept.
    pub body: Option<Sealed>,
    /// When it was promised.
    pub created_at: DateTime<Utc>,
    /// What happened, oldest first.
    pub events: Vec<Event>,
}

/// A try that a route took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The route.
    pub route: String,
    /// The id it gave the message.
    pub provider_id: String,
    /// How this try stands; the message may stand elsewhere by another.
    pub fate: Try,
}

/// Something that happened to a message; nothing in it is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What: `queued`, `sent`, `report`…
    pub what: String,
    /// The route it happened on.
    pub route: Option<String>,
    /// The route's own word for it.
    pub detail: Option<String>,
}

/// The latest messages to a line, newest first.
pub async fn to_line(tx: &mut Tx, msisdn: &Msisdn, most: i64) -> Result<Vec<Traced>> {
    let rows: Vec<MessageRow> = tx
        .query(
            "SELECT id, purpose, fate, reason, body, body_key, created_at FROM messages
             WHERE msisdn = $1 ORDER BY created_at DESC, id DESC LIMIT $2",
        )
        .bind(msisdn.as_e164())
        .bind(most)
        .all()
        .await?;
    let mut traced = Vec::with_capacity(rows.len());
    for row in rows {
        let taken = taken(tx, row.id).await?;
        let events = events_of(tx, row.id).await?;
        traced.push(row.with(taken, events));
    }
    Ok(traced)
}

async fn taken(tx: &mut Tx, id: Uuid) -> Result<Vec<Taken>> {
    let rows: Vec<(String, String, Try)> = tx
        .query(
            "SELECT route, provider_id, fate FROM message_attempts WHERE message_id = $1 AND provider_id IS NOT NULL
             ORDER BY attempt",
        )
        .bind(id)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(route, provider_id, fate)| Taken { route, provider_id, fate }).collect())
}

async fn events_of(tx: &mut Tx, id: Uuid) -> Result<Vec<Event>> {
    let rows: Vec<EventRow> = tx
        .query("SELECT at, event, route, detail FROM message_events WHERE message_id = $1 ORDER BY at")
        .bind(id)
        .all()
        .await?;
    let event = |row: EventRow| Event { at: row.at, what: row.event, route: row.route, detail: row.detail };
    Ok(rows.into_iter().map(event).collect())
}

#[derive(FromRow)]
struct MessageRow {
    id: Uuid,
    purpose: Purpose,
    fate: Fate,
    reason: Option<RefusalReason>,
    body: Option<Vec<u8>>,
    body_key: Option<String>,
    created_at: DateTime<Utc>,
}

impl MessageRow {
    fn with(self, taken: Vec<Taken>, events: Vec<Event>) -> Traced {
        let body = self.body.zip(self.body_key).map(|(bytes, key_id)| Sealed { key_id, bytes });
        let Self { id, purpose, fate, reason, created_at, .. } = self;
        Traced { id: MessageId(id), purpose, fate, reason, taken, body, created_at, events }
    }
}

#[derive(FromRow)]
struct EventRow {
    at: DateTime<Utc>,
    event: String,
    route: Option<String>,
    detail: Option<String>,
}
