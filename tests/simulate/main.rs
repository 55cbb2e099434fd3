//! `daftari simulate` as an operator runs it, against gateways without a fault and with planted ones: each is found
//! and named as what it is, and nothing else is.

#[path = "../town/binary.rs"]
mod binary;
mod clean;
mod command;
mod gateway;
mod planted;
#[path = "../shared/ready_made.rs"]
mod ready_made;
mod sms;
#[allow(dead_code, unused_imports, unused_macros, reason = "what these tests need of it")]
#[path = "../town/town.rs"]
mod town;
