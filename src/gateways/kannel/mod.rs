//! Kannel, a gateway of one's own before the networks' SMSCs (`wire.md` 7; written against 1.4.5): its `sendsms` and
//! its delivery reports.
//!
//! Kannel gives a message no id. Ours goes out as part of the report's address, which Kannel calls back with the news.

mod report;
mod route;
mod words;

pub use route::KannelSms;

/// Its name in the callback path.
pub const NAME: &str = "kannel";

/// The adapter for its delivery reports.
#[derive(Debug, Clone, Copy, Default)]
pub struct Kannel;
