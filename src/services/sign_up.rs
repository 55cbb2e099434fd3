//! Opening an account: consent first, a draft of what was typed, then the account with its PIN.

use chrono::TimeDelta;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::{
    Deps,
    actions::{Prepared, Who, Work},
    messaging,
    season::tie,
    ussd::Fault,
};
use crate::{
    menu::{Outcome, Reply, Var, registry::DRAFT_HOURS},
    model::{AccountId, NamePart, NationalId, PersonName, Pin, message::Purpose},
    secrets::PinHash,
    storage::{
        StoreError, Tx,
        accounts::{self, NewAccount},
        audit, drafts, lines,
    },
};

/// The consent people are asked for in `menus/account.toml`; a new text that asks for more is a new version.
const CONSENT: &str = "2026-11";

/// What was typed so far. Sealed wherever it is kept.
#[derive(Serialize, Deserialize)]
struct Draft {
    given_names: String,
    surname: Option<String>,
    national_id: Option<String>,
}

pub(super) async fn give_consent(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let id = deps.chance.id(who.now);
    accounts::consent(tx, id, who.msisdn, CONSENT, who.session.language, who.now).await?;
    Ok(Reply::of(Outcome::Done))
}

pub(super) async fn keep_draft(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    // Nothing personal is kept before the consent, whatever a menu asks for.
    if let Some(given_names) = who.session.text(Var::GivenNames)
        && accounts::has_consented(tx, who.msisdn).await?
    {
        let draft = Draft {
            given_names: given_names.to_owned(),
            surname: who.session.text(Var::Surname).map(str::to_owned),
            national_id: who.session.text(Var::NationalId).map(str::to_owned),
        };
        let plain = serde_json::to_vec(&draft).map_err(|_| StoreError::Unreadable("a draft"))?;
        let sealed = deps.keys.current().seal(drafts::place(who.msisdn), &plain, deps.chance.bytes());
        let until = who.now + TimeDelta::hours(i64::from(DRAFT_HOURS));
        drafts::keep(tx, who.msisdn, drafts::SIGN_UP, sealed, until).await?;
    }
    Ok(Reply::of(Outcome::Done))
}

pub(super) async fn take_up_draft(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(sealed) = drafts::find(tx, who.msisdn, drafts::SIGN_UP, who.now).await? else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let plain = deps.keys.open(drafts::place(who.msisdn), &sealed)?;
    let draft: Draft = serde_json::from_slice(&plain).map_err(|_| StoreError::Unreadable("a draft"))?;
    let (outcome, typed) = match (draft.surname, draft.national_id) {
        (None, _) => (Outcome::HasGivenNames, vec![]),
        (Some(surname), None) => (Outcome::HasSurname, vec![(Var::Surname, surname)]),
        (Some(surname), Some(id)) => {
            (Outcome::HasNationalId, vec![(Var::Surname, surname), (Var::NationalId, id)])
        }
    };
    let reply = Reply::of(outcome).set(Var::GivenNames, draft.given_names);
    Ok(typed.into_iter().fold(reply, |reply, (var, text)| reply.set(var, text)))
}

pub(super) async fn drop_draft(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    drafts::remove(tx, who.msisdn, drafts::SIGN_UP).await?;
    Ok(Reply::of(Outcome::Done))
}

/// An account to be opened once its PIN is hashed.
pub struct Open {
    pin: Pin,
    name: PersonName,
    national_id: NationalId,
}

/// The same with its PIN hashed.
pub struct Hashed {
    pin: PinHash,
    name: PersonName,
    national_id: NationalId,
}

pub(super) async fn prepare(tx: &mut Tx, who: &Who<'_>, pin: Option<&Pin>) -> Result<Prepared, Fault> {
    if accounts::by_msisdn(tx, who.msisdn).await?.is_some() {
        return Ok(Prepared::Settled(already_yours()));
    }
    let typed = typed(who).zip(pin.cloned());
    match typed {
        Some(((name, national_id), pin)) if accounts::has_consented(tx, who.msisdn).await? => {
            Ok(Prepared::Work(Box::new(Work::Open(Open { pin, name, national_id }))))
        }
        _ => Ok(Prepared::Settled(Reply::of(Outcome::Nothing))),
    }
}

fn typed(who: &Who<'_>) -> Option<(PersonName, NationalId)> {
    let part = |var| NamePart::parse(who.session.text(var)?).ok();
    let name = PersonName { given: part(Var::GivenNames)?, surname: part(Var::Surname)? };
    Some((name, NationalId::parse(who.session.text(Var::NationalId)?).ok()?))
}

fn already_yours() -> Reply {
    Reply::of(Outcome::AlreadyYours)
}

pub(super) async fn hash(deps: &Deps, open: Open) -> Result<Hashed, Fault> {
    let Open { pin, name, national_id } = open;
    let pin = deps.hasher.hash(&deps.keys.current(), &pin, deps.chance.bytes()).await?;
    Ok(Hashed { pin, name, national_id })
}

pub(super) async fn finish(tx: &mut Tx, deps: &Deps, who: &Who<'_>, hashed: Hashed) -> Result<Reply, Fault> {
    let keys = deps.keys.current();
    let id = AccountId(deps.chance.id(who.now));
    let digits = SecretString::from(hashed.national_id.digits());
    let opened = accounts::insert(
        tx,
        NewAccount {
            id,
            msisdn: who.msisdn.clone(),
            name: hashed.name,
            national_id: keys.seal(
                accounts::id_place(&id),
                digits.expose_secret().as_bytes(),
                deps.chance.bytes(),
            ),
            lookup: keys.lookup(accounts::ID_COLUMN, digits.expose_secret()),
            pin: hashed.pin,
            opened_at: who.now,
        },
    )
    .await?;
    if !opened {
        // Two calls of one line at once, or a national ID that somebody has: the screen doesn't tell which ID.
        let own = accounts::by_msisdn(tx, who.msisdn).await?.is_some();
        return Ok(if own { already_yours() } else { Reply::of(Outcome::NotPossible) });
    }
    lines::set_language(tx, who.msisdn, who.session.language, who.network, who.now).await?;
    drafts::remove(tx, who.msisdn, drafts::SIGN_UP).await?;
    messaging::queue(deps, tx, who.menus, Purpose::AccountOpened, who.msisdn, who.session.language).await?;
    let number_and_id = (who.msisdn, digits.expose_secret());
    tie::on_line(tx, deps, id, number_and_id, ("sign-up", "ussd"), who.now).await?;
    let event = audit::Event {
        at: who.now,
        actor: "self",
        action: "account_opened",
        subject: id.0,
        channel: "ussd",
        detail: None,
    };
    audit::append(tx, event).await?;
    Ok(Reply::of(Outcome::Done))
}
