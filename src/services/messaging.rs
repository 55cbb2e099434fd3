//! Messages as the other use cases know them: promised in the transaction that causes them, followed by reports and
//! opt-outs. How they get to a route is in `delivery`.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{
    Deps, day_codes,
    delivery::{self, CONVERSION_SPAN, Wish},
};
use crate::{
    gateways::{Carries, DeliveryReport, OptOut},
    menu::{
        Menus, Value, Var,
        registry::{fate_word, network_word},
        render::{self, Constants, Known},
    },
    model::{
        ChallengeId, Language, MessageId, Msisdn, Network,
        message::{Fate, Purpose, RefusalReason},
    },
    secrets::{CodeFor, Purpose as KeyPurpose},
    storage::{
        StoreError, Tx,
        attempts::{self, CodeTries},
        challenges::{self, Challenge},
        inbound,
        messages::{self, Body, NewMessage, Summary},
        placing,
        registers::DayOf,
        reports::{self, Changed, NewReport},
        route_stats, stops,
    },
    telemetry::metrics,
    text::spoken,
};

/// How long a call waits that nobody asked for as such, so that it does not ring into the session that asked for the
/// code; the end of a session ends the wait.
pub const AFTER_SESSION: Duration = Duration::from_secs(20);

/// How long a call waits that somebody asked for on a screen which ended the session.
const AFTER_SCREEN: chrono::Duration = chrono::Duration::seconds(8);

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
    let letter = Letter {
        purpose,
        msisdn,
        language,
        vars,
        day_code: None,
        not_before: None,
        not_after: None,
        part: 0,
    };
    queue_letter(deps, tx, menus, &letter).await
}

/// A message, with what only some have.
pub struct Letter<'a> {
    /// Why it is sent.
    pub purpose: Purpose,
    /// To whom.
    pub msisdn: &'a Msisdn,
    /// In which language.
    pub language: Language,
    /// The variables that its text shows.
    pub vars: &'a [(Var, Value)],
    /// Whose day's code is put in when it is sent.
    pub day_code: Option<DayOf<'a>>,
    /// Before when it is not sent, where that is later than now.
    pub not_before: Option<DateTime<Utc>>,
    /// From when it is not sent any more, where that is before the purpose's own age.
    pub not_after: Option<DateTime<Utc>>,
    /// Its place among messages that are read one after the other: each is due a moment after the one before.
    pub part: u8,
}

/// Promise a message with all that it may have.
pub async fn queue_letter(
    deps: &Deps,
    tx: &mut Tx,
    menus: &Menus,
    letter: &Letter<'_>,
) -> Result<MessageId, StoreError> {
    let Letter { purpose, msisdn, language, vars, .. } = *letter;
    let begins = letter.not_before.unwrap_or_default().max(deps.clock.now());
    let now = begins + BETWEEN_PARTS * i32::from(letter.part);
    let id = MessageId(deps.chance.id(now));
    let mut text = words(deps, menus, purpose, msisdn, language, vars);
    if let Some(of) = letter.day_code {
        text = day_codes::kept(deps, of, &text);
    }
    let body = deps.keys.current().seal(messages::body_place(&id), text.as_bytes(), deps.chance.bytes());
    let own = now + purpose.lifetime();
    let not_after = letter.not_after.map_or(own, |not_after| not_after.min(own));
    let (body, msisdn) = (Body::Words(body), msisdn.clone());
    let given_up = vec![];
    promise(tx, NewMessage { id, purpose, msisdn, body, created_at: now, not_after, given_up }).await
}

/// How far parts of one text are sent from each other, so that most phones show them in their order.
const BETWEEN_PARTS: chrono::Duration = chrono::Duration::seconds(1);

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
    let given_up = vec![];
    promise(tx, NewMessage { id, purpose, msisdn, body, created_at: now, not_after, given_up }).await
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

/// The words of a message.
pub struct CodeWords {
    /// As an SMS.
    pub body: SecretString,
    /// As a voice says them; only codes are said.
    pub spoken: Option<SecretString>,
}

/// The words of a message that carries a code; `None` when this node lacks the code's key.
pub fn code_words(deps: &Deps, menus: &Menus, purpose: Purpose, challenge: &Challenge) -> Option<CodeWords> {
    let keys = deps.keys.with(KeyPurpose::Code, &challenge.code_key);
    let subject = challenge.subject;
    let what = CodeFor { purpose: challenge.door.name(), subject: subject.as_bytes() };
    let code = keys.code(&challenge.code_key, &challenge.nonce, what, challenge.length)?;
    let vars = [
        (Var::Code, Value::from(code.digits())),
        (Var::CodeReference, Value::from(challenge.reference.as_str())),
    ];
    let body = words(deps, menus, purpose, &challenge.msisdn, challenge.language, &vars).into();
    Some(CodeWords { body, spoken: spoken::code(code.digits(), challenge.language) })
}

/// How a code shall be said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// By the next route that it was not tried on.
    Next,
    /// By a call.
    Call,
}

/// How it is said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// In another message by another route.
    BySms(MessageId),
    /// By a call, shortly after the session has ended: the screen that says so must end it.
    ByCall(MessageId),
    /// There is no other way.
    NoWay,
    /// The code no longer counts.
    Over,
}

/// How often a code is read out at most, so that nobody has a line rung up all day.
const MOST_CALLS: usize = 2;

/// Say a code that did not arrive once more, another way. It is the same code of the same challenge, with its expiry and
/// its tries, and no new request: no quota counts it. Ring [`Deps::outbox`] once the transaction is committed.
pub async fn say_again(
    tx: &mut Tx,
    deps: &Deps,
    challenge: ChallengeId,
    way: Way,
) -> Result<Said, StoreError> {
    attempts::hold(tx, challenge).await?;
    let now = deps.clock.now();
    let known = challenges::by_id(tx, challenge).await?;
    let Some(known) = known.filter(|known| known.counts(now) && known.has_tries()) else {
        return Ok(Said::Over);
    };
    let Some(tries) = attempts::of_code(tx, challenge).await? else { return Ok(Said::NoWay) };
    let (purpose, given_up) = (tries.purpose, shut(deps, &tries, way));
    let Some(first) = first_of(deps, &tries, &given_up) else { return Ok(Said::NoWay) };
    let id = MessageId(deps.chance.id(now));
    let (msisdn, body) = (known.msisdn.clone(), Body::Code(challenge));
    let not_after = known.expires_at;
    promise(tx, NewMessage { id, purpose, msisdn, body, created_at: now, not_after, given_up }).await?;
    messages::outrun(tx, challenge, id, now).await?;
    Ok(match first.carries {
        Carries::Words => Said::BySms(id),
        Carries::Spoken => {
            placing::wait_for_end(tx, id, now + AFTER_SCREEN).await?;
            Said::ByCall(id)
        }
    })
}

/// The other ways in which a code could come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WaysLeft {
    /// As words, by a route that it was not tried on.
    pub next: bool,
    /// By a call.
    pub call: bool,
}

impl WaysLeft {
    /// Whether there is one.
    pub fn any(self) -> bool {
        self.next || self.call
    }
}

/// What [`say_again`] could still do. A code that no route has had yet waits for its first: that is no other way.
pub fn ways_left(deps: &Deps, tries: &CodeTries) -> WaysLeft {
    let first = |way| first_of(deps, tries, &shut(deps, tries, way)).map(|way| way.carries);
    WaysLeft {
        next: !tries.all.is_empty() && first(Way::Next) == Some(Carries::Words),
        call: first(Way::Call).is_some(),
    }
}

/// The route that says it again.
fn first_of<'a>(deps: &'a Deps, tries: &CodeTries, given_up: &[String]) -> Option<&'a delivery::Way> {
    let wish = Wish { purpose: Some(tries.purpose), network: tries.network.as_ref(), given_up };
    delivery::candidates(&deps.ways, &wish).first().copied()
}

/// The routes that shall not say it again: those that were tried, or those that don't call and those that have called
/// often enough.
fn shut(deps: &Deps, tries: &CodeTries, way: Way) -> Vec<String> {
    let times = |name: &String| tries.all.iter().filter(|tried| tried.route == *name).count();
    let shut = |route: &&delivery::Way| match way {
        Way::Next => times(&route.name) > 0,
        Way::Call => route.carries != Carries::Spoken || times(&route.name) >= MOST_CALLS,
    };
    deps.ways.iter().filter(shut).map(|route| route.name.clone()).collect()
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
        post_pin_digits: deps.settings.post_pin_digits,
        reference: "",
        portal: &deps.settings.portal,
        web_code: "",
        network: network_word(Network::usual_of(msisdn).as_ref()),
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
    if changed.as_ref().is_some_and(|changed| changed.fate == Fate::Refused) {
        // Another route may do better.
        deps.outbox.notify_one();
    }
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
    for Changed { route, fate, reported_on } in changes {
        if let (Some(route), Some(network)) = (route, reported_on) {
            let network = Network::from_code(network).map_or("other", |network| network.label());
            metrics::route_message(route, network, fate_word(*fate));
        }
        metrics::message(route.as_deref().unwrap_or("none"), fate_word(*fate));
    }
}

/// Tell the metrics how many codes of the last quarter of an hour were used, for each route and network.
pub async fn measure_routes(deps: &Deps) -> Result<(), StoreError> {
    let mut tx = deps.store.read().await?;
    for row in route_stats::since(&mut tx, deps.clock.now() - CONVERSION_SPAN).await? {
        if let Some(percent) = row.conversion().and_then(|percent| i32::try_from(percent).ok()) {
            let network = Network::from_code(&row.network).map_or("other", |network| network.label());
            metrics::route_conversion(&row.route, network, f64::from(percent) / 100.0);
        }
    }
    Ok(())
}

/// Tell the metric how many messages wait.
pub async fn measure(deps: &Deps) -> Result<(), StoreError> {
    let mut tx = deps.store.read().await?;
    let waiting = messages::waiting(&mut tx).await?;
    metrics::outbox_waiting(u32::try_from(waiting).unwrap_or(u32::MAX));
    Ok(())
}

/// The words of a message as a test reads them: to no line in particular, of an installation like the demo's.
#[cfg(test)]
pub(super) fn plain_words(
    menus: &Menus,
    purpose: Purpose,
    language: Language,
    vars: &[(Var, Value)],
) -> String {
    let constants = Constants {
        username: "254700000010",
        help_line: "0700 000 099",
        service_code: "*384*2547#",
        pin_digits: 6,
        post_pin_digits: 8,
        reference: "",
        portal: "",
        web_code: "",
        network: "other",
    };
    render::text(menus, menus.sms(purpose), language, &Known { vars, constants })
}
