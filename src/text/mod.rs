//! What fits on a phone, and what a voice says: GSM-7 and UCS-2 lengths, message parts, folding at the door, lists cut to
//! one message, codes read aloud.

pub mod gsm;
pub mod listing;
pub mod spoken;
pub mod wish;
