//! Many live sessions: what each takes in Redis, what daftari itself takes, and whether a hop's cost stays flat.

use std::time::Duration;

use anyhow::Context as _;
use daftari::sessions::{Limits, SessionStore};

use crate::{
    Plan, back_end,
    hop::{Contender, Round},
    load::{self, Input, Work},
    script::Session,
    servers::{Daftari, Server},
    shared::{self, figure, median},
    table::{Goal, Row},
};

/// Bytes of a session in Redis, and of the process.
const GOAL_SESSION: f64 = 400.0;
const GOAL_RESIDENT_MB: f64 = 60.0;
/// Dearer than this would not be flat.
const GOAL_FLAT: f64 = 1.1;

/// The table's part about many sessions.
pub async fn table(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    back_end::flush_redis()?;
    let redis = back_end::redis()?;
    let full = Daftari::new(Some(&back_end::own_database().await?), &redis)?;
    // On the same Redis, in a database that stays nearly empty: what a full one is held against, in turns.
    let empty = Daftari::new(Some(&back_end::own_database().await?), &format!("{redis}/1"))?;
    let (full, empty) = (full.serve().await?, empty.serve().await?);
    let mut rows = dialled(plan, &full).await?;
    let state = back_end::state_bytes()?;
    rows.push(Row::new("a session's state, sealed", figure(state), "bytes"));

    let store = SessionStore::connect(&redis, Limits::default()).await?;
    let counters = counters(plan, &store).await?;
    rows.push(Row::new("Redis' memory for the counters of a caller", counters, "bytes"));
    let mut pair = [Contender::new("many", full, true, plan), Contender::new("few", empty, true, plan)];
    let (mut from, before) = (0, back_end::redis_memory()?);
    for to in plan.live.iter().copied() {
        let bytes = usize::try_from(state)?.checked_sub(8).context("a state has a version")?;
        shared::fill_states(&store, from..to, bytes).await?;
        let each = (back_end::redis_memory()? - before) / figure(to);
        let what = |what: &str| format!("{what}, of {to}");
        rows.push(
            Row::new(what("Redis' memory for a session's state"), each, "bytes")
                .goal(Goal::AtMost(GOAL_SESSION)),
        );
        rows.push(Row::new(what("the same with its caller's counters"), each + counters, "bytes"));
        rows.extend(flat(plan, &mut pair, to).await?);
        from = to;
    }
    back_end::flush_redis()?;
    Ok(rows)
}

/// Dial many times over HTTP, and see what that leaves in the process.
async fn dialled(plan: &Plan, server: &Server) -> anyhow::Result<Vec<Row>> {
    let began = server.resident()?;
    let sessions = (0..plan.dials).map(|_| Session::new()).collect();
    let dial = Work::Once(Input::Dial, "CON Examination");
    load::drive(server.port, plan.connections, sessions, dial, Duration::from_mins(10)).await?;
    let megabytes = |bytes| figure(bytes) / 1e6;
    let what = format!("resident memory with {} sessions in Redis", plan.dials);
    Ok(vec![
        Row::new("resident memory after the start", megabytes(began), "MB"),
        Row::new(what, megabytes(server.resident()?), "MB").goal(Goal::AtMost(GOAL_RESIDENT_MB)),
    ])
}

/// What the counters of a caller take. They last a minute and five, so nothing else is measured meanwhile.
async fn counters(plan: &Plan, store: &SessionStore) -> anyhow::Result<f64> {
    back_end::flush_redis()?;
    let callers = plan.live.first().copied().unwrap_or(1);
    let before = back_end::redis_memory()?;
    shared::fill_counters(store, 0..callers).await?;
    let each = (back_end::redis_memory()? - before) / figure(callers);
    back_end::flush_redis()?;
    Ok(each)
}

/// What a hop costs either process with many sessions, as a multiple of what it costs with few.
async fn flat(plan: &Plan, pair: &mut [Contender; 2], live: u64) -> anyhow::Result<Vec<Row>> {
    for contender in pair.iter_mut() {
        contender.round(plan).await?;
        contender.rounds.clear();
    }
    for round in 0..plan.rounds {
        // By turns the one and the other is first.
        let [many, few] = pair;
        let (first, second) = if round % 2 == 0 { (many, few) } else { (few, many) };
        first.round(plan).await?;
        second.round(plan).await?;
    }
    let [many, few] = pair;
    let row = |what: &str, of: fn(&Round) -> f64| {
        let ratios = many.rounds.iter().zip(&few.rounds).map(|(many, few)| of(many) / of(few));
        let what = format!("{what} a hop with many sessions against few, of {live}");
        Row::new(what, median(ratios.collect()), "times").goal(Goal::AtMost(GOAL_FLAT))
    };
    Ok(vec![row("CPU", |round| round.cpu), row("Redis' CPU", |round| round.redis_cpu)])
}
