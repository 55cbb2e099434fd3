//! `simulate`: a crowd of phones against a gateway, bounded in time and count, judged by a budget. Exit codes: 0 within
//! the budget, 1 outside it, 2 when it could not be run.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::{
    clock::Chance,
    phones::crowd::{self, Arrivals, Caller, Habits, Journey, Person, Says, Think, carrier::Mishaps},
};

mod budget;
mod carrier;
mod cpu;
mod keep;
mod post;
mod progress;
mod run;
mod summary;
mod tally;
mod target;
mod values;

use budget::{Budget, Limit};
use carrier::Carrier;
use keep::Keep;
use post::Post;
use run::Run;
use summary::Summary;
use target::Target;

/// Many phones through scripted journeys against a gateway.
#[derive(Args)]
#[allow(clippy::struct_excessive_bools, reason = "they are switches of a command line")]
pub(super) struct Simulate {
    /// How many phones; each walks one journey.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=i64::from(crowd::person::MOST)))]
    phones: u32,
    /// The gateway, e.g. <http://127.0.0.1:8080>; without it the demo that is running.
    #[arg(long)]
    url: Option<String>,
    /// The callback secret of that gateway.
    #[arg(long, env = "DAFTARI_SERVER__CALLBACK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// What is dialled.
    #[arg(long, default_value = "*384*2547#")]
    code: String,
    /// A journey, as a plain file (journeys/README.md); several times for several. Without it the built-in ones.
    #[arg(long, value_name = "FILE")]
    journey: Vec<PathBuf>,
    /// The time over which the phones dial, e.g. 30s, 10m.
    #[arg(long, default_value = "30s", value_parser = values::duration)]
    over: Duration,
    /// How their dials are spread over it.
    #[arg(long, value_enum, default_value = "constant")]
    arrivals: Curve,
    /// The longest time that everything may take; without it five minutes more than --over.
    #[arg(long = "for", value_name = "TIME", value_parser = values::duration)]
    longest: Option<Duration>,
    /// End after so many hops.
    #[arg(long, value_name = "N")]
    at_most_hops: Option<u64>,
    /// The time between a screen and its answer: people (reading and typing), none, or milliseconds.
    #[arg(long, default_value = "people", value_parser = values::think)]
    think: Think,
    /// The share of hops after which the call drops.
    #[arg(long, default_value_t = 0.02, value_name = "SHARE", value_parser = values::share)]
    drops: f64,
    /// The share of requests that the network sends twice.
    #[arg(long, default_value_t = 0.02, value_name = "SHARE", value_parser = values::share)]
    duplicates: f64,
    /// How often a typing mistake is made where a journey has one.
    #[arg(long, default_value_t = 0.05, value_name = "SHARE", value_parser = values::share)]
    mistakes: f64,
    /// How often somebody dials again whose call broke off.
    #[arg(long, default_value_t = 2)]
    retries: u32,
    /// The share of people who read Kiswahili; the others read English.
    #[arg(long, default_value_t = 0.5, value_name = "SHARE", value_parser = values::share)]
    kiswahili: f64,
    /// Repeats a run exactly: the same people type, mistype, drop and pause alike. Without it another crowd each time.
    /// A gateway should meet a crowd once: it knows its lines from then on.
    #[arg(long)]
    seed: Option<u64>,
    /// When the network hangs up on an answer that does not come.
    #[arg(long, default_value = "10s", value_parser = values::duration)]
    late_after: Duration,
    /// Play the aggregator's SMS API at this address, for a gateway with an africastalking route to it.
    #[arg(long, value_name = "ADDRESS")]
    sms_listen: Option<SocketAddr>,
    /// What goes wrong with SMS there, as shares: refused, busy, lost, late, twice, early, reordered (the last five are
    /// of delivery reports), e.g. refused=0.02,twice=0.1.
    #[arg(long, value_name = "LIST", value_parser = values::mishaps, default_value = "")]
    sms_mishaps: Mishaps,
    /// How long SMS may take after the last journey before they count as missing.
    #[arg(long, default_value = "20s", value_parser = values::duration)]
    settle: Duration,
    /// What may be found, e.g. p99=500,late=3: milliseconds for p50, p99 and p999, else how many. Without it p99=2000
    /// and no finding except those that ask to try again or turn away.
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = budget::limit)]
    budget: Vec<Limit>,
    /// Write the summary there as JSON too.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Keep there every screen and SMS that phones got, as JSON, one a line.
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// A process of the gateway's (it, Redis, the database), whose CPU time is told beside simulate's; several times.
    #[arg(long, value_name = "PID")]
    server_pid: Vec<u32>,
    /// No progress, only the summary.
    #[arg(long)]
    quiet: bool,
    /// Says that the target may be loaded although it is another host, or has an SMS route that may be real.
    #[arg(long)]
    i_may_load_this_host: bool,
}

/// How dials are spread.
#[derive(Clone, Copy, ValueEnum)]
enum Curve {
    /// As many in each second.
    Constant,
    /// More and more.
    Ramp,
    /// More and more up to the middle, then fewer.
    Morning,
}

impl Simulate {
    pub(super) async fn run(self) -> ExitCode {
        match self.simulated().await {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::from(2)
            }
        }
    }

    /// Whether the run kept its budget.
    async fn simulated(self) -> anyhow::Result<bool> {
        let seed = self.seed.unwrap_or_else(|| u64::from(u32::from_be_bytes(Chance::from_system().bytes())));
        let journeys = self.journeys()?;
        let target = Target::of(self.url.as_deref(), self.secret.as_deref(), self.i_may_load_this_host)?;
        target.knows_the_secret().await?;
        let carrier = match self.sms_listen {
            Some(at) => Some(Carrier::listen(at, &target, self.sms_mishaps, seed).await?),
            None => None,
        };
        let post = Post::of(&target, carrier, self.phones).await?;
        let budget = Budget::of(&self.budget);
        let keep = self.keep.as_deref().map(Keep::to).transpose()?;
        let run = Run::new(&target, &self.code, seed, self.late_after, self.at_most_hops)?;
        let run = Arc::new(run.keeping(keep));
        let instants = self.curve().instants(self.phones, self.over, seed);
        let callers = self.callers(&journeys, seed);
        let longest = self.longest.unwrap_or(self.over + Duration::from_mins(5));
        let processes = cpu::Processes::of(&self.server_pid);
        let told = progress::start(&run, self.phones, self.quiet);
        let inboxes = run.drive(instants, callers, longest).await;
        told.stop().await;
        let sms = post.settle(inboxes, self.settle, &run, self.quiet).await;
        let summary = Summary::of(&run, &target, seed, self.phones, sms, processes.spent(), &budget);
        println!("{summary}");
        run.close().context("What was shown can't be kept")?;
        if let Some(file) = &self.json {
            let written = std::fs::write(file, summary.json()?);
            written.with_context(|| format!("The summary can't be written to {}", file.display()))?;
        }
        Ok(summary.is_within_budget())
    }

    fn curve(&self) -> Arrivals {
        match self.arrivals {
            Curve::Constant => Arrivals::Constant,
            Curve::Ramp => Arrivals::Ramp,
            Curve::Morning => Arrivals::Morning,
        }
    }

    fn journeys(&self) -> anyhow::Result<Vec<Arc<Journey>>> {
        if self.journey.is_empty() {
            let journeys = crowd::built_in_journeys().context("A built-in journey can't be read")?;
            return Ok(journeys.into_iter().map(Arc::new).collect());
        }
        let read = |file: &PathBuf| {
            let text = std::fs::read_to_string(file)
                .with_context(|| format!("The journey {} can't be read", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let journey = crowd::journey::parse(&name, &text);
            Ok(Arc::new(journey.with_context(|| format!("The journey {} is wrong", file.display()))?))
        };
        self.journey.iter().map(read).collect()
    }

    /// Makes the caller of each number, when its time has come.
    fn callers(
        &self,
        journeys: &[Arc<Journey>],
        seed: u64,
    ) -> impl Fn(u32) -> Option<Caller> + Send + 'static {
        let habits = Arc::new(Habits {
            drops: self.drops,
            duplicates: self.duplicates,
            mistakes: self.mistakes,
            retries: self.retries,
            think: self.think,
            service_code: self.code.clone(),
            run: u128::from_be_bytes(Chance::from_system().bytes()),
        });
        let (says, journeys, kiswahili) = (Arc::new(Says::built_in()), journeys.to_vec(), self.kiswahili);
        move |n| {
            let person = Person::new(seed, n, kiswahili, &habits.service_code)?;
            let journey = crowd::journey::pick(&journeys, seed, n)?.clone();
            Some(Caller::new(person, journey, habits.clone(), says.clone(), seed, n))
        }
    }
}
