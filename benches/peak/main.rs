//! The morning peak from outside: a season is imported, a crowd marks its registers against a release server, and what it
//! was told is held against the ledger. `benches/peak/run` starts it, with the servers that it needs.

use std::{
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use clap::Parser;
use daftari::{
    clock::Chance,
    model::Pin,
    phones::crowd::Person,
    secrets::{Keys, PinHasher},
};
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

#[expect(dead_code, reason = "the other bench uses more of it")]
#[path = "../gateway/back_end.rs"]
mod back_end;
mod cost;
mod ledger;
mod season;
#[expect(dead_code, reason = "the other bench uses more of it")]
#[path = "../gateway/servers.rs"]
mod servers;
#[expect(dead_code, reason = "the other benches use more of it")]
#[path = "../shared/mod.rs"]
mod shared;

/// What the processes that the benches share need of theirs.
mod script {
    pub const SECRET: &str = "a-secret-that-only-benches-know";
}

use cost::Cost;
use ledger::{Ledger, Told, percentile};
use servers::{Daftari, Server};

/// People of a centre.
const PEOPLE: usize = 8;
const CODE: &str = "*384*2547#";
const KISWAHILI: f64 = 0.5;
/// A round of the commit floor; there is one before the crowd and one after it.
const FLOOR: Duration = Duration::from_secs(3);
const HASHES: u32 = 20;

/// The morning peak.
#[derive(Parser)]
struct Arguments {
    /// How many centres.
    #[arg(default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    centres: u32,
    /// How many dial a second; 35,000 in half an hour without it.
    #[arg(long, default_value_t = 35_000.0 / 1_800.0)]
    rate: f64,
    /// Which crowd.
    #[arg(long, default_value_t = 20_261_129)]
    seed: u64,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    ensure!(arguments.rate > 0.0, "--rate is more than nothing");
    let minutes = f64::from(arguments.centres) / arguments.rate / 60.0 + 6.0;
    ensure!(
        minutes < season::minutes_left(),
        "It takes {minutes:.0} minutes, and before that another day begins in Nairobi, whose register would be late. Start \
         after midnight there, which is 21:00 UTC."
    );
    let database = back_end::own_database().await?;
    let sms_api = format!("127.0.0.1:{}", servers::free_port()?);
    let daftari = daftari(&database, &sms_api)?;
    let mut db = PgConnection::connect(&database).await?;
    let managers: Vec<Person> = (0..arguments.centres)
        .map(|n| Person::new(arguments.seed, n, KISWAHILI, CODE).context("no more people"))
        .collect::<anyhow::Result<_>>()?;
    let began = Instant::now();
    season::import(&daftari, &managers)?;
    let imported = began.elapsed();
    season::pins(&daftari, &mut db, &managers).await?;
    let argon2 = argon2id(&managers).await?;
    let mut floor = vec![cost::floor(&database, FLOOR).await?];
    let server = daftari.serve().await?;
    let before = Cost::so_far(&server, &mut db).await?;
    let run = simulate(&arguments, &daftari, &server, &sms_api)?;
    let cost = Cost::so_far(&server, &mut db).await?.since(before);
    floor.push(cost::floor(&database, FLOOR).await?);
    let told = Told::read(&daftari.folder().join("kept.jsonl"))?;
    let ledger = Ledger::of(&mut db, &told, PEOPLE).await?;
    let verified = daftari.command(&["audit", "verify"]).output()?;
    println!(
        "{} centres of {PEOPLE}, {:.1} a second, seed {}",
        arguments.centres, arguments.rate, arguments.seed
    );
    println!("imported in {:.1} s, marked in {:.0} s\n", imported.as_secs_f64(), run.number("/seconds"));
    table(&run, &told, &ledger, cost, argon2, shared::median(floor));
    println!("audit verify                         {}", String::from_utf8_lossy(&verified.stdout).trim());
    let nothing_lost = ledger.lost == 0 && ledger.doubled == 0 && ledger.wrong == 0;
    let all = ledger.registers == i64::from(arguments.centres) && told.references.len() == managers.len();
    if nothing_lost && all && verified.status.success() {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\n{}{}", run.said, String::from_utf8_lossy(&verified.stderr));
    Ok(ExitCode::FAILURE)
}

/// A gateway whose receipts go to the API that `simulate` plays. What it would send by itself at other hours of the day is
/// off: rosters went out the evening before, and reminders follow when the peak is over.
fn daftari(database: &str, sms_api: &str) -> anyhow::Result<Daftari> {
    let base_url = format!("http://{sms_api}");
    let settings = [
        ("DAFTARI_SMS__ROUTE__0__NAME", "at"),
        ("DAFTARI_SMS__ROUTE__0__KIND", "africastalking"),
        ("DAFTARI_SMS__ROUTE__0__BASE_URL", &base_url),
        ("DAFTARI_SMS__ROUTE__0__USERNAME", "daftari"),
        ("DAFTARI_SMS__ROUTE__0__API_KEY", "peak"),
        ("DAFTARI_SMS__ROUTE__0__SENDER", "DAFTARI"),
        ("DAFTARI_SMS__ROUTE__0__PER_SECOND", "1000"),
        ("DAFTARI_ATTENDANCE__ROSTER_AT", "never"),
        ("DAFTARI_ATTENDANCE__REMIND_AT", "never"),
    ];
    let daftari = Daftari::new(Some(database), &back_end::redis()?)?;
    Ok(settings.into_iter().fold(daftari, |daftari, (key, value)| daftari.with(key, value)))
}

/// Seconds of one core for one hash, with nothing beside it.
async fn argon2id(managers: &[Person]) -> anyhow::Result<f64> {
    let chance = Chance::from_system();
    let keys = Keys::generate(|bytes| chance.fill(bytes));
    let pin = Pin::parse(&managers.first().context("nobody")?.post_pin, 8).ok().context("no PIN")?;
    let hasher = PinHasher::new(1);
    let began = own_cpu()?;
    for _ in 0..HASHES {
        hasher.hash(&keys, &pin, chance.bytes()).await.ok().context("no hash")?;
    }
    Ok((own_cpu()? - began) / f64::from(HASHES))
}

fn own_cpu() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let fields = text.rsplit_once(')').context("no name")?.1.split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(ticks / 100.0)
}

/// What the crowd came to.
struct Run {
    said: String,
    summary: Value,
}

impl Run {
    fn number(&self, path: &str) -> f64 {
        self.summary.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }

    /// How much `simulate` has found of any kind.
    fn found(&self) -> u64 {
        let findings = self.summary.get("findings").and_then(Value::as_object);
        findings.into_iter().flat_map(|of| of.values()).filter_map(Value::as_u64).sum()
    }
}

fn simulate(arguments: &Arguments, daftari: &Daftari, server: &Server, sms_api: &str) -> anyhow::Result<Run> {
    let over = (f64::from(arguments.centres) / arguments.rate * 1e3).ceil();
    let (phones, seed, over) =
        (arguments.centres.to_string(), arguments.seed.to_string(), format!("{over:.0}ms"));
    let (url, pid) = (format!("http://127.0.0.1:{}", server.port), server.pid().to_string());
    let journey = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/marking.txt");
    let rest = [
        "--kiswahili",
        "0.5",
        // Whoever is cut off dials until the register is marked.
        "--retries",
        "9",
        "--sms-listen",
        sms_api,
        "--json",
        "summary.json",
        "--keep",
        "kept.jsonl",
        "--quiet",
        "--settle",
        "60s",
    ];
    let own = ["--url", &url, "--phones", &phones, "--seed", &seed, "--over", &over, "--server-pid", &pid];
    let mut command =
        daftari.command(&[&["simulate", "--journey", journey, "--code", CODE], &own[..], &rest].concat());
    let output = command.env("DAFTARI_SERVER__CALLBACK_SECRET", script::SECRET).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let summary = fs::read_to_string(daftari.folder().join("summary.json"))
        .with_context(|| format!("no summary: {said}{}", String::from_utf8_lossy(&output.stderr)))?;
    Ok(Run { said, summary: serde_json::from_str(&summary)? })
}

fn table(run: &Run, told: &Told, ledger: &Ledger, cost: Cost, argon2: f64, floor: f64) {
    let seconds = run.number("/seconds");
    let registers = shared::figure(ledger.registers.try_into().unwrap_or(0));
    let each = |seconds: f64| seconds * 1e3 / registers;
    let sum = cost.server + cost.redis + cost.postgres;
    let cores = shared::figure(std::thread::available_parallelism().map_or(1, |n| n.get() as u64));
    let line = |what: &str, figure: f64, unit: &str| println!("{what:<36} {figure:>10.2} {unit}");
    let counted = |what: &str, n: String| println!("{what:<36} {n:>10}");
    counted("centres marked", ledger.registers.to_string());
    counted("marks", ledger.marks.to_string());
    counted("receipts that came", format!("{:.0}", run.number("/sms/came")));
    counted("references that phones were told", told.references.len().to_string());
    counted("of them lost", ledger.lost.to_string());
    counted("centres with two acts", ledger.doubled.to_string());
    counted("registers with wrong counts", ledger.wrong.to_string());
    counted("answers late, wrong or try again", run.found().to_string());
    line("hops", run.number("/hops_per_second"), "a second");
    line("registers", registers / seconds, "a second");
    for (what, times) in [("a hop without a PIN", &told.others), ("a sign-in", &told.sign_ins)] {
        for (name, share) in [("p50", 0.5), ("p99", 0.99)] {
            line(&format!("{what}, {name}"), percentile(times, share), "ms");
        }
    }
    let sign_ins = shared::figure(told.pins) / registers;
    line("sign-ins a register", sign_ins, "");
    line("CPU a register, server", each(cost.server), "ms");
    line("   of it Argon2id, measured alone", sign_ins * argon2 * 1e3, "ms");
    line("   without it", each(cost.server) - sign_ins * argon2 * 1e3, "ms");
    line("CPU a register, Redis", each(cost.redis), "ms");
    line("CPU a register, Postgres", each(cost.postgres), "ms");
    line("CPU a register, simulate", each(run.number("/cpu_seconds")), "ms");
    line("registers these cores could carry", cores * 1e3 / each(sum), "a second");
    line("rows written a register", cost.rows / registers, "");
    line("commits a register", cost.commits / registers, "");
    line("rows written", cost.rows / seconds, "a second");
    line("commits of one row, the floor", floor, "a second");
    line("rows written to the floor", cost.rows / seconds / floor, "");
    line("marks to the floor", shared::figure(ledger.marks.try_into().unwrap_or(0)) / seconds / floor, "");
}
