//! What an officer does by phone.
pub mod rights;
