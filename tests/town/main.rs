//! The gateway as its users meet it: real listeners on loopback, real databases, real Redis beside the in-process
//! state, a played aggregator, a clock that only the tests move.

mod arbitrary;
mod callbacks;
mod health;
mod histories;
mod journeys;
mod limits;
mod one_effect;
mod raw;
mod signing_in;
mod town;
mod typed;
