//! Guessing across accounts: many wrong codes over the whole service raise an alarm, and new codes have eight digits
//! while it lasts (`security.md` 7).

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

use crate::{
    secrets::CodeLength,
    storage::{
        StoreError, Tx,
        code_counts::{self, Counted, Guesses, Limit},
    },
    telemetry::metrics,
};

const WITHIN: TimeDelta = TimeDelta::minutes(10);
const MANY: i64 = 200;
/// A fifth of the codes typed wrong: people mistype fewer.
const PERCENT: i64 = 20;
const NO_LIMIT: Limit = Limit { all: i64::MAX, unreserved: None };

/// How long a code made now must be.
pub(super) async fn length(tx: &mut Tx, now: DateTime<Utc>) -> Result<CodeLength, StoreError> {
    let guesses = code_counts::guesses(tx, now - WITHIN).await?;
    Ok(if is_attack(guesses) { CodeLength::Eight } else { CodeLength::Six })
}

/// Count a wrong code, and raise the alarm if there are too many; once in ten minutes over all nodes.
pub(super) async fn count(tx: &mut Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
    let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
    code_counts::take(tx, Counted::Wrong, minute, 1, NO_LIMIT).await?;
    if !is_attack(code_counts::guesses(tx, now - WITHIN).await?) {
        return Ok(());
    }
    let since = now.duration_trunc(WITHIN).unwrap_or(now);
    if code_counts::first(tx, Counted::GuessAlarm, since).await? {
        metrics::code_alarm("guessing");
        tracing::error!("codes are being guessed over many accounts: new codes have eight digits");
    }
    Ok(())
}

fn is_attack(Guesses { wrong, made }: Guesses) -> bool {
    wrong >= MANY && wrong * 100 > made * PERCENT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_wrong_codes_and_a_fifth_of_those_sent_are_an_attack() {
        for (wrong, made, attack) in
            [(199, 0, false), (200, 0, true), (200, 999, true), (200, 1000, false), (2000, 10_000, false)]
        {
            assert_eq!(is_attack(Guesses { wrong, made }), attack, "{wrong} of {made}");
        }
    }
}
