//! A new password: by a code that went to the phone or stood on its screen, or by the old password. Either way every
//! other sign-in of the account ends, and the line is told (`security.md` 14).

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{
    DOOR, Fault, SignedIn, Wait, account,
    gates::{self, Counted, What},
    known, line, named,
    sign_in::right,
};
use crate::{
    menu::Menus,
    model::{
        Password,
        challenge::{Closed, TypedCode},
        message::Purpose,
        password::PasswordRefusal,
    },
    secrets::PinHash,
    services::{
        Deps, messaging,
        recovery::code::{self, CodeRefused, Judged, Try},
    },
    storage::{
        Tx, audit, challenges,
        web_people::{self, Person},
    },
};

/// What came of choosing a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// It is the password from now on, and who chose it is signed in.
    Done(SignedIn),
    /// The user name and the code don't belong together, or the code no longer counts; or the old password is wrong.
    Wrong,
    /// Too many tries.
    Wait(Wait),
    /// The new password is not taken.
    Refused(PasswordRefusal),
    /// The new password is the old one.
    Same,
    /// The sign-in is over.
    SignedOut,
}

/// Choose a password with a code.
pub async fn by_code(
    deps: &Deps,
    menus: &Menus,
    source: &str,
    username: &str,
    code: &SecretString,
    new: &SecretString,
) -> Result<Chosen, Fault> {
    let now = deps.clock.now();
    // What can be said without knowing who it is is said first, and costs no try.
    if let Err(refused) = Password::choose(new.expose_secret(), &[username]) {
        return Ok(Chosen::Refused(refused));
    }
    let line = line(username);
    let name = named(username, line.as_ref());
    let mut tx = deps.store.begin().await?;
    let counted = match gates::count(&mut tx, deps, What::Code, source, &name, now).await? {
        Ok(counted) => counted,
        Err(wait) => return Ok(Chosen::Wait(wait)),
    };
    let person = web_people::by_line(&mut tx, line.as_ref()).await?;
    let typed = TypedCode::parse(code.expose_secret());
    let by = deps.keys.current().marker().gate_tag("pass", &[&name, code.expose_secret()]);
    let typed = typed.map(|code| Try {
        subject: person.as_ref().map_or(Uuid::nil(), |person| person.account.0),
        door: DOOR,
        // Whoever knows the code goes on with it, also from another address: a phone changes its own as it moves.
        by,
        code,
        channel: "web",
    });
    let is_right = look(tx, deps, typed, now).await?;
    match person.filter(|_| is_right) {
        Some(person) => with_code(deps, menus, &person, &counted, by, new, now).await,
        None => Ok(Chosen::Wrong),
    }
}

/// Count the try, look, and keep what came out: in two transactions, of as many statements whether there is a code to
/// look at or not.
async fn look(mut tx: Tx, deps: &Deps, typed: Option<Try>, now: DateTime<Utc>) -> Result<bool, Fault> {
    let counted = match typed {
        Some(typed) => code::count(&mut tx, typed, now, false).await?,
        None => code::count_nothing(&mut tx).await?,
    };
    let looking = match counted {
        code::Counted::Look(look) => Some(look),
        code::Counted::Refused(why) => {
            code::pad(&mut tx, why, now).await?;
            None
        }
    };
    tx.commit().await?;
    let looked = looking.map(|look| code::look(deps, *look)).transpose()?;
    let mut tx = deps.store.begin().await?;
    let judged = match looked {
        Some(looked) => code::judge(&mut tx, looked, now).await?,
        None => code::judge_nothing(&mut tx, now).await?,
    };
    if judged != Judged::Refused(CodeRefused::Dead) && judged != Judged::Right {
        // A code that dies costs a statement more than one that doesn't.
        code::pad(&mut tx, CodeRefused::Dead, now).await?;
    }
    tx.commit().await?;
    Ok(judged == Judged::Right)
}

async fn with_code(
    deps: &Deps,
    menus: &Menus,
    person: &Person,
    counted: &Counted,
    by: [u8; 16],
    new: &SecretString,
    now: DateTime<Utc>,
) -> Result<Chosen, Fault> {
    let password = match choose(deps, person, new)? {
        Ok(password) => password,
        Err(refused) => {
            let mut tx = deps.store.begin().await?;
            gates::forgive(&mut tx, counted).await?;
            tx.commit().await?;
            return Ok(Chosen::Refused(refused));
        }
    };
    let hash = deps.hasher.hash(&deps.keys.current(), &password, deps.chance.bytes()).await?;
    let mut tx = deps.store.begin().await?;
    // Locked now: whoever else has come this far finds it closed.
    let open = challenges::open(&mut tx, person.account.0, DOOR).await?;
    let ours = open.filter(|challenge| challenge.passed.as_ref().is_some_and(|pass| pass.by == by));
    let Some(challenge) = ours else { return Ok(Chosen::Wrong) };
    challenges::close(&mut tx, challenge.id, Closed::Used, now).await?;
    gates::forgive(&mut tx, counted).await?;
    keep(tx, deps, menus, person, hash, now).await
}

/// Choose a password with the old one.
pub async fn by_old(
    deps: &Deps,
    menus: &Menus,
    source: &str,
    person: &Person,
    old: &SecretString,
    new: &SecretString,
) -> Result<Chosen, Fault> {
    let now = deps.clock.now();
    let password = match choose(deps, person, new)? {
        Ok(password) => password,
        Err(refused) => return Ok(Chosen::Refused(refused)),
    };
    let mut tx = deps.store.begin().await?;
    let name = person.msisdn.as_e164();
    let counted = match gates::count(&mut tx, deps, What::Password, source, name, now).await? {
        Ok(counted) => counted,
        Err(wait) => return Ok(Chosen::Wait(wait)),
    };
    tx.commit().await?;
    let old = Password::typed(old.expose_secret());
    if right(deps, person.password.as_ref(), &old).await?.is_none() {
        return Ok(Chosen::Wrong);
    }
    let mut tx = deps.store.begin().await?;
    gates::forgive(&mut tx, &counted).await?;
    if old.text() == password.text() {
        tx.commit().await?;
        return Ok(Chosen::Same);
    }
    drop(tx);
    let hash = deps.hasher.hash(&deps.keys.current(), &password, deps.chance.bytes()).await?;
    let mut tx = deps.store.begin().await?;
    gates::forgive(&mut tx, &counted).await?;
    keep(tx, deps, menus, person, hash, now).await
}

fn choose(
    deps: &Deps,
    person: &Person,
    new: &SecretString,
) -> Result<Result<Password, PasswordRefusal>, Fault> {
    let id = account::national_id(deps, person)?;
    let known = known(&person.msisdn, &person.name, id.digits());
    let own: Vec<&str> = known.iter().map(String::as_str).collect();
    Ok(Password::choose(new.expose_secret(), &own))
}

async fn keep(
    mut tx: Tx,
    deps: &Deps,
    menus: &Menus,
    person: &Person,
    hash: PinHash,
    now: DateTime<Utc>,
) -> Result<Chosen, Fault> {
    let account = person.account;
    // Another may have changed it while this one was hashing.
    let Some(epoch) = web_people::set_password(&mut tx, account, person.epoch, hash, now).await? else {
        return Ok(Chosen::SignedOut);
    };
    messaging::queue(deps, &mut tx, menus, Purpose::PasswordSet, &person.msisdn, person.language).await?;
    let event = audit::Event {
        at: now,
        actor: "self",
        action: "password_set",
        subject: account.0,
        channel: "web",
        detail: None,
    };
    audit::append(&mut tx, event).await?;
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(Chosen::Done(SignedIn { account, epoch }))
}
