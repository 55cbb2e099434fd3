//! From the start of the program to its first 200 on `/readyz`, on a database that is there.

use std::time::Instant;

use crate::{
    Plan, back_end,
    servers::Daftari,
    shared::median,
    table::{Goal, Row},
};

/// Milliseconds that people and balancers wait at most.
const GOAL_MS: f64 = 150.0;

/// The table's part about starting.
pub async fn table(plan: &Plan) -> anyhow::Result<Vec<Row>> {
    let production = Daftari::new(Some(&back_end::own_database().await?), &back_end::redis()?)?;
    let embedded = Daftari::new(None, "memory:")?;
    let mut rows = vec![];
    for (name, daftari) in [("Postgres and Redis", production), ("SQLite and memory", embedded)] {
        // The first start keeps the menus in the database.
        daftari.serve().await?;
        let mut took = vec![];
        for _ in 0..plan.starts {
            let began = Instant::now();
            let _server = daftari.serve().await?;
            took.push(began.elapsed().as_secs_f64() * 1e3);
        }
        let what = format!("start to ready on {name}");
        rows.push(Row::new(what, median(took), "ms").goal(Goal::AtMost(GOAL_MS)));
    }
    Ok(rows)
}
