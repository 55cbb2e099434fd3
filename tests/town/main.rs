//! The gateway as its users meet it: real listeners on loopback, real databases, real Redis beside the in-process
//! state, a played aggregator, a clock that only the tests move.

mod audit;
mod binary;
mod counts;
mod faults;
mod journeys;
mod one_effect;
mod schema;
#[expect(dead_code, reason = "the tests of the session store use more of it")]
#[path = "../sessions_redis/servers.rs"]
mod servers;
mod signing_in;
mod town;
