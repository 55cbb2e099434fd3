//! A centre's PIN, issued by an officer who never sees it: it goes by SMS to the line that was typed, and works from there
//! alone. The lines of the centre are told.

use super::{Right, before, not_possible};
use crate::{
    menu::{Outcome, Reply, Var},
    model::{Msisdn, Post, message::Purpose},
    services::{
        Deps,
        actions::Who,
        posts::issue::{self, NotIssued, Order},
        ussd::Fault,
    },
    storage::{
        Tx,
        posts::{self, Part},
    },
};

/// How the PIN of the centre stands, and the line that uses it.
pub async fn show(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::See).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let post = Post::Centre(before.centre.code.clone());
    let standing = posts::that_count(tx, &post, who.now).await?;
    let holder = standing.iter().find(|one| one.part == Part::Holder);
    let line = posts::lines_of(tx, &post).await?.into_iter().next();
    let line = line.or_else(|| holder.map(|one| one.issued_to.clone()));
    Ok(Reply::of(Outcome::Done)
        .set(
            Var::PinState,
            match holder {
                None => "none",
                Some(one) if one.chosen_at.is_none() => "first",
                Some(_) => "chosen",
            },
        )
        .set(Var::Line, line.map_or_else(|| "-".to_owned(), |line| line.masked())))
}

/// Send a first PIN to the line that was typed. The PIN before ends, and the lines that used it are told.
pub async fn issue(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let before = match before(tx, who, Right::IssuePin).await? {
        Ok(before) => before,
        Err(reply) => return Ok(reply),
    };
    let to = who.session.text(Var::NewNumber).and_then(|typed| Msisdn::from_typed(typed).ok());
    let Some(to) = to else { return Ok(not_possible("no_line")) };
    // Whoever issues a PIN does not mark with it (`security.md` 15).
    if to == *who.msisdn {
        return Ok(not_possible("own_line"));
    }
    let post = Post::Centre(before.centre.code.clone());
    let by = before.seat.actor();
    let order = Order { post: &post, part: Part::Holder, to: &to, until: None, by: &by, channel: "ussd" };
    match issue::issue(tx, deps, &order, who.now).await {
        Ok(_) => {}
        Err(NotIssued::Store(error)) => return Err(error.into()),
        Err(_) => return Ok(not_possible("no_line")),
    }
    let vars = [(Var::PostName, before.centre.code.as_str().into())];
    for line in posts::lines_of(tx, &post).await?.into_iter().filter(|line| *line != to) {
        crate::services::posts::tell(tx, deps, who.menus, (Purpose::PostPinChanged, &line), &vars).await?;
    }
    Ok(Reply::of(Outcome::Done).set(Var::Line, to.masked()))
}
