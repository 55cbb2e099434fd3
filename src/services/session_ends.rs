//! End events: kept for the operator. A call that would ring into the session begins when it has ended, if that is told.

use super::Deps;
use crate::{
    gateways::SessionEnd,
    storage::{StoreError, placing, session_ends},
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
    let (line, now) = (kept.msisdn.clone(), deps.clock.now());
    session_ends::keep(&mut tx, kept, now).await?;
    let calls = match line {
        Some(line) => placing::session_ended(&mut tx, &line, now).await?,
        None => 0,
    };
    tx.commit().await?;
    if calls > 0 {
        deps.outbox.notify_one();
    }
    Ok(())
}
