//! The director is told that a register waits for the countersignature: once, with the signature, and not at night.

use super::Of;
use crate::{
    menu::Var,
    model::message::Purpose,
    services::{
        Deps,
        actions::Who,
        messaging::{self, Letter},
    },
    storage::{StoreError, Tx, lines, officers},
};

/// Promise an SMS to every director of the centre's place, in the unit of work of the signature. One that signs for a centre
/// itself can't countersign it, and is told all the same: the other directors of the place may be away.
pub(super) async fn tell_directors(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    of: Of<'_>,
) -> Result<(), StoreError> {
    let vars = [(Var::Centre, of.centre.as_str().into()), (Var::SeriesName, of.series.into())];
    let not_before = Some(deps.settings.chasing.speaks_at(who.now));
    for director in officers::directors_of(tx, of.centre).await? {
        let language = lines::language(tx, &director.msisdn).await?.unwrap_or_default();
        let letter = Letter {
            purpose: Purpose::CountersignDue,
            msisdn: &director.msisdn,
            language,
            vars: &vars,
            day_code: None,
            not_before,
            not_after: None,
            part: 0,
        };
        messaging::queue_letter(deps, tx, who.menus, &letter).await?;
    }
    Ok(())
}
