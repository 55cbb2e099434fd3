//! What must hold between sections.

use super::{
    database::{Database, Engine},
    reader::Reader,
    server::Server,
    sim_swap::SimSwap,
    sms::Sms,
    state::{State, StateUrl},
};

/// The simulator shows every message, codes too, to whoever opens its page: never beside real routes, never to
/// another machine.
pub(super) fn simulator(r: &mut Reader<'_>, server: &Server, sms: &Sms) {
    if !sms.routes.iter().any(super::Route::is_simulator) {
        return;
    }
    if !sms.is_simulated() {
        r.fault("sms.route", "has a simulator beside real routes; keep the one or the others");
    }
    if !server.is_loopback() {
        r.fault(
            "server.listen",
            "must be a loopback address such as 127.0.0.1:8080 as long as a route is a simulator",
        );
    }
}

/// A simulated look-up would let everybody pass: never beside real routes.
pub(super) fn simulated_swaps(r: &mut Reader<'_>, sms: &Sms, sim_swap: &SimSwap) {
    if matches!(sim_swap, SimSwap::Simulator) && !sms.is_simulated() {
        r.fault("sim_swap.kind", "can't be simulator beside real routes; take africastalking or none");
    }
}

/// Several nodes may share a Postgres, but never the memory of one.
pub(super) fn memory(r: &mut Reader<'_>, database: &Database, state: &State) {
    if database.engine == Engine::Postgres && matches!(state.url, StateUrl::Memory) {
        r.warnings.push(
            "state.url is memory: with a Postgres database: fine for one node, but a second one needs Redis"
                .to_owned(),
        );
    }
}
