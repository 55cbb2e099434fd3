//! What earlier calls kept of a centre's marking, and which of it is asked about after the PIN: what was said last, of a
//! day that can still be marked.

use std::cmp::Reverse;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Marks, day_name,
    newcomer::{self, Newcomer},
};
use crate::{
    menu::Var,
    model::CentreCode,
    services::{
        Deps,
        actions::Who,
        register::{self, DayOf, DayView, RegisterDraft, View},
    },
    storage::{StoreError, Tx},
};

/// Something that an earlier call kept.
pub(super) enum Kept {
    /// Somebody who was to be added.
    Newcomer(Newcomer),
    /// Marks of a day.
    Marks(RegisterDraft),
}

impl Kept {
    fn on(&self) -> NaiveDate {
        match self {
            Self::Newcomer(newcomer) => newcomer.on,
            Self::Marks(draft) => draft.on,
        }
    }

    /// What was said last goes first; a day that was only chosen goes after all that was said.
    fn rank(&self) -> (bool, DateTime<Utc>) {
        match self {
            Self::Newcomer(newcomer) => (true, newcomer.at),
            Self::Marks(draft) => (draft.view != View::Chosen, draft.changed_at),
        }
    }

    /// Whether it is another than what stands: whoever only looked is not asked.
    fn says_something(&self, day: &DayView) -> bool {
        match self {
            Self::Newcomer(_) => true,
            Self::Marks(draft) => !Marks::kept(draft, day).stands(day),
        }
    }
}

/// The day that is asked about, if any. Two statements, and three for each day beside today that has to be looked at.
pub(super) async fn to_ask(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (series, centre): (&str, &CentreCode),
    today: &DayView,
) -> Result<Option<NaiveDate>, StoreError> {
    for one in all(tx, deps, who, (series, centre)).await? {
        let on = one.on();
        let of = DayOf { series, centre, on };
        let other = if on == today.on { None } else { register::day(tx, deps, of, who.now).await? };
        let day = other.as_ref().unwrap_or(today);
        if day.on == on && day.may.is_ok() && one.says_something(day) {
            return Ok(Some(on));
        }
    }
    Ok(None)
}

/// What the session was asked about, with its day as it stands now.
pub(super) async fn asked(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (series, centre): (&str, &CentreCode),
) -> Result<Option<(Kept, DayView)>, StoreError> {
    let asked = who.session.text(Var::KeptDay).unwrap_or_default();
    let kept = all(tx, deps, who, (series, centre)).await?;
    for one in kept.into_iter().filter(|one| day_name(one.on()) == asked) {
        let of = DayOf { series, centre, on: one.on() };
        let Some(day) = register::day(tx, deps, of, who.now).await? else { continue };
        if one.says_something(&day) {
            return Ok(Some((one, day)));
        }
    }
    Ok(None)
}

/// All of it, what is asked about first in front.
async fn all(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (series, centre): (&str, &CentreCode),
) -> Result<Vec<Kept>, StoreError> {
    let newcomer = newcomer::find(tx, deps, who, (series, centre)).await?;
    let drafts = register::latest_drafts(tx, series, centre).await?;
    let newcomer = newcomer.into_iter().map(Kept::Newcomer);
    let mut kept: Vec<Kept> = newcomer.chain(drafts.into_iter().map(Kept::Marks)).collect();
    kept.sort_by_key(|one| Reverse(one.rank()));
    Ok(kept)
}
