//! What is counted while a crowd calls.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use hdrhistogram::Histogram;

use crate::phones::crowd::{Ended, Finding, Kind};

/// Findings of a kind that are shown whole.
const SHOWN: usize = 3;
/// The longest time that is told apart, in microseconds: a minute.
const LONGEST_US: u64 = 60_000_000;

/// How a journey went, over all phones on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Walked {
    /// Phones that came to its end.
    pub well: u64,
    /// Phones that could not go on.
    pub broken_off: u64,
    /// Phones on their way when the run ended.
    pub unfinished: u64,
}

/// All counts.
pub struct Tally {
    /// As measured, from the instant the hop was due.
    raw: Histogram<u64>,
    /// The same, with the hops that a phone could not make because it had to wait.
    corrected: Histogram<u64>,
    /// How long after its instant a hop went out: the crowd's own delay.
    lag: Histogram<u64>,
    /// How often each kind was found.
    found: HashMap<Kind, u64>,
    /// The first few of each kind.
    pub shown: Vec<Finding>,
    /// By journey.
    pub journeys: BTreeMap<String, Walked>,
    /// Calls dialled.
    pub calls: u64,
    /// Calls that dropped, were hung up or ended, and whose end was told.
    pub ends: u64,
    /// Requests that went out twice.
    pub twins: u64,
}

/// Percentiles in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Percentiles {
    /// Half of all.
    pub p50: f64,
    /// 90 of 100.
    pub p90: f64,
    /// 99 of 100.
    pub p99: f64,
    /// 999 of 1,000.
    pub p999: f64,
    /// All.
    pub longest: f64,
}

impl Tally {
    /// Nothing counted yet.
    pub fn new() -> Result<Self, hdrhistogram::CreationError> {
        let histogram = || Histogram::new_with_bounds(1, LONGEST_US, 3);
        Ok(Self {
            raw: histogram()?,
            corrected: histogram()?,
            lag: histogram()?,
            found: HashMap::new(),
            shown: vec![],
            journeys: BTreeMap::new(),
            calls: 0,
            ends: 0,
            twins: 0,
        })
    }

    /// An answer came (or was given up) this long after the hop was due. Somebody who had to wait longer than they
    /// think between two hops would have made more meanwhile: `interval` is that time, and the hops that are missing
    /// are counted as if each had waited its share ("coordinated omission").
    pub fn answered(&mut self, took: Duration, interval: Duration) {
        let took = micros(took);
        self.raw.saturating_record(took);
        if self.corrected.record_correct(took, micros(interval)).is_err() {
            self.corrected.saturating_record(took);
        }
    }

    /// A hop went out this long after it was due.
    pub fn lagged(&mut self, by: Duration) {
        self.lag.saturating_record(micros(by));
    }

    /// Count a finding; the first few of each kind are kept.
    pub fn found(&mut self, finding: Finding) {
        let count = self.found.entry(finding.kind).or_default();
        *count += 1;
        if *count <= SHOWN as u64 {
            self.shown.push(finding);
        }
    }

    /// A phone is done.
    pub fn ended(&mut self, journey: &str, ended: Ended) {
        let walked = self.journeys.entry(journey.to_owned()).or_default();
        match ended {
            Ended::Well => walked.well += 1,
            Ended::BrokenOff => walked.broken_off += 1,
            Ended::NotYet => walked.unfinished += 1,
        }
    }

    /// How often a kind was found.
    pub fn of(&self, kind: Kind) -> u64 {
        self.found.get(&kind).copied().unwrap_or(0)
    }

    /// All findings.
    pub fn findings(&self) -> u64 {
        self.found.values().sum()
    }

    /// Corrected times.
    pub fn times(&self) -> Percentiles {
        percentiles(&self.corrected)
    }

    /// Times as measured.
    pub fn raw_times(&self) -> Percentiles {
        percentiles(&self.raw)
    }

    /// The crowd's own delay.
    pub fn lag(&self) -> Percentiles {
        percentiles(&self.lag)
    }

    /// How many corrected times lie below each of these milliseconds, and how many above the last.
    pub fn bars(&self, bounds_ms: &[u64]) -> Vec<u64> {
        let edges: Vec<u64> = bounds_ms.iter().map(|ms| ms * 1_000).collect();
        let from = [0].into_iter().chain(edges.iter().copied());
        let to = edges.iter().map(|edge| edge - 1).chain([u64::MAX]);
        from.zip(to).map(|(from, to)| self.corrected.count_between(from, to.min(LONGEST_US * 2))).collect()
    }
}

fn percentiles(histogram: &Histogram<u64>) -> Percentiles {
    let at = |quantile| millis(histogram.value_at_quantile(quantile));
    let longest = if histogram.is_empty() { 0.0 } else { millis(histogram.max()) };
    Percentiles { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), longest }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(LONGEST_US).min(LONGEST_US)
}

#[allow(clippy::cast_precision_loss, reason = "times of at most a minute")]
fn millis(micros: u64) -> f64 {
    (micros as f64 / 100.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_had_to_wait_counts_for_the_hops_he_could_not_make() {
        let mut tally = Tally::new().unwrap();
        for _ in 0..98 {
            tally.answered(Duration::from_millis(10), Duration::from_millis(100));
        }
        tally.answered(Duration::from_secs(10), Duration::from_millis(100));
        assert!(tally.raw_times().p90 < 11.0 && tally.times().p90 > 5_000.0);
    }

    #[test]
    fn bars_hold_every_answer_once() {
        let mut tally = Tally::new().unwrap();
        for ms in [1, 4, 5, 7, 3_000] {
            tally.answered(Duration::from_millis(ms), Duration::ZERO);
        }
        assert_eq!(tally.bars(&[5, 10, 1_000]), [2, 2, 0, 1]);
    }
}
