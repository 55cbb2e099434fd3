//! What a route's verdict leads to: another try, another route, or an end. Pure: time and chance are arguments.

use chrono::{DateTime, Duration, Utc};

use crate::{gateways::Verdict, model::message::RefusalReason, storage::outbox::Claimed};

/// How long to wait after each attempt (`security.md` B); the last one from then on.
const BACKOFF: [Duration; 5] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::minutes(30),
];

/// How long a message that may have been taken waits for its report before it is tried again. Reports of messages to
/// phones that are on come within seconds; a minute catches nearly all and is still bearable for whoever waits.
const UNCLEAR_WAIT: Duration = Duration::seconds(60);

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The route said something.
    Said(Verdict),
    /// It was not begun.
    NotBegun,
    /// All routes have given it up.
    NoRouteLeft,
    /// This node lacks the key of its body or of its code.
    KeyMissing,
    /// The code it carries no longer counts.
    CodeOver,
    /// The database could not be asked for its code.
    StoreAway,
    /// A part of it can't be read.
    Unreadable(&'static str),
}

/// What is to be recorded of a claimed message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A route has taken it.
    Sent {
        /// The route's id of it.
        provider_id: String,
    },
    /// No route will.
    Refused {
        /// Why.
        reason: RefusalReason,
        /// The route's words, for the operator.
        detail: String,
    },
    /// Its next try would come too late.
    Expired {
        /// The route's words, for the operator.
        detail: String,
    },
    /// It is tried again.
    Later {
        /// Not before.
        due_at: DateTime<Utc>,
        /// The route to try.
        route: String,
        /// Routes that will not take it.
        given_up: Vec<String>,
        /// Whether it may have been taken all the same.
        unclear: bool,
        /// The route's words, for the operator.
        detail: String,
    },
    /// It was not begun: as if it had never been claimed.
    Released,
}

/// What comes next. `routes` are in order of preference, `fraction` (0 to 1) spreads tries that failed together.
pub fn decide(
    claimed: &Claimed,
    outcome: Outcome,
    routes: &[&str],
    now: DateTime<Utc>,
    fraction: f64,
) -> Step {
    let verdict = match outcome {
        Outcome::Said(verdict) => verdict,
        Outcome::NotBegun => return Step::Released,
        Outcome::NoRouteLeft => return refused(RefusalReason::OurSide, "no route is left".to_owned()),
        Outcome::KeyMissing => {
            return retry(claimed, &claimed.claim.route, now, fraction, "this node lacks its key".to_owned());
        }
        Outcome::CodeOver => return Step::Expired { detail: "the code no longer counts".to_owned() },
        Outcome::StoreAway => return Step::Released,
        Outcome::Unreadable(what) => {
            return refused(RefusalReason::OurSide, format!("{what} can't be read"));
        }
    };
    match verdict {
        Verdict::Accepted { provider_id, .. } => Step::Sent { provider_id },
        Verdict::Refused { reason: RefusalReason::NoRoute, detail } => {
            elsewhere(claimed, routes, now, RefusalReason::NoRoute, detail)
        }
        Verdict::Refused { reason, detail } => refused(reason, detail),
        Verdict::Failed { retry, unclear: true, detail, .. } => {
            unclear(claimed, retry, routes, now, fraction, detail)
        }
        Verdict::Failed { retry: false, detail, .. } => {
            elsewhere(claimed, routes, now, RefusalReason::OurSide, detail)
        }
        Verdict::Failed { detail, .. } => {
            let route = next_route(routes, &claimed.claim.route, &claimed.given_up);
            retry(claimed, route.unwrap_or(&claimed.claim.route), now, fraction, detail)
        }
    }
}

fn refused(reason: RefusalReason, detail: String) -> Step {
    Step::Refused { reason, detail }
}

/// Not on this route any more: at once on the next, if there is one.
fn elsewhere(
    claimed: &Claimed,
    routes: &[&str],
    now: DateTime<Utc>,
    reason: RefusalReason,
    detail: String,
) -> Step {
    let given_up = given_up_too(claimed);
    match next_route(routes, &claimed.claim.route, &given_up) {
        Some(route) => Step::Later { due_at: now, route: route.to_owned(), given_up, unclear: false, detail },
        None => refused(reason, detail),
    }
}

/// After a wait that grows with each attempt, unless that is too late.
fn retry(claimed: &Claimed, route: &str, now: DateTime<Utc>, fraction: f64, detail: String) -> Step {
    let due_at = now + backoff(claimed.attempt, fraction);
    if due_at >= claimed.not_after {
        return Step::Expired { detail };
    }
    let given_up = claimed.given_up.clone();
    Step::Later { due_at, route: route.to_owned(), given_up, unclear: false, detail }
}

/// It may be on the phone already. It waits on the same route for its report, also past its age: then it expires unless
/// the report has come.
fn unclear(
    claimed: &Claimed,
    retry: bool,
    routes: &[&str],
    now: DateTime<Utc>,
    fraction: f64,
    detail: String,
) -> Step {
    let given_up = if retry { claimed.given_up.clone() } else { given_up_too(claimed) };
    let current = claimed.claim.route.as_str();
    let next = if retry { None } else { next_route(routes, current, &given_up) };
    Step::Later {
        due_at: now + backoff(claimed.attempt, fraction).max(UNCLEAR_WAIT),
        route: next.unwrap_or(current).to_owned(),
        given_up,
        unclear: true,
        detail,
    }
}

fn given_up_too(claimed: &Claimed) -> Vec<String> {
    let mut given_up = claimed.given_up.clone();
    given_up.push(claimed.claim.route.clone());
    given_up
}

/// The next route in order of preference that has not given the message up, round to the first again.
fn next_route<'a>(routes: &[&'a str], current: &str, given_up: &[String]) -> Option<&'a str> {
    let at = routes.iter().position(|route| *route == current).map_or(0, |at| at + 1);
    let (before, after) = routes.split_at(at.min(routes.len()));
    after.iter().chain(before).find(|route| !given_up.iter().any(|g| g == *route)).copied()
}

/// The wait after attempt `attempt`, and up to a fifth more.
fn backoff(attempt: i64, fraction: f64) -> Duration {
    let [.., longest] = BACKOFF;
    let index = usize::try_from(attempt - 1).unwrap_or(0);
    let wait = BACKOFF.get(index).copied().unwrap_or(longest);
    // In tenths of a per cent, so that no instant is ever a fraction of a microsecond.
    #[allow(clippy::cast_possible_truncation, reason = "it lies between 0 and 200")]
    let more = (fraction.clamp(0.0, 1.0) * 200.0) as i32;
    wait + wait * more / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::MessageId, storage::outbox::Claim};

    const ROUTES: [&str; 3] = ["at", "sim", "voice"];

    fn now() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn claimed(attempt: i64, route: &str, given_up: &[&str]) -> Claimed {
        Claimed {
            claim: Claim {
                id: MessageId(uuid::Uuid::nil()),
                worker: "w".to_owned(),
                until: now() + Duration::minutes(1),
                route: route.to_owned(),
                provider: "simulator".to_owned(),
            },
            priority: 1,
            purpose: "help_reply".to_owned(),
            challenge: None,
            msisdn: "+254700000010".to_owned(),
            body: None,
            given_up: given_up.iter().map(|&name| name.to_owned()).collect(),
            attempt,
            not_after: now() + Duration::hours(1),
        }
    }

    fn failed(retry: bool, unclear: bool) -> Outcome {
        Outcome::Said(Verdict::Failed { retry, unclear, alert: false, detail: "busy".to_owned() })
    }

    /// When (in seconds from now) and where it is tried again, and whether that is unclear.
    fn later(claimed: &Claimed, outcome: Outcome, routes: &[&str]) -> (i64, String, bool) {
        match decide(claimed, outcome, routes, now(), 0.0) {
            Step::Later { due_at, route, unclear, .. } => ((due_at - now()).num_seconds(), route, unclear),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_try_waits_longer_than_the_last() {
        for (attempt, seconds) in [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (9, 1800)] {
            let again = later(&claimed(attempt, "at", &[]), failed(true, false), &["at"]);
            assert_eq!(again, (seconds, "at".to_owned(), false));
        }
        assert_eq!(backoff(1, 1.0), Duration::seconds(6));
        assert_eq!(backoff(4, 0.5), Duration::minutes(11));
    }

    #[test]
    fn a_try_that_would_come_too_late_is_none() {
        let mut old = claimed(4, "at", &[]);
        old.not_after = now() + Duration::minutes(10);
        let step = decide(&old, failed(true, false), &ROUTES, now(), 0.0);
        assert_eq!(step, Step::Expired { detail: "busy".to_owned() });
    }

    #[test]
    fn a_dead_route_is_left_for_the_next_and_may_be_tried_again_after_it() {
        for (route, next) in [("at", "sim"), ("sim", "voice"), ("voice", "at"), ("gone", "at")] {
            assert_eq!(later(&claimed(1, route, &[]), failed(true, false), &ROUTES).1, next);
        }
        assert_eq!(later(&claimed(1, "voice", &["at"]), failed(true, false), &ROUTES).1, "sim");
    }

    #[test]
    fn a_route_that_gives_up_hands_over_at_once_and_the_last_one_ends_it() {
        let again = later(&claimed(1, "at", &[]), failed(false, false), &ROUTES);
        assert_eq!(again, (0, "sim".to_owned(), false));
        let last = decide(&claimed(3, "voice", &["at", "sim"]), failed(false, false), &ROUTES, now(), 0.0);
        assert_eq!(last, refused(RefusalReason::OurSide, "busy".to_owned()));
    }

    #[test]
    fn a_route_without_a_way_hands_over_but_a_line_that_blocks_is_believed() {
        let said = |reason| Outcome::Said(Verdict::Refused { reason, detail: "no".to_owned() });
        assert_eq!(later(&claimed(1, "at", &[]), said(RefusalReason::NoRoute), &ROUTES).1, "sim");
        let blocked = decide(&claimed(1, "at", &[]), said(RefusalReason::LineBlocks), &ROUTES, now(), 0.0);
        assert_eq!(blocked, refused(RefusalReason::LineBlocks, "no".to_owned()));
    }

    #[test]
    fn an_unclear_message_waits_a_minute_on_its_route() {
        let again = later(&claimed(1, "at", &[]), failed(true, true), &ROUTES);
        assert_eq!(again, (60, "at".to_owned(), true));
        let taken_without_an_id = later(&claimed(1, "at", &[]), failed(false, true), &ROUTES);
        assert_eq!(taken_without_an_id, (60, "sim".to_owned(), true));
        let alone = decide(&claimed(1, "at", &[]), failed(false, true), &["at"], now(), 0.0);
        assert!(matches!(alone, Step::Later { route, given_up, .. } if route == "at" && given_up == ["at"]));
    }

    #[test]
    fn what_was_not_begun_leaves_no_trace() {
        assert_eq!(decide(&claimed(1, "at", &[]), Outcome::NotBegun, &ROUTES, now(), 0.0), Step::Released);
    }
}
