//! What the aggregator knows of a call: who, what was dialled and typed, which hop it is, and how it ended.

use chrono::{DateTime, Utc};

use super::{Shown, WireFault};
use crate::{
    model::{Msisdn, Network},
    phones::keypad,
};

/// A line: a number and the network it is on, by the aggregator's code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The number.
    pub msisdn: Msisdn,
    /// The network, where the aggregator tells it.
    pub network: Option<Network>,
}

/// One request of a call, as it goes out and as it can be repeated. It may hold a PIN: it has no `Debug`.
#[derive(Clone)]
pub struct Call {
    /// The aggregator's id of the session.
    pub session: String,
    /// Who calls.
    pub line: Line,
    /// The code that the gateway's owner rents.
    pub service_code: String,
    /// What was dialled: the code, or the code with inputs in it.
    pub dialled: String,
    /// Everything typed so far, also what was dialled behind the code.
    pub inputs: Vec<String>,
    /// The number of this hop; the dial is 1.
    pub hop: u32,
    /// The note of the answer before, echoed.
    pub note: Option<String>,
}

impl Call {
    /// Everything typed, joined as a cumulative aggregator does.
    pub fn text(&self) -> String {
        self.inputs.join("*")
    }

    /// Key presses from the dial up to this hop.
    pub fn presses(&self) -> usize {
        let dialled_too = self.inputs.len().saturating_sub(self.hop.saturating_sub(1) as usize);
        let typed = self.inputs.iter().skip(dialled_too);
        keypad::presses(&self.dialled) + typed.map(|input| keypad::presses(input)).sum::<usize>()
    }
}

/// How a session went, in Africa's Talking's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndStatus {
    /// The gateway ended it.
    Success,
    /// The caller or the network did.
    Incomplete,
    /// The gateway's answer could not be used.
    Failed,
}

/// An end event. It holds everything typed: it has no `Debug`.
pub struct CallEnd<'a> {
    /// The last request.
    pub call: &'a Call,
    /// How it went.
    pub status: EndStatus,
    /// When the call was dialled.
    pub started_at: DateTime<Utc>,
    /// The notes of every hop.
    pub notes: &'a [String],
    /// What was on show last.
    pub last: Option<&'a Shown>,
    /// What was wrong, for `Failed`.
    pub error: Option<&'a WireFault>,
}
