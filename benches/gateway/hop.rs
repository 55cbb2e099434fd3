//! Menu hops over HTTP: the floor, daftari on Redis and on memory, the peer. They take turns, round after round, so that
//! whatever else the machine does hits all of them; a line of the table is the median of the rounds.

use std::time::{Duration, Instant};

use crate::{
    Plan, back_end,
    load::{self, Input, Measured, Work},
    script::Session,
    servers::{self, Daftari, Server},
    shared::median,
    table::{Goal, Row},
};

/// One round of one server.
pub struct Round {
    pub rate: f64,
    /// In microseconds.
    pub cpu: f64,
    pub redis_cpu: f64,
    pub p50: f64,
    pub p99: f64,
    pub dials: f64,
}

/// A server and its rounds.
pub struct Contender {
    pub name: &'static str,
    pub server: Server,
    /// Whether the answers are the words of the menus.
    speaks: bool,
    /// How many sessions a round needs, by its speed so far.
    sessions: usize,
    pub rounds: Vec<Round>,
}

impl Contender {
    /// A server that says the words of the menus, or else only `CON `.
    pub fn new(name: &'static str, server: Server, speaks: bool, plan: &Plan) -> Self {
        Self { name, server, speaks, sessions: plan.sessions(1_500.0), rounds: vec![] }
    }

    /// One round: dial, choose a language, then what is measured.
    pub async fn round(&mut self, plan: &Plan) -> anyhow::Result<()> {
        let begins = |words: &'static str| if self.speaks { words } else { "CON " };
        let port = self.server.port;
        let fresh: Vec<_> = (0..self.sessions).map(|_| Session::new()).collect();
        let long = Duration::from_mins(2);
        let dial = Work::Once(Input::Dial, begins("CON Examination"));
        let (dialled, sessions) = load::drive(port, plan.connections, fresh, dial, long).await?;
        let choose = Work::Once(Input::Typed("1"), begins("CON This line"));
        let (_, sessions) = load::drive(port, plan.connections, sessions, choose, long).await?;
        let work = if self.speaks { Work::Script } else { Work::AnyScript };
        let (cpu, redis) = (self.server.cpu()?, back_end::redis_cpu()?);
        let (measured, _) = load::drive(port, plan.connections, sessions, work, plan.window).await?;
        let spent = |before: Duration, after: Duration| micros_each(after.saturating_sub(before), &measured);
        let (cpu, redis_cpu) = (spent(cpu, self.server.cpu()?), spent(redis, back_end::redis_cpu()?));
        self.sessions = plan.sessions(measured.rate());
        self.rounds.push(Round {
            rate: measured.rate(),
            cpu,
            redis_cpu,
            p50: measured.micros(0.5),
            p99: measured.micros(0.99),
            dials: dialled.rate(),
        });
        Ok(())
    }

    /// The median of a figure over the rounds.
    pub fn middle(&self, figure: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(figure).collect())
    }

    fn rows(&self) -> Vec<Row> {
        let row = |what: &str, unit, figure: fn(&Round) -> f64| {
            Row::new(format!("{}: {what}", self.name), self.middle(figure), unit)
        };
        vec![
            row("menu hops", "/s", |round| round.rate),
            row("CPU a menu hop", "µs", |round| round.cpu),
            row("Redis' CPU a menu hop", "µs", |round| round.redis_cpu),
            row("p50", "µs", |round| round.p50),
            row("p99", "µs", |round| round.p99),
            row("dials", "/s", |round| round.dials),
        ]
    }
}

fn micros_each(spent: Duration, measured: &Measured) -> f64 {
    1e6 / load::per_second(measured.hops, spent)
}

/// The table's part about hops over HTTP.
pub async fn table(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let redis = back_end::redis()?;
    let database = back_end::own_database().await?;
    let on_redis = Daftari::new(Some(&database), &redis)?;
    let on_memory = Daftari::new(None, "memory:")?;
    let mut contenders = vec![
        Contender::new("floor", servers::floor(&redis, folder.path()).await?, false, plan),
        Contender::new("daftari on Redis", on_redis.serve().await?, true, plan),
        Contender::new("daftari on memory", on_memory.serve().await?, true, plan),
    ];
    if plan.peer {
        contenders.push(Contender::new(
            "peer (Node.js)",
            servers::peer(&redis, folder.path()).await?,
            true,
            plan,
        ));
    }
    for round in 0..=plan.rounds {
        let began = Instant::now();
        for contender in &mut contenders {
            contender.round(plan).await?;
            // The first warms up.
            if round == 0 {
                contender.rounds.clear();
            }
        }
        eprintln!(
            "hops over HTTP: round {round} of {} took {:.1} s",
            plan.rounds,
            began.elapsed().as_secs_f64()
        );
    }
    Ok(contenders.iter().flat_map(Contender::rows).chain(ratios(&contenders)).collect())
}

fn ratios(contenders: &[Contender]) -> Vec<Row> {
    let [floor, redis, memory, peer @ ..] = contenders else { return vec![] };
    // Round by round, because they were measured side by side.
    let ratio = |what: &str, of: &Contender, to: &Contender, figure: fn(&Round) -> f64, goal| {
        let pairs = of.rounds.iter().zip(&to.rounds);
        Row::new(what, median(pairs.map(|(of, to)| figure(of) / figure(to)).collect()), "times").goal(goal)
    };
    let mut rows = vec![
        ratio("on Redis against the floor: throughput", redis, floor, |r| r.rate, Goal::AtLeast(0.75)),
        ratio("on Redis against the floor: CPU a hop", redis, floor, |r| r.cpu, Goal::AtMost(1.5)),
        ratio("on Redis against the floor: p99", redis, floor, |r| r.p99, Goal::AtMost(2.0)),
        ratio("on memory against the floor: throughput", memory, floor, |r| r.rate, Goal::AtLeast(1.0)),
    ];
    if let [peer] = peer {
        let what = "on Redis against the peer: hops per core and second";
        rows.push(ratio(what, redis, peer, |r| 1.0 / r.cpu, Goal::AtLeast(6.0)));
        rows.push(Row {
            goal: None,
            ..ratio("on Redis against the peer: throughput", redis, peer, |r| r.rate, Goal::AtLeast(0.0))
        });
    }
    rows
}
