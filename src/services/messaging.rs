//! Messages as the other use cases know them: promised in the transaction that causes them, followed by reports and
//! opt-outs. How they get to a route is in `delivery`.

use super::Deps;
use crate::{
    gateways::{DeliveryReport, OptOut},
    menu::{
        Menus,
        registry::fate_word,
        render::{self, Constants, Known},
    },
    model::{
        Language, MessageId, Msisdn,
        message::{Purpose, RefusalReason},
    },
    storage::{
        StoreError, Tx, inbound,
        messages::{self, NewMessage},
        reports::{self, Changed, NewReport},
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
    let now = deps.clock.now();
    let id = MessageId(deps.chance.id(now));
    if !msisdn.is_kenyan_mobile() {
        messages::refuse_unsent(tx, id, purpose, msisdn, RefusalReason::BadNumber, now).await?;
        return Ok(id);
    }
    let text = words(deps, menus, purpose, msisdn, language);
    let body = deps.keys.current().seal(messages::body_place(&id), text.as_bytes(), deps.chance.bytes());
    let message = NewMessage { id, purpose, msisdn: msisdn.clone(), body, created_at: now };
    messages::queue(tx, &message).await?;
    Ok(id)
}

fn words(deps: &Deps, menus: &Menus, purpose: Purpose, msisdn: &Msisdn, language: Language) -> String {
    let constants = Constants {
        username: msisdn.username(),
        help_line: &deps.settings.help_line,
        service_code: &deps.settings.service_code,
        pin_digits: deps.settings.pin_digits,
        reference: "",
    };
    render::text(menus, menus.sms(purpose), language, &Known { vars: &[], constants })
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

/// Keep that a line wants no more of a sender.
pub async fn opt_out(deps: &Deps, wish: &OptOut) -> Result<(), StoreError> {
    let mut tx = deps.store.begin().await?;
    inbound::opt_out(&mut tx, &wish.msisdn, &wish.sender, deps.clock.now()).await?;
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
