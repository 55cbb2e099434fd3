//! What an aggregator says of a session that is over. It may never come; nothing depends on it.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};
use crate::model::{Msisdn, SessionId};

/// The end of a session, without anything that was typed or shown.
#[derive(Debug, Clone)]
pub struct End {
    /// The aggregator.
    pub provider: &'static str,
    /// Its id of the session.
    pub session: SessionId,
    /// The caller.
    pub msisdn: Option<Msisdn>,
    /// The aggregator's word for how it ended.
    pub status: String,
    /// The caller's network.
    pub network: Option<String>,
    /// How long it lasted.
    pub duration_ms: Option<i64>,
    /// How many hops it had.
    pub hops: Option<i64>,
    /// What it cost, in hundredths.
    pub cost_cents: Option<i64>,
    /// Our own notes on its screens.
    pub screens: Option<String>,
}

/// Keep an end event, once.
pub async fn keep(tx: &mut Tx, end: End, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "INSERT INTO session_ends (provider, session_id, msisdn, status, network, duration_ms, hops, cost_cents,
                                   screens, received_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (provider, session_id) DO NOTHING",
    )
    .bind(end.provider)
    .bind(end.session.as_str().to_owned())
    .bind(end.msisdn.map(|m| m.as_e164().to_owned()))
    .bind(end.status)
    .bind(end.network)
    .bind(end.duration_ms)
    .bind(end.hops)
    .bind(end.cost_cents)
    .bind(end.screens)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}
