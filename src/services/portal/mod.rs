//! The portal's use cases: signing in with user name and password (`sign_in`), a password by a code or by the old one
//! (`password`), a code on the screen of a signed-in call (`screen_code`) or by SMS (`forgot`), what a person sees of
//! himself (`account`), and sessions of browsers (`sessions`). Pages, cookies and words are left to `web/portal`.
//!
//! **The user name** is the number without its plus, in any spelling. Whoever names one is told the same whether it has
//! an account or not, after the same work: what was named is counted by itself (`gates`), every look-up is made, Argon2
//! runs against a hash of nobody, and codes are sent only after the answer has gone out.
//!
//! **One epoch.** A web session carries its account's epoch, as a signed-in call does, and every page asks whether it
//! still stands: a new PIN, a new password and "sign out everywhere" raise it, and end both kinds alike.
//!
//! **One code.** What opens a new password is the same challenge on every channel ([`Door::ResetPassword`]): asked for
//! on the web while one stands on a phone's screen, the same digits go out by SMS (`security.md` 3). Wrong passwords
//! never touch the PIN, nor the other way round.

use std::net::IpAddr;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    model::{AccountId, Msisdn, PersonName, challenge::Door},
    secrets::{HashingFailed, Unsealable},
    storage::{StoreError, web_people::Person},
};

pub mod account;
pub mod forgot;
mod gates;
pub mod password;
pub mod screen_code;
pub mod sessions;
pub mod sign_in;

/// What a code of the portal opens.
pub const DOOR: Door = Door::ResetPassword;

/// Why something could not be done. None of it says anything about who was named.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something sealed can't be read.
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
    /// A password can't be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
}

/// A sign-in of the portal, as its session keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SignedIn {
    /// The account.
    pub account: AccountId,
    /// The account's epoch at that time: a later one ends the sign-in.
    pub epoch: i64,
}

impl SignedIn {
    fn of(person: &Person) -> Self {
        Self { account: person.account, epoch: person.epoch }
    }
}

/// Too many tries: nothing is looked at before then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Minutes to wait, rounded up.
    pub minutes: i64,
}

impl Wait {
    fn until(until: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        Self { minutes: (until - now + TimeDelta::seconds(59)).num_minutes().max(1) }
    }
}

/// The address somebody comes from, as limits count it: a home or phone with IPv6 has a whole /64 to choose from.
pub fn source(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The line that a typed user name means, if it can be one.
fn line(username: &str) -> Option<Msisdn> {
    Msisdn::from_typed(username).ok()
}

/// What stands for a typed user name where it is counted: the line, however it was spelled.
fn named(username: &str, line: Option<&Msisdn>) -> String {
    line.map_or_else(|| username.trim().to_lowercase(), |line| line.as_e164().to_owned())
}

/// What others know of a person, for judging a password.
fn known(msisdn: &Msisdn, name: &PersonName, national_id: &str) -> [String; 4] {
    [msisdn.username().to_owned(), msisdn.national(), name.full(), national_id.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_number_is_one_user_name() {
        for typed in ["254700000010", "0700000010", "+254 700 000 010", "0700-000-010"] {
            assert_eq!(named(typed, line(typed).as_ref()), "+254700000010", "{typed}");
        }
        assert_eq!(named(" Asha ", line(" Asha ").as_ref()), "asha");
    }

    #[test]
    fn addresses_of_one_home_are_one_source() {
        let of = |text: &str| source(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn a_wait_is_never_told_too_short() {
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let minutes = |seconds| Wait::until(now + TimeDelta::seconds(seconds), now).minutes;
        assert_eq!([minutes(1), minutes(60), minutes(61)], [1, 1, 2]);
    }
}
