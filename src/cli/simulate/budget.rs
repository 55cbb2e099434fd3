//! The budget that a run is judged by.

use super::tally::Percentiles;
use crate::phones::crowd::Kind;

/// How long 99 of 100 answers may take at the planned peak (`security.md` 26), in milliseconds.
const P99_MS: u64 = 2_000;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// A percentile of the answers' times, in milliseconds.
    P50,
    /// The same.
    P99,
    /// The same.
    P999,
    /// Findings of a kind.
    Found(Kind),
    /// Phones that had not come to an end when time or hops ran out.
    Unfinished,
}

/// A limit as written: `p99=2000`, `late=0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    subject: Subject,
    most: u64,
}

/// Read a limit.
pub fn limit(text: &str) -> Result<Limit, String> {
    let (name, most) = text.split_once('=').ok_or_else(|| format!("write {text} like {text}=0"))?;
    let subject = match name {
        "p50" => Subject::P50,
        "p99" => Subject::P99,
        "p999" => Subject::P999,
        "unfinished" => Subject::Unfinished,
        _ => Subject::Found(Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::name).collect();
            format!("{name} is none of p50, p99, p999, unfinished, {}", names.join(", "))
        })?),
    };
    let most = most.parse().map_err(|_| format!("{name} takes a whole number"))?;
    Ok(Limit { subject, most })
}

/// All limits of a run.
#[derive(Debug, Clone)]
pub struct Budget(Vec<Limit>);

impl Budget {
    /// The usual limits, and over them those that were written.
    pub fn of(written: &[Limit]) -> Self {
        let served = |kind: &Kind| !matches!(kind, Kind::TryAgain | Kind::TurnedAway);
        let none = |subject| Limit { subject, most: 0 };
        let found = Kind::ALL.into_iter().filter(served).map(|kind| none(Subject::Found(kind)));
        let usual = found.chain([none(Subject::Unfinished), Limit { subject: Subject::P99, most: P99_MS }]);
        let kept = usual.filter(|usual| written.iter().all(|limit| limit.subject != usual.subject));
        Self(kept.chain(written.iter().copied()).collect())
    }

    /// What is over its limit, in words; nothing when the budget is kept.
    pub fn over(&self, times: Percentiles, found: impl Fn(Kind) -> u64, unfinished: u64) -> Vec<String> {
        let mut over = vec![];
        for Limit { subject, most } in &self.0 {
            let (is, name, unit) = match subject {
                Subject::P50 => (times.p50, "p50", " ms"),
                Subject::P99 => (times.p99, "p99", " ms"),
                Subject::P999 => (times.p999, "p99.9", " ms"),
                Subject::Unfinished => (count(unfinished), "unfinished journeys", ""),
                Subject::Found(kind) => (count(found(*kind)), kind.words(), ""),
            };
            if is > count(*most) {
                over.push(format!("{name}: {is:.0}{unit}, and {most}{unit} are allowed"));
            }
        }
        over
    }
}

#[allow(clippy::cast_precision_loss, reason = "nobody counts to 2^52 here")]
fn count(n: u64) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(written: &[&str], p99: f64, late: u64) -> usize {
        let written: Vec<Limit> = written.iter().map(|text| limit(text).unwrap()).collect();
        let times = Percentiles { p99, ..Percentiles::default() };
        Budget::of(&written).over(times, |kind| if kind == Kind::Late { late } else { 0 }, 0).len()
    }

    #[test]
    fn what_is_written_replaces_what_is_usual() {
        assert_eq!(over(&[], 2_000.0, 0), 0);
        assert_eq!(over(&[], 2_001.0, 1), 2);
        assert_eq!(over(&["p99=3000", "late=1"], 2_001.0, 1), 0);
        assert_eq!(over(&["p99=100"], 101.0, 0), 1);
    }

    #[test]
    fn only_known_names_are_taken() {
        for wrong in ["late", "late=some", "fast=1", "p98=1"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }
}
