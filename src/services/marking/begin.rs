//! How marking a day begins: with everybody present, with the numbers of the absent, by role, one by one, or with how much
//! of the day was held. What stands of a recorded day is what is changed.

use super::{Marks, change::shown, not_now, on_day, rows};
use crate::{
    menu::{Outcome, Reply, Source, Var},
    model::season::DayShape,
    services::{
        Deps,
        actions::{Who, signed_out},
        posts::AtCentre,
        register::{self, DayOf, DayView, View},
        season::calendar::day_of,
        ussd::Fault,
    },
    storage::Tx,
};

/// A day that can be marked now.
struct Opened {
    at: AtCentre,
    day: DayView,
    /// What this call or an earlier one has said of it, or what stands.
    marks: Marks,
}

async fn open(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Result<Opened, Reply>, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(Err(signed_out())) };
    let on = on_day(who).unwrap_or_else(|| day_of(who.now));
    let of = DayOf { series: &at.series, centre: &at.centre, on };
    let Some(day) = register::day(tx, deps, of, who.now).await? else { return Ok(Err(signed_out())) };
    if let Err(why) = &day.may {
        return Ok(Err(not_now(on, why)));
    }
    let marks = match Marks::of(who.session).filter(|marks| marks.on == on) {
        None if day.has_draft => register::draft(tx, of).await?.map(|draft| Marks::kept(&draft, &day)),
        said => said,
    };
    let marks = marks.filter(|marks| marks.shape != DayShape::Closed);
    let marks = marks.unwrap_or_else(|| Marks::standing(&day));
    Ok(Ok(Opened { at, day, marks }))
}

/// Everybody is present. It is kept from here on, as with the others, unless it stands so: a drop costs
/// nothing that was said.
pub async fn all(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    match open(tx, deps, who).await? {
        Ok(Opened { at, day, .. }) => {
            let marks = Marks { absent: [].into(), view: View::Summed, ..Marks::standing(&day) };
            marks.keep_if_new(tx, &at, &day, who.now).await?;
            Ok(marks.reply(Outcome::Done)?)
        }
        Err(reply) => Ok(reply),
    }
}

/// Everybody but those whose numbers come next. Those who are absent already are shown.
pub async fn but(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Opened { at, day, marks } = match open(tx, deps, who).await? {
        Ok(opened) => opened,
        Err(reply) => return Ok(reply),
    };
    let marks = Marks { view: View::Numbers, ..marks };
    marks.keep_if_new(tx, &at, &day, who.now).await?;
    if marks.absent.is_empty() {
        return Ok(marks.reply(Outcome::Done)?);
    }
    Ok(shown(&marks, &day.roster)?)
}

/// One role after the other.
pub async fn roles(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    match open(tx, deps, who).await? {
        Ok(Opened { at, day, marks }) => {
            let marks = Marks { view: View::Roles, ..marks };
            marks.keep_if_new(tx, &at, &day, who.now).await?;
            let roles = rows::roles(&marks, &day.roster);
            Ok(marks.reply(Outcome::Done)?.rows(Source::RosterRoles, roles))
        }
        Err(reply) => Ok(reply),
    }
}

/// One person after the other.
pub async fn each(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    match open(tx, deps, who).await? {
        Ok(Opened { at, day, marks }) => {
            let marks = Marks { view: View::Everybody, ..marks };
            marks.keep_if_new(tx, &at, &day, who.now).await?;
            let people = rows::people(&marks, &day.roster);
            Ok(marks.reply(Outcome::Done)?.rows(Source::RosterLines, people))
        }
        Err(reply) => Ok(reply),
    }
}

/// How much of the day was held.
pub async fn shape(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Opened { at, day, marks } = match open(tx, deps, who).await? {
        Ok(opened) => opened,
        Err(reply) => return Ok(reply),
    };
    let shape = who.session.text(Var::DayShape).and_then(DayShape::from_word).unwrap_or(DayShape::Full);
    let marks = Marks { shape, view: View::Summed, ..marks };
    marks.keep_if_new(tx, &at, &day, who.now).await?;
    super::change::summed(&marks, &day.roster)
}
