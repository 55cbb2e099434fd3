//! Whom the roster does not have: put on it by the centre, counted apart until the director has answered. And the roster
//! itself, sent to the line by SMS.

use super::{day_name, days::at_day, newcomer, not_now, on_day};
use crate::{
    menu::{Outcome, Reply, Var},
    model::{
        Msisdn,
        season::{Channel, DeployedAs},
    },
    services::{
        Deps,
        actions::{Who, signed_out},
        register::{self, AddRefused, Added, By, DayOf, NewPerson},
        rosters::{self, Asked},
        season::calendar::day_of,
        ussd::Fault,
    },
    storage::Tx,
};

/// Put somebody on the roster of the day that the session is at, with the number that was typed or without one.
pub async fn add(tx: &mut Tx, deps: &Deps, who: &Who<'_>, has_phone: bool) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let on = on_day(who).unwrap_or_else(|| day_of(who.now));
    let typed = who.session.text(Var::NewNumber).filter(|_| has_phone);
    let role = who.session.text(Var::Role).and_then(DeployedAs::from_word);
    let (Some(name), Some(role)) = (who.session.text(Var::NewPerson), role) else {
        return Ok(Reply::of(Outcome::NotPossible));
    };
    let new = NewPerson {
        series: at.series.clone(),
        centre: at.centre.clone(),
        on,
        name: name.to_owned(),
        role,
        msisdn: typed.and_then(|typed| Msisdn::from_typed(typed).ok()),
    };
    let by = By { actor: Some(at.credential.0), line: Some(who.msisdn), channel: Channel::Ussd };
    match register::add_person(tx, deps, &new, &by, who.now).await? {
        Added::Done { entry, number, .. } => {
            newcomer::forget(tx, who).await?;
            let of = DayOf { series: &at.series, centre: &at.centre, on };
            register::join_draft(tx, of, (number, entry.seq)).await?;
            let home = at_day(tx, deps, who, &at, Some(on)).await?;
            let home = home.unwrap_or_else(|| Reply::of(Outcome::NotPossible));
            Ok(home.set(Var::Number, number.to_string()).set(Var::EntryReference, entry.reference))
        }
        Added::AlreadyThere { number } => {
            newcomer::forget(tx, who).await?;
            Ok(Reply::of(Outcome::AlreadySo).set(Var::Day, day_name(on)).set(Var::Number, number.to_string()))
        }
        Added::Refused(AddRefused::RosterFull) => Ok(Reply::of(Outcome::NotPossible)),
        Added::Refused(AddRefused::NotNow(why)) => Ok(not_now(on, &why)),
    }
}

/// Send the roster of today, or of the next day, to the line that asks.
pub async fn ask_for_roster(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let (place, to) = ((at.series.as_str(), &at.centre), (who.msisdn, who.session.language));
    Ok(match rosters::ask(tx, deps, who.menus, place, to, who.now).await? {
        Asked::Promised(_, on) => Reply::of(Outcome::Done).set(Var::RosterDay, day_name(on)),
        Asked::TooOften => Reply::of(Outcome::TooMany),
        Asked::NoDay | Asked::Nobody => Reply::of(Outcome::Nothing),
    })
}
