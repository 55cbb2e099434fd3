//! What a person who is signed in sees of himself, and ending every sign-in.

use chrono::TimeDelta;

use super::{Fault, SignedIn};
use crate::{
    model::{Language, NationalId},
    services::{Deps, accounts::NAIROBI},
    storage::{
        StoreError, audit, lines,
        messages::{self, Summary},
        web_people::{self, Person},
    },
};

/// How far back messages are shown: as long as they are kept.
const SINCE: TimeDelta = TimeDelta::days(90);
/// How many: what a small screen can scroll and a page of 15 kB can hold.
const MOST: i64 = 30;

/// A person, as a page shows him.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The whole name.
    pub full_name: String,
    /// The national ID, all but three digits starred.
    pub masked_id: String,
    /// The user name.
    pub username: String,
    /// The day the account was opened.
    pub opened_on: String,
    /// The line's language.
    pub language: Language,
}

/// The person of a sign-in that still stands.
pub async fn person(deps: &Deps, signed_in: SignedIn) -> Result<Option<Person>, Fault> {
    let mut tx = deps.store.read().await?;
    Ok(web_people::signed_in(&mut tx, signed_in.account, signed_in.epoch).await?)
}

/// What the page of the account shows.
pub fn show(deps: &Deps, person: &Person) -> Result<Account, Fault> {
    Ok(Account {
        full_name: person.name.full(),
        masked_id: national_id(deps, person)?.masked(),
        username: person.msisdn.username().to_owned(),
        opened_on: person.opened_at.with_timezone(&NAIROBI).format("%d/%m/%Y").to_string(),
        language: person.language,
    })
}

pub(super) fn national_id(deps: &Deps, person: &Person) -> Result<NationalId, Fault> {
    use crate::storage::accounts::id_place;
    let digits = deps.keys.open(id_place(&person.account), &person.national_id)?;
    let id = std::str::from_utf8(&digits).ok().and_then(|digits| NationalId::parse(digits).ok());
    Ok(id.ok_or(StoreError::Unreadable("a national ID"))?)
}

/// What became of the messages to a person's line, newest first.
pub async fn messages(deps: &Deps, person: &Person) -> Result<Vec<Summary>, Fault> {
    let mut tx = deps.store.read().await?;
    Ok(messages::fates_of(&mut tx, &person.msisdn, deps.clock.now() - SINCE, MOST).await?)
}

/// Choose the language of a person's line: screens, messages and pages.
pub async fn choose_language(deps: &Deps, person: &Person, language: Language) -> Result<(), Fault> {
    let mut tx = deps.store.begin().await?;
    lines::set_language(&mut tx, &person.msisdn, language, None, deps.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// End every sign-in of a person, calls as well.
pub async fn sign_out_everywhere(deps: &Deps, person: &Person) -> Result<(), Fault> {
    let mut tx = deps.store.begin().await?;
    if web_people::end_sign_ins(&mut tx, person.account, person.epoch).await?.is_some() {
        let event = audit::Event {
            at: deps.clock.now(),
            actor: "self",
            action: "signed_out_everywhere",
            subject: person.account.0,
            channel: "web",
            detail: None,
        };
        audit::append(&mut tx, event).await?;
    }
    Ok(tx.commit().await?)
}
