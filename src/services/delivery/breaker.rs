//! A route that keeps failing is left alone for a while: what would go by it goes by the next at once, without waiting
//! for its time-outs.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use recloser::{AsyncRecloser, Error, Recloser};

use crate::gateways::Verdict;

/// It opens when half of so many messages in a row have failed. One more decides it.
const WINDOW: usize = 8;
/// So many messages prove that it works again.
const PROBES: usize = 1;

/// The breaker of one route, on this node.
pub struct Breaker {
    recloser: AsyncRecloser,
    resting: AtomicBool,
}

/// The route is left alone just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resting;

impl Breaker {
    /// A closed one; once open it lets nothing through for `rest`.
    pub fn new(rest: Duration) -> Self {
        let recloser = Recloser::custom()
            .closed_len(WINDOW)
            .half_open_len(PROBES)
            .error_rate(0.5)
            .open_wait(rest)
            .build();
        Self { recloser: recloser.into(), resting: AtomicBool::new(false) }
    }

    /// Send, unless the route is left alone. A refusal is a word about the message, not about the route.
    pub async fn through(&self, send: impl Future<Output = Verdict>) -> Result<Verdict, Resting> {
        let failing = async {
            match send.await {
                failed @ Verdict::Failed { .. } => Err(failed),
                said => Ok(said),
            }
        };
        let said = self.recloser.call(failing).await;
        self.resting.store(matches!(said, Err(Error::Rejected)), Ordering::Relaxed);
        match said {
            Ok(said) | Err(Error::Inner(said)) => Ok(said),
            Err(Error::Rejected) => Err(Resting),
        }
    }

    /// Whether the last message was not let through.
    pub fn is_resting(&self) -> bool {
        self.resting.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    fn failed() -> Verdict {
        Verdict::Failed { retry: true, unclear: false, alert: false, detail: "down".to_owned() }
    }

    fn accepted() -> Verdict {
        Verdict::Accepted { provider_id: "id".to_owned(), cost_cents: None }
    }

    /// How many messages a failing route gets until it is left alone.
    async fn until_it_rests(breaker: &Breaker) -> usize {
        for sent in 0..100 {
            if breaker.through(ready(failed())).await == Err(Resting) {
                return sent;
            }
        }
        100
    }

    #[tokio::test]
    async fn a_route_that_keeps_failing_is_left_alone() {
        let breaker = Breaker::new(Duration::from_hours(1));
        assert_eq!(until_it_rests(&breaker).await, WINDOW + 1);
        assert!(breaker.is_resting());
        assert_eq!(breaker.through(ready(accepted())).await, Err(Resting));
    }

    #[tokio::test]
    async fn one_message_that_gets_through_after_the_rest_closes_it() {
        let breaker = Breaker::new(Duration::ZERO);
        for _ in 0..=WINDOW {
            let _ = breaker.through(ready(failed())).await;
        }
        for _ in 0..=PROBES {
            assert_eq!(breaker.through(ready(accepted())).await, Ok(accepted()));
        }
        assert!(!breaker.is_resting());
        assert_eq!(breaker.through(ready(failed())).await, Ok(failed()), "one failure opens nothing");
        assert_eq!(breaker.through(ready(accepted())).await, Ok(accepted()));
    }

    #[tokio::test]
    async fn a_refusal_is_no_fault_of_the_route() {
        let breaker = Breaker::new(Duration::from_hours(1));
        for _ in 0..3 * WINDOW {
            let reason = crate::model::message::RefusalReason::LineBlocks;
            let refused = Verdict::Refused { reason, detail: "406".to_owned() };
            assert_eq!(breaker.through(ready(refused.clone())).await, Ok(refused));
        }
    }
}
