//! Messages that may have been sent without our learning their id: a report about that phone which belongs to no message
//! tells that they were, and they take its id instead of being sent again.

use chrono::{DateTime, Duration, Utc};

use super::{
    attempts::Try,
    engine::{Result, Tx},
    messages::{Event, record_event},
    outbox::Waiting,
    reports::{self, Changed},
};
use crate::model::message::Fate;

/// Nodes stop being ready at 30 s from the database's clock, so two may be a minute apart: a report may seem to have
/// come before the attempt that it is about.
const CLOCKS_APART: Duration = Duration::seconds(60);

/// Settle those that a stray report shows to have been sent; the others are given back.
pub(super) async fn without_adopted(
    tx: &mut Tx,
    rows: Vec<Waiting>,
    now: DateTime<Utc>,
    changes: &mut Vec<Changed>,
) -> Result<Vec<Waiting>> {
    let mut left = Vec::with_capacity(rows.len());
    for row in rows {
        match stray_of(tx, &row, now).await? {
            Stray::None => left.push(row),
            Stray::PerhapsAnothers => {}
            Stray::Is(provider_id) => changes.push(adopt(tx, row, &provider_id, now).await?),
        }
    }
    Ok(left)
}

enum Stray {
    None,
    /// Another message to this phone is on its way and may be the one that is reported: wait for its verdict.
    PerhapsAnothers,
    Is(String),
}

async fn stray_of(tx: &mut Tx, row: &Waiting, now: DateTime<Utc>) -> Result<Stray> {
    let (Some(since), Some(provider)) = (row.unclear_since(), &row.provider) else { return Ok(Stray::None) };
    let Some(stray) = reports::stray(tx, provider, &row.msisdn, since - CLOCKS_APART).await? else {
        return Ok(Stray::None);
    };
    let (others,): (i64,) = tx
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM messages
             WHERE msisdn = $1 AND id <> $2 AND fate = 'queued' AND claimed_until > $3",
        )
        .bind(row.msisdn.as_str())
        .bind(row.id)
        .bind(now)
        .one()
        .await?;
    if others > 0 {
        return Ok(Stray::PerhapsAnothers);
    }
    reports::hold(tx, provider, &stray).await?;
    // While this waited for the hold, the report may have found its message.
    let still = reports::stray(tx, provider, &row.msisdn, since - CLOCKS_APART).await?;
    Ok(if still.as_ref() == Some(&stray) { Stray::Is(stray) } else { Stray::PerhapsAnothers })
}

async fn adopt(tx: &mut Tx, row: Waiting, provider_id: &str, now: DateTime<Utc>) -> Result<Changed> {
    tx.query(
        "UPDATE messages SET fate = $1, unclear_since = NULL, claimed_by = NULL, claimed_until = NULL,
            changed_at = $2
         WHERE id = $3 AND fate = $4",
    )
    .bind(Fate::Sent)
    .bind(now)
    .bind(row.id)
    .bind(Fate::Queued)
    .execute_exactly(1)
    .await?;
    tx.query(
        "UPDATE message_attempts SET fate = $1, provider_id = $2 WHERE message_id = $3 AND attempt = $4",
    )
    .bind(Try::Sent)
    .bind(provider_id)
    .bind(row.id)
    .bind(row.attempts)
    .execute_exactly(1)
    .await?;
    let event = Event { what: "sent", route: row.route.as_deref(), detail: Some("known by its report") };
    record_event(tx, row.id, now, &event).await?;
    let provider = row.provider.unwrap_or_default();
    let fate = reports::apply_waiting(tx, &provider, provider_id, now).await?.map_or(Fate::Sent, |c| c.fate);
    Ok(Changed { route: row.route, fate, reported_on: None })
}
