//! What is said of a day until it is confirmed: numbers mark absent, the same number again takes it back; whatever was said
//! is kept for the next dial. Then everybody who is absent is named.

use std::collections::BTreeSet;

use super::{Marks, rows};
use crate::{
    menu::{Outcome, Reply, Source, Var, registry::MOST_NAMES},
    model::{
        roster::{self, RosterNumber, written},
        season::{DayShape, DeployedAs},
    },
    services::{
        actions::{Who, signed_out},
        register::{self, OnRoster, View},
        ussd::Fault,
    },
    storage::{StoreError, Tx},
    text::gsm,
};

/// Mark who has the numbers just typed, or take that back.
pub async fn numbers(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let typed = who.session.text(Var::Numbers).and_then(|typed| roster::numbers(typed).ok());
    let (Some(mut marks), Some(typed)) = (Marks::of(who.session), typed) else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let roster = register::roster(tx, marks.day(&at)).await?;
    let unknown = toggle(&mut marks, &roster, &typed);
    marks.keep(tx, &at, who.now).await?;
    let reply = if unknown.is_empty() { shown(&marks, &roster)? } else { not_there(&marks, &unknown)? };
    Ok(with_lists(reply, &marks, &roster))
}

/// Turn the marks of those numbers over; which of them nobody has.
fn toggle(marks: &mut Marks, roster: &[OnRoster], typed: &BTreeSet<RosterNumber>) -> BTreeSet<RosterNumber> {
    let mut unknown = BTreeSet::new();
    for number in typed {
        match roster.iter().find(|one| one.number == number.get()) {
            Some(one) => {
                if marks.absent.remove(&one.number).is_none() {
                    marks.absent.insert(one.number, one.deployment);
                }
            }
            None => {
                unknown.insert(*number);
            }
        }
    }
    unknown
}

/// What is marked so far, in the way it is being marked: by name where all of them fit on a screen.
pub(super) fn shown(marks: &Marks, roster: &[OnRoster]) -> Result<Reply, StoreError> {
    if marks.view != View::Numbers {
        return marks.reply(Outcome::Listed);
    }
    let names = rows::names(marks, roster);
    let fit = gsm::septets(&names).is_ok_and(|septets| septets <= MOST_NAMES);
    Ok(if fit && marks.shape == DayShape::Full && !marks.absent.is_empty() {
        marks.reply(Outcome::Short)?.set(Var::AbsentNames, names)
    } else {
        marks.reply(Outcome::Long)?.set(Var::AbsentNumbers, absent_numbers(marks))
    })
}

fn not_there(marks: &Marks, unknown: &BTreeSet<RosterNumber>) -> Result<Reply, StoreError> {
    let reply = marks.reply(Outcome::NotOnRoster)?;
    Ok(reply.set(Var::Unknown, written(unknown)).set(Var::AbsentNumbers, absent_numbers(marks)))
}

pub(super) fn absent_numbers(marks: &Marks) -> String {
    let numbers: BTreeSet<_> = marks.absent.keys().filter_map(|number| RosterNumber::new(*number)).collect();
    if numbers.is_empty() { "-".to_owned() } else { written(&numbers) }
}

/// With the lists that the person is at.
fn with_lists(reply: Reply, marks: &Marks, roster: &[OnRoster]) -> Reply {
    match marks.view {
        View::Chosen | View::Numbers | View::Summed => reply,
        View::Roles => reply.rows(Source::RosterRoles, rows::roles(marks, roster)),
        View::Everybody => reply.rows(Source::RosterLines, rows::people(marks, roster)),
        View::Role(_) => reply
            .rows(Source::RosterLines, rows::people(marks, roster))
            .rows(Source::RosterRoles, rows::roles(marks, roster)),
    }
}

/// The people of the role that was chosen.
pub async fn role(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let role = who.session.text(Var::RoleChosen).and_then(DeployedAs::from_word);
    let (Some(marks), Some(role)) = (Marks::of(who.session), role) else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let marks = Marks { view: View::Role(role), ..marks };
    let roster = register::roster(tx, marks.day(&at)).await?;
    let reply = marks.reply(Outcome::Done)?.set(Var::Role, role.word());
    Ok(with_lists(reply, &marks, &roster))
}

/// Where an earlier call was, with all that was said in it. Who had numbers of the absent goes on from their names.
pub(super) fn resumed(marks: &Marks, roster: &[OnRoster]) -> Result<Reply, Fault> {
    let said = !marks.absent.is_empty() || marks.shape != DayShape::Full;
    let reply = match marks.view {
        View::Summed => return summed(marks, roster),
        View::Chosen | View::Numbers if said => return summed(marks, roster),
        View::Chosen => marks.reply(Outcome::Nothing)?,
        View::Numbers => marks.reply(Outcome::SaidNothing)?,
        View::Everybody => marks.reply(Outcome::Listed)?,
        View::Roles | View::Role(_) => marks.reply(Outcome::ByRole)?,
    };
    Ok(with_lists(reply, marks, roster))
}

/// Name everybody who is absent.
pub async fn sum_up(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let Some(marks) = Marks::of(who.session) else { return Ok(Reply::of(Outcome::Nothing)) };
    let roster = register::roster(tx, marks.day(&at)).await?;
    summed(&marks, &roster)
}

/// The sum of what is marked so far.
pub(super) fn summed(marks: &Marks, roster: &[OnRoster]) -> Result<Reply, Fault> {
    if marks.shape == DayShape::Closed {
        return Ok(marks.reply(Outcome::HeldNothing)?);
    }
    if marks.absent.is_empty() {
        return Ok(marks.reply(Outcome::Done)?);
    }
    Ok(marks.reply(Outcome::HasAbsent)?.rows(Source::MarkedAbsent, rows::absentees(marks, roster)))
}
