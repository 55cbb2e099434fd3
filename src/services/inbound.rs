//! SMS that people send to us: kept once, answered with one text that helps, never in a loop (`security.md` 27). Nothing
//! personal is read or changed by them: their sender can be spoofed.

use chrono::{DateTime, Duration, Utc};
use secrecy::ExposeSecret as _;

use super::{Deps, messaging};
use crate::{
    gateways::InboundSms,
    menu::Menus,
    model::{Language, MessageId, Msisdn, Network, message::Purpose},
    storage::{
        StoreError, Tx,
        inbound::{self, NewInbound},
    },
};

/// One number gets so many replies…
const REPLIES: i64 = 5;
/// …in this time.
const REPLIES_WITHIN: Duration = Duration::minutes(30);

/// The same text of one number is answered so often…
const SAME_TEXT: i64 = 2;
/// …in this time: two machines that answer each other say the same over and over.
const SAME_TEXT_WITHIN: Duration = Duration::hours(24);

/// The Kiswahili keywords of the contract (`design.md` 4).
const KISWAHILI: [&str; 5] = ["nimesahau", "hali", "msaada", "acha", "sw"];

/// What was done with an inbound SMS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received {
    /// It is kept, and this message answers it.
    Answered(MessageId),
    /// It is kept and gets no answer.
    Kept,
    /// It had been received before.
    Repeat,
}

/// Take in an inbound SMS; once this has returned it is on disk, and its answer is in the outbox.
pub async fn receive(
    deps: &Deps,
    menus: &Menus,
    provider: &str,
    sms: &InboundSms,
) -> Result<Received, StoreError> {
    let now = deps.clock.now();
    // Anything but a Kenyan mobile line (a name, a short code, a foreign line) is kept as stated and never answered.
    let sender = Msisdn::from_network(&sms.from).filter(Msisdn::is_kenyan_mobile);
    let digest = digest(deps, sms);
    let mut tx = deps.store.begin().await?;
    if !keep(deps, &mut tx, provider, sms, sender.as_ref(), &digest, now).await? {
        return Ok(Received::Repeat);
    }
    let received = match sender {
        Some(sender) if may_answer(&mut tx, &sender, &digest, now).await? => {
            let language = language(&mut tx, &sender, sms).await?;
            inbound::set_answered(&mut tx, provider, &sms.provider_id).await?;
            let reply = messaging::queue(deps, &mut tx, menus, Purpose::HelpReply, &sender, language);
            Received::Answered(reply.await?)
        }
        _ => Received::Kept,
    };
    tx.commit().await?;
    if received != Received::Kept {
        deps.outbox.notify_one();
    }
    Ok(received)
}

async fn keep(
    deps: &Deps,
    tx: &mut Tx,
    provider: &str,
    sms: &InboundSms,
    sender: Option<&Msisdn>,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let row = inbound::text_row(provider, &sms.provider_id);
    let plain = sms.text.expose_secret().as_bytes();
    let text = deps.keys.current().seal(inbound::text_place(&row), plain, deps.chance.bytes());
    let new = NewInbound {
        provider,
        provider_id: &sms.provider_id,
        sender: sender.map_or(sms.from.as_str(), Msisdn::as_e164),
        recipient: &sms.to,
        text: &text,
        digest,
        network: sms.network.as_ref().map(Network::code),
        sent_at: sms.at,
        received_at: now,
    };
    inbound::take_in(tx, &new).await
}

async fn may_answer(
    tx: &mut Tx,
    sender: &Msisdn,
    digest: &[u8],
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    inbound::hold_sender(tx, sender).await?;
    let lately = inbound::answered(tx, sender, now - REPLIES_WITHIN, None).await?;
    let same = inbound::answered(tx, sender, now - SAME_TEXT_WITHIN, Some(digest)).await?;
    Ok(lately < REPLIES && same < SAME_TEXT)
}

/// By which a text is known again: letters alike in case, blanks as they fall.
fn digest(deps: &Deps, sms: &InboundSms) -> [u8; 32] {
    let folded = secrecy::SecretString::from(folded_words(sms).collect::<Vec<_>>().join(" "));
    deps.keys.current().lookup("inbound_messages.text", folded.expose_secret()).value
}

fn folded_words(sms: &InboundSms) -> impl Iterator<Item = String> {
    sms.text.expose_secret().split_whitespace().map(str::to_lowercase)
}

/// What the line has chosen, else the language of its keyword, else English as on a first dial.
async fn language(tx: &mut Tx, sender: &Msisdn, sms: &InboundSms) -> Result<Language, StoreError> {
    let chosen = inbound::language_of(tx, sender).await?;
    Ok(chosen.unwrap_or_else(|| {
        let swahili = folded_words(sms).any(|word| KISWAHILI.contains(&word.as_str()));
        if swahili { Language::Sw } else { Language::En }
    }))
}
