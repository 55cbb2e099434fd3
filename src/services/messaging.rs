//! Messages as the other use cases know them: promised in the transaction that causes them, followed by reports and
//! opt-outs. How they get to a route is in `delivery`.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use secrecy::SecretString;

use super::Deps;
use crate::{
    gateways::{DeliveryReport, OptOut},
    menu::{
        Menus, Value, Var,
        registry::fate_word,
        render::{self, Constants, Known},
    },
    model::{
        Language, MessageId, Msisdn,
        message::{Fate, Purpose, RefusalReason},
    },
    secrets::{CodeFor, Purpose as KeyPurpose},
    storage::{
        StoreError, Tx,
        challenges::Challenge,
        inbound,
        messages::{self, Body, NewMessage, Summary},
        reports::{self, Changed, NewReport},
        stops,
    },
    telemetry::metrics,
};

/// Promise a message to a line; ring [`Deps::outbox`] once the transaction is committed.
///
/// Other lines than Kenyan mobile ones are refused before any cost (`security.md` 9); that is visible as its fate.
pub async fn queue(
    deps: &Deps,
    tx: &mut Tx,
    menus: &Menus,
    purpose: Purpose,
    msisdn: &Msisdn,
    language: Language,
) -> Result<MessageId, StoreError> {
    queue_with(deps, tx, menus, purpose, msisdn, language, &[]).await
}

/// The same with values for the variables that the purpose's text shows.
pub async fn queue_with(
    deps: &Deps,
    tx: &mut Tx,
    menus: &Menus,
    purpose: Purpose,
    msisdn: &Msisdn,
    language: Language,
    vars: &[(Var, Value)],
) -> Result<MessageId, StoreError> {
    let now = deps.clock.now();
    let id = MessageId(deps.chance.id(now));
    let text = words(deps, menus, purpose, msisdn, language, vars);
    let body = deps.keys.current().seal(messages::body_place(&id), text.as_bytes(), deps.chance.bytes());
    let not_after = now + purpose.lifetime();
    let body = Body::Words(body);
    promise(tx, NewMessage { id, purpose, msisdn: msisdn.clone(), body, created_at: now, not_after }).await
}

/// Promise the message that carries a challenge's code to the challenge's line; it is not sent once the code no longer
/// counts. Its words are made when it is sent ([`code_words`]).
pub async fn queue_code(
    deps: &Deps,
    tx: &mut Tx,
    purpose: Purpose,
    challenge: &Challenge,
) -> Result<MessageId, StoreError> {
    let now = deps.clock.now();
    let (id, body) = (MessageId(deps.chance.id(now)), Body::Code(challenge.id));
    let (msisdn, not_after) = (challenge.msisdn.clone(), challenge.expires_at);
    promise(tx, NewMessage { id, purpose, msisdn, body, created_at: now, not_after }).await
}

async fn promise(tx: &mut Tx, message: NewMessage) -> Result<MessageId, StoreError> {
    match unsendable(tx, &message).await? {
        None => messages::queue(tx, &message).await?,
        Some(reason) => messages::refuse_unsent(tx, &message, reason).await?,
    }
    Ok(message.id)
}

/// Why a message is not even tried: no line of ours to reach, or its person wants no more of the kind.
async fn unsendable(tx: &mut Tx, message: &NewMessage) -> Result<Option<RefusalReason>, StoreError> {
    if !message.msisdn.is_kenyan_mobile() {
        return Ok(Some(RefusalReason::BadNumber));
    }
    let stopped = message.purpose.may_be_stopped() && stops::has_stopped(tx, &message.msisdn).await?;
    Ok(stopped.then_some(RefusalReason::Stopped))
}

/// The words of a message that carries a code; `None` when this node lacks the code's key.
pub fn code_words(
    deps: &Deps,
    menus: &Menus,
    purpose: Purpose,
    challenge: &Challenge,
) -> Option<SecretString> {
    let keys = deps.keys.with(KeyPurpose::Code, &challenge.code_key);
    let subject = challenge.subject;
    let what = CodeFor { purpose: challenge.door.name(), subject: subject.as_bytes() };
    let code = keys.code(&challenge.code_key, &challenge.nonce, what, challenge.length)?;
    let vars = [
        (Var::Code, Value::from(code.digits())),
        (Var::CodeReference, Value::from(challenge.reference.as_str())),
    ];
    Some(words(deps, menus, purpose, &challenge.msisdn, challenge.language, &vars).into())
}

/// What has become of a message to this line, waited for at most so long: routes refuse most of what they refuse at
/// once. Any node may be the one that sends it, so the database is asked.
pub async fn fate_within(
    deps: &Deps,
    msisdn: &Msisdn,
    id: MessageId,
    limit: Duration,
) -> Result<Option<Summary>, StoreError> {
    let pauses = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(25))
        .with_max_delay(Duration::from_millis(200))
        .without_max_times()
        .with_total_delay(Some(limit))
        .build();
    let mut known = None;
    for pause in pauses {
        let mut tx = deps.store.read().await?;
        known = messages::by_id(&mut tx, msisdn, id).await?;
        drop(tx);
        if known.as_ref().is_none_or(|summary| summary.fate != Fate::Queued) {
            break;
        }
        tokio::time::sleep(pause).await;
    }
    Ok(known)
}

fn words(
    deps: &Deps,
    menus: &Menus,
    purpose: Purpose,
    msisdn: &Msisdn,
    language: Language,
    vars: &[(Var, Value)],
) -> String {
    let constants = Constants {
        username: msisdn.username(),
        help_line: &deps.settings.help_line,
        service_code: &deps.settings.service_code,
        pin_digits: deps.settings.pin_digits,
        reference: "",
    };
    render::text(menus, menus.sms(purpose), language, &Known { vars, constants })
}

/// Take in a delivery report; once this has returned it is on disk. The same report again changes nothing.
pub async fn report(deps: &Deps, provider: &str, report: &DeliveryReport) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    let new = NewReport {
        provider,
        provider_id: &report.provider_id,
        status: &report.status,
        news: report.news,
        reason: report.reason,
        detail: report.detail.as_deref(),
        msisdn: report.msisdn.as_ref(),
        received_at: deps.clock.now(),
    };
    let changed = reports::take_in(&mut tx, &new).await?;
    tx.commit().await?;
    count_all(changed.as_slice());
    Ok(())
}

/// Keep that a line wants no more of a sender: it gets no more reminders and notices, as if it had sent STOP.
pub async fn opt_out(deps: &Deps, wish: &OptOut) -> Result<(), StoreError> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    inbound::opt_out(&mut tx, &wish.msisdn, &wish.sender, now).await?;
    stops::stop(&mut tx, &wish.msisdn, "network", now).await?;
    tx.commit().await
}

/// Count messages that reached a fate.
pub(super) fn count_all(changes: &[Changed]) {
    for Changed { route, fate } in changes {
        metrics::message(route.as_deref().unwrap_or("none"), fate_word(*fate));
    }
}

/// Tell the metric how many messages wait.
pub async fn measure(deps: &Deps) -> Result<(), StoreError> {
    let mut tx = deps.store.read().await?;
    let waiting = messages::waiting(&mut tx).await?;
    metrics::outbox_waiting(u32::try_from(waiting).unwrap_or(u32::MAX));
    Ok(())
}
