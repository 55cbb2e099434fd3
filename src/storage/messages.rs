//! Messages to phones and everything that happened to them. How they are claimed and sent is in `outbox` and `verdicts`,
//! what their networks reported in `reports`.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, Tx, assert_safe, placeholders};
use crate::{
    model::{
        ChallengeId, MessageId, Msisdn, Network,
        message::{Fate, Purpose, RefusalReason},
    },
    secrets::{Place, Sealed},
};

/// A message about to be promised.
pub struct NewMessage {
    /// Its id; the body is sealed for it ([`body_place`]).
    pub id: MessageId,
    /// Why it is sent.
    pub purpose: Purpose,
    /// The phone.
    pub msisdn: Msisdn,
    /// What it says.
    pub body: Body,
    /// Now.
    pub created_at: DateTime<Utc>,
    /// From when it is not sent any more.
    pub not_after: DateTime<Utc>,
    /// Routes that shall not take it.
    pub given_up: Vec<String>,
}

/// What a message says.
pub enum Body {
    /// These words.
    Words(Sealed),
    /// A one-time code: its words are made when it is sent, and never kept.
    Code(ChallengeId),
}

/// What a person may know of a message to his own line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its id.
    pub id: MessageId,
    /// Why it was sent.
    pub purpose: Purpose,
    /// What has become of it.
    pub fate: Fate,
    /// Why it was refused.
    pub reason: Option<RefusalReason>,
    /// When it was promised.
    pub created_at: DateTime<Utc>,
    /// The route that delivered it, else the last that was tried; none yet while it waits.
    pub route: Option<String>,
}

/// What a [`Summary`] is made of.
const SUMMARY: &str = "SELECT id, purpose, fate, reason, created_at,
        (SELECT a.route FROM message_attempts a WHERE a.message_id = m.id
         ORDER BY CASE WHEN a.fate = 'delivered' THEN 0 ELSE 1 END, a.attempt DESC LIMIT 1) AS route
    FROM messages m";

/// Where a message's body is sealed.
pub fn body_place(id: &MessageId) -> Place<'_> {
    Place { table: "messages", column: "body", row: id.0.as_bytes() }
}

/// Put a message into the outbox, due at once and until its purpose's age.
pub async fn queue(tx: &mut Tx, message: &NewMessage) -> Result<()> {
    insert(tx, message, (Fate::Queued, None)).await
}

/// Record a message that no route would take to this number, so that its fate is visible.
pub async fn refuse_unsent(tx: &mut Tx, message: &NewMessage, reason: RefusalReason) -> Result<()> {
    insert(tx, message, (Fate::Refused, Some(reason))).await
}

async fn insert(
    tx: &mut Tx,
    message: &NewMessage,
    (fate, reason): (Fate, Option<RefusalReason>),
) -> Result<()> {
    let NewMessage { id, purpose, msisdn, body, created_at, not_after, given_up } = message;
    let (words, challenge) = match body {
        Body::Words(words) => (Some(words).filter(|_| fate == Fate::Queued), None),
        Body::Code(challenge) => (None, Some(challenge.0)),
    };
    tx.query(
        "INSERT INTO messages (id, purpose, priority, msisdn, body, body_key, challenge, fate, reason, given_up,
            attempts, created_at, due_at, not_after, changed_at, network)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $13, 0, $10, $10, $11, $10,
                 COALESCE((SELECT network FROM lines WHERE msisdn = $4), $12))",
    )
    .bind(id.0)
    .bind(*purpose)
    .bind(purpose.priority() as i64)
    .bind(msisdn.as_e164())
    .bind(words.map(|words| words.bytes.as_slice()))
    .bind(words.map(|words| words.key_id.as_str()))
    .bind(challenge)
    .bind(fate)
    .bind(reason)
    .bind(*created_at)
    .bind(*not_after)
    .bind(Network::usual_of(msisdn).map(|network| network.code().to_owned()))
    .bind(given_up.join(" "))
    .execute_exactly(1)
    .await?;
    let event = if fate == Fate::Queued { "queued" } else { "refused" };
    record_event(tx, id.0, *created_at, &Event { what: event, ..Event::default() }).await
}

/// The messages to a line since then, newest first.
pub async fn fates_of(
    tx: &mut Tx,
    msisdn: &Msisdn,
    since: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Summary>> {
    let rows: Vec<SummaryRow> = tx
        .query(assert_safe(format!(
            "{SUMMARY} WHERE msisdn = $1 AND created_at >= $2 ORDER BY created_at DESC, id DESC LIMIT $3"
        )))
        .bind(msisdn.as_e164())
        .bind(since)
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(Summary::from).collect())
}

/// How many messages of a purpose were promised to a line since then.
pub async fn since(tx: &mut Tx, msisdn: &Msisdn, purpose: Purpose, since: DateTime<Utc>) -> Result<i64> {
    let (count,): (i64,) = tx
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM messages WHERE msisdn = $1 AND purpose = $2 AND created_at > $3",
        )
        .bind(msisdn.as_e164())
        .bind(purpose)
        .bind(since)
        .one()
        .await?;
    Ok(count)
}

/// A message, if it went to this line.
pub async fn by_id(tx: &mut Tx, msisdn: &Msisdn, id: MessageId) -> Result<Option<Summary>> {
    let row: Option<SummaryRow> = tx
        .query(assert_safe(format!("{SUMMARY} WHERE id = $1 AND msisdn = $2")))
        .bind(id.0)
        .bind(msisdn.as_e164())
        .optional()
        .await?;
    Ok(row.map(Summary::from))
}

/// The person of this line has read that it did not arrive.
pub async fn set_told(tx: &mut Tx, msisdn: &Msisdn, id: MessageId, now: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE messages SET told_at = $1 WHERE id = $2 AND msisdn = $3 AND told_at IS NULL")
        .bind(now)
        .bind(id.0)
        .bind(msisdn.as_e164())
        .execute()
        .await?;
    Ok(())
}

/// The challenge whose code a message to this line carries.
pub async fn challenge_of(tx: &mut Tx, msisdn: &Msisdn, id: MessageId) -> Result<Option<ChallengeId>> {
    let row: Option<(Option<Uuid>,)> = tx
        .query("SELECT challenge FROM messages WHERE id = $1 AND msisdn = $2")
        .bind(id.0)
        .bind(msisdn.as_e164())
        .optional()
        .await?;
    Ok(row.and_then(|(challenge,)| challenge).map(ChallengeId))
}

/// A newer message carries the same code: the older ones are neither sent by another route nor told of.
pub async fn outrun(tx: &mut Tx, challenge: ChallengeId, by: MessageId, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "UPDATE messages SET told_at = COALESCE(told_at, $1), reconsider_at = NULL,
            not_after = CASE WHEN fate = 'queued' AND claimed_by IS NULL AND not_after > $1 THEN $1
                        ELSE not_after END
         WHERE challenge = $2 AND id <> $3",
    )
    .bind(now)
    .bind(challenge.0)
    .bind(by.0)
    .execute()
    .await?;
    Ok(())
}

/// How many messages wait for a route.
pub async fn waiting(tx: &mut Tx) -> Result<i64> {
    let (count,): (i64,) =
        tx.query("SELECT CAST(COUNT(*) AS BIGINT) FROM messages WHERE fate = 'queued'").one().await?;
    Ok(count)
}

#[derive(FromRow)]
struct SummaryRow {
    id: Uuid,
    purpose: Purpose,
    fate: Fate,
    reason: Option<RefusalReason>,
    created_at: DateTime<Utc>,
    route: Option<String>,
}

impl From<SummaryRow> for Summary {
    fn from(row: SummaryRow) -> Self {
        let SummaryRow { id, purpose, fate, reason, created_at, route } = row;
        Self { id: MessageId(id), purpose, fate, reason, created_at, route }
    }
}

/// Something that happened to a message; nothing in it is personal.
#[derive(Default)]
pub(super) struct Event<'a> {
    pub what: &'a str,
    pub route: Option<&'a str>,
    pub detail: Option<&'a str>,
}

pub(super) async fn record_event(tx: &mut Tx, id: Uuid, now: DateTime<Utc>, event: &Event<'_>) -> Result<()> {
    tx.query("INSERT INTO message_events (message_id, at, event, route, detail) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(now)
        .bind(event.what)
        .bind(event.route)
        .bind(event.detail)
        .execute_exactly(1)
        .await
}

/// The same event of many messages, each on the route that stands in its row.
pub(super) async fn record_event_of_all(
    tx: &mut Tx,
    ids: &[Uuid],
    now: DateTime<Utc>,
    event: &str,
) -> Result<()> {
    let sql = format!(
        "INSERT INTO message_events (message_id, at, event, route) SELECT id, $1, $2, route FROM messages
         WHERE id IN ({})",
        placeholders(3, ids.len())
    );
    let query = tx.query(assert_safe(sql)).bind(now).bind(event);
    ids.iter().fold(query, |query, id| query.bind(*id)).execute_exactly(ids.len() as u64).await
}
