//! Choosing the PIN of a post: with the first PIN, or later with the one it has. Every session that stands on the old one
//! ends, and the lines of the post are told.

use super::{sign_in::signed_in, tell};
use crate::{
    menu::{Outcome, Reply, Var},
    model::{
        Pin, Post,
        challenge::{Closed, Door},
        message::Purpose,
    },
    secrets::{PinCheck, PinHash, Purpose as KeyPurpose},
    services::{
        Deps,
        actions::{Prepared, Who, Work},
        sign_in::FRESH,
        ussd::Fault,
    },
    storage::{
        Tx, audit, challenges,
        posts::{self, Credential, Part},
    },
};

/// A new PIN to be compared with the old one and hashed.
pub struct Choice {
    credential: Credential,
    pin: Pin,
}

/// The new PIN's hash; `None` when it is the old PIN.
pub struct Chosen {
    credential: Credential,
    hash: Option<PinHash>,
}

/// Look whether the session may choose: the PIN before was typed in it a short time ago.
pub async fn prepare(tx: &mut Tx, who: &Who<'_>, pin: Option<&Pin>) -> Result<Prepared, Fault> {
    let over = || Ok(Prepared::Settled(Reply::of(Outcome::PinOver)));
    let (Some(at), Some(pin)) = (&who.session.post, pin) else { return over() };
    let standing = posts::that_count(tx, &at.post, who.now).await?;
    let credential = standing.into_iter().find(|one| one.id == at.credential && one.epoch == at.epoch);
    match credential.filter(|_| who.now - at.at <= FRESH) {
        Some(credential) => {
            Ok(Prepared::Work(Box::new(Work::ChoosePost(Choice { credential, pin: pin.clone() }))))
        }
        None => over(),
    }
}

/// Compare and hash, outside any transaction.
pub async fn hash(deps: &Deps, choice: Choice) -> Result<Chosen, Fault> {
    let Choice { credential, pin } = choice;
    if let Some(kept) = &credential.pin {
        let keys = deps.keys.with(KeyPurpose::Pepper, &kept.pepper_id);
        if let PinCheck::Right { .. } = deps.hasher.check(&keys, &pin, kept).await? {
            return Ok(Chosen { credential, hash: None });
        }
    }
    let hash = deps.hasher.hash(&deps.keys.current(), &pin, deps.chance.bytes()).await?;
    Ok(Chosen { credential, hash: Some(hash) })
}

/// Put it, and go on signed in.
pub async fn finish(tx: &mut Tx, deps: &Deps, who: &Who<'_>, chosen: Chosen) -> Result<Reply, Fault> {
    let Chosen { credential, hash } = chosen;
    let Some(hash) = hash else { return Ok(Reply::of(Outcome::SamePin)) };
    // A holder's first PIN ends after some hours, the PIN chosen with it does not.
    let until = credential.expires_at.filter(|_| credential.part == Part::Deputy);
    let Some(epoch) = posts::choose(tx, &credential, hash, until, who.now).await? else {
        return Ok(Reply::of(Outcome::PinOver));
    };
    if let Some(open) = challenges::open(tx, credential.id.0, Door::FirstPin).await? {
        challenges::close(tx, open.id, Closed::Used, who.now).await?;
    }
    let first = credential.chosen_at.is_none();
    let event = audit::Event {
        at: who.now,
        actor: "self",
        action: if first { "post_pin_chosen" } else { "post_pin_changed" },
        subject: credential.id.0,
        channel: "ussd",
        detail: None,
    };
    audit::append(tx, event).await?;
    if let (Post::Centre(code), Part::Holder) = (&credential.post, credential.part) {
        let vars = [(Var::PostName, code.as_str().into())];
        for line in posts::lines_of(tx, &credential.post).await? {
            tell(tx, deps, who.menus, (Purpose::PostPinChanged, &line), &vars).await?;
        }
    }
    signed_in(tx, deps, who, &Credential { epoch, ..credential }).await
}
