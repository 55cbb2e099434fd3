//! daftari: the SMS and USSD gateway for contracted examination staff.
//!
//! `ARCHITECTURE.md` has the map; `tests/rings.rs` keeps it true.

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod documents;
pub mod gateways;
pub mod lifecycle;
pub mod menu;
pub mod model;
pub mod phones;
pub mod secrets;
pub mod services;
pub mod sessions;
pub mod storage;
pub mod telemetry;
pub mod text;
pub mod web;
pub mod workers;
