//! Work that goes on by itself. Each worker may run on any number of nodes; what must happen once is claimed in SQL.

pub mod outbox;
pub mod retention;
