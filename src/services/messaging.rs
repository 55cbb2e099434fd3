//! (being built)
use super::Deps;
use crate::{
    menu::Menus,
    model::{message::Purpose, *},
    storage::{StoreError, Tx},
};
/// x
pub async fn queue(
    _: &Deps,
    _: &mut Tx,
    _: &Menus,
    _: Purpose,
    _: &Msisdn,
    _: Language,
) -> Result<MessageId, StoreError> {
    Ok(MessageId(uuid::Uuid::nil()))
}
