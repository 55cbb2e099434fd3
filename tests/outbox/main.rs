//! The outbox on both database engines: one message per intent reaches a phone, or its fate says why not.

mod bench;
mod claims;
mod failover;
mod fakes;
mod inbound;
#[path = "../shared/ready_made.rs"]
mod ready_made;
mod reports;
mod retention;
mod sending;
