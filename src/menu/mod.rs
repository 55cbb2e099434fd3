//! Menus are data: the TOML files under `menus/` are read (`definition`), compiled once into what the engine walks
//! (`compiled`), proved (`check`) and drawn (`graph`). The engine is pure: no I/O, no clock, nothing kept between
//! two steps but the session value.

pub mod check;
pub mod compiled;
pub mod definition;
pub mod engine;
pub mod graph;
pub mod registry;
pub mod render;
pub mod session;

pub use check::MOST_ROWS;
pub use compiled::{Menus, ScreenId};
pub use engine::{Call, Engine, Step};
pub use registry::{Action, Flag, Outcome, Refusal, Say, Source, Validator, Var};
pub use session::{Proof, Reply, Row, Session, Value};
