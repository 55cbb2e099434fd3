//! What an operator sees: logs, metrics, and the short references that tie a caller's screen to a log line. What is
//! worth telling is decided where it happens.

pub mod logs;
pub mod metrics;
