//! The gateway measured from outside, and the table of everything. `benches/run` starts it, with the servers it needs.

use std::{fs, path::Path, time::Duration};

use clap::Parser;
use serde_json::json;

mod back_end;
mod hop;
mod load;
mod script;
mod servers;
mod table;

use table::Row;

/// daftari's benches: one table.
#[derive(Parser)]
struct Arguments {
    /// What to measure: hop. Everything when none is named.
    parts: Vec<String>,
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

/// How much is measured.
pub struct Plan {
    /// Rounds of each contender.
    pub rounds: usize,
    /// How long a round measures.
    pub window: Duration,
    /// Connections that are kept busy.
    pub connections: usize,
    /// Whether the peer takes part.
    pub peer: bool,
}

impl Plan {
    fn of(arguments: &Arguments) -> Self {
        let (rounds, millis) = match arguments {
            Arguments { smoke: true, .. } => (1, 100),
            Arguments { short: true, .. } => (3, 1_000),
            _ => (7, 3_000),
        };
        let peer = !arguments.no_peer && !arguments.smoke;
        Self { rounds, window: Duration::from_millis(millis), connections: arguments.connections, peer }
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
    let wanted = |part: &str| arguments.parts.is_empty() || arguments.parts.iter().any(|named| named == part);
    let mut parts: Vec<(&str, Vec<Row>)> = vec![];
    if wanted("hop") {
        parts.push(("Hops over HTTP", hop::table(&plan).await?));
    }
    for (title, rows) in &parts {
        println!("\n{title}");
        rows.iter().for_each(|row| println!("  {row}"));
    }
    keep(&parts)
}

/// The same as JSON, for comparing runs.
fn keep(parts: &[(&str, Vec<Row>)]) -> anyhow::Result<()> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../benches");
    fs::create_dir_all(&folder)?;
    let parts: Vec<_> = parts.iter().map(|(title, rows)| json!({ "part": title, "rows": rows })).collect();
    Ok(fs::write(folder.join("table.json"), serde_json::to_string_pretty(&parts)?)?)
}
