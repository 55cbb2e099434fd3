//! The gateway measured from outside, and the table of everything. `benches/run` starts it, with the servers it needs.

use std::{fs, path::Path, time::Duration};

use clap::{Parser, ValueEnum};
use serde_json::json;

mod back_end;
mod hop;
mod in_process;
mod load;
mod script;
mod servers;
mod sessions;
#[path = "../shared/mod.rs"]
mod shared;
mod sign_in;
mod start;
mod table;

use table::Row;

/// daftari's benches: one table.
#[derive(Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
struct Arguments {
    /// What to measure; everything when nothing is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// Fewer and shorter rounds.
    #[arg(long)]
    short: bool,
    /// Only see that everything works; the figures mean nothing.
    #[arg(long)]
    smoke: bool,
    /// Leave the peer out.
    #[arg(long)]
    no_peer: bool,
    /// How many connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A part of the table.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The engine alone.
    Engine,
    /// A hop without HTTP.
    InProcess,
    /// Hops over HTTP, beside the floor and the peer.
    Hop,
    /// Many live sessions.
    Sessions,
    /// Signing in.
    SignIn,
    /// Starting.
    Start,
}

/// How much is measured.
pub struct Plan {
    /// Batches of what is measured in process.
    pub batches: u32,
    /// Rounds of each contender.
    pub rounds: usize,
    /// How long a round measures.
    pub window: Duration,
    /// Connections that are kept busy.
    pub connections: usize,
    /// Whether the peer takes part.
    pub peer: bool,
    /// How many sessions are live at once in Redis, growing.
    pub live: Vec<u64>,
    /// How many sessions are held in memory.
    pub held: u32,
    /// How many sessions are dialled over HTTP.
    pub dials: u32,
    /// How many people sign in.
    pub accounts: u32,
    /// How often the program is started.
    pub starts: u32,
}

impl Plan {
    fn of(arguments: &Arguments) -> Self {
        let peer = !arguments.no_peer && !arguments.smoke;
        let whole = Self {
            batches: 15,
            rounds: 7,
            window: Duration::from_secs(3),
            connections: arguments.connections,
            peer,
            live: vec![100_000, 1_000_000],
            held: 100_000,
            dials: 100_000,
            accounts: 300,
            starts: 15,
        };
        match arguments {
            Arguments { smoke: true, .. } => Self {
                batches: 1,
                rounds: 1,
                window: Duration::from_millis(100),
                live: vec![1_000, 2_000],
                held: 1_000,
                dials: 500,
                accounts: 8,
                starts: 1,
                ..whole
            },
            Arguments { short: true, .. } => Self {
                batches: 7,
                rounds: 3,
                window: Duration::from_secs(1),
                live: vec![100_000],
                dials: 10_000,
                accounts: 60,
                starts: 5,
                ..whole
            },
            _ => whole,
        }
    }

    /// How many sessions a window at so many hops a second needs, and a third more.
    pub fn sessions(&self, rate: f64) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is small and positive"
        )]
        let hops = (rate * 1.33 * self.window.as_secs_f64()) as usize;
        hops / script::HOPS + self.connections
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let plan = Plan::of(&arguments);
    let all = Part::value_variants();
    let wanted = all.iter().filter(|part| arguments.parts.is_empty() || arguments.parts.contains(part));
    let mut parts = vec![];
    for part in wanted {
        eprintln!("{}…", part.title());
        let rows = part.measure(&plan).await?;
        println!("\n{}", part.title());
        for row in &rows {
            println!("  {row}");
        }
        parts.push((part.title(), rows));
    }
    keep(&parts)
}

impl Part {
    fn title(self) -> &'static str {
        match self {
            Self::Engine => "The engine alone",
            Self::InProcess => "A hop in process, state in memory",
            Self::Hop => "Hops over HTTP",
            Self::Sessions => "Many live sessions",
            Self::SignIn => "Signing in",
            Self::Start => "Starting",
        }
    }

    async fn measure(self, plan: &Plan) -> anyhow::Result<Vec<Row>> {
        let (batches, held) = (plan.batches.to_string(), plan.held.to_string());
        match self {
            Self::Engine => in_process::table(&["engine", &batches]),
            Self::InProcess => in_process::table(&["hop", &batches, &held]),
            Self::Hop => hop::table(plan).await,
            Self::Sessions => sessions::table(plan).await,
            Self::SignIn => sign_in::table(plan).await,
            Self::Start => start::table(plan).await,
        }
    }
}

/// The same as JSON, for comparing runs.
fn keep(parts: &[(&str, Vec<Row>)]) -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../benches");
    fs::create_dir_all(&folder)?;
    let parts: Vec<_> = parts.iter().map(|(title, rows)| json!({ "part": title, "rows": rows })).collect();
    Ok(fs::write(folder.join("table.json"), serde_json::to_string_pretty(&parts)?)?)
}
