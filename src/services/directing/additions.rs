//! People who were added at a centre because they turned up, and wait for an officer's word. Taken or turned away, it is
//! an act of the register.

use uuid::Uuid;

use super::{Listed, Right, listed_not, not_possible, place, seat, shown};
use crate::{
    menu::{MOST_ROWS, Outcome, Reply, Row, Var},
    model::{CentreCode, DeploymentId},
    services::{
        Deps,
        actions::Who,
        register::{self, Answered, DayOf, Waiting},
        season::calendar::day_of,
        ussd::Fault,
    },
    storage::{StoreError, Tx},
};

/// Who waits in the place that is looked at.
pub async fn rows(tx: &mut Tx, who: &Who<'_>) -> Result<Listed, StoreError> {
    let seat = match seat(tx, who, Right::See).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(listed_not(&reply)),
    };
    let Some((county, name)) = place::sub_county(&seat, who) else { return Ok(Some(vec![])) };
    let waiting = register::waiting_additions(tx, &seat.at.series, (&county, &name)).await?;
    let row = |one: Waiting| Row {
        id: one.deployment.to_string(),
        values: vec![
            (Var::Centre, one.centre.into()),
            (Var::RosterNumber, one.number.to_string().into()),
            (Var::FullName, one.full_name.into()),
            (Var::Role, one.role.word().into()),
            (Var::Day, shown(one.from_on).into()),
        ],
    };
    Ok(Some(waiting.into_iter().take(MOST_ROWS).map(row).collect()))
}

/// Take the person who was chosen, or turn them away for the reason that was typed.
pub async fn answer(tx: &mut Tx, deps: &Deps, who: &Who<'_>, accepted: bool) -> Result<Reply, Fault> {
    let seat = match seat(tx, who, Right::Answer).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(reply),
    };
    let Some((county, name)) = place::sub_county(&seat, who) else { return Ok(Reply::of(Outcome::Nothing)) };
    let waiting = register::waiting_additions(tx, &seat.at.series, (&county, &name)).await?;
    let id = who.session.text(Var::Deployment).and_then(|id| Uuid::parse_str(id).ok());
    let chosen = waiting.into_iter().find(|one| Some(one.deployment) == id);
    let Some((chosen, centre)) =
        chosen.and_then(|chosen| CentreCode::parse(&chosen.centre).map(|centre| (chosen, centre)))
    else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let of = DayOf { series: &seat.at.series, centre: &centre, on: day_of(who.now) };
    let reason = who.session.text(Var::Reason).filter(|_| !accepted);
    let what = (DeploymentId(chosen.deployment), accepted, reason);
    let answered = register::answer_addition(tx, deps, of, what, &seat.by(who.msisdn), who.now).await?;
    Ok(match answered {
        Answered::Done(entry) => Reply::of(Outcome::Done).set(Var::EntryReference, entry.reference),
        Answered::NobodyWaits => Reply::of(Outcome::Nothing),
        Answered::Signed => not_possible("signed"),
    })
}
