//! What an account shows of itself to its signed-in owner: never a whole ID number.

use super::{
    Deps,
    actions::{Who, signed_out},
    ussd::Fault,
};
use crate::{
    menu::{Outcome, Reply, Var},
    model::NationalId,
    storage::{
        StoreError, Tx, accounts,
        holds::{self, HoldKind, HoldReason},
    },
};

pub use crate::model::NAIROBI;

pub(super) async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    if who.proof(tx).await?.is_none() {
        return Ok(signed_out());
    }
    let Some(account) = accounts::by_msisdn(tx, who.msisdn).await? else { return Ok(signed_out()) };
    let digits = deps.keys.open(accounts::id_place(&account.id), &account.national_id)?;
    let id = std::str::from_utf8(&digits).ok().and_then(|digits| NationalId::parse(digits).ok());
    let id = id.ok_or(StoreError::Unreadable("a national ID"))?;
    let held = holds::standing(tx, account.id, HoldKind::PayDetails, who.now).await?;
    let reply = Reply::of(if held.is_some() { Outcome::Holding } else { Outcome::Done })
        .set(Var::FullName, account.name.full())
        .set(Var::MaskedId, id.masked())
        .set(Var::OpenedOn, account.opened_at.with_timezone(&NAIROBI).format("%d/%m/%Y").to_string());
    Ok(match held {
        Some(held) => reply
            .set(Var::AgainAt, held.until.with_timezone(&NAIROBI).format("%d/%m %H:%M").to_string())
            .set(Var::HoldReason, hold_word(held.reason)),
        None => reply,
    })
}

/// The word for a hold's reason in the menu files.
fn hold_word(reason: HoldReason) -> &'static str {
    match reason {
        HoldReason::SwapUnknown => "swap_unknown",
        HoldReason::SwapRecent => "swap_recent",
        HoldReason::Moved => "moved",
    }
}
