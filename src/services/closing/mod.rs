//! The end of a register: its document is built from the ledger, signed by the centre, countersigned by the director,
//! opened again where something is wrong, and checked by anybody who has its code (`security.md` 41).

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    model::{CentreCode, CredentialId, DocumentCode, Msisdn, season::RegisterState},
    storage::{documents::Document, officers::Officer, registers::EntryRef},
};

mod acts;
mod build;
mod check;
mod export;
mod menu;

pub(in crate::services) use self::menu::{
    answer, check_typed, countersign_chosen, reopen_chosen, rows, show, show_chosen, sign_shown,
};
pub use self::{
    acts::{act, countersign, reopen, sign},
    build::{Blank, Built, Missing, build},
    check::{Checked, check},
    export::{Format, NotExported, export},
};

/// How long after a PIN was typed it still stands for a signature.
pub const PIN_COUNTS: TimeDelta = TimeDelta::minutes(5);

/// The centre's hand: whoever has typed its PIN.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The PIN's credential.
    pub credential: CredentialId,
    /// Whether it is a deputy's, who marks but doesn't sign.
    pub deputy: bool,
    /// The line.
    pub line: &'a Msisdn,
    /// When the PIN was typed.
    pub pin_at: DateTime<Utc>,
}

/// The director's hand.
#[derive(Debug, Clone, Copy)]
pub struct Director<'a> {
    /// The officer, in office.
    pub officer: &'a Officer,
    /// The line that is calling.
    pub line: &'a Msisdn,
    /// When the PIN was typed.
    pub pin_at: DateTime<Utc>,
}

/// What came of signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// It is signed once the unit of work is committed.
    Done {
        /// By which code it is checked.
        code: DocumentCode,
        /// The act.
        entry: EntryRef,
    },
    /// Nothing was written.
    Refused(NotSigned),
}

/// Why a register can't be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotSigned {
    /// There is no such series or centre.
    NoRegister,
    /// It is signed already, by this document.
    Already(Box<Document>),
    /// Something of it is missing.
    Missing(Box<Missing>),
    /// A deputy marks, but does not sign.
    Deputy,
    /// The PIN was typed too long ago.
    PinTooOld,
    /// A series for training is never closed: here it would have been signed.
    Practice,
}

/// What came of a director's act on a signed register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Directed {
    /// It is so once the unit of work is committed.
    Done {
        /// The document that it is about.
        document: Box<Document>,
        /// The act.
        entry: EntryRef,
    },
    /// Nothing was written.
    Refused(NotDirected),
}

/// Why a director can't do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotDirected {
    /// There is no such document, or it is not the director's.
    NoDocument,
    /// The document counts no more: another took its place, or the register was opened again.
    Replaced,
    /// The register has gone on to another state.
    NotFrom(RegisterState),
    /// Whoever signs and whoever countersigns are two people with two lines, and this line has spoken for the centre.
    SamePerson,
    /// The PIN was typed too long ago.
    PinTooOld,
    /// The ledger no longer says what was signed: somebody has to look at it.
    Broken,
    /// Opening a register again needs a reason.
    NeedsReason,
    /// The series is closed for good.
    SeriesClosed,
}

/// A register.
#[derive(Debug, Clone, Copy)]
pub struct Of<'a> {
    /// The series.
    pub series: &'a str,
    /// The centre.
    pub centre: &'a CentreCode,
}

/// Whether a PIN that was typed then still stands for a signature.
pub fn is_fresh(pin_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - pin_at <= PIN_COUNTS
}
