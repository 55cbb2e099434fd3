//! Transcripts: a phone's session as plain text that a person who has never programmed can read, write and run.
//!
//! ```text
//! # An account is opened, and the call drops after the surname.
//! phone +254700000010 on 63902
//! dial *384*2547#
//!   | This line has no account yet. Choose:
//!   | 1: Open an account
//! type 1
//! repeat                 # the same request again: the same answer is expected
//! drop
//! ```
//!
//! A step is a line; lines that begin with `|` say what the step is expected to show, all of it, and `{any}` in them
//! stands for anything. Blank lines and lines that begin with `#` are for the reader, and so is what follows a ` # `
//! behind a step. `{code}` in what is typed stands for the code that the last message read began with, on this phone or else on any. Only `type` and `text` take the rest of their line as it is; `type` alone is a blank reply. The steps:
//!
//! `phone NUMBER [on NETWORK]` (takes this phone in hand) · `dial CODE` · `type INPUT` · `drop` · `repeat` ·
//! `repeat N times at once` · `ends` (the session is over with the screen above) · `sms` (the next message to the phone
//! that has not been read; a call that says a code counts as one) · `no sms` · `flush sessions` · `restart gateway` ·
//! `wait N minutes` · `officer code` (an officer gives the person with the phone in hand a code: `{code}` from now on) ·
//! `route NAME` and `route NAME by call` (there is such a route for SMS or calls; before everything else, in order of
//! preference) · `route NAME refuses REASON`, `route NAME loses` and `route NAME works` (from now on) · `demo data` (the
//! season, people and PINs of `daftari demo`, at seven in the morning) · `text WORDS` (writes an SMS to us) · `register to
//! sign` (at ten in the morning centre 12345001 has marked both days of its series; its manager's phone is +254700000002
//! with PIN 24681357, the director's +254700000003 with PIN 86427531; number 3 of its roster, Otieno Odhiambo, has the phone
//! +254700000012 and the ID 28461937) · `register to mark` (it is seven in the morning of a running series at centre
//! 12345001, on the same phone with the same PIN) · `payer pays` and `payer refuses REASON` (`claims export` of what is
//! ready in the series of `register to sign`, and `claims import` of what the payer says of it)

use std::fmt;

use super::wire::Line;
use crate::{menu::registry::reason_word, model::message::RefusalReason};

mod mismatch;
mod parse;
mod run;

pub(in crate::phones) use mismatch::matches as line_matches;
pub use mismatch::{Cause, Mismatch};
pub use parse::{TranscriptFault, parse};
pub use run::{CantDo, Stage, run};

/// A transcript, line by line.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    /// What stands in it, in order.
    pub entries: Vec<Entry>,
}

/// A line for the reader, or a step.
#[derive(Clone, PartialEq, Eq)]
pub enum Entry {
    /// A blank line, or one that begins with `#`.
    Note(String),
    /// A step and what it is expected to show.
    Step(Step),
}

/// A step. It may hold a PIN, as typed: it has no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Step {
    /// What is done.
    pub act: Act,
    /// The lines expected; none: anything is right.
    pub shows: Vec<String>,
}

/// What a step does.
#[derive(Clone, PartialEq, Eq)]
pub enum Act {
    /// Take this phone in hand.
    Phone(Line),
    /// Dial a code.
    Dial(String),
    /// Type an answer.
    Type(String),
    /// Drop the call.
    Drop,
    /// Send the last request again.
    Repeat,
    /// Send the last request so many times at once.
    RepeatMany(usize),
    /// The session must be over.
    Ends,
    /// Read the next message to the phone.
    Sms,
    /// There must be no message that has not been read.
    NoSms,
    /// Throw away what the gateway holds of sessions.
    FlushSessions,
    /// Stop the gateway and start it again.
    RestartGateway,
    /// Let so many minutes pass.
    Wait(u32),
    /// An officer gives the person with the phone in hand a code.
    OfficerCode,
    /// Something about a route.
    Route(String, Lot),
    /// It is seven in the morning of a day of the demo's season.
    DemoData,
    /// Write an SMS to us.
    Text(String),
    /// Have a register stand ready to be signed.
    RegisterToSign,
    /// A centre's running day, with its line and PIN.
    RegisterToMark,
    /// Every claim that is ready goes to the payer, who pays it, or can't for this reason.
    Payer(Option<String>),
}

/// What holds for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lot {
    /// It is there, for SMS.
    Words,
    /// It is there, for calls.
    Calls,
    /// It refuses everything at once, for this reason.
    Refuses(RefusalReason),
    /// It takes everything, and nothing of it arrives or is reported.
    Loses,
    /// It works.
    Works,
}

impl Transcript {
    /// Add a step and what it showed, for a recording.
    pub fn record(&mut self, act: Act, text: &str) {
        let shows = if text.is_empty() { vec![] } else { lines(text) };
        self.entries.push(Entry::Step(Step { act, shows }));
    }

    /// Add a line for the reader; line breaks in it become blanks.
    pub fn remark(&mut self, words: &str) {
        self.entries.push(Entry::Note(format!("# {}", words.replace(['\n', '\r'], " "))));
    }
}

/// Write a transcript so that [`parse`] reads the same again.
pub fn write(transcript: &Transcript) -> String {
    transcript.entries.iter().fold(String::new(), |text, entry| text + &entry.to_string() + "\n")
}

/// The lines of a screen or a message, as a transcript compares them.
fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(|line| line.trim_end_matches('\r').to_owned()).collect()
}

impl Entry {
    /// How many lines it takes.
    fn lines(&self) -> usize {
        match self {
            Self::Note(_) => 1,
            Self::Step(step) => 1 + step.shows.len(),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self {
            Self::Note(words) => return f.write_str(words),
            Self::Step(step) => step,
        };
        write!(f, "{}", step.act)?;
        step.shows.iter().try_for_each(|line| {
            let blank = if line.is_empty() { "" } else { " " };
            write!(f, "\n  |{blank}{line}")
        })
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Phone(line) => {
                write!(f, "phone {}", line.msisdn.as_e164())?;
                line.network.as_ref().map_or(Ok(()), |network| write!(f, " on {}", network.code()))
            }
            Self::Dial(code) => write!(f, "dial {code}"),
            Self::Type(input) if input.is_empty() => f.write_str("type"),
            Self::Type(input) => write!(f, "type {input}"),
            Self::Drop => f.write_str("drop"),
            Self::Repeat => f.write_str("repeat"),
            Self::RepeatMany(n) => write!(f, "repeat {n} times at once"),
            Self::Ends => f.write_str("ends"),
            Self::Sms => f.write_str("sms"),
            Self::NoSms => f.write_str("no sms"),
            Self::FlushSessions => f.write_str("flush sessions"),
            Self::RestartGateway => f.write_str("restart gateway"),
            Self::Wait(1) => f.write_str("wait 1 minute"),
            Self::Wait(n) => write!(f, "wait {n} minutes"),
            Self::OfficerCode => f.write_str("officer code"),
            Self::Route(name, lot) => write!(f, "route {name}{lot}"),
            Self::DemoData => f.write_str("demo data"),
            Self::Text(words) => write!(f, "text {words}"),
            Self::RegisterToSign => f.write_str("register to sign"),
            Self::RegisterToMark => f.write_str("register to mark"),
            Self::Payer(None) => f.write_str("payer pays"),
            Self::Payer(Some(reason)) => write!(f, "payer refuses {reason}"),
        }
    }
}

impl fmt::Display for Lot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Words => Ok(()),
            Self::Calls => f.write_str(" by call"),
            Self::Refuses(reason) => write!(f, " refuses {}", reason_word(Some(*reason))),
            Self::Loses => f.write_str(" loses"),
            Self::Works => f.write_str(" works"),
        }
    }
}
