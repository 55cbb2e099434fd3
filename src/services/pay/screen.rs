//! *My pay*: what a signed-in person's days come to, and what is in the way, in words.

use super::{Claim, claim_of, shillings};
use crate::{
    menu::{Outcome, Reply, Var},
    services::{
        actions::{Who, signed_out},
        attendance::written,
        ussd::Fault,
    },
    storage::{Tx, attendance, people},
};

/// The claim of the chosen series. Where an account sees several people, what they are owed together, and what is in the
/// way of the first that can't be paid.
pub async fn show(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let code = who.session.text(Var::Series).unwrap_or_default();
    let series = attendance::series_of(tx, proof.account).await?;
    let Some(series) = series.into_iter().find(|series| series.code == code) else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    if series.practice {
        return Ok(Reply::of(Outcome::NotPossible));
    }
    let mut claims = vec![];
    for person in people::of_account(tx, proof.account).await? {
        claims.extend(claim_of(tx, &series, person.id, who.now).await?);
    }
    let worst = claims.iter().find(|claim| claim.block.is_some()).or(claims.first());
    let Some(worst) = worst else { return Ok(Reply::of(Outcome::Nothing)) };
    let sum = |of: fn(&Claim) -> i64| claims.iter().map(of).sum::<i64>();
    let shown = Reply::of(Outcome::Done)
        .set(Var::SeriesName, series.code.as_str())
        .set(Var::DaysCounted, written(sum(|claim| claim.hundredths)))
        .set(Var::Ksh, shillings(sum(|claim| claim.cents)));
    Ok(match worst.block {
        Some(block) => Reply { outcome: Outcome::Blocked, ..shown }.set(Var::ClaimBlock, block.word()),
        None => shown.set(Var::ClaimState, worst.state.word()),
    })
}
