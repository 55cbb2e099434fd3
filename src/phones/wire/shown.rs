//! What comes of a hop: a screen, perhaps one that arrives crippled, or a fault that says what the handset shows.

use std::{fmt, time::Duration};

use crate::text::gsm;

/// The most septets a screen may have on Safaricom (`wire.md` 1).
pub const SCREEN_SEPTETS: usize = 160;

/// What the handset shows after a hop. It may hold names: its `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// The screen.
    pub text: String,
    /// Whether the session ended with it.
    pub ends: bool,
    /// The gateway's note, to be echoed with the next hop.
    pub note: Option<String>,
}

impl Shown {
    /// The septets of the screen; characters outside GSM-7 count as one.
    pub fn septets(&self) -> usize {
        self.text.chars().map(|c| gsm::char_septets(c).unwrap_or(1)).sum()
    }

    /// What is wrong with the screen, though the aggregator passes it on.
    pub fn flaw(&self) -> Option<Flaw> {
        if let Err(sign) = gsm::septets(&self.text) {
            return Some(Flaw::NotGsm7(sign));
        }
        let septets = self.septets();
        (septets > SCREEN_SEPTETS).then_some(Flaw::TooLong(septets))
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({} septets{})", self.septets(), if self.ends { ", ends" } else { "" })
    }
}

/// What makes a screen arrive crippled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Longer than a handset shows.
    #[error("the screen has {0} septets, and a handset shows {SCREEN_SEPTETS}: its end is cut off")]
    TooLong(usize),
    /// A character outside GSM-7.
    #[error("the screen has the character {0:?}, which a basic handset can't show")]
    NotGsm7(char),
}

/// Why an answer never becomes a screen, and what the handset shows instead. It repeats nothing of what was typed,
/// nor the URL, which has the secret in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireFault {
    /// The address is no URL.
    #[error("the gateway's address is not a URL like http://127.0.0.1:8080")]
    Address,
    /// No HTTP client could be made.
    #[error("no HTTP client could be made")]
    NoClient,
    /// Nobody answers.
    #[error("the gateway can't be reached; {OWN_ERROR}")]
    Unreachable,
    /// No answer in time.
    #[error("the gateway took longer than {} s; {OWN_ERROR}", .0.as_secs_f32())]
    TooSlow(Duration),
    /// Another status than 200.
    #[error("the gateway answered with status {0}; {OWN_ERROR}")]
    Status(u16),
    /// Another content type than the wire's.
    #[error("the gateway answered with the content type {0:?}; {OWN_ERROR}")]
    ContentType(String),
    /// A body or a screen without a character in it.
    #[error("the gateway answered with nothing to show; {OWN_ERROR}")]
    Empty,
    /// A body that begins with neither `CON ` nor `END `.
    #[error("the answer begins with {0:?}, neither \"CON \" nor \"END \"; {OWN_ERROR}")]
    Prefix(String),
    /// A body that is not what the wire speaks.
    #[error("the answer can't be read as {0}; {OWN_ERROR}")]
    Unreadable(&'static str),
    /// A note that the aggregator doesn't take.
    #[error(
        "the note that goes with the screen {0}: it would not come back, and the handset shows the screen"
    )]
    Note(&'static str),
}

const OWN_ERROR: &str = "the handset shows the aggregator's own error, and the session is over";
