//! (being built)
use super::engine::{Result, Tx};
use crate::model::{message::*, *};
use chrono::{DateTime, Utc};
/// x
pub struct Summary {
    pub id: MessageId,
    pub purpose: Purpose,
    pub fate: Fate,
    pub reason: Option<RefusalReason>,
    pub created_at: DateTime<Utc>,
}
/// x
pub async fn fates_of(_: &mut Tx, _: &Msisdn, _: DateTime<Utc>, _: i64) -> Result<Vec<Summary>> {
    Ok(vec![])
}
/// x
pub async fn by_id(_: &mut Tx, _: &Msisdn, _: MessageId) -> Result<Option<Summary>> {
    Ok(None)
}
