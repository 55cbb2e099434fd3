//! End events: kept for the operator, never needed by anything.

use super::Deps;
use crate::{
    gateways::SessionEnd,
    storage::{StoreError, session_ends},
};

/// Keep what an aggregator says of a session that is over.
pub async fn keep(deps: &Deps, provider: &'static str, end: SessionEnd) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    let kept = session_ends::End {
        provider,
        session: end.session,
        msisdn: end.msisdn,
        status: end.status,
        network: end.network.map(|n| n.code().to_owned()),
        duration_ms: end.duration_ms,
        hops: end.hops,
        cost_cents: end.cost_cents,
        screens: end.screens,
    };
    session_ends::keep(&mut tx, kept, deps.clock.now()).await?;
    tx.commit().await
}
