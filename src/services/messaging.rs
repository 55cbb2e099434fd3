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
pub async fn report(_: &Deps, _: &str, _: &crate::gateways::DeliveryReport) -> Result<(), StoreError> {
    Ok(())
}
pub async fn opt_out(_: &Deps, _: &crate::gateways::OptOut) -> Result<(), StoreError> {
    Ok(())
}
