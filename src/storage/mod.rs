//! What must not be lost, in SQLite or Postgres: `engine` is the face over both, `connect` opens it, then a file an
//! aggregate. A repository function takes the unit of work it belongs to; services decide what is one.

pub mod accounts;
pub mod attempts;
pub mod audit;
pub mod challenges;
pub mod code_counts;
pub mod code_requests;
pub mod connect;
pub mod conversion;
pub mod drafts;
pub mod engine;
pub mod high_water;
pub mod holds;
pub mod inbound;
pub mod journal;
pub mod lines;
mod locks;
pub mod lookups;
pub mod menu_versions;
pub mod messages;
pub mod moves;
pub mod officers;
pub mod outbox;
pub mod people;
pub mod placing;
pub mod rates;
pub mod reports;
pub mod retention;
pub mod route_stats;
pub mod sealed;
pub mod season;
pub mod season_import;
pub mod session_ends;
pub mod sim_swaps;
pub mod stops;
mod strays;
pub mod support;
pub mod traces;
pub mod verdicts;
pub mod web_gates;
pub mod web_people;
pub mod web_sessions;

pub use connect::{IfMissing, OpenError};
pub use engine::{Dialect, Store, StoreError, Tx};
