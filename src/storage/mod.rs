//! What must not be lost, in SQLite or Postgres: `engine` is the face over both, then a file an aggregate.

pub mod connect;
pub mod engine;
