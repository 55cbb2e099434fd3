//! PINs of posts from the command line: a centre's first PIN and its end, its lines, an officer's first PIN.

use chrono::{DateTime, Utc};

use super::issue::{self, Issued, NotIssued, Order};
use crate::{
    model::{CentreCode, Msisdn, Post},
    services::Deps,
    storage::{
        StoreError, Tx, audit, officers,
        posts::{self, Credential, Part},
        season,
    },
};

/// As the audit names whoever sits at the server.
const DESK: (&str, &str) = ("desk", "cli");

/// What there is to say of a centre, without a secret.
pub struct CentreView {
    /// The centre.
    pub centre: season::Centre,
    /// The lines that are bound.
    pub lines: Vec<Msisdn>,
    /// Every PIN it had, the latest first: with when it was revoked, and by whom.
    pub pins: Vec<(Credential, Option<DateTime<Utc>>, Option<String>)>,
}

/// Make a centre's first PIN, send it to a line, and give it to be said once. The PIN before ends.
pub async fn issue_to_centre(deps: &Deps, code: &CentreCode, to: &Msisdn) -> Result<Issued, NotIssued> {
    issue_to(deps, &Post::Centre(code.clone()), to).await
}

/// The same for an officer, to the officer's own line.
pub async fn issue_to_officer(deps: &Deps, line: &Msisdn) -> Result<Issued, NotIssued> {
    let officer = officers::by_msisdn(&mut deps.store.read().await?, line).await?;
    issue_to(deps, &Post::Officer(officer.ok_or(NotIssued::NoPost)?.id), line).await
}

async fn issue_to(deps: &Deps, post: &Post, to: &Msisdn) -> Result<Issued, NotIssued> {
    let (now, (by, channel)) = (deps.clock.now(), DESK);
    let mut tx = deps.store.begin().await?;
    let order = Order { post, part: Part::Holder, to, until: None, by, channel };
    let issued = issue::issue(&mut tx, deps, &order, now).await?;
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(issued)
}

/// A centre, its lines and PINs; `None` when there never was one of this code.
pub async fn show(deps: &Deps, code: &CentreCode) -> Result<Option<CentreView>, StoreError> {
    let mut tx = deps.store.read().await?;
    let Some(centre) = season::centre(&mut tx, code).await? else { return Ok(None) };
    let post = Post::Centre(code.clone());
    let lines = posts::lines_of(&mut tx, &post).await?;
    let pins = posts::history(&mut tx, &post).await?;
    Ok(Some(CentreView { centre, lines, pins }))
}

/// End every PIN of a centre and let its lines go; says how many PINs there were.
pub async fn revoke(deps: &Deps, code: &CentreCode) -> Result<u64, StoreError> {
    let mut tx = deps.store.begin().await?;
    let post = Post::Centre(code.clone());
    let ended = issue::revoke(&mut tx, deps, &post, DESK, deps.clock.now()).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Let one line of a centre go: it is a stranger's from now on. False when it was not bound.
pub async fn unbind(deps: &Deps, code: &CentreCode, line: &Msisdn) -> Result<bool, StoreError> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let post = Post::Centre(code.clone());
    if posts::unbind(&mut tx, &post, Some(line), now).await? == 0 {
        return Ok(false);
    }
    // Whoever is signed in from there is signed out with everybody else.
    posts::end_sign_ins(&mut tx, &post).await?;
    record(&mut tx, deps, &format!("centre {code} {}", line.masked()), now).await?;
    tx.commit().await?;
    Ok(true)
}

async fn record(tx: &mut Tx, deps: &Deps, detail: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    let ((actor, channel), subject) = (DESK, deps.chance.id(now));
    let detail = Some((detail, deps.chance.bytes()));
    let action = "post_line_unbound";
    audit::append(tx, audit::Event { at: now, actor, action, subject, channel, detail }).await
}
