//! Asking for a code: within the limits, the code that still counts is said again, else a new one takes its place.

use super::{MOST_WRONG, Refused, Request, Requested, Sent, WRONG_WITHIN, budget, guesses, quotas};
use crate::{
    model::{
        AccountId, ChallengeId,
        challenge::{Closed, Door},
        message::Purpose,
        reference::reference,
    },
    secrets::Purpose as KeyPurpose,
    services::{Deps, messaging},
    storage::{
        StoreError, Tx,
        challenges::{self, Challenge},
    },
    telemetry::metrics,
};

/// Ask for a code. What it does belongs into one transaction; a refusal has queued nothing.
pub async fn request(tx: &mut Tx, deps: &Deps, request: &Request<'_>) -> Result<Requested, StoreError> {
    let requested = decide(tx, deps, request).await?;
    metrics::code(match &requested {
        Requested::Sent(_) => "sent",
        Requested::Nobody => "nobody",
        Requested::Refused(Refused::TooSoon { .. }) => "too_soon",
        Requested::Refused(Refused::TooMany { .. }) => "too_many",
        Requested::Refused(Refused::Budget { .. }) => "budget",
        Requested::Refused(Refused::OfficerOnly) => "officer_only",
    });
    Ok(requested)
}

/// Count a request of the web against its limits and do nothing else, so that it costs the same whether the number that
/// was named has an account or not. What it is granted is done with [`grant`].
pub async fn admit(tx: &mut Tx, deps: &Deps, request: &Request<'_>) -> Result<Option<Refused>, StoreError> {
    let refused = quotas::refuse(tx, deps, request).await?;
    if refused.is_none() {
        quotas::count(tx, deps, request, None).await?;
    }
    Ok(refused)
}

/// Do what [`admit`] has let in.
pub async fn grant(tx: &mut Tx, deps: &Deps, request: &Request<'_>) -> Result<Requested, StoreError> {
    let Some((account, purpose)) = request.account.zip(purpose(request.door)) else {
        return Ok(Requested::Nobody);
    };
    if challenges::wrong_since(tx, account.0, request.now - WRONG_WITHIN).await? >= MOST_WRONG {
        return Ok(Requested::Refused(Refused::OfficerOnly));
    }
    if let Some(refused) = budget::pay(tx, deps, request).await? {
        return Ok(Requested::Refused(refused));
    }
    Ok(Requested::Sent(Box::new(send(tx, deps, request, account, purpose).await?)))
}

async fn decide(tx: &mut Tx, deps: &Deps, request: &Request<'_>) -> Result<Requested, StoreError> {
    let too_often = quotas::refuse(tx, deps, request).await?;
    let since = request.now - WRONG_WITHIN;
    if let Some(account) = request.account
        && challenges::wrong_since(tx, account.0, since).await? >= MOST_WRONG
    {
        // Before the limits: waiting would not help.
        return Ok(Requested::Refused(Refused::OfficerOnly));
    }
    if let Some(refused) = too_often {
        return Ok(Requested::Refused(refused));
    }
    let Some((account, purpose)) = request.account.zip(purpose(request.door)) else {
        quotas::count(tx, deps, request, None).await?;
        return Ok(Requested::Nobody);
    };
    if let Some(refused) = budget::pay(tx, deps, request).await? {
        return Ok(Requested::Refused(refused));
    }
    let sent = send(tx, deps, request, account, purpose).await?;
    quotas::count(tx, deps, request, Some(sent.message)).await?;
    Ok(Requested::Sent(Box::new(sent)))
}

async fn send(
    tx: &mut Tx,
    deps: &Deps,
    request: &Request<'_>,
    account: AccountId,
    purpose: Purpose,
) -> Result<Sent, StoreError> {
    let challenge = standing(tx, deps, request, account).await?;
    let message = messaging::queue_code(deps, tx, purpose, &challenge).await?;
    Ok(Sent { challenge, message })
}

/// The message that carries the code of a door that people ask for themselves; none where somebody else gives it.
fn purpose(door: Door) -> Option<Purpose> {
    match door {
        Door::ResetPin => Some(Purpose::ResetCode),
        Door::ResetPassword => Some(Purpose::PasswordCode),
        Door::NewNumber => Some(Purpose::NumberCode),
        Door::TakeBack => Some(Purpose::TakeBackCode),
        Door::Officer | Door::FirstPin => None,
    }
}

/// The challenge that stands for this door: the one that still counts, or a new one in its place.
pub(in crate::services) async fn standing(
    tx: &mut Tx,
    deps: &Deps,
    request: &Request<'_>,
    account: AccountId,
) -> Result<Challenge, StoreError> {
    let (door, now) = (request.door, request.now);
    if let Some(open) = challenges::open(tx, account.0, door).await? {
        // The same line: a code that went to another is not said here.
        if open.counts(now) && open.has_tries() && open.msisdn == *request.msisdn {
            return Ok(open);
        }
        let closed = if open.has_tries() { Closed::Replaced } else { Closed::Dead };
        challenges::close(tx, open.id, closed, now).await?;
    }
    let new = new(tx, deps, request, account).await?;
    if challenges::insert(tx, &new).await? {
        return Ok(new);
    }
    // Asked for on another channel at the same moment: one code counts.
    challenges::open(tx, account.0, door).await?.ok_or(StoreError::Unreadable("a challenge"))
}

async fn new(
    tx: &mut Tx,
    deps: &Deps,
    request: &Request<'_>,
    account: AccountId,
) -> Result<Challenge, StoreError> {
    Ok(Challenge {
        id: ChallengeId(deps.chance.id(request.now)),
        subject: account.0,
        door: request.door,
        msisdn: request.msisdn.clone(),
        language: request.language,
        nonce: deps.chance.bytes(),
        code_key: deps.keys.current().current_id(KeyPurpose::Code).to_owned(),
        length: guesses::length(tx, request.now).await?,
        reference: reference(deps.chance.bytes()),
        tries: 0,
        created_at: request.now,
        expires_at: request.now + request.door.lifetime(),
        passed: None,
        closed: None,
    })
}
