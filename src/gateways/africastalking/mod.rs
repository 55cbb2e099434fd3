//! Africa's Talking (`wire.md` 1 to 4 and 6): its forms in, its plain answers out, its routes for SMS and calls, its
//! SIM swap look-up. What a hop or a report leads to is decided elsewhere.
//!
//! Nothing it sends is signed; the secret in the callback path is checked before anything here is called.

mod call;
mod call_end;
mod callbacks;
mod form;
mod key;
mod response;
mod route;
mod sim_swap;
mod ussd;

pub use call::AfricasTalkingVoice;
pub use call_end::CallEnds;
pub use route::{AfricasTalkingSms, NoBalance};
pub use sim_swap::AfricasTalkingSimSwap;

/// Its name in the callback path.
const NAME: &str = "africastalking";

/// The adapter for its callbacks: USSD hops and end events, inbound SMS, delivery reports, opt-outs.
#[derive(Debug, Clone, Copy, Default)]
pub struct AfricasTalking;
