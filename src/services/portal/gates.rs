//! How often something may be tried over the web: from one place, for one user name, from one place for one user name.
//! A try is counted before anything is looked at, in SQL, so that it holds over nodes and restarts and for parallel
//! tries; what turns out right is taken back. A user name is counted whether it exists or not.
//!
//! A place may be a whole network behind one address (that is usual for phones), so it has room for many people; the
//! three free tries are for a place and a name together. A name by itself waits an hour after twenty wrong passwords from
//! anywhere: some 500 guesses a day at most, and never a lock: a code opens the account at once, and the PIN is not
//! touched.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Fault, Wait};
use crate::{
    model::challenge::MOST_SKEW,
    services::Deps,
    storage::{
        Tx,
        web_gates::{self, Standing},
    },
};

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A password.
    Password,
    /// A code. It has its own few tries, and others must not be able to use up a name's: only places are counted.
    Code,
}

/// How often, and how long to wait after that.
struct Rule {
    /// Tries without waiting.
    free: i64,
    /// How long to wait after the next, and the next, and every later one.
    waits: &'static [TimeDelta],
    /// When the count begins anew.
    forgotten: TimeDelta,
}

const PLACE: Rule = Rule { free: 60, waits: &[TimeDelta::minutes(15)], forgotten: TimeDelta::minutes(15) };
const NAME: Rule = Rule { free: 20, waits: &[TimeDelta::minutes(60)], forgotten: TimeDelta::hours(24) };
/// As for PINs (`security.md` 12), and never disabled.
const BOTH: Rule = Rule {
    free: 3,
    waits: &[TimeDelta::minutes(1), TimeDelta::minutes(5), TimeDelta::minutes(15), TimeDelta::minutes(60)],
    forgotten: TimeDelta::hours(24),
};

type Gate = ([u8; 16], &'static Rule);

/// A try that was counted.
pub struct Counted {
    place: [u8; 16],
    others: Vec<[u8; 16]>,
}

/// Count a try from a place for a name, or say how long to wait.
pub async fn count(
    tx: &mut Tx,
    deps: &Deps,
    what: What,
    source: &str,
    name: &str,
    now: DateTime<Utc>,
) -> Result<Result<Counted, Wait>, Fault> {
    let (place, others) = gates(deps, what, source, name);
    let mut all: Vec<Gate> = others.iter().copied().chain([(place, &PLACE)]).collect();
    // Everybody locks them in this order.
    all.sort_unstable_by_key(|(gate, _)| *gate);
    let (mut held, mut until) = (vec![], None);
    for (gate, rule) in all {
        let standing = rule.now(web_gates::hold(tx, gate, now).await?, now);
        until = until.max(standing.wait_until.filter(|until| *until > now));
        held.push((gate, rule, standing));
    }
    if let Some(until) = until {
        return Ok(Err(Wait::until(until, now)));
    }
    for (gate, rule, standing) in held {
        web_gates::set(tx, gate, rule.one_more(standing, now)).await?;
    }
    Ok(Ok(Counted { place, others: others.into_iter().map(|(gate, _)| gate).collect() }))
}

/// What was tried is right: it was no guess.
pub async fn forgive(tx: &mut Tx, counted: &Counted) -> Result<(), Fault> {
    web_gates::clear(tx, &counted.others).await?;
    Ok(web_gates::give_back(tx, counted.place).await?)
}

fn gates(deps: &Deps, what: What, source: &str, name: &str) -> ([u8; 16], Vec<Gate>) {
    let keys = deps.keys.current();
    let tag = |parts: &[&str]| keys.marker().gate_tag(what.name(), parts);
    let both = (tag(&["both", source, name]), &BOTH);
    let others = match what {
        What::Password => vec![both, (tag(&["name", name]), &NAME)],
        What::Code => vec![both],
    };
    (tag(&["place", source]), others)
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
        }
    }
}

impl Rule {
    /// How it stands now, if what was counted is so old that it is forgotten. A wait is waited to its end.
    fn now(&self, standing: Standing, now: DateTime<Utc>) -> Standing {
        // Counts from ahead of now come from a clock that was set back.
        let forgotten = now - standing.since >= self.forgotten || standing.since > now + MOST_SKEW;
        if forgotten { Standing { counted: 0, since: now, ..standing } } else { standing }
    }

    fn one_more(&self, standing: Standing, now: DateTime<Utc>) -> Standing {
        let counted = standing.counted + 1;
        let over = usize::try_from(counted - self.free).ok();
        let wait = over.and_then(|over| self.waits.get(over).or(self.waits.last()));
        Standing { counted, wait_until: wait.map(|wait| now + *wait), ..standing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_tries_are_free_then_waits_grow_and_a_day_later_all_is_forgotten() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let mut standing = Standing { counted: 0, since: start, wait_until: None };
        let mut waits = vec![];
        for _ in 0..8 {
            standing = BOTH.one_more(BOTH.now(standing, start), start);
            waits.push(standing.wait_until.map_or(0, |until| (until - start).num_minutes()));
        }
        assert_eq!(waits, [0, 0, 1, 5, 15, 60, 60, 60]);
        assert_eq!(BOTH.now(standing, start + TimeDelta::hours(23)).counted, 8);
        assert_eq!(BOTH.now(standing, start + TimeDelta::hours(24)).counted, 0);
    }

    #[test]
    fn a_clock_that_was_set_back_locks_nobody_out() {
        let start = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let ahead = Standing { counted: 50, since: start + TimeDelta::hours(2), wait_until: None };
        assert_eq!(NAME.now(ahead, start).counted, 0);
    }
}
