//! What an account shows of itself to its signed-in owner: never a whole ID number.

use chrono::FixedOffset;

use super::{
    Deps,
    actions::{Who, signed_out},
    ussd::Fault,
};
use crate::{
    menu::{Outcome, Reply, Var},
    model::NationalId,
    storage::{StoreError, Tx, accounts},
};

/// Nairobi: three hours ahead of UTC, no summer time.
pub const NAIROBI: FixedOffset = match FixedOffset::east_opt(3 * 3600) {
    Some(offset) => offset,
    None => panic!("three hours are an offset"),
};

pub(super) async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    if who.proof(tx).await?.is_none() {
        return Ok(signed_out());
    }
    let Some(account) = accounts::by_msisdn(tx, who.msisdn).await? else { return Ok(signed_out()) };
    let digits = deps.keys.open(accounts::id_place(&account.id), &account.national_id)?;
    let id = std::str::from_utf8(&digits).ok().and_then(|digits| NationalId::parse(digits).ok());
    let id = id.ok_or(StoreError::Unreadable("a national ID"))?;
    Ok(Reply::of(Outcome::Done)
        .set(Var::FullName, account.name.full())
        .set(Var::MaskedId, id.masked())
        .set(Var::OpenedOn, account.opened_at.with_timezone(&NAIROBI).format("%d/%m/%Y").to_string()))
}
