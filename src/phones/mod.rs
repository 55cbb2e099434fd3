//! The other side of the wire: the aggregator played, with phones on it, for `menu play`, the browser simulator,
//! `simulate` and the tests. It knows the gateway only by its URLs; what the gateway does is no concern of it.

pub mod crowd;
pub mod keypad;
pub mod phone;
pub mod recorder;
pub mod terminal;
pub mod timers;
pub mod transcript;
pub mod wire;

pub use phone::{Phone, PhoneFault};
pub use wire::{Aggregator, Call, Line, Shown, Sources, Wire, WireFault};
