//! What is done about a wish, and with which text it is answered. What lasts (no more notices, another language) is done
//! also for somebody who gets no reply any more; everything else only with one.

use chrono::Duration;

use super::{Heard, register};
use crate::{
    menu::{
        Value, Var,
        registry::{reason_word, told_fate_word},
    },
    model::{Language, MessageId, challenge::Door, message::Purpose},
    services::{
        Deps,
        accounts::NAIROBI,
        attendance, closing, messaging,
        recovery::{AskedOn, Refused, Request, Requested, from_when, request},
        support,
    },
    storage::{
        StoreError, Tx, accounts, lines,
        messages::{self, Summary},
        stops,
    },
    text::wish::{RegisterWish, Wish},
};

/// How far back "our last SMS to you" looks, as far as *My messages* does.
const STATUS_SINCE: Duration = Duration::days(90);
/// Among how many messages it is looked for: replies are none of them.
const STATUS_AMONG: i64 = 200;

/// How a wish is answered.
pub(super) enum Answer {
    /// With this text.
    Say(Purpose, Vec<(Var, Value)>),
    /// With a message that is promised already.
    Promised(MessageId),
}

pub(super) fn say(purpose: Purpose) -> Answer {
    Answer::Say(purpose, vec![])
}

/// Do what is wished; the message that answers it, if it may be answered.
pub(super) async fn act(tx: &mut Tx, heard: &Heard<'_>) -> Result<Option<MessageId>, StoreError> {
    let done = lasting(tx, heard).await?;
    // A receipt is of one act of the ledger, and comes whatever else was answered.
    if let Some((_, Answer::Promised(message))) = done {
        return Ok(Some(message));
    }
    if !heard.may_answer {
        return Ok(None);
    }
    let (language, answer) = match done {
        Some(done) => done,
        None => (heard.language, passing(tx, heard).await?),
    };
    match answer {
        Answer::Promised(message) => Ok(Some(message)),
        Answer::Say(purpose, vars) => {
            let Heard { deps, menus, sender, .. } = heard;
            messaging::queue_with(deps, tx, menus, purpose, sender, language, &vars).await.map(Some)
        }
    }
}

/// What is done whether or not it can be answered.
async fn lasting(tx: &mut Tx, heard: &Heard<'_>) -> Result<Option<(Language, Answer)>, StoreError> {
    let Heard { sender, language, now, .. } = heard;
    Ok(Some(match &heard.reading.wish {
        Wish::Register(RegisterWish::Mark(code, marks)) => {
            return Ok(register::mark(tx, heard, (code, marks)).await?.map(|answer| (*language, answer)));
        }
        Wish::Stop => {
            stops::stop(tx, sender, "sms", *now).await?;
            (*language, say(Purpose::Stopped))
        }
        Wish::Start => {
            stops::start(tx, sender).await?;
            (*language, say(Purpose::Started))
        }
        Wish::Language(wanted) => {
            lines::set_language(tx, sender, *wanted, None, *now).await?;
            (*wanted, say(Purpose::LanguageSet))
        }
        Wish::NotUnderstood => {
            let sms = (heard.provider, heard.sms.provider_id.as_str());
            let ticket = support::gather(tx, heard.deps, sender, *language, sms, *now).await?;
            (*language, Answer::Say(Purpose::NotUnderstood, vec![(Var::Ticket, ticket.into())]))
        }
        _ => return Ok(None),
    }))
}

async fn passing(tx: &mut Tx, heard: &Heard<'_>) -> Result<Answer, StoreError> {
    Ok(match heard.reading.wish {
        Wish::Reset => reset(tx, heard).await?,
        Wish::Status => status(tx, heard).await?,
        Wish::AboutAnother(_) => say(Purpose::AboutAnother),
        Wish::ToldSecret => say(Purpose::NeverTell),
        Wish::SentCode => say(Purpose::SentCode),
        Wish::Register(ref wish) => register::answer(tx, heard, wish).await?,
        Wish::Check(ref code) => {
            let (purpose, vars) = closing::answer(tx, code).await?;
            Answer::Say(purpose, vars)
        }
        Wish::Help | Wish::Stop | Wish::Start | Wish::Language(_) | Wish::NotUnderstood => {
            say(Purpose::HelpReply)
        }
    })
}

/// A code for the sender's own account, to the line it belongs to: the code's message is the answer.
async fn reset(tx: &mut Tx, heard: &Heard<'_>) -> Result<Answer, StoreError> {
    let Some(account) = accounts::by_msisdn(tx, heard.sender).await? else {
        return Ok(say(Purpose::NoAccount));
    };
    let asked = Request {
        account: Some(account.id),
        door: Door::ResetPin,
        msisdn: heard.sender,
        language: heard.language,
        asked_on: AskedOn::Line,
        now: heard.now,
    };
    Ok(match request::request(tx, heard.deps, &asked).await? {
        Requested::Sent(sent) => Answer::Promised(sent.message),
        Requested::Nobody => say(Purpose::NoAccount),
        Requested::Refused(Refused::OfficerOnly) => say(Purpose::CodesBlocked),
        Requested::Refused(
            Refused::TooSoon { until } | Refused::TooMany { until } | Refused::Budget { until },
        ) => Answer::Say(Purpose::TryLater, vec![(Var::AgainAt, from_when(until).into())]),
    })
}

/// What has become of the last code or notice to the line, and for whoever is deployed in a running series, today's mark.
async fn status(tx: &mut Tx, heard: &Heard<'_>) -> Result<Answer, StoreError> {
    let sent = messages::fates_of(tx, heard.sender, heard.now - STATUS_SINCE, STATUS_AMONG).await?;
    let last = sent.iter().find(|message| !message.purpose.is_reply()).map(|last| told(heard.deps, last));
    let account = accounts::by_msisdn(tx, heard.sender).await?;
    let marks = match &account {
        Some(account) => attendance::of_today(tx, heard.deps, account.id, heard.now).await?,
        None => None,
    };
    // Of a day in a season people ask for their mark; the last message comes with it, in fewer words.
    match (marks, last) {
        (Some(marks), Some(last)) => {
            let both = marks.into_iter().chain(last).collect();
            return Ok(Answer::Say(Purpose::StatusMarks, both));
        }
        (Some(marks), None) => return Ok(Answer::Say(Purpose::StatusMarksOnly, marks)),
        (None, Some(last)) => return Ok(Answer::Say(Purpose::StatusReply, last)),
        (None, None) => {}
    }
    Ok(say(if account.is_some() { Purpose::StatusNone } else { Purpose::NoAccount }))
}

fn told(deps: &Deps, message: &Summary) -> Vec<(Var, Value)> {
    let at = message.created_at.with_timezone(&NAIROBI).format("%d/%m %H:%M").to_string();
    let medium = deps.medium(message.route.as_deref());
    vec![
        (Var::MessageAt, at.into()),
        (Var::MessagePurpose, message.purpose.name().into()),
        (Var::MessageFate, told_fate_word(message.fate, medium).into()),
        (Var::MessageReason, reason_word(message.reason).into()),
    ]
}
