//! The gateway as its users meet it: real listeners on loopback, real databases, real Redis beside the in-process
//! state, a played aggregator, a clock that only the tests move.

mod arbitrary;
mod audit;
mod audit_command;
mod binary;
mod browser;
mod callbacks;
mod caller;
mod closing;
mod connections;
mod counts;
mod crowd;
mod directing;
mod fate;
mod faults;
mod health;
mod histories;
mod inbound;
mod journeys;
mod keys;
mod limits;
mod lines;
mod marking;
mod menus_reload;
mod one_effect;
mod portal;
mod posts;
mod process;
mod raw;
#[path = "../shared/ready_made.rs"]
mod ready_made;
mod recovery;
mod registers;
mod schema;
mod season;
#[expect(dead_code, reason = "the tests of the session store use more of it")]
#[path = "../sessions_redis/servers.rs"]
mod servers;
mod signing_in;
mod support;
mod swaps;
mod town;
mod traces;
mod typed;
