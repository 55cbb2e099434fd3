//! Signing in at a post. Tries are counted by line and committed before the PIN is looked at (`security.md` 12): a line that
//! is bound waits longer and longer and is shut at ten in a row; one that is not has three tries a day, all such lines
//! together twenty a centre, and neither ever shuts a line that is bound.

use chrono::{DateTime, Days, NaiveTime, Utc};
use secrecy::ExposeSecret as _;
use subtle::ConstantTimeEq as _;

use super::{issue::first_pin, name, named, series_of, tell};
use crate::{
    menu::{Outcome, Reply, Var, session::AtPost},
    model::{CredentialId, Pin, Post, challenge::Door, message::Purpose},
    secrets::{PinCheck, PinHash, Purpose as KeyPurpose},
    services::{
        Deps,
        actions::{Prepared, Who, Work},
        directing, marking,
        recovery::from_when,
        season::calendar::{day_of, instant},
        sign_in::wait_after,
        ussd::{Fault, MOST_FAILURES},
    },
    storage::{
        StoreError, Tx, audit,
        challenges::{self, Challenge},
        officers,
        post_tries::{self, Of, Tries},
        posts::{self, Credential, Part},
    },
};

/// Wrong PINs a day from a line that is not bound.
const STRANGER_TRIES: i64 = 3;
/// The same from all such lines together.
const STRANGERS_TRIES: i64 = 20;
/// Wrong PINs in a row from a bound line that are free of waiting.
const FREE_TRIES: i64 = 3;

/// A PIN to be checked. The try has been counted.
pub struct Check {
    post: Post,
    pin: Pin,
    candidates: Vec<Candidate>,
    own: bool,
    failures: i64,
}

/// A credential that the PIN may be of.
struct Candidate {
    credential: Credential,
    /// The challenge whose code is its first PIN.
    first: Option<Challenge>,
}

/// A PIN that was checked.
pub struct Checked {
    post: Post,
    right: Option<(Credential, bool)>,
    own: bool,
    failures: i64,
    /// The old hash and the new, where parameters or pepper have changed.
    rehashed: Option<(CredentialId, PinHash, PinHash)>,
}

/// Count the try.
pub async fn prepare(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    pin: Option<&Pin>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let (Some(post), Some(pin)) = (who.session.text(Var::Post).and_then(named), pin) else {
        return Ok(Prepared::Settled(Reply::of(Outcome::NoAccount)));
    };
    post_tries::hold(tx, &post).await?;
    let credentials = posts::that_count(tx, &post, who.now).await?;
    let own =
        posts::is_bound(tx, &post, who.msisdn).await? || credentials.iter().any(|one| one.is_for(who.msisdn));
    if let Some(reply) = has_no_pin(tx, who, (&post, &credentials, own)).await? {
        return Ok(Prepared::Settled(reply));
    }
    let counted =
        if counted { Ok(so_far(tx, who, &post, own).await?) } else { count(tx, who, &post, own).await? };
    let failures = match counted {
        Ok(failures) => failures,
        Err(reply) => return Ok(Prepared::Settled(reply)),
    };
    let candidates = candidates(tx, deps, who, credentials).await?;
    Ok(Prepared::Work(Box::new(Work::CheckPost(Check { post, pin: pin.clone(), candidates, own, failures }))))
}

/// On a line of its own a post is told plainly that it has no PIN; an officer is one on their own line alone.
async fn has_no_pin(
    tx: &mut Tx,
    who: &Who<'_>,
    (post, credentials, own): (&Post, &[Credential], bool),
) -> Result<Option<Reply>, StoreError> {
    if let Post::Officer(id) = post {
        let officer = officers::by_msisdn(tx, who.msisdn).await?;
        if officer.is_none_or(|officer| officer.id != *id) {
            return Ok(Some(Reply::of(Outcome::NoAccount)));
        }
    }
    Ok((own && credentials.is_empty()).then(|| Reply::of(Outcome::PinOver)))
}

async fn so_far(tx: &mut Tx, who: &Who<'_>, post: &Post, own: bool) -> Result<i64, StoreError> {
    let line = post_tries::so_far(tx, post, Of::Line(who.msisdn)).await?;
    Ok(if own { line.failures } else { of_today(&line, who.now) })
}

/// The tries in a row with this one; or why it is not looked at.
async fn count(tx: &mut Tx, who: &Who<'_>, post: &Post, own: bool) -> Result<Result<i64, Reply>, StoreError> {
    let (line, today) = (Of::Line(who.msisdn), day_of(who.now));
    let tries = post_tries::so_far(tx, post, line).await?;
    if own {
        if tries.failures >= MOST_FAILURES {
            return Ok(Err(Reply::of(Outcome::Disabled)));
        }
        if let Some(until) = tries.wait_until.filter(|until| *until > who.now) {
            return Ok(Err(must_wait(until)));
        }
        let failures = tries.failures + 1;
        let wait_until = wait_after(failures).map(|wait| who.now + wait);
        post_tries::set(tx, post, line, &Tries { failures, wait_until, on_day: today }).await?;
        return Ok(Ok(failures));
    }
    let strangers = post_tries::so_far(tx, post, Of::Strangers).await?;
    let (own_tries, all) = (of_today(&tries, who.now), of_today(&strangers, who.now));
    if own_tries >= STRANGER_TRIES || all >= STRANGERS_TRIES {
        return Ok(Err(must_wait(tomorrow(who.now))));
    }
    for (of, failures) in [(line, own_tries + 1), (Of::Strangers, all + 1)] {
        post_tries::set(tx, post, of, &Tries { failures, wait_until: None, on_day: today }).await?;
    }
    Ok(Ok(own_tries + 1))
}

fn of_today(tries: &Tries, now: DateTime<Utc>) -> i64 {
    if tries.on_day == day_of(now) { tries.failures } else { 0 }
}

fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    let next = day_of(now).checked_add_days(Days::new(1)).unwrap_or_else(|| day_of(now));
    instant(next, NaiveTime::MIN)
}

fn must_wait(until: DateTime<Utc>) -> Reply {
    Reply::of(Outcome::MustWait).set(Var::AgainAt, from_when(until))
}

async fn candidates(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    credentials: Vec<Credential>,
) -> Result<Vec<Candidate>, StoreError> {
    let mut candidates = vec![];
    for credential in credentials {
        if let Some(pin) = &credential.pin {
            // The hash may be under a pepper that another process has made since.
            deps.keys.with(KeyPurpose::Pepper, &pin.pepper_id);
            candidates.push(Candidate { credential, first: None });
        } else if credential.issued_to == *who.msisdn {
            let first = challenges::open(tx, credential.id.0, Door::FirstPin).await?;
            if let Some(first) = first.filter(|first| first.counts(who.now)) {
                candidates.push(Candidate { credential, first: Some(first) });
            }
        }
    }
    Ok(candidates)
}

/// Look at the PIN, outside any transaction. Where there is nothing to look at the same work is done for nothing.
pub async fn check(deps: &Deps, check: Check) -> Result<Checked, Fault> {
    let Check { post, pin, candidates, own, failures } = check;
    let mut checked = Checked { post, right: None, own, failures, rehashed: None };
    let hashed = candidates.iter().any(|one| one.first.is_none());
    if !hashed {
        deps.hasher.dummy(&deps.keys.current(), &pin).await?;
    }
    for Candidate { credential, first } in candidates {
        let right = match (&first, &credential.pin) {
            (Some(first), _) => first_pin(deps, first)
                .is_some_and(|code| code.expose_secret().as_bytes().ct_eq(pin.digits().as_bytes()).into()),
            (None, Some(kept)) => {
                let keys = deps.keys.with(KeyPurpose::Pepper, &kept.pepper_id);
                match deps.hasher.check(&keys, &pin, kept).await? {
                    PinCheck::Right { rehash } => {
                        if rehash {
                            let new =
                                deps.hasher.hash(&deps.keys.current(), &pin, deps.chance.bytes()).await?;
                            checked.rehashed = Some((credential.id, kept.clone(), new));
                        }
                        true
                    }
                    PinCheck::Wrong => false,
                }
            }
            (None, None) => false,
        };
        if right {
            checked.right = Some((credential, first.is_some()));
            break;
        }
    }
    Ok(checked)
}

/// Keep what came out.
pub async fn finish(tx: &mut Tx, deps: &Deps, who: &Who<'_>, checked: Checked) -> Result<Reply, Fault> {
    let Checked { post, right, own, failures, rehashed } = checked;
    post_tries::hold(tx, &post).await?;
    let Some((credential, first)) = right else { return wrong(tx, who, (&post, own), failures).await };
    if let Some((id, old, new)) = rehashed {
        posts::rehash(tx, id, &old, new).await?;
    }
    give_back(tx, who, &post, own).await?;
    if first {
        let proof = at_post(&credential, String::new(), who.now);
        return Ok(Reply { post: Some(proof), ..Reply::of(Outcome::MustChoose) });
    }
    signed_in(tx, deps, who, &credential).await
}

/// The session of a post whose PIN was right: its line is bound, and whoever should know is told.
pub(super) async fn signed_in(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    credential: &Credential,
) -> Result<Reply, Fault> {
    let post = &credential.post;
    let series = series_of(tx, post, who.now).await?;
    // A deputy's line is the deputy's for its time alone; others stay until they are let go.
    if credential.part == Part::Holder {
        bind(tx, deps, who, post).await?;
    }
    let outcome = match (post, &series) {
        (Post::Centre(_), Some(_)) => Outcome::AtCentre,
        (Post::Centre(_), None) => return Ok(Reply::of(Outcome::Nothing)),
        (Post::Officer(_), _) => Outcome::AtOffice,
    };
    let practice = match &series {
        Some(series) => crate::storage::season::series(tx, series).await?.is_some_and(|it| it.practice),
        None => false,
    };
    let proof = at_post(credential, series.clone().unwrap_or_default(), who.now);
    let reply = Reply::of(outcome)
        .set(Var::PostName, name(tx, post, who.msisdn).await?)
        .flag(crate::menu::Flag::Practice, practice);
    let mut reply = Reply { post: Some(proof), ..reply };
    match (post, series) {
        (Post::Centre(centre), Some(series)) => {
            Ok(marking::home::arrive(tx, deps, who, (&series, centre), reply).await?)
        }
        (_, series) => {
            directing::place::home(tx, who, &series.unwrap_or_default(), &mut reply).await?;
            Ok(reply)
        }
    }
}

fn at_post(credential: &Credential, series: String, now: DateTime<Utc>) -> AtPost {
    AtPost {
        credential: credential.id,
        post: credential.post.clone(),
        series,
        deputy: credential.part == Part::Deputy,
        epoch: credential.epoch,
        at: now,
    }
}

/// A new line is told to the lines that were there and to the director of the place.
async fn bind(tx: &mut Tx, deps: &Deps, who: &Who<'_>, post: &Post) -> Result<(), StoreError> {
    let before = posts::lines_of(tx, post).await?;
    if !posts::bind(tx, post, who.msisdn, who.now).await? {
        return Ok(());
    }
    let event = audit::Event {
        at: who.now,
        actor: "self",
        action: "post_line_bound",
        subject: deps.chance.id(who.now),
        channel: "ussd",
        detail: Some((
            &format!("{} {} {}", post.kind(), post.name(), who.msisdn.masked()),
            deps.chance.bytes(),
        )),
    };
    audit::append(tx, event).await?;
    let Post::Centre(centre) = post else { return Ok(()) };
    let directors = officers::directors_of(tx, centre).await?.into_iter().map(|officer| officer.msisdn);
    let vars = [(Var::PostName, centre.as_str().into()), (Var::Line, who.msisdn.masked().into())];
    for line in before.into_iter().chain(directors).filter(|line| line != who.msisdn) {
        tell(tx, deps, who.menus, (Purpose::PostBound, &line), &vars).await?;
    }
    Ok(())
}

/// A right PIN is no wrong try.
async fn give_back(tx: &mut Tx, who: &Who<'_>, post: &Post, own: bool) -> Result<(), StoreError> {
    let (line, today) = (Of::Line(who.msisdn), day_of(who.now));
    if own {
        return post_tries::set(tx, post, line, &Tries { on_day: today, ..Tries::default() }).await;
    }
    for of in [line, Of::Strangers] {
        let failures = of_today(&post_tries::so_far(tx, post, of).await?, who.now);
        let tries = Tries { failures: (failures - 1).max(0), wait_until: None, on_day: today };
        post_tries::set(tx, post, of, &tries).await?;
    }
    Ok(())
}

async fn wrong(
    tx: &mut Tx,
    who: &Who<'_>,
    (post, own): (&Post, bool),
    failures: i64,
) -> Result<Reply, Fault> {
    if !own {
        let left = STRANGER_TRIES - failures;
        return Ok(if left > 0 { wrong_pin(left) } else { must_wait(tomorrow(who.now)) });
    }
    if failures >= MOST_FAILURES {
        let subject = posts::that_count(tx, post, who.now).await?.first().map(|one| one.id.0);
        if let Some(subject) = subject {
            let (actor, action, channel) = ("self", "post_pin_shut", "ussd");
            audit::append(tx, audit::Event { at: who.now, actor, action, subject, channel, detail: None })
                .await?;
        }
        return Ok(Reply::of(Outcome::Disabled));
    }
    Ok(match wait_after(failures) {
        Some(wait) => must_wait(who.now + wait),
        None => wrong_pin(FREE_TRIES - failures),
    })
}

fn wrong_pin(left: i64) -> Reply {
    Reply::of(Outcome::WrongPin).set(Var::TriesLeft, left.to_string())
}
