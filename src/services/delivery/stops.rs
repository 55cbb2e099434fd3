//! Prefixes that a route no longer carries codes to, because too few of those before were used (`security.md` 9):
//! somebody has codes sent to numbers of his own for money, or the route swallows them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Duration, Utc};

use crate::{
    storage::{
        StoreError, Tx,
        conversion::{self, Conversion},
    },
    telemetry::metrics,
};

/// Over how long codes are counted.
pub const SPAN: Duration = Duration::minutes(15);
/// From how many sent the share of used ones says something.
const ENOUGH: i64 = 30;
/// Below this share, in per cent, somebody should look.
const WARNS: i64 = 60;
/// Below this share, in per cent, no more are sent.
const STOPS: i64 = 35;

/// What a share of used codes asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Fine,
    /// Somebody should look.
    Warn,
    /// No more codes.
    Stop,
}

/// What `used` of `sent` codes ask for.
pub fn judge(sent: i64, used: i64) -> Verdict {
    let percent = |share: i64| sent.saturating_mul(share);
    match used.saturating_mul(100) {
        _ if sent < ENOUGH => Verdict::Fine,
        used if used < percent(STOPS) => Verdict::Stop,
        used if used < percent(WARNS) => Verdict::Warn,
        _ => Verdict::Fine,
    }
}

/// The codes of the last quarter of an hour to some prefixes, counted on as more are given to routes.
#[derive(Default)]
pub struct Stops {
    counts: HashMap<(String, String), (i64, i64)>,
}

impl Stops {
    /// Count those to these prefixes. Nobody else gives codes to routes until the unit of work ends.
    pub async fn load(tx: &mut Tx, prefixes: &[&str], now: DateTime<Utc>) -> Result<Self, StoreError> {
        if prefixes.is_empty() {
            return Ok(Self::default());
        }
        conversion::hold(tx).await?;
        let rows = conversion::of_prefixes(tx, prefixes, now - SPAN).await?;
        let counted = |row: Conversion| ((row.prefix, row.route), (row.sent, row.used));
        Ok(Self { counts: rows.into_iter().map(counted).collect() })
    }

    /// What the codes to this prefix by this route ask for.
    pub fn verdict(&self, prefix: &str, route: &str) -> Verdict {
        let found = self.counts.get(&(prefix.to_owned(), route.to_owned()));
        found.map_or(Verdict::Fine, |(sent, used)| judge(*sent, *used))
    }

    /// One more goes there.
    pub fn add(&mut self, prefix: &str, route: &str) {
        self.counts.entry((prefix.to_owned(), route.to_owned())).or_default().0 += 1;
    }
}

/// Tells the operator of each prefix and route once in a while.
#[derive(Default)]
pub struct Alarms {
    told: Mutex<HashMap<(String, String, bool), DateTime<Utc>>>,
}

impl Alarms {
    /// Tell of what has been found, unless that was told within the span.
    pub fn tell(&self, prefix: &str, route: &str, verdict: Verdict, now: DateTime<Utc>) {
        let stop = match verdict {
            Verdict::Fine => return,
            Verdict::Warn => false,
            Verdict::Stop => true,
        };
        if stop {
            metrics::code_stopped(route);
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.retain(|_, at| now - *at < SPAN);
        if told.insert((prefix.to_owned(), route.to_owned(), stop), now).is_some() {
            return;
        }
        drop(told);
        if stop {
            tracing::error!(
                sms.route = route,
                sms.prefix = prefix,
                "few codes to this prefix are used: the route gets no more of them for now"
            );
        } else {
            tracing::warn!(sms.route = route, sms.prefix = prefix, "few codes to this prefix are used");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_codes_say_something_and_a_share_below_35_per_cent_stops() {
        assert_eq!(judge(29, 0), Verdict::Fine);
        assert_eq!(judge(30, 10), Verdict::Stop);
        assert_eq!(judge(30, 11), Verdict::Warn, "10.5 are 35 per cent");
        assert_eq!(judge(30, 17), Verdict::Warn);
        assert_eq!(judge(30, 18), Verdict::Fine);
        assert_eq!(judge(1000, 349), Verdict::Stop);
    }

    #[test]
    fn each_code_given_to_a_route_counts() {
        let mut stops = Stops::default();
        for _ in 0..30 {
            assert_eq!(stops.verdict("+25470000", "at"), Verdict::Fine);
            stops.add("+25470000", "at");
        }
        assert_eq!(stops.verdict("+25470000", "at"), Verdict::Stop);
        assert_eq!(stops.verdict("+25470000", "call"), Verdict::Fine);
    }
}
