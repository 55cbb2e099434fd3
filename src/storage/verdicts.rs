//! What a route said about a claimed message, recorded only while the claim is still ours: whoever took over after it
//! lapsed decides alone. `false` or `None` says that it was not.

use chrono::{DateTime, Utc};

use super::{
    attempts::{self, Try},
    engine::{Query, Result, Tx},
    messages::{Event, record_event},
    outbox::Claim,
    reports,
};
use crate::model::message::{Fate, RefusalReason};

/// When and where a message is tried again.
pub struct Later<'a> {
    /// Not before.
    pub due_at: DateTime<Utc>,
    /// The route to try.
    pub route: &'a str,
    /// Routes that will not take it.
    pub given_up: &'a [String],
    /// How this attempt ended; [`Try::Unclear`] if it may have got through all the same.
    pub ended: (Try, Option<RefusalReason>),
    /// What the route said.
    pub detail: &'a str,
}

/// A route has taken it under this id; reports that came before are applied. Gives the fate it has then. If no report
/// of its delivery has come by `patience`, a worker looks whether another route could do better.
///
/// The id must be held ([`reports::hold`]). One that another message has already is not kept a second time.
pub async fn sent(
    tx: &mut Tx,
    claim: &Claim,
    provider_id: &str,
    patience: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<Fate>> {
    let query = tx.query(
        "UPDATE messages SET fate = $5, reconsider_at = $6, unclear_since = NULL, claimed_by = NULL,
            claimed_until = NULL, changed_at = $4
         WHERE id = $1 AND claimed_by = $2 AND claimed_until = $3 AND fate = 'queued'",
    );
    let query = of(query, claim, now).bind(Fate::Sent).bind(patience);
    if query.execute().await? == 0 {
        return Ok(None);
    }
    let id_is_new = attempts::sent(tx, claim, provider_id).await?;
    note(tx, claim, "sent", (!id_is_new).then_some("the route gave it an id that another has"), now).await?;
    if !id_is_new {
        return Ok(Some(Fate::Sent));
    }
    let changed = reports::apply_waiting(tx, &claim.provider, provider_id, now).await?;
    Ok(Some(changed.map_or(Fate::Sent, |changed| changed.fate)))
}

/// A route has taken a message that has met its end meanwhile: reports of this try find it all the same. `false` when
/// the message is still open.
pub async fn sent_after_its_end(
    tx: &mut Tx,
    claim: &Claim,
    provider_id: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let row: Option<(Fate,)> =
        tx.query("SELECT fate FROM messages WHERE id = $1").bind(claim.id.0).optional().await?;
    let ended = row.is_some_and(|(fate,)| fate != Fate::Queued);
    if ended && attempts::sent(tx, claim, provider_id).await? {
        reports::apply_waiting(tx, &claim.provider, provider_id, now).await?;
    }
    Ok(ended)
}

/// No route will take it. What a line or its network said on any route stands before what is our own fault.
pub async fn refused(
    tx: &mut Tx,
    claim: &Claim,
    reason: RefusalReason,
    detail: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    attempts::ended(tx, claim, (Try::Refused, Some(reason)), now).await?;
    let query = tx.query(
        "UPDATE messages SET fate = $5, claimed_by = NULL, claimed_until = NULL, changed_at = $4,
            reason = COALESCE((SELECT a.reason FROM message_attempts a
                               WHERE a.message_id = $1 AND a.reason NOT IN ('our_side', 'no_route', 'unknown')
                               ORDER BY a.attempt DESC LIMIT 1), $6)
         WHERE id = $1 AND claimed_by = $2 AND claimed_until = $3 AND fate = 'queued'",
    );
    let done = of(query, claim, now).bind(Fate::Refused).bind(reason).execute().await? == 1;
    noted_if(done, tx, claim, "refused", Some(detail), now).await
}

/// Its next try would come too late.
pub async fn expired(tx: &mut Tx, claim: &Claim, detail: &str, now: DateTime<Utc>) -> Result<bool> {
    let query = tx.query(
        "UPDATE messages SET fate = $5, claimed_by = NULL, claimed_until = NULL, changed_at = $4
         WHERE id = $1 AND claimed_by = $2 AND claimed_until = $3 AND fate = 'queued'",
    );
    let done = of(query, claim, now).bind(Fate::Expired).execute().await? == 1;
    attempts::ended(tx, claim, (Try::Failed, None), now).await?;
    noted_if(done, tx, claim, "expired", Some(detail), now).await
}

/// It is tried again.
pub async fn later(tx: &mut Tx, claim: &Claim, later: &Later<'_>, now: DateTime<Utc>) -> Result<bool> {
    let query = tx.query(
        "UPDATE messages SET due_at = $5, placed = (route = $6), route = $6, given_up = $7,
            unclear_since = CASE WHEN $8 THEN COALESCE(unclear_since, attempted_at) ELSE unclear_since END,
            claimed_by = NULL, claimed_until = NULL, changed_at = $4
         WHERE id = $1 AND claimed_by = $2 AND claimed_until = $3 AND fate = 'queued'",
    );
    let query = of(query, claim, now).bind(later.due_at).bind(later.route);
    let unclear = later.ended.0 == Try::Unclear;
    let done = query.bind(later.given_up.join(" ")).bind(unclear).execute().await? == 1;
    attempts::ended(tx, claim, later.ended, now).await?;
    let event = if unclear { "unclear" } else { "failed" };
    noted_if(done, tx, claim, event, Some(later.detail), now).await
}

/// It was not begun: as if it had never been claimed.
pub async fn released(tx: &mut Tx, claim: &Claim, now: DateTime<Utc>) -> Result<bool> {
    let query = tx.query(
        "UPDATE messages SET attempts = attempts - 1, claimed_by = NULL, claimed_until = NULL, changed_at = $4
         WHERE id = $1 AND claimed_by = $2 AND claimed_until = $3 AND fate = 'queued'",
    );
    let done = of(query, claim, now).execute().await? == 1;
    if done {
        attempts::forget(tx, claim).await?;
    }
    noted_if(done, tx, claim, "released", None, now).await
}

fn of<'t>(query: Query<'t>, claim: &Claim, now: DateTime<Utc>) -> Query<'t> {
    query.bind(claim.id.0).bind(claim.worker.as_str()).bind(claim.until).bind(now)
}

async fn noted_if(
    done: bool,
    tx: &mut Tx,
    claim: &Claim,
    event: &str,
    detail: Option<&str>,
    now: DateTime<Utc>,
) -> Result<bool> {
    if done {
        note(tx, claim, event, detail, now).await?;
    }
    Ok(done)
}

/// The event, on the route of the attempt.
async fn note(
    tx: &mut Tx,
    claim: &Claim,
    event: &str,
    detail: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    record_event(tx, claim.id.0, now, &Event { what: event, route: Some(&claim.route), detail }).await
}
