//! What a centre is in the middle of, on any node and from any of its lines. A recorded day throws its draft away.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{DayOf, RegisterDraft, View, Wish};
use crate::{
    model::{CentreCode, DeploymentId, season::DayShape},
    storage::{StoreError, Tx, register_drafts},
};

/// The draft of a day.
pub async fn draft(tx: &mut Tx, of: DayOf<'_>) -> Result<Option<RegisterDraft>, StoreError> {
    register_drafts::find(tx, of).await
}

/// The drafts of a centre, whatever days they are of, the one that was touched last first.
pub async fn latest_drafts(
    tx: &mut Tx,
    series: &str,
    centre: &CentreCode,
) -> Result<Vec<RegisterDraft>, StoreError> {
    register_drafts::latest(tx, series, centre).await
}

/// Keep what somebody is in the middle of, in place of what was kept before.
pub async fn keep_draft(tx: &mut Tx, of: DayOf<'_>, draft: &RegisterDraft) -> Result<(), StoreError> {
    register_drafts::keep(tx, of, draft).await
}

/// Throw a draft away.
pub async fn drop_draft(tx: &mut Tx, of: DayOf<'_>) -> Result<(), StoreError> {
    register_drafts::remove(tx, of).await
}

/// Throw a draft away that says just what stood of its day: somebody looked at it, and would mark it as it was.
pub(super) async fn drop_look(
    tx: &mut Tx,
    of: DayOf<'_>,
    (shape, absent): (DayShape, &BTreeSet<DeploymentId>),
) -> Result<(), StoreError> {
    match register_drafts::find(tx, of).await? {
        Some(draft) if (draft.shape, &draft.absent) == (shape, absent) => {
            register_drafts::remove(tx, of).await
        }
        _ => Ok(()),
    }
}

/// Let a draft of a day go on with somebody whom the centre has just added to its roster, unless the day has moved on
/// besides: then the difference is shown.
pub async fn join_draft(tx: &mut Tx, of: DayOf<'_>, (number, seq): (i64, i64)) -> Result<(), StoreError> {
    let Some(mut draft) = register_drafts::find(tx, of).await? else { return Ok(()) };
    if draft.base_seq + 1 == seq
        && let Some(roster) = &mut draft.base_roster
    {
        roster.insert(number);
        draft.base_seq = seq;
        register_drafts::keep(tx, of, &draft).await?;
    }
    Ok(())
}

impl RegisterDraft {
    /// The wish that the draft was to become; whether the day has moved on since is found out when it is recorded.
    pub fn wish(&self, series: &str, centre: &CentreCode) -> Wish {
        Wish {
            series: series.to_owned(),
            centre: centre.clone(),
            on: self.on,
            shape: self.shape,
            absent: self.absent.clone(),
            reason: None,
            base_seq: Some(self.base_seq),
            base_roster: self.base_roster.clone(),
        }
    }

    /// A draft of what a wish has so far, begun from the chain's length that it was made from.
    pub fn of(wish: &Wish, view: View, now: DateTime<Utc>) -> Self {
        Self {
            on: wish.on,
            shape: wish.shape,
            absent: wish.absent.clone(),
            base_seq: wish.base_seq.unwrap_or_default(),
            base_roster: wish.base_roster.clone(),
            view,
            changed_at: now,
        }
    }
}
