//! Who stands in for a centre's manager for a day: with a PIN of their own, on their own line, until the day is over.

use chrono::{DateTime, Days, NaiveTime, Utc};

use super::issue::{self, NotIssued, Order};
use crate::{
    menu::{Outcome, Reply, Row, Var, session::AtPost},
    model::{Msisdn, Post},
    services::{
        Deps,
        actions::{Who, signed_out},
        directing, marking, receipts,
        recovery::last_minute,
        season::calendar::{day_of, instant},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, audit,
        posts::{self, Part},
        season,
    },
};

/// Who stands in now.
pub async fn show(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let standing = posts::that_count(tx, &Post::Centre(at.centre), who.now).await?;
    let deputy = standing.into_iter().find(|one| one.part == Part::Deputy);
    Ok(match deputy.and_then(|deputy| Some((deputy.issued_to, deputy.expires_at?))) {
        Some((line, until)) => {
            Reply::of(Outcome::Done).set(Var::Line, line.masked()).set(Var::AgainAt, last_minute(until))
        }
        None => Reply::of(Outcome::Nothing),
    })
}

/// Give the number that was typed a PIN for today or tomorrow. Nobody who stands in names another.
pub async fn appoint(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let line = who.session.text(Var::NewNumber).and_then(|typed| Msisdn::from_typed(typed).ok());
    let (Some(line), false) = (line, at.deputy) else { return Ok(Reply::of(Outcome::NotPossible)) };
    let post = Post::Centre(at.centre);
    if line == *who.msisdn || posts::is_bound(tx, &post, &line).await? {
        return Ok(Reply::of(Outcome::SameLine));
    }
    let days = u64::from(who.session.text(Var::DeputyDay) == Some("tomorrow"));
    let until = end_of_day(who.now, days);
    let by = format!("centre {}", at.credential.0);
    let order =
        Order { post: &post, part: Part::Deputy, to: &line, until: Some(until), by: &by, channel: "ussd" };
    match issue::issue(tx, deps, &order, who.now).await {
        Ok(_) => {
            Ok(Reply::of(Outcome::Done).set(Var::Line, line.masked()).set(Var::AgainAt, last_minute(until)))
        }
        Err(NotIssued::Store(error)) => Err(error.into()),
        Err(_) => Ok(Reply::of(Outcome::NotPossible)),
    }
}

fn end_of_day(now: DateTime<Utc>, days: u64) -> DateTime<Utc> {
    let day = day_of(now).checked_add_days(Days::new(days + 1)).unwrap_or_else(|| day_of(now));
    instant(day, NaiveTime::MIN)
}

/// End whoever stands in.
pub async fn end(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    if at.deputy {
        return Ok(Reply::of(Outcome::NotPossible));
    }
    let by = format!("centre {}", at.credential.0);
    let ended = posts::revoke(tx, &Post::Centre(at.centre), Some(Part::Deputy), &by, who.now).await?;
    if ended == 0 {
        return Ok(Reply::of(Outcome::Nothing));
    }
    let (action, subject, channel) = ("deputy_pin_revoked", at.credential.0, "ussd");
    let event = audit::Event { at: who.now, actor: &by, action, subject, channel, detail: None };
    audit::append(tx, event).await?;
    Ok(Reply::of(Outcome::Done))
}

/// The series that are open for the post of the session.
pub async fn series(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let open = open_for(tx, who).await?;
    let row = |series: season::Series| Row {
        id: series.code.clone(),
        values: vec![
            (Var::SeriesName, series.code.into()),
            (Var::SeriesShown, receipts::kind(series.practice).into()),
        ],
    };
    Ok(open.into_iter().map(row).collect())
}

/// Go over to the series that was chosen.
pub async fn enter_series(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let stands = who.centre(tx).await?.is_some() || who.officer(tx).await?.is_some();
    let (Some(at), true) = (&who.session.post, stands) else { return Ok(Reply::of(Outcome::PinOver)) };
    let open = open_for(tx, who).await?;
    let chosen = open.into_iter().find(|series| who.session.text(Var::Series) == Some(series.code.as_str()));
    let Some(series) = chosen else { return Ok(Reply::of(Outcome::Nothing)) };
    let outcome = match at.post {
        Post::Centre(_) => Outcome::AtCentre,
        Post::Officer(_) => Outcome::AtOffice,
    };
    let reply = Reply::of(outcome).flag(crate::menu::Flag::Practice, series.practice);
    let mut reply = Reply { post: Some(AtPost { series: series.code.clone(), ..at.clone() }), ..reply };
    match &at.post {
        Post::Centre(centre) => {
            let reply = reply.set(Var::PostName, centre.as_str());
            Ok(marking::home::arrive(tx, deps, who, (&series.code, centre), reply).await?)
        }
        Post::Officer(_) => {
            directing::place::home(tx, who, &series.code, &mut reply).await?;
            Ok(reply)
        }
    }
}

async fn open_for(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<season::Series>, StoreError> {
    let centre = match who.session.post.as_ref().map(|at| &at.post) {
        Some(Post::Centre(code)) => Some(code),
        _ => None,
    };
    season::open_for(tx, centre, day_of(who.now)).await
}
