//! Recovery by one-time codes, the same on every channel: asking for a code (`request`, within `quotas` and `budget`),
//! checking one (`code`), what has become of it (`told`), and the menu's actions over them (`menu`, `reset`).
//!
//! **A code is accepted once**, and yet a call that drops after the right code must not strand anybody. So a right code
//! is not the end of a challenge: it is recorded as *passed* by the session it was typed in, and only that session may
//! choose the new PIN, within five minutes; the new PIN closes the challenge. Of any number of right codes typed at once
//! one passes, and the others are told that it was used in another call. The next dial of the line takes the pass back
//! (a phone has one call at a time), so that the person types the code again, which costs no try. Whoever only knows the
//! number and the callback secret can disturb like this, and gets no further without the code.
//!
//! **Tries** are counted on the challenge's locked row in a transaction of their own before the code is looked at; a right
//! one is given back. What is left on all challenges of an account over a day is its wrong codes.

use chrono::{DateTime, TimeDelta, Utc};

use super::accounts::NAIROBI;
use crate::{
    model::{AccountId, Language, MessageId, Msisdn, challenge::Door},
    storage::challenges::Challenge,
};

mod budget;
pub mod code;
mod guesses;
pub mod menu;
mod quotas;
pub mod request;
pub mod reset;
pub mod told;

/// Wrong codes of an account within [`WRONG_WITHIN`] after which only an officer's code helps (`security.md` 4).
pub const MOST_WRONG: i64 = 10;
/// Within what time they count. A code can be typed until it expires, so challenges are looked at that were made as
/// much earlier.
pub const WRONG_WITHIN: TimeDelta = TimeDelta::minutes(24 * 60 + 10);

/// What the configuration says about codes.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Codes an hour over the whole service.
    pub codes_per_hour: i64,
    /// What they may cost a day, in hundredths of a shilling.
    pub cents_per_day: i64,
    /// What one costs.
    pub cents_per_code: i64,
    /// How long a hop waits to hear what the route says.
    pub fate_wait: std::time::Duration,
}

/// Where somebody asked for a code.
#[derive(Debug, Clone, Copy)]
pub enum AskedOn<'a> {
    /// On the line that the code goes to.
    Line,
    /// On the web, where anybody can name a number.
    Web {
        /// The address it came from; kept only as a keyed digest.
        source: &'a str,
    },
}

/// Somebody asks for a code.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Whose; `None` where the number that was named has no account: it counts against the same limits, so that nobody
    /// can tell (`security.md` 16).
    pub account: Option<AccountId>,
    /// What the code shall open.
    pub door: Door,
    /// The line it goes to.
    pub msisdn: &'a Msisdn,
    /// The language of its message.
    pub language: Language,
    /// Where it was asked for.
    pub asked_on: AskedOn<'a>,
    /// When.
    pub now: DateTime<Utc>,
}

/// What came of asking.
#[derive(Debug, Clone)]
pub enum Requested {
    /// A code is on its way: a new one, or the one that still counts, said again. Ring `Deps::outbox` after the commit.
    Sent(Box<Sent>),
    /// Nothing was sent, for this reason.
    Refused(Refused),
    /// Nothing was sent, because there is no account. Whoever named a number must not be told.
    Nobody,
}

/// A code that is on its way.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its challenge: reference and end are for the screen.
    pub challenge: Challenge,
    /// The message that carries it.
    pub message: MessageId,
}

/// Why no code was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The last request is less than a minute old.
    TooSoon {
        /// From when the next is possible.
        until: DateTime<Utc>,
    },
    /// Three requests within the hour or five within the day, or as many from a place as it may make.
    TooMany {
        /// From when the next is possible.
        until: DateTime<Utc>,
    },
    /// The whole service has sent as many as it may.
    Budget {
        /// From when there is room again.
        until: DateTime<Utc>,
    },
    /// Too many wrong codes for this account: only an officer's code.
    OfficerOnly,
}

/// An instant as a time of day in Nairobi, `10:52`.
pub fn clock_time(at: DateTime<Utc>) -> String {
    at.with_timezone(&NAIROBI).format("%H:%M").to_string()
}

/// From when something is possible again, as day and time in Nairobi, `22/11 10:52`: never too early.
pub fn from_when(at: DateTime<Utc>) -> String {
    (at + TimeDelta::seconds(59)).with_timezone(&NAIROBI).format("%d/%m %H:%M").to_string()
}

/// The end of a day by its last minute, which reads better than the first of the next: `29/11 23:59`.
pub fn last_minute(until: DateTime<Utc>) -> String {
    from_when(until - TimeDelta::minutes(1))
}
