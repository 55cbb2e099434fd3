//! A forgotten password: somebody names a number, and if it has an account, a code goes to it by SMS.
//!
//! [`admit`] is all that happens before the answer: it counts the request and looks at nothing that depends on the
//! account. [`send`] comes after the answer has gone out, so that neither words nor time can tell whether there is one;
//! it ends with the program's soft stop at the latest, or is lost with a crash: the page says to ask again when nothing
//! comes.

use chrono::{DateTime, Utc};

use super::{DOOR, Fault, Wait, line};
use crate::{
    model::{Language, Msisdn},
    services::{
        Deps,
        recovery::{
            AskedOn, Refused, Request,
            request::{self as recovery_request},
        },
    },
    storage::web_people,
};

/// What the page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admitted {
    /// If the number has an account, a code is on its way.
    Perhaps,
    /// This is no number of a mobile line in Kenya.
    NotANumber,
    /// One was asked for just now.
    TooSoon(Wait),
    /// Too many requests for this number, from this place or for numbers like it.
    Wait(Wait),
}

/// A request that was let in.
#[derive(Debug)]
pub struct Errand {
    line: Msisdn,
    source: String,
    now: DateTime<Utc>,
}

/// Count a request. The same for every number.
pub async fn admit(deps: &Deps, source: &str, username: &str) -> Result<(Admitted, Option<Errand>), Fault> {
    let now = deps.clock.now();
    let Some(line) = line(username) else { return Ok((Admitted::NotANumber, None)) };
    let mut tx = deps.store.begin().await?;
    let refused = recovery_request::admit(&mut tx, deps, &nobody(&line, source, now)).await?;
    tx.commit().await?;
    Ok(match refused {
        Some(Refused::TooSoon { until }) => (Admitted::TooSoon(Wait::until(until, now)), None),
        Some(Refused::TooMany { until } | Refused::Budget { until }) => {
            (Admitted::Wait(Wait::until(until, now)), None)
        }
        Some(Refused::OfficerOnly) => (Admitted::Perhaps, None),
        None => (Admitted::Perhaps, Some(Errand { line, source: source.to_owned(), now })),
    })
}

fn nobody<'a>(line: &'a Msisdn, source: &'a str, now: DateTime<Utc>) -> Request<'a> {
    let asked_on = AskedOn::Web { source };
    Request { account: None, door: DOOR, msisdn: line, language: Language::default(), asked_on, now }
}

/// Send the code, if the number has an account.
pub async fn send(deps: &Deps, errand: &Errand) -> Result<(), Fault> {
    let mut tx = deps.store.begin().await?;
    let person = web_people::by_line(&mut tx, Some(&errand.line)).await?;
    let request = Request {
        account: person.as_ref().map(|person| person.account),
        language: person.map(|person| person.language).unwrap_or_default(),
        ..nobody(&errand.line, &errand.source, errand.now)
    };
    recovery_request::grant(&mut tx, deps, &request).await?;
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(())
}
