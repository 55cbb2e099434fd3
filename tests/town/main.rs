//! The gateway as its users meet it: real listeners on loopback, real databases, real Redis beside the in-process
//! state, a played aggregator, a clock that only the tests move.

mod audit;
mod audit_command;
mod binary;
mod crowd;
mod journeys;
mod keys;
mod menus_reload;
mod one_effect;
mod schema;
mod signing_in;
mod town;
