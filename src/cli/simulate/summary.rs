//! What a run came to, as text for people and as JSON for programs.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::{
    budget::Budget,
    cpu::Spent,
    post::Sms,
    run::Run,
    tally::{Percentiles, Walked},
    target::Target,
};
use crate::phones::crowd::{Finding, Kind};

/// Where the bars of the histogram end, in milliseconds; the last three are the promises (`security.md` 26).
const BOUNDS_MS: [u64; 9] = [2, 5, 10, 20, 50, 200, 500, 2_000, 8_000];
/// From which share of the answers' p99 simulate's own delay is worth a word.
const BUSY: f64 = 0.2;
/// The longest bar.
const BAR: u64 = 40;

/// A run, when it is over.
#[derive(Serialize)]
pub struct Summary {
    target: String,
    seed: u64,
    phones: u32,
    dialled: u64,
    journeys: BTreeMap<String, Journey>,
    well: u64,
    broken_off: u64,
    unfinished: u64,
    stopped_early: bool,
    calls: u64,
    hops: u64,
    sent_twice: u64,
    seconds: f64,
    hops_per_second: f64,
    /// Corrected for coordinated omission; the budget is about these.
    answer_ms: Percentiles,
    answer_ms_as_measured: Percentiles,
    own_delay_ms: Percentiles,
    bars: Vec<Bar>,
    sms: Sms,
    findings: BTreeMap<&'static str, u64>,
    shown: Vec<Shown>,
    cpu_seconds: f64,
    server_cpu_seconds: Option<f64>,
    over_budget: Vec<String>,
    late_after_seconds: f64,
}

#[derive(Serialize)]
struct Journey {
    well: u64,
    broken_off: u64,
    unfinished: u64,
}

/// A bar of the histogram: answers below so many milliseconds, and not below those of the bar before.
#[derive(Serialize)]
struct Bar {
    below_ms: Option<u64>,
    answers: u64,
}

/// A finding as an example.
#[derive(Serialize)]
struct Shown {
    kind: &'static str,
    journey: String,
    line: usize,
    step: String,
    expected: Vec<String>,
    got: Vec<String>,
}

impl Summary {
    /// Sum up.
    pub fn of(
        run: &Run,
        target: &Target,
        seed: u64,
        phones: u32,
        sms: Sms,
        spent: Spent,
        budget: &Budget,
    ) -> Self {
        let tally = run.tally();
        let sum = |of: fn(&Walked) -> u64| tally.journeys.values().map(of).sum::<u64>();
        let (well, broken_off, unfinished) =
            (sum(|walked| walked.well), sum(|walked| walked.broken_off), sum(|walked| walked.unfinished));
        let dialled = well + broken_off + unfinished;
        let never = u64::from(phones).saturating_sub(dialled);
        let unreported = sms.carried.map_or(0, |carried| carried.unreported);
        let count = |kind| tally.of(kind) + if kind == Kind::BadAnswer { unreported } else { 0 };
        let ((hops, _), seconds) = (run.so_far(), run.took().as_secs_f64());
        let bounds = BOUNDS_MS.into_iter().map(Some).chain([None]);
        let bars = bounds.zip(tally.bars(&BOUNDS_MS));
        Self {
            target: target.url.clone(),
            seed,
            phones,
            dialled,
            journeys: tally.journeys.iter().map(|(name, walked)| (name.clone(), walked.into())).collect(),
            well,
            broken_off,
            unfinished: unfinished + never,
            stopped_early: run.was_stopped(),
            calls: tally.calls,
            hops,
            sent_twice: tally.twins,
            seconds,
            hops_per_second: float(hops) / seconds.max(0.001),
            answer_ms: tally.times(),
            answer_ms_as_measured: tally.raw_times(),
            own_delay_ms: tally.lag(),
            bars: bars.map(|(below_ms, answers)| Bar { below_ms, answers }).collect(),
            findings: Kind::ALL.into_iter().map(|kind| (kind.name(), count(kind))).collect(),
            shown: tally.shown.iter().map(Shown::from).collect(),
            cpu_seconds: spent.own,
            server_cpu_seconds: spent.server,
            over_budget: budget.over(tally.times(), count, unfinished + never),
            late_after_seconds: run.late_after().as_secs_f64(),
            sms,
        }
    }

    /// Whether nothing is over its limit.
    pub fn is_within_budget(&self) -> bool {
        self.over_budget.is_empty()
    }

    /// The same for programs.
    pub fn json(&self) -> serde_json::Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

impl From<&Walked> for Journey {
    fn from(walked: &Walked) -> Self {
        Self { well: walked.well, broken_off: walked.broken_off, unfinished: walked.unfinished }
    }
}

impl From<&Finding> for Shown {
    fn from(finding: &Finding) -> Self {
        Self {
            kind: finding.kind.name(),
            journey: finding.journey.clone(),
            line: finding.line,
            step: finding.step.clone(),
            expected: finding.expected.clone(),
            got: finding.got.clone(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "daftari simulate: {} phones against {}, --seed {}\n",
            self.phones, self.target, self.seed
        )?;
        if self.stopped_early {
            writeln!(f, "It was ended before every phone was done.\n")?;
        }
        self.journeys(f)?;
        writeln!(
            f,
            "hops       {} in {:.1} s, {:.1} a second; {} calls, {} requests sent twice",
            self.hops, self.seconds, self.hops_per_second, self.calls, self.sent_twice
        )?;
        self.sms(f)?;
        self.times(f)?;
        self.cpu(f)?;
        self.findings(f)
    }
}

impl Summary {
    fn journeys(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "phones     {} dialled; {} came to the end of their journey, {} broke off, {} unfinished",
            self.dialled, self.well, self.broken_off, self.unfinished
        )?;
        for (name, Journey { well, broken_off, unfinished }) in &self.journeys {
            let all = well + broken_off + unfinished;
            writeln!(f, "           {name:<12} {well} of {all}")?;
        }
        Ok(())
    }

    fn sms(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Sms { promised, came, not_checked, carried } = &self.sms;
        if let Some(reason) = not_checked {
            return writeln!(f, "SMS        {promised} promised, not checked: {reason}");
        }
        writeln!(f, "SMS        {promised} promised, {came} came")?;
        if let Some(carried) = carried {
            writeln!(
                f,
                "           played here: {} taken, {} refused, {} times busy; {} reports, {} not taken",
                carried.taken, carried.refused, carried.busy, carried.reports, carried.unreported
            )?;
        }
        Ok(())
    }

    fn times(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = |times: &Percentiles| {
            format!(
                "p50 {:.1}  p90 {:.1}  p99 {:.1}  p99.9 {:.1}  longest {:.1} ms",
                times.p50, times.p90, times.p99, times.p999, times.longest
            )
        };
        writeln!(f, "\nanswers    {}", told(&self.answer_ms))?;
        if self.answer_ms != self.answer_ms_as_measured {
            writeln!(f, "           corrected for hops that waiting phones could not make; as measured:")?;
            writeln!(f, "           {}", told(&self.answer_ms_as_measured))?;
        }
        let own = &self.own_delay_ms;
        writeln!(f, "           of that simulate's own delay: p50 {:.1}  p99 {:.1} ms", own.p50, own.p99)?;
        if own.p99 > self.answer_ms.p99 * BUSY {
            writeln!(f, "           This machine is busy: a good part of these times is not the gateway's.")?;
        }
        writeln!(f)?;
        let most = self.bars.iter().map(|bar| bar.answers).max().unwrap_or(0).max(1);
        for Bar { below_ms, answers } in &self.bars {
            let label = below_ms.map_or_else(|| "longer".to_owned(), |ms| format!("< {ms} ms"));
            let length = usize::try_from((answers * BAR).div_ceil(most)).unwrap_or(0);
            writeln!(f, "{label:>10} {:<40} {answers}", "#".repeat(length))?;
        }
        Ok(())
    }

    fn cpu(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let a_hop = self.cpu_seconds * 1_000.0 / float(self.hops.max(1));
        write!(f, "\nCPU        simulate {:.2} s ({a_hop:.2} ms a hop)", self.cpu_seconds)?;
        match self.server_cpu_seconds {
            Some(server) if server > 0.0 => {
                writeln!(f, ", the gateway {server:.2} s: {:.2} of it", self.cpu_seconds / server)
            }
            _ => writeln!(f),
        }
    }

    fn findings(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = |kind: &Kind| self.findings.get(kind.name()).copied().unwrap_or(0);
        let some: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| found(kind) > 0).collect();
        if some.is_empty() {
            writeln!(f, "findings   none")?;
        }
        for kind in some {
            writeln!(f, "findings   {}: {}", kind.words(), found(&kind))?;
            for shown in self.shown.iter().filter(|shown| shown.kind == kind.name()) {
                write!(f, "{shown}")?;
            }
        }
        if self.shown.iter().any(|shown| shown.kind == Kind::WrongScreen.name() && shown.step == "dial") {
            writeln!(
                f,
                "           Has this gateway met this crowd before? Take another --seed, or a fresh database."
            )?;
        }
        if self.over_budget.is_empty() {
            return write!(f, "budget     kept");
        }
        write!(f, "budget     NOT kept")?;
        self.over_budget.iter().try_for_each(|over| write!(f, "\n           {over}"))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = if self.line == 0 { String::new() } else { format!(", line {}", self.line) };
        writeln!(f, "           {}{line}: {}", self.journey, self.step)?;
        self.expected.iter().try_for_each(|line| writeln!(f, "             expected | {line}"))?;
        self.got.iter().try_for_each(|line| writeln!(f, "             got      | {line}"))
    }
}

#[allow(clippy::cast_precision_loss, reason = "nobody counts to 2^52 here")]
fn float(n: u64) -> f64 {
    n as f64
}
