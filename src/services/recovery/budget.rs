//! What codes may cost the whole service: so many an hour, so many shillings a day, half of it for people who ask on
//! their own line (`security.md` 6). Counted in SQL, so it holds over all nodes, and an alarm is raised once a step.

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use super::{AskedOn, Refused, Request};
use crate::{
    services::Deps,
    storage::{
        StoreError, Tx,
        code_counts::{self, Counted, Limit},
    },
    telemetry::metrics,
};

/// Nairobi is three hours ahead: its day begins at 21:00 UTC.
const NAIROBI: TimeDelta = TimeDelta::hours(3);

/// The steps in percent at which somebody must look.
const STEPS: [i64; 3] = [50, 80, 100];

/// One of the two budgets, in the piece of time that it is now.
struct Purse {
    what: Counted,
    name: &'static str,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
    amount: i64,
    most: i64,
}

/// Pay for one more code; a refusal has counted nothing.
pub(super) async fn pay(
    tx: &mut Tx,
    deps: &Deps,
    request: &Request<'_>,
) -> Result<Option<Refused>, StoreError> {
    let [hour, day] = purses(deps, request.now);
    let reserved = has_reserve(request);
    let Some(codes) = take(tx, &hour, reserved).await? else {
        return Ok(Some(Refused::Budget { until: hour.until }));
    };
    let Some(cents) = take(tx, &day, reserved).await? else {
        code_counts::give_back(tx, hour.what, hour.since, hour.amount, hour.limit(reserved)).await?;
        return Ok(Some(Refused::Budget { until: day.until }));
    };
    hour.alarm(codes);
    day.alarm(cents);
    Ok(None)
}

/// Whether half of everything is kept for requests like this one: on the own line. (Once deployments are known, of
/// people who are deployed.)
fn has_reserve(request: &Request<'_>) -> bool {
    request.account.is_some() && matches!(request.asked_on, AskedOn::Line)
}

async fn take(tx: &mut Tx, purse: &Purse, reserved: bool) -> Result<Option<i64>, StoreError> {
    code_counts::take(tx, purse.what, purse.since, purse.amount, purse.limit(reserved)).await
}

fn purses(deps: &Deps, now: DateTime<Utc>) -> [Purse; 2] {
    let budget = &deps.settings.codes;
    // Whole hours and days of an instant can always be had.
    let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
    let day = (now + NAIROBI).duration_trunc(TimeDelta::days(1)).map_or(now, |day| day - NAIROBI);
    [
        Purse {
            what: Counted::Codes,
            name: "hour",
            since: hour,
            until: hour + TimeDelta::hours(1),
            amount: 1,
            most: budget.codes_per_hour,
        },
        Purse {
            what: Counted::Cents,
            name: "day",
            since: day,
            until: day + TimeDelta::days(1),
            amount: budget.cents_per_code,
            most: budget.cents_per_day,
        },
    ]
}

impl Purse {
    fn limit(&self, reserved: bool) -> Limit {
        Limit { all: self.most, unreserved: (!reserved).then_some(self.most / 2) }
    }

    /// The step that this payment has reached, if it is the one that reached it.
    fn step(&self, taken: i64) -> Option<i64> {
        let reached = |step: &i64| {
            // At 100 % there is no room for another.
            let mark = if *step == 100 { self.most - self.amount + 1 } else { self.most * step / 100 };
            taken >= mark && taken - self.amount < mark
        };
        STEPS.into_iter().rev().find(reached)
    }

    fn alarm(&self, taken: i64) {
        let Some(step) = self.step(taken) else { return };
        metrics::code_alarm(match (self.name, step) {
            ("hour", 50) => "hour_50",
            ("hour", 80) => "hour_80",
            ("hour", _) => "hour_100",
            (_, 50) => "day_50",
            (_, 80) => "day_80",
            _ => "day_100",
        });
        let budget = self.name;
        if step == 100 {
            tracing::error!(codes.budget = budget, "the budget for codes is used up: no more are sent");
        } else {
            tracing::warn!(
                codes.budget = budget,
                codes.percent = step,
                "much of the budget for codes is used"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(amount: i64, most: i64) -> Vec<(i64, i64)> {
        let at = DateTime::from_timestamp(0, 0).unwrap();
        let purse = Purse { what: Counted::Cents, name: "day", since: at, until: at, amount, most };
        let taken = (1..=most / amount).map(|n| n * amount);
        taken.filter_map(|taken| Some((taken, purse.step(taken)?))).collect()
    }

    #[test]
    fn every_step_is_reached_once() {
        assert_eq!(steps(1, 10), [(5, 50), (8, 80), (10, 100)]);
        assert_eq!(steps(80, 1000), [(560, 50), (800, 80), (960, 100)]);
        assert_eq!(steps(1, 1), [(1, 100)], "the highest of those that come at once");
    }
}
