//! The gateways, proved by tables of provider payloads (`tests/gateways/*.toml`) and by a provider on loopback.

#[path = "gateways/africastalking_route.rs"]
mod africastalking_route;
#[path = "gateways/answers.rs"]
mod answers;
#[path = "gateways/arbitrary.rs"]
mod arbitrary;
#[path = "gateways/callbacks.rs"]
mod callbacks;
#[path = "gateways/canary.rs"]
mod canary;
#[path = "gateways/screens.rs"]
mod screens;
#[path = "gateways/simulator.rs"]
mod simulator;
#[path = "gateways/table.rs"]
mod table;
