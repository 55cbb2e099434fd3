//! The contract of a SIM swap look-up: a question about lines is only taken; the answer comes later, in a callback
//! that names the request and not the line. Who remembers which request was about which line, and what follows from
//! the answer, is decided elsewhere.

use std::{future::Future, pin::Pin};

use chrono::NaiveDate;
use http::StatusCode;

use super::{BadCallback, Raw};
use crate::model::Msisdn;

/// A question that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapAsked {
    /// The line it is about.
    pub msisdn: Msisdn,
    /// The id that its answer will carry.
    pub request_id: String,
}

/// Why a question was not taken. No sentence repeats a line or a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwapNotAsked {
    /// No answer, or none within the client's deadlines.
    #[error("the SIM swap look-up can't be reached")]
    Unreachable,
    /// Another answer than 2xx; 401 and 403 are about our user name or key.
    #[error("the SIM swap look-up refused the question (HTTP {0})")]
    Refused(StatusCode),
    /// An answer in which no question was taken.
    #[error("the SIM swap look-up took no question: its answer names no request")]
    NotTaken,
}

/// What is known of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwapFinding {
    /// Its SIM was swapped; when, is beside it where told.
    Swapped,
    /// It was not.
    NotSwapped,
    /// The network could not tell, or said a word never seen before.
    Unknown,
}

/// What a network said of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwapAnswer {
    /// The id under which the question was taken.
    pub request_id: String,
    /// What it found.
    pub finding: SwapFinding,
    /// The day of the last swap, by the network's calendar.
    pub swapped_on: Option<NaiveDate>,
    /// The word as sent.
    pub status: String,
}

/// What an asked look-up gives back.
pub type SwapQuestion<'a> = Pin<Box<dyn Future<Output = Result<Vec<SwapAsked>, SwapNotAsked>> + Send + 'a>>;

/// Somebody who can tell when a line's SIM was swapped.
pub trait SimSwap: Send + Sync {
    /// Ask about lines. Only those taken come back; a line that is missing gets no answer.
    fn ask<'a>(&'a self, lines: &'a [Msisdn]) -> SwapQuestion<'a>;
}

/// Reads the answers of a look-up.
pub trait SwapCallbacks: Send + Sync {
    /// Read one.
    fn sim_swap(&self, raw: &Raw<'_>) -> Result<SwapAnswer, BadCallback>;
}
