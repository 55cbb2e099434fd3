//! Recording what came of messages. What was sent is known only to this process until it is recorded: nothing here gives
//! up lightly.

use std::time::Duration;

use backon::{ExponentialBuilder, Retryable as _};
use chrono::{DateTime, Utc};

use super::{Claimed, Delivery, Step};
use crate::{
    gateways::Carries,
    model::{
        Msisdn, Network,
        message::{Fate, Purpose},
    },
    services::messaging,
    storage::{
        StoreError, Tx,
        attempts::Try,
        reports::{self, Changed, NewReport},
        verdicts::{self, Later},
    },
    telemetry::metrics,
};

/// How long a call may take until its end is reported.
const CALL: chrono::Duration = chrono::Duration::seconds(75);

impl Delivery {
    /// Record what came of messages, in one commit if it can be; a message that can't be recorded holds up no other.
    ///
    /// While the database is away this goes on trying: what was sent is known only here.
    pub async fn record(&self, done: &[(Claimed, Step)]) {
        if self.try_record(done).await.is_ok() {
            return;
        }
        let patience = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(5))
            .with_max_times(30);
        for one in done {
            let recorded = (|| self.try_record(std::slice::from_ref(one)))
                .retry(patience)
                .when(|error| matches!(error, StoreError::Driver(_)))
                .await;
            if let Err(error) = recorded {
                // The claim lapses, and whoever takes over looks for a report first.
                tracing::error!(message.id = %one.0.claim.id, %error, "a message's fate could not be recorded");
            }
        }
    }

    async fn try_record(&self, done: &[(Claimed, Step)]) -> Result<(), StoreError> {
        let mut tx = self.deps.store.begin().await?;
        // Everybody takes ids, and then rows, in the same order: nobody waits in a ring.
        let mut ids: Vec<(&str, &str)> = done.iter().filter_map(told_id).collect();
        ids.sort_unstable();
        for (provider, id) in ids {
            reports::hold(&mut tx, provider, id).await?;
        }
        let mut rows: Vec<_> = done.iter().collect();
        rows.sort_by_key(|(claimed, _)| claimed.claim.id);
        let mut changes = vec![];
        for (claimed, step) in rows {
            let fate = self.record_one(&mut tx, claimed, step).await?;
            let route = Some(claimed.claim.route.clone());
            changes.extend(fate.map(|fate| Changed { route, fate, reported_on: None }));
        }
        tx.commit().await?;
        for (claimed, step) in done {
            count(claimed, step);
        }
        messaging::count_all(&changes);
        Ok(())
    }

    /// The fate a message has by this step, if it is another.
    async fn record_one(
        &self,
        tx: &mut Tx,
        claimed: &Claimed,
        step: &Step,
    ) -> Result<Option<Fate>, StoreError> {
        let (claim, now) = (&claimed.claim, self.deps.clock.now());
        Ok(match step {
            Step::Sent { provider_id } => {
                let fate = verdicts::sent(tx, claim, provider_id, self.patience(claimed), now).await?;
                if fate.is_none() && !verdicts::sent_after_its_end(tx, claim, provider_id, now).await? {
                    self.record_late(tx, claimed, provider_id).await?;
                }
                fate
            }
            Step::Refused { reason, detail } => {
                verdicts::refused(tx, claim, *reason, detail, now).await?.then_some(Fate::Refused)
            }
            Step::Expired { detail } => {
                verdicts::expired(tx, claim, detail, now).await?.then_some(Fate::Expired)
            }
            Step::Later { due_at, route, given_up, ended, detail } => {
                let later = Later { due_at: *due_at, route, given_up, ended: *ended, detail };
                verdicts::later(tx, claim, &later, now).await?;
                None
            }
            Step::Released => {
                verdicts::released(tx, claim, now).await?;
                None
            }
        })
    }

    /// Until when a report of its delivery is waited for before another route is looked for. A call rings for half a
    /// minute, and is reported when it is over.
    fn patience(&self, claimed: &Claimed) -> Option<DateTime<Utc>> {
        let patience = Purpose::from_name(&claimed.purpose).and_then(Purpose::patience)?;
        let calls =
            self.ways.iter().any(|way| way.name == claimed.claim.route && way.carries == Carries::Spoken);
        Some(self.deps.clock.now() + if calls { CALL } else { patience })
    }

    /// The route took a message that others may have claimed meanwhile: left as a report, they find it before they send
    /// it again.
    async fn record_late(&self, tx: &mut Tx, claimed: &Claimed, provider_id: &str) -> Result<(), StoreError> {
        let msisdn = Msisdn::from_network(&claimed.msisdn);
        let report = NewReport {
            provider: &claimed.claim.provider,
            provider_id,
            status: "taken",
            news: Some(Fate::Sent),
            reason: None,
            detail: Some("the worker's own word, after its claim had lapsed"),
            msisdn: msisdn.as_ref(),
            received_at: self.deps.clock.now(),
        };
        reports::take_in(tx, &report).await?;
        Ok(())
    }
}

/// Count what a try came to.
fn count(claimed: &Claimed, step: &Step) {
    let fate = match step {
        Step::Sent { .. } => "sent",
        Step::Refused { .. } | Step::Later { ended: (Try::Refused, _), .. } => "refused",
        Step::Later { ended: (Try::Unclear, _), .. } => "unclear",
        Step::Later { .. } => "failed",
        Step::Expired { .. } | Step::Released => return,
    };
    let network = claimed.network.as_ref().map_or("other", Network::label);
    metrics::route_message(&claimed.claim.route, network, fate);
}

/// The id under which a route took a message.
fn told_id((claimed, step): &(Claimed, Step)) -> Option<(&str, &str)> {
    match step {
        Step::Sent { provider_id } => Some((&claimed.claim.provider, provider_id)),
        _ => None,
    }
}
