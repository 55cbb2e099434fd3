//! Work that goes on by itself. Each worker may run on any number of nodes; what must happen once is claimed in SQL.

use crate::app::App;

pub mod chasing;
pub mod high_water;
pub mod outbox;
pub mod reload;
pub mod retention;
pub mod sim_swaps;

/// Start every worker; they end with the app's life.
pub fn start(app: &App) {
    let life = &app.lifecycle;
    let sender = outbox::Outbox::new(app.deps.clone(), app.menus.clone(), app.routes.clone(), life);
    life.spawn("outbox", async move { sender.run().await });
    life.spawn("chasing", chasing::run(app.deps.clone(), app.menus.clone(), life.clone()));
    life.spawn("retention", retention::run(app.deps.clone(), life.clone()));
    if let Some(look_up) = app.sim_swap.clone() {
        life.spawn("sim swaps", sim_swaps::run(app.deps.clone(), look_up, life.clone()));
    }
    life.spawn("clock watch", high_water::run(app.deps.clone(), life.clone()));
    life.spawn("reload", reload::run(app.clone()));
}
