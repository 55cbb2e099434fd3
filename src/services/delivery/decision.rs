//! What a route's verdict leads to: another try, another route, or an end. Pure: time and chance are arguments.

use chrono::{DateTime, Duration, Utc};

use super::plan::{self, Way, Why, Wish};
use crate::{
    gateways::Verdict,
    model::message::{Purpose, RefusalReason},
    storage::{attempts::Try, outbox::Claimed},
};

/// How long to wait after each round over all routes (`security.md` B); the last one from then on.
const BACKOFF: [Duration; 5] = [
    Duration::seconds(5),
    Duration::seconds(30),
    Duration::minutes(2),
    Duration::minutes(10),
    Duration::minutes(30),
];

/// How long a message that may have been taken waits for its report before it is tried again. Reports of messages to
/// phones that are on come within seconds; a minute catches nearly all and is still bearable for whoever waits. Codes
/// are waited for, and may come twice: their purpose's patience stands instead.
const UNCLEAR_WAIT: Duration = Duration::seconds(60);

/// After so many rounds in which every route failed, somebody who waits for a code is told so: he can ask for help or
/// for another code, and one that came later would only confuse him.
const ROUNDS_FOR_A_CODE: usize = 2;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The route said something.
    Said(Verdict),
    /// The route has failed so often that it is left alone; nothing was sent.
    Resting,
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
        /// How this try ended; [`Try::Unclear`] if it may have been taken all the same.
        ended: (Try, Option<RefusalReason>),
        /// The route's words, for the operator.
        detail: String,
    },
    /// It was not begun: as if it had never been claimed.
    Released,
}

/// What comes next, over these routes; `fraction` (0 to 1) spreads tries that failed together.
pub fn decide(claimed: &Claimed, outcome: Outcome, ways: &[Way], now: DateTime<Utc>, fraction: f64) -> Step {
    let attempt = Attempt { claimed, ways, now, fraction };
    match outcome {
        Outcome::Said(verdict) => attempt.after(verdict),
        Outcome::Resting => {
            attempt.failed("the route has failed too often and is left alone".to_owned(), true)
        }
        Outcome::NotBegun | Outcome::StoreAway => Step::Released,
        Outcome::NoRouteLeft => refused(RefusalReason::OurSide, "no route is left".to_owned()),
        Outcome::KeyMissing => {
            let given_up = claimed.given_up.clone();
            attempt.again(&claimed.claim.route, given_up, 1, "this node lacks its key".to_owned())
        }
        Outcome::CodeOver => Step::Expired { detail: "the code no longer counts".to_owned() },
        Outcome::Unreadable(what) => refused(RefusalReason::OurSide, format!("{what} can't be read")),
    }
}

fn refused(reason: RefusalReason, detail: String) -> Step {
    Step::Refused { reason, detail }
}

struct Attempt<'a> {
    claimed: &'a Claimed,
    ways: &'a [Way],
    now: DateTime<Utc>,
    fraction: f64,
}

impl Attempt<'_> {
    fn after(&self, verdict: Verdict) -> Step {
        match verdict {
            Verdict::Accepted { provider_id, .. } => Step::Sent { provider_id },
            Verdict::Refused { reason, detail } => self.elsewhere(Why::Refused(reason), reason, detail),
            Verdict::Failed { retry, unclear: true, detail, .. } => self.unclear(retry, detail),
            Verdict::Failed { retry: false, detail, .. } => {
                self.elsewhere(Why::Failed, RefusalReason::OurSide, detail)
            }
            Verdict::Failed { detail, .. } => self.failed(detail, false),
        }
    }

    fn purpose(&self) -> Option<Purpose> {
        Purpose::from_name(&self.claimed.purpose)
    }

    fn current(&self) -> &str {
        &self.claimed.claim.route
    }

    fn next(&self, given_up: &[String], why: Why) -> Option<&Way> {
        let network = self.claimed.network.as_ref();
        let wish = Wish { purpose: self.purpose(), network, given_up };
        plan::next(self.ways, &wish, self.current(), why)
    }

    /// Not on this route any more: at once on the next that could do better, if there is one.
    fn elsewhere(&self, why: Why, reason: RefusalReason, detail: String) -> Step {
        let given_up = self.given_up_too();
        let ended = match why {
            Why::Refused(reason) => (Try::Refused, Some(reason)),
            Why::Failed | Why::Silent => (Try::Failed, None),
        };
        match self.next(&given_up, why).map(|way| way.name.clone()) {
            Some(route) => Step::Later { due_at: self.now, route, given_up, ended, detail },
            None => refused(reason, detail),
        }
    }

    /// Surely not taken: on the next route at once. Once round, it waits; a code is given up when waiting has not
    /// helped, or can't help because every route is known to be dead.
    fn failed(&self, detail: String, resting: bool) -> Step {
        let given_up = self.claimed.given_up.clone();
        let Some(next) = self.next(&given_up, Why::Failed) else {
            return refused(RefusalReason::OurSide, detail);
        };
        let (round, is_over) = self.round(&given_up, &next.name);
        if !is_over {
            let (route, ended) = (next.name.clone(), (Try::Failed, None));
            return Step::Later { due_at: self.now, route, given_up, ended, detail };
        }
        if self.purpose().is_some_and(Purpose::is_code) && (resting || round >= ROUNDS_FOR_A_CODE) {
            return refused(RefusalReason::OurSide, detail);
        }
        self.again(&next.name, given_up, round, detail)
    }

    /// In which round over its routes the message is, and whether that ends before `next`.
    fn round(&self, given_up: &[String], next: &str) -> (usize, bool) {
        let network = self.claimed.network.as_ref();
        let open = plan::candidates(self.ways, &Wish { purpose: self.purpose(), network, given_up });
        let place = |name: &str| open.iter().position(|way| way.name == name);
        let attempt = usize::try_from(self.claimed.claim.attempt).unwrap_or(1);
        let round = attempt.div_ceil(open.len().max(1)).max(1);
        (round, place(next) <= place(self.current()))
    }

    /// After a wait that grows with each round, unless that is too late.
    fn again(&self, route: &str, given_up: Vec<String>, round: usize, detail: String) -> Step {
        let due_at = self.now + backoff(round, self.fraction);
        if due_at >= self.claimed.not_after {
            return Step::Expired { detail };
        }
        Step::Later { due_at, route: route.to_owned(), given_up, ended: (Try::Failed, None), detail }
    }

    /// It may be on the phone already. A notice waits on the same route for its report, also past its age: then it
    /// expires unless the report has come. A code goes by another route when its reader's patience is over.
    fn unclear(&self, retry: bool, detail: String) -> Step {
        let patience = self.purpose().and_then(Purpose::patience);
        let given_up = if retry { self.claimed.given_up.clone() } else { self.given_up_too() };
        let moves = !retry || patience.is_some();
        let next = if moves { self.next(&given_up, Why::Failed) } else { None };
        let wait = backoff(usize::try_from(self.claimed.claim.attempt).unwrap_or(1), self.fraction);
        Step::Later {
            due_at: self.now + patience.unwrap_or_else(|| wait.max(UNCLEAR_WAIT)),
            route: next.map_or(self.current(), |way| &way.name).to_owned(),
            given_up,
            ended: (Try::Unclear, None),
            detail,
        }
    }

    fn given_up_too(&self) -> Vec<String> {
        let mut given_up = self.claimed.given_up.clone();
        given_up.push(self.current().to_owned());
        given_up
    }
}

/// The wait after a round, and up to a fifth more.
fn backoff(round: usize, fraction: f64) -> Duration {
    let [.., longest] = BACKOFF;
    let wait = BACKOFF.get(round.saturating_sub(1)).copied().unwrap_or(longest);
    // In tenths of a per cent, so that no instant is ever a fraction of a microsecond.
    #[allow(clippy::cast_possible_truncation, reason = "it lies between 0 and 200")]
    let more = (fraction.clamp(0.0, 1.0) * 200.0) as i32;
    wait + wait * more / 1000
}

#[cfg(test)]
mod tests {
    use super::{
        super::plan::tests::{voice, words},
        *,
    };
    use crate::{model::MessageId, storage::outbox::Claim};

    fn three() -> Vec<Way> {
        ["at", "sim", "smsc"].map(words).into()
    }

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
                attempt,
            },
            priority: 1,
            purpose: "help_reply".to_owned(),
            challenge: None,
            msisdn: "+254700000010".to_owned(),
            body: None,
            network: None,
            given_up: given_up.iter().map(|&name| name.to_owned()).collect(),
            not_after: now() + Duration::hours(1),
        }
    }

    fn code(attempt: i64, route: &str, given_up: &[&str]) -> Claimed {
        Claimed { purpose: "reset_code".to_owned(), ..claimed(attempt, route, given_up) }
    }

    fn failed(retry: bool, unclear: bool) -> Outcome {
        Outcome::Said(Verdict::Failed { retry, unclear, alert: false, detail: "busy".to_owned() })
    }

    fn said(reason: RefusalReason) -> Outcome {
        Outcome::Said(Verdict::Refused { reason, detail: "no".to_owned() })
    }

    /// When (in seconds from now) and where it is tried again, and how this try ended.
    fn later(claimed: &Claimed, outcome: Outcome, ways: &[Way]) -> (i64, String, Try) {
        match decide(claimed, outcome, ways, now(), 0.0) {
            Step::Later { due_at, route, ended, .. } => ((due_at - now()).num_seconds(), route, ended.0),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_try_waits_longer_than_the_last() {
        for (attempt, seconds) in [(1, 5), (2, 30), (3, 120), (4, 600), (5, 1800), (9, 1800)] {
            let again = later(&claimed(attempt, "at", &[]), failed(true, false), &[words("at")]);
            assert_eq!(again, (seconds, "at".to_owned(), Try::Failed));
        }
        assert_eq!(backoff(1, 1.0), Duration::seconds(6));
        assert_eq!(backoff(4, 0.5), Duration::minutes(11));
    }

    #[test]
    fn a_try_that_would_come_too_late_is_none() {
        let mut old = claimed(4, "at", &[]);
        old.not_after = now() + Duration::minutes(10);
        let step = decide(&old, failed(true, false), &[words("at")], now(), 0.0);
        assert_eq!(step, Step::Expired { detail: "busy".to_owned() });
    }

    #[test]
    fn a_dead_route_is_left_for_the_next_at_once_and_waited_for_once_round() {
        for (attempt, route, next, seconds) in
            [(1, "at", "sim", 0), (2, "sim", "smsc", 0), (3, "smsc", "at", 5), (6, "smsc", "at", 30)]
        {
            let again = later(&claimed(attempt, route, &[]), failed(true, false), &three());
            assert_eq!(again, (seconds, next.to_owned(), Try::Failed), "{route}");
        }
        assert_eq!(later(&claimed(1, "smsc", &["at"]), failed(true, false), &three()).1, "sim");
        assert_eq!(later(&claimed(1, "gone", &[]), failed(true, false), &three()).1, "at");
    }

    #[test]
    fn a_route_that_gives_up_hands_over_at_once_and_the_last_one_ends_it() {
        let again = later(&claimed(1, "at", &[]), failed(false, false), &three());
        assert_eq!(again, (0, "sim".to_owned(), Try::Failed));
        let last = decide(&claimed(3, "smsc", &["at", "sim"]), failed(false, false), &three(), now(), 0.0);
        assert_eq!(last, refused(RefusalReason::OurSide, "busy".to_owned()));
    }

    #[test]
    fn a_refusal_moves_to_whichever_route_could_do_better() {
        let blocked = later(&claimed(1, "at", &[]), said(RefusalReason::LineBlocks), &three());
        assert_eq!(blocked, (0, "sim".to_owned(), Try::Refused));
        let bad = decide(&claimed(1, "at", &[]), said(RefusalReason::BadNumber), &three(), now(), 0.0);
        assert_eq!(bad, refused(RefusalReason::BadNumber, "no".to_owned()));
        let ways = [words("at"), words("smsc"), voice("call")];
        let full = || said(RefusalReason::PhoneFull);
        assert_eq!(later(&code(1, "at", &[]), full(), &ways).1, "call");
        let notice = decide(&claimed(1, "at", &[]), full(), &ways, now(), 0.0);
        assert_eq!(notice, refused(RefusalReason::PhoneFull, "no".to_owned()), "a call is for codes");
    }

    #[test]
    fn an_unclear_notice_waits_a_minute_on_its_route() {
        let again = later(&claimed(1, "at", &[]), failed(true, true), &three());
        assert_eq!(again, (60, "at".to_owned(), Try::Unclear));
        let taken_without_an_id = later(&claimed(1, "at", &[]), failed(false, true), &three());
        assert_eq!(taken_without_an_id, (60, "sim".to_owned(), Try::Unclear));
        let alone = decide(&claimed(1, "at", &[]), failed(false, true), &[words("at")], now(), 0.0);
        assert!(matches!(alone, Step::Later { route, given_up, .. } if route == "at" && given_up == ["at"]));
    }

    #[test]
    fn an_unclear_code_goes_by_the_next_route_when_patience_is_over() {
        let again = later(&code(1, "at", &[]), failed(true, true), &three());
        assert_eq!(again, (25, "sim".to_owned(), Try::Unclear));
    }

    #[test]
    fn a_code_that_every_route_failed_twice_is_told_to_be_our_fault() {
        let last = |attempt, outcome| decide(&code(attempt, "smsc", &[]), outcome, &three(), now(), 0.0);
        assert!(matches!(last(3, failed(true, false)), Step::Later { .. }));
        assert_eq!(last(6, failed(true, false)), refused(RefusalReason::OurSide, "busy".to_owned()));
        let known_dead = last(3, Outcome::Resting);
        assert!(matches!(known_dead, Step::Refused { reason: RefusalReason::OurSide, .. }), "{known_dead:?}");
    }

    #[test]
    fn what_was_not_begun_leaves_no_trace() {
        let step = decide(&claimed(1, "at", &[]), Outcome::NotBegun, &three(), now(), 0.0);
        assert_eq!(step, Step::Released);
    }
}
