//! stub
use super::Deps;
use crate::{gateways::*, menu::Menus, storage::StoreError};
pub async fn receive(_: &Deps, _: &Menus, _: &str, _: &InboundSms) -> Result<(), StoreError> {
    Ok(())
}
