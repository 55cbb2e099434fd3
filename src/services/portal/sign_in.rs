//! Signing in with user name and password. The try is counted and committed first; who is not known, or has no password
//! yet, costs the same statements and the same Argon2.

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Fault, SignedIn, Wait,
    gates::{self, Counted, What},
    line, named,
};
use crate::{
    model::Password,
    secrets::{PinCheck, PinHash, Purpose as KeyPurpose},
    services::Deps,
    storage::web_people::{self, Person},
    telemetry::metrics,
};

/// What came of trying to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// It was right.
    Done(SignedIn),
    /// User name and password don't belong together.
    Wrong,
    /// Too many tries.
    Wait(Wait),
}

/// Try to sign in from a place.
pub async fn sign_in(
    deps: &Deps,
    source: &str,
    username: &str,
    password: &SecretString,
) -> Result<SignIn, Fault> {
    let now = deps.clock.now();
    let line = line(username);
    let mut tx = deps.store.begin().await?;
    let name = named(username, line.as_ref());
    let counted = match gates::count(&mut tx, deps, What::Password, source, &name, now).await? {
        Ok(counted) => counted,
        Err(wait) => return Ok(SignIn::Wait(wait)),
    };
    let person = web_people::by_line(&mut tx, line.as_ref()).await?;
    tx.commit().await?;
    let password = Password::typed(password.expose_secret());
    let kept = person.as_ref().and_then(|person| person.password.as_ref());
    let rehashed = right(deps, kept, &password).await?;
    match (person, rehashed) {
        (Some(person), Some(rehashed)) => done(deps, &person, &counted, rehashed).await,
        _ => Ok(SignIn::Wrong),
    }
}

/// Whether a password is the one that was kept; then the hash made anew, where parameters or pepper have changed. Argon2
/// runs in any case.
pub(super) async fn right(
    deps: &Deps,
    kept: Option<&PinHash>,
    password: &Password,
) -> Result<Option<Option<(PinHash, PinHash)>>, Fault> {
    metrics::argon2_waiting(deps.hasher.waiting());
    let Some(kept) = kept else {
        deps.hasher.dummy(&deps.keys.current(), password).await?;
        return Ok(None);
    };
    let keys = deps.keys.with(KeyPurpose::Pepper, &kept.pepper_id);
    Ok(match deps.hasher.check(&keys, password, kept).await? {
        PinCheck::Wrong => None,
        PinCheck::Right { rehash: false } => Some(None),
        PinCheck::Right { rehash: true } => {
            let new = deps.hasher.hash(&deps.keys.current(), password, deps.chance.bytes()).await?;
            Some(Some((kept.clone(), new)))
        }
    })
}

async fn done(
    deps: &Deps,
    person: &Person,
    counted: &Counted,
    rehashed: Option<(PinHash, PinHash)>,
) -> Result<SignIn, Fault> {
    let mut tx = deps.store.begin().await?;
    gates::forgive(&mut tx, counted).await?;
    if let Some((old, new)) = rehashed {
        web_people::rehash(&mut tx, person.account, &old, new).await?;
    }
    tx.commit().await?;
    Ok(SignIn::Done(SignedIn::of(person)))
}
