//! What fits on a phone: GSM-7 and UCS-2 lengths, message parts, folding at the door.

pub mod gsm;
pub mod wish;
