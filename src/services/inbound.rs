//! SMS that people send to us: kept once, read (`text::wish`), done (`acts`) and answered with one text that helps, never
//! in a loop (`security.md` 27). Their sender can be spoofed, so nothing personal is read out or changed by them, and
//! whatever number is written in them, only the sender's own line is acted for.

use chrono::{DateTime, Duration, Utc};
use secrecy::ExposeSecret as _;

use super::Deps;
use crate::{
    gateways::InboundSms,
    menu::Menus,
    model::{Language, MessageId, Msisdn, Network},
    storage::{
        StoreError, Tx,
        inbound::{self, NewInbound},
    },
    telemetry::metrics,
    text::wish::{self, Reading, Wish},
};

mod acts;
mod register;

/// One number gets so many replies…
const REPLIES: i64 = 5;
/// …in this time.
const REPLIES_WITHIN: Duration = Duration::minutes(30);

/// The same text of one number is answered so often…
const SAME_TEXT: i64 = 2;
/// …in this time: two machines that answer each other say the same over and over.
const SAME_TEXT_WITHIN: Duration = Duration::hours(24);
/// A plain order in that time: people forget a PIN again in the afternoon. A machine that only answers falls silent with
/// us all the same.
const SAME_ORDER_WITHIN: Duration = REPLIES_WITHIN;

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

/// Take in an inbound SMS; once this has returned it is on disk, what it asks for is done, and its answer is in the
/// outbox.
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
    let (wish, reply) = match &sender {
        None => ("unread", None),
        Some(sender) => {
            let reading = wish::read(sms.text.expose_secret(), Some(sender));
            let may_answer = may_answer(&mut tx, sender, &digest, &reading.wish, now).await?;
            let language = language(&mut tx, sender, sms, &reading).await?;
            let heard = Heard { deps, menus, sender, provider, sms, reading, language, may_answer, now };
            (name(&heard.reading.wish), acts::act(&mut tx, &heard).await?)
        }
    };
    if reply.is_some() {
        inbound::set_answered(&mut tx, provider, &sms.provider_id).await?;
    }
    tx.commit().await?;
    metrics::inbound(wish, reply.is_some());
    Ok(match reply {
        Some(reply) => {
            deps.outbox.notify_one();
            Received::Answered(reply)
        }
        None => Received::Kept,
    })
}

/// An SMS of a person, read.
struct Heard<'a> {
    deps: &'a Deps,
    menus: &'a Menus,
    sender: &'a Msisdn,
    provider: &'a str,
    sms: &'a InboundSms,
    reading: Reading,
    language: Language,
    may_answer: bool,
    now: DateTime<Utc>,
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
    wish: &Wish,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let same_within = if is_order(wish) { SAME_ORDER_WITHIN } else { SAME_TEXT_WITHIN };
    inbound::hold_sender(tx, sender).await?;
    let lately = inbound::answered(tx, sender, now - REPLIES_WITHIN, None).await?;
    let same = inbound::answered(tx, sender, now - same_within, Some(digest)).await?;
    Ok(lately < REPLIES && same < SAME_TEXT)
}

/// Whether something is ordered that a person may well order again.
fn is_order(wish: &Wish) -> bool {
    matches!(
        wish,
        Wish::Reset | Wish::Status | Wish::Stop | Wish::Start | Wish::Language(_) | Wish::Register(_)
    )
}

/// By which a text is known again: letters alike in case, blanks as they fall.
fn digest(deps: &Deps, sms: &InboundSms) -> [u8; 32] {
    let words = sms.text.expose_secret().split_whitespace().map(str::to_lowercase);
    let folded = secrecy::SecretString::from(words.collect::<Vec<_>>().join(" "));
    deps.keys.current().lookup("inbound_messages.text", folded.expose_secret()).value
}

/// What somebody writes in is what he understands now. An English word alone says little (who reads Kiswahili writes
/// HELP as well), so the line's own language comes first there.
async fn language(
    tx: &mut Tx,
    sender: &Msisdn,
    sms: &InboundSms,
    reading: &Reading,
) -> Result<Language, StoreError> {
    let chosen = inbound::language_of(tx, sender).await?;
    let alone = sms.text.expose_secret().split_whitespace().nth(1).is_none();
    let written = reading.language;
    let first = if alone && written == Some(Language::En) { chosen.or(written) } else { written.or(chosen) };
    Ok(first.unwrap_or_default())
}

/// A wish as the metrics call it.
fn name(wish: &Wish) -> &'static str {
    match wish {
        Wish::Reset => "reset",
        Wish::Status => "status",
        Wish::Help => "help",
        Wish::Stop => "stop",
        Wish::Start => "start",
        Wish::Language(_) => "language",
        Wish::Register(_) => "register",
        Wish::Check(_) => "check",
        Wish::AboutAnother(_) => "about_another",
        Wish::ToldSecret => "told_secret",
        Wish::SentCode => "sent_code",
        Wish::NotUnderstood => "not_understood",
    }
}
