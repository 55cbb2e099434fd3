//! Many phones at once, for `daftari simulate`: who calls and when (`person`, `arrivals`, `pace`), what they do
//! (`journey`, from plain files), each phone as a state machine that says what goes out next and judges what came back
//! (`caller`), and the lot of each SMS (`carrier`, `inbox`). Pure: no I/O and no clock, all chance from a seed.
//!
//! Sending, waiting and telling are the command's.

pub mod arrivals;
pub mod caller;
pub mod carrier;
pub mod dice;
pub mod finding;
pub mod inbox;
pub mod journey;
pub mod pace;
mod parse;
pub mod person;
mod shows;
mod stock;

pub use arrivals::Arrivals;
pub use caller::{Caller, Ended, Habits, Next, Sending, Twin};
pub use dice::Dice;
pub use finding::{Finding, Kind};
pub use journey::{Journey, JourneyFault};
pub use pace::Think;
pub use person::Person;
pub use stock::{Says, built_in_journeys};
