//! Africa's Talking (`wire.md` 1 to 4): its forms in, its plain answers out, its SMS route. What a hop or a report
//! leads to is decided elsewhere.
//!
//! Nothing it sends is signed; the secret in the callback path is checked before anything here is called.

mod callbacks;
mod form;
mod response;
mod route;
mod ussd;

pub use route::{AfricasTalkingSms, NoBalance};

/// Its name in the callback path.
const NAME: &str = "africastalking";

/// The adapter for its callbacks: USSD hops and end events, inbound SMS, delivery reports, opt-outs.
#[derive(Debug, Clone, Copy, Default)]
pub struct AfricasTalking;
