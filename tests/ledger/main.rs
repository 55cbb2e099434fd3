//! The register as a ledger, on both engines: what is recorded, what is refused, what is counted, and that nobody can
//! change it unseen. The phones and menus before it are in `tests/town`.

mod adding;
mod chain;
mod closing;
mod counting;
mod disputes;
mod ground;
mod paying;
mod places;
mod plans;
mod properties;
#[allow(dead_code, reason = "what these tests need of it")]
#[path = "../shared/ready_made.rs"]
mod ready_made;
mod recording;
mod telling;
mod windows;
