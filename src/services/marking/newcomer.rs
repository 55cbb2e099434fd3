//! Somebody who is not on the roster, as far as a call has named them: a name takes long to type on a phone, so it is kept
//! for the line, sealed, and offered after the PIN at the next dial.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{day_name, days, on_day};
use crate::{
    menu::{Outcome, Reply, Var, registry::DRAFT_HOURS},
    model::{CentreCode, season::DeployedAs},
    services::{
        Deps,
        actions::{Who, signed_out},
        posts::AtCentre,
        register::DayView,
        season::calendar::day_of,
        ussd::Fault,
    },
    storage::{StoreError, Tx, drafts},
};

/// What is kept of somebody who is to be added.
#[derive(Serialize, Deserialize)]
pub(super) struct Newcomer {
    series: String,
    centre: String,
    /// The day from which on.
    pub(super) on: NaiveDate,
    name: String,
    role: Option<DeployedAs>,
    /// When that was said.
    #[serde(default)]
    pub(super) at: DateTime<Utc>,
}

/// Keep the name that was typed, or the name and the role.
pub async fn keep(tx: &mut Tx, deps: &Deps, who: &Who<'_>, has_role: bool) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let role = who.session.text(Var::Role).filter(|_| has_role).and_then(DeployedAs::from_word);
    let newcomer = Newcomer {
        series: at.series,
        centre: at.centre.as_str().to_owned(),
        on: on_day(who).unwrap_or_else(|| day_of(who.now)),
        name: who.session.text(Var::NewPerson).unwrap_or_default().to_owned(),
        role,
        at: who.now,
    };
    let plain = serde_json::to_vec(&newcomer).map_err(|_| StoreError::Unreadable("a draft"))?;
    let sealed = deps.keys.current().seal(drafts::place(who.msisdn), &plain, deps.chance.bytes());
    let until = who.now + Duration::hours(i64::from(DRAFT_HOURS));
    drafts::keep(tx, who.msisdn, drafts::NEWCOMER, sealed, until).await?;
    Ok(Reply::of(Outcome::Done))
}

/// Whom an earlier call of the line was adding at a centre, in this series. What can't be opened any more is lost, and keeps
/// nobody from signing in.
pub(super) async fn find(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (series, centre): (&str, &CentreCode),
) -> Result<Option<Newcomer>, StoreError> {
    let Some(sealed) = drafts::find(tx, who.msisdn, drafts::NEWCOMER, who.now).await? else {
        return Ok(None);
    };
    let plain = deps.keys.open(drafts::place(who.msisdn), &sealed).ok();
    let newcomer = plain.and_then(|plain| serde_json::from_slice::<Newcomer>(&plain).ok());
    Ok(newcomer.filter(|one| one.series == series && one.centre == centre.as_str()))
}

/// Throw that away: they were added, or are not to be.
pub(super) async fn forget(tx: &mut Tx, who: &Who<'_>) -> Result<(), StoreError> {
    drafts::remove(tx, who.msisdn, drafts::NEWCOMER).await
}

/// Throw away whom the line was adding at a centre: it has gone on past them.
pub(super) async fn give_up(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    at: (&str, &CentreCode),
) -> Result<(), StoreError> {
    match find(tx, deps, who, at).await? {
        Some(_) => forget(tx, who).await,
        None => Ok(()),
    }
}

/// Go on with them at the question that comes next.
pub(super) fn take_up(at: &AtCentre, day: &DayView, newcomer: Newcomer) -> Reply {
    let Newcomer { on, name, role, .. } = newcomer;
    let reply = days::put(at, day).set(Var::KeptDay, day_name(on)).set(Var::NewPerson, name);
    match role {
        Some(role) => Reply { outcome: Outcome::HasRole, ..reply }.set(Var::Role, role.word()),
        None => Reply { outcome: Outcome::HasName, ..reply },
    }
}
