//! SIM swaps (`security.md` 19): a question is wanted when a recovery begins and asked by a worker after the commit, so
//! that no call waits for it and no crash loses it; the answer comes whenever it comes; what is known is read when the
//! new PIN is confirmed.

use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};

use super::{Deps, accounts::NAIROBI};
use crate::{
    gateways::{SimSwap, SwapAnswer, SwapAsked, SwapFinding, SwapNotAsked},
    model::{AccountId, Msisdn},
    storage::{
        StoreError, Tx,
        holds::{self, HoldKind, HoldReason, NewHold},
        sim_swaps::{self, Answered, Finding, NewAnswer, Waiting},
    },
};

/// How long after a swap nobody resets a PIN by themselves.
const RECENT: TimeDelta = TimeDelta::hours(72);
/// How long pay details rest when nobody could tell.
const UNKNOWN_HOLD: TimeDelta = TimeDelta::hours(24);
/// How old a question may be whose answer "not swapped" still counts: a recovery is over by then.
const FRESH: TimeDelta = TimeDelta::minutes(20);
/// A recovery that begins again within this time needs no new question.
const ASKED_LATELY: TimeDelta = TimeDelta::minutes(10);
/// How far back a swap without a day is remembered.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// How long a worker may be about a question before another takes it up.
const CLAIM: TimeDelta = TimeDelta::seconds(30);
/// When a question that was not taken is tried again; the last of these from then on.
const AGAIN: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(30), Duration::from_mins(2)];
/// How many lines one question names at most.
const BATCH: i64 = 50;

/// What is known of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// No SIM swap lately, or nobody is asked at all.
    Clear,
    /// A swap that counts until then.
    Recent {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Asked, and nobody could tell yet.
    Unknown,
}

/// Whose secret is to be made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A member of the staff.
    Person,
    /// A centre: who marks for 60 people waits for certainty.
    Centre,
}

/// Whether a secret may be made anew without anybody's help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MayReset {
    /// Yes.
    Yes,
    /// Yes, and pay details rest until then.
    Holding {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Not before then.
    NotBefore {
        /// From when.
        until: DateTime<Utc>,
    },
    /// Not until somebody can tell.
    NotYet,
}

impl Swap {
    /// What follows for somebody who wants to go on without help.
    pub fn allows(self, holder: Holder, now: DateTime<Utc>) -> MayReset {
        match (self, holder) {
            (Self::Clear, _) => MayReset::Yes,
            (Self::Recent { until }, _) => MayReset::NotBefore { until },
            (Self::Unknown, Holder::Person) => MayReset::Holding { until: now + UNKNOWN_HOLD },
            (Self::Unknown, Holder::Centre) => MayReset::NotYet,
        }
    }
}

/// A recovery begins: want to know about its line, unless that was asked a short time ago. Ring [`Deps::swaps`] after
/// the commit.
pub async fn ask_when_needed(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    line: &Msisdn,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if deps.settings.asks_sim_swaps {
        let question = (deps.chance.id(now), account, line);
        sim_swaps::want(tx, question, now, now - ASKED_LATELY).await?;
    }
    Ok(())
}

/// What is known of a line now.
pub async fn known(tx: &mut Tx, deps: &Deps, line: &Msisdn, now: DateTime<Utc>) -> Result<Swap, StoreError> {
    if !deps.settings.asks_sim_swaps {
        return Ok(Swap::Clear);
    }
    Ok(judge(&sim_swaps::answers(tx, line, now - REMEMBERED).await?, now))
}

/// Let pay details rest after a recovery, as far as the line's SIM asks for it; until when, if they do.
pub async fn hold(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    swap: Swap,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let (reason, until) = match swap {
        Swap::Clear => return Ok(None),
        Swap::Unknown => (HoldReason::SwapUnknown, now + UNKNOWN_HOLD),
        Swap::Recent { until } => (HoldReason::SwapRecent, until),
    };
    let id = deps.chance.id(now);
    holds::put(tx, &NewHold { id, account, kind: HoldKind::PayDetails, reason, at: now, until }).await?;
    Ok(Some(until))
}

fn judge(answers: &[Answered], now: DateTime<Utc>) -> Swap {
    let swapped = answers.iter().filter(|answer| answer.finding == Finding::Swapped);
    let (dated, undated): (Vec<_>, Vec<_>) = swapped.partition(|answer| day_counts(answer));
    let by_day = dated.iter().filter_map(|answer| over(answer)).max();
    // Without a day it counts from when it was first heard of; else every new question would begin it anew.
    let by_word = undated.iter().map(|answer| answer.answered_at + RECENT).min();
    if let Some(until) = [by_day, by_word].into_iter().flatten().filter(|until| *until > now).max() {
        return Swap::Recent { until };
    }
    let tells = |answer: &&Answered| match answer.finding {
        Finding::NotSwapped => true,
        Finding::Swapped => day_counts(answer),
        Finding::Unknown => false,
    };
    let fresh = |answer: &&Answered| now - answer.wanted_at <= FRESH;
    if answers.iter().filter(fresh).any(|answer| tells(&answer)) { Swap::Clear } else { Swap::Unknown }
}

/// A day that is still to come is none.
fn day_counts(answer: &Answered) -> bool {
    let today = answer.answered_at.with_timezone(&NAIROBI).date_naive();
    answer.swapped_on.is_some_and(|day| day <= today)
}

/// When a swap no longer counts: only its day is told, so it is taken for one of the day's last minute.
fn over(answer: &Answered) -> Option<DateTime<Utc>> {
    let next = answer.swapped_on?.checked_add_days(Days::new(1))?;
    let midnight = next.and_time(NaiveTime::MIN).and_local_timezone(NAIROBI).single()?;
    Some(midnight.to_utc() + RECENT)
}

/// Take in an answer; once this has returned it is on disk. The same again changes nothing, and one that nobody asked
/// for is about no line.
pub async fn take_in(deps: &Deps, provider: &str, answer: &SwapAnswer) -> Result<(), StoreError> {
    let finding = match answer.finding {
        SwapFinding::Swapped => Finding::Swapped,
        SwapFinding::NotSwapped => Finding::NotSwapped,
        SwapFinding::Unknown => {
            tracing::info!(provider, status = answer.status, "A network could not tell of SIM swaps");
            Finding::Unknown
        }
    };
    let mut tx = deps.store.begin().await?;
    let new = NewAnswer {
        provider,
        request_id: &answer.request_id,
        finding,
        swapped_on: answer.swapped_on,
        at: deps.clock.now(),
    };
    sim_swaps::answer(&mut tx, &new).await?;
    tx.commit().await
}

/// Ask what is wanted and due; how many questions there were.
pub async fn turn(deps: &Deps, asks: &dyn SimSwap, provider: &str) -> Result<usize, StoreError> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let waiting = sim_swaps::claim(&mut tx, now, now - FRESH, now + CLAIM, BATCH).await?;
    tx.commit().await?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let lines: Vec<Msisdn> = waiting.iter().map(|question| question.msisdn.clone()).collect();
    let asked = asks.ask(&lines).await.unwrap_or_else(|why| not_asked(provider, why));
    keep(deps, provider, &waiting, asked).await?;
    Ok(waiting.len())
}

fn not_asked(provider: &str, why: SwapNotAsked) -> Vec<SwapAsked> {
    tracing::warn!(provider, "{why}");
    vec![]
}

async fn keep(
    deps: &Deps,
    provider: &str,
    waiting: &[Waiting],
    mut asked: Vec<SwapAsked>,
) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    for question in waiting {
        match asked.iter().position(|asked| asked.msisdn == question.msisdn) {
            Some(at) => {
                let SwapAsked { request_id, .. } = asked.swap_remove(at);
                sim_swaps::taken(&mut tx, question.id, provider, &request_id, now).await?;
            }
            None => sim_swaps::later(&mut tx, question.id, now + again(question.attempts)).await?,
        }
    }
    tx.commit().await
}

fn again(attempts: i64) -> TimeDelta {
    let at = usize::try_from(attempts - 1).unwrap_or(0).min(AGAIN.len() - 1);
    let wait = AGAIN.get(at).copied().unwrap_or(Duration::from_mins(2));
    TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn answered(finding: Finding, day: Option<&str>, minutes_ago: i64) -> Answered {
        let wanted_at = at("2026-11-22T09:00:00Z") - TimeDelta::minutes(minutes_ago);
        let swapped_on = day.map(|day| day.parse().unwrap());
        Answered { wanted_at, answered_at: wanted_at + TimeDelta::seconds(5), finding, swapped_on }
    }

    fn judged(answers: &[Answered]) -> Swap {
        judge(answers, at("2026-11-22T09:00:00Z"))
    }

    #[test]
    fn a_swap_counts_for_72_hours_after_the_end_of_its_day() {
        let swapped = |day| judged(&[answered(Finding::Swapped, Some(day), 1)]);
        assert_eq!(swapped("2026-11-22"), Swap::Recent { until: at("2026-11-25T21:00:00Z") });
        assert_eq!(swapped("2026-11-19"), Swap::Recent { until: at("2026-11-22T21:00:00Z") });
        assert_eq!(swapped("2026-11-18"), Swap::Clear);
    }

    #[test]
    fn a_swap_without_a_day_counts_from_the_first_word_of_it() {
        let day = 24 * 60;
        let first = answered(Finding::Swapped, None, 2 * day);
        let until = first.answered_at + RECENT;
        let later = answered(Finding::Swapped, None, 1);
        assert_eq!(judged(&[later.clone(), first]), Swap::Recent { until });
        let long_ago = answered(Finding::Swapped, None, 4 * day);
        assert_eq!(
            judged(&[long_ago, later]),
            Swap::Unknown,
            "nobody knows, and nobody is locked out for ever"
        );
        let to_come = answered(Finding::Swapped, Some("2099-01-01"), 1);
        let until = to_come.answered_at + RECENT;
        assert_eq!(judged(&[to_come]), Swap::Recent { until }, "a day that is to come is none");
    }

    #[test]
    fn not_swapped_counts_for_the_recovery_it_was_asked_for() {
        assert_eq!(judged(&[answered(Finding::NotSwapped, None, 3)]), Swap::Clear);
        assert_eq!(judged(&[answered(Finding::NotSwapped, None, 21)]), Swap::Unknown);
        assert_eq!(judged(&[answered(Finding::Unknown, None, 1)]), Swap::Unknown);
        assert_eq!(judged(&[]), Swap::Unknown);
        let yesterday = answered(Finding::Swapped, Some("2026-11-21"), 60 * 24);
        let now = answered(Finding::NotSwapped, None, 1);
        assert!(matches!(judged(&[yesterday, now]), Swap::Recent { .. }), "nothing takes a swap back");
    }

    #[test]
    fn people_go_on_where_nobody_knows_and_centres_do_not() {
        let now = at("2026-11-22T09:00:00Z");
        let until = now + TimeDelta::hours(24);
        assert_eq!(Swap::Unknown.allows(Holder::Person, now), MayReset::Holding { until });
        assert_eq!(Swap::Unknown.allows(Holder::Centre, now), MayReset::NotYet);
        for holder in [Holder::Person, Holder::Centre] {
            assert_eq!(Swap::Clear.allows(holder, now), MayReset::Yes);
            assert_eq!(Swap::Recent { until }.allows(holder, now), MayReset::NotBefore { until });
        }
    }

    #[test]
    fn a_question_that_was_not_taken_is_tried_less_and_less_often() {
        let waits: Vec<i64> = [0, 1, 2, 3, 9].map(|n| again(n).num_seconds()).into();
        assert_eq!(waits, [5, 5, 30, 120, 120]);
    }
}
