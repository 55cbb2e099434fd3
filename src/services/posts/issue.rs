//! First PINs of posts: random, sent to one line, and good for nothing but choosing one's own there. Its digits are
//! derived from a challenge, so neither the database nor the outbox holds them.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::{
    model::{
        ChallengeId, CredentialId, Msisdn, Post,
        challenge::{Closed, Door},
        message::Purpose,
        reference::reference,
    },
    secrets::{CodeFor, CodeLength, Purpose as KeyPurpose},
    services::{Deps, messaging},
    storage::{
        StoreError, Tx, audit,
        challenges::{self, Challenge},
        lines, officers, post_tries,
        posts::{self, Credential, Part},
        season,
    },
};

/// Who gets a PIN, and from whom.
#[derive(Debug, Clone)]
pub struct Order<'a> {
    /// The post.
    pub post: &'a Post,
    /// For the holder, or for a deputy.
    pub part: Part,
    /// The line that the first PIN goes to, and works from.
    pub to: &'a Msisdn,
    /// Until when the PIN counts that is chosen with it; `None` for a holder's.
    pub until: Option<DateTime<Utc>>,
    /// Who issues it, as the audit names them.
    pub by: &'a str,
    /// By which channel.
    pub channel: &'static str,
}

/// What was issued.
pub struct Issued {
    /// The credential.
    pub credential: CredentialId,
    /// The first PIN, to be said once.
    pub pin: SecretString,
    /// Until when it works.
    pub until: DateTime<Utc>,
    /// What its message calls it.
    pub reference: String,
}

/// Why none was issued.
#[derive(Debug, thiserror::Error)]
pub enum NotIssued {
    /// No such centre or officer.
    #[error("there is no such centre in the lists: see the file of centres, or `daftari import centres`")]
    NoPost,
    /// Not a line that can get it.
    #[error("the number is not a Kenyan mobile line")]
    NotMobile,
    /// The line is that of the post's holder already.
    #[error("this line holds the post itself")]
    OwnLine,
    /// The code can't be derived.
    #[error("the PIN can't be made: the key is missing")]
    NoKey,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Issue a first PIN in the caller's unit of work, in place of what the post had: the holder's old PIN ends at once, so does
/// a deputy's when there is a new deputy. Ring [`Deps::outbox`] after the commit.
pub async fn issue(
    tx: &mut Tx,
    deps: &Deps,
    order: &Order<'_>,
    now: DateTime<Utc>,
) -> Result<Issued, NotIssued> {
    if !order.to.is_kenyan_mobile() {
        return Err(NotIssued::NotMobile);
    }
    let series = match order.post {
        Post::Centre(code) => {
            let centre = season::centre(tx, code).await?.filter(|centre| centre.removed_at.is_none());
            centre.ok_or(NotIssued::NoPost)?;
            super::series_of(tx, order.post, now).await?
        }
        Post::Officer(id) => {
            let officer = officers::by_msisdn(tx, order.to).await?;
            officer.filter(|officer| officer.id == *id).ok_or(NotIssued::NoPost)?;
            None
        }
    };
    post_tries::hold(tx, order.post).await?;
    posts::revoke(tx, order.post, Some(order.part), order.by, now).await?;
    post_tries::forget(tx, order.post).await?;
    let lifetime = now + Door::FirstPin.lifetime();
    let until = order.until.map_or(lifetime, |until| until.min(lifetime));
    let credential = Credential {
        id: CredentialId(deps.chance.id(now)),
        post: order.post.clone(),
        part: order.part,
        pin: None,
        issued_to: order.to.clone(),
        issued_by: order.by.to_owned(),
        issued_at: now,
        // A deputy's own time is kept by the challenge's subject alone until the PIN is chosen.
        expires_at: Some(order.until.unwrap_or(lifetime)),
        chosen_at: None,
        epoch: 0,
    };
    posts::insert(tx, &credential, series.as_deref()).await?;
    let challenge = challenge(tx, deps, &credential, until, now).await?;
    let pin = first_pin(deps, &challenge).ok_or(NotIssued::NoKey)?;
    messaging::queue_code(deps, tx, Purpose::FirstPin, &challenge).await?;
    let action = match order.part {
        Part::Holder => "post_pin_issued",
        Part::Deputy => "deputy_pin_issued",
    };
    let event = audit::Event {
        at: now,
        actor: order.by,
        action,
        subject: credential.id.0,
        channel: order.channel,
        detail: None,
    };
    audit::append(tx, event).await?;
    Ok(Issued { credential: credential.id, pin, until, reference: challenge.reference })
}

async fn challenge(
    tx: &mut Tx,
    deps: &Deps,
    credential: &Credential,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<Challenge, StoreError> {
    let new = Challenge {
        id: ChallengeId(deps.chance.id(now)),
        subject: credential.id.0,
        door: Door::FirstPin,
        msisdn: credential.issued_to.clone(),
        language: lines::language(tx, &credential.issued_to).await?.unwrap_or_default(),
        nonce: deps.chance.bytes(),
        code_key: deps.keys.current().current_id(KeyPurpose::Code).to_owned(),
        length: CodeLength::Eight,
        reference: reference(deps.chance.bytes()),
        tries: 0,
        created_at: now,
        expires_at: until,
        passed: None,
        closed: None,
    };
    challenges::insert(tx, &new).await?;
    Ok(new)
}

/// The digits of a first PIN; `None` when this node lacks the key.
pub(super) fn first_pin(deps: &Deps, challenge: &Challenge) -> Option<SecretString> {
    let keys = deps.keys.with(KeyPurpose::Code, &challenge.code_key);
    let what = CodeFor { purpose: challenge.door.name(), subject: challenge.subject.as_bytes() };
    let code = keys.code(&challenge.code_key, &challenge.nonce, what, challenge.length)?;
    Some(SecretString::from(code.digits()))
}

/// End every PIN of a post and let its lines go.
pub async fn revoke(
    tx: &mut Tx,
    deps: &Deps,
    post: &Post,
    (by, channel): (&str, &'static str),
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let ended = posts::revoke(tx, post, None, by, now).await?;
    posts::unbind(tx, post, None, now).await?;
    for (credential, ..) in posts::history(tx, post).await? {
        if let Some(open) = challenges::open(tx, credential.id.0, Door::FirstPin).await? {
            challenges::close(tx, open.id, Closed::Replaced, now).await?;
        }
    }
    if ended > 0 {
        let subject = deps.chance.id(now);
        let detail = format!("{} {}", post.kind(), post.name());
        let event = audit::Event {
            at: now,
            actor: by,
            action: "post_pins_revoked",
            subject,
            channel,
            detail: Some((&detail, deps.chance.bytes())),
        };
        audit::append(tx, event).await?;
    }
    Ok(ended)
}
