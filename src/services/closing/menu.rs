//! The actions of `menus/closing.toml`: how signing, countersigning, opening again and checking come out on a phone, and
//! what is told by SMS because a last screen vanishes.

use chrono::NaiveDate;

use super::{
    Blank, Built, Checked, Directed, Director, Missing, NotDirected, NotSigned, Of, Signed, Signer, build,
    check, countersign, reopen, sign,
};
use crate::{
    menu::{Outcome, Reply, Row, Value, Var},
    model::{DocumentCode, Msisdn, message::Purpose},
    services::{
        Deps,
        actions::{Who, signed_out},
        my_messages::day_and_time,
        posts::{AtCentre, AtOffice, tell},
        ussd::Fault,
    },
    storage::{
        StoreError, Tx,
        documents::{self, Document},
        scopes, season,
    },
};

/// How many days, and how many numbers, are named where they are told; more are counted.
const NAMED: usize = 3;

/// Look up what the centre would sign, or why it can't.
pub(in crate::services) async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let of = Of { series: &at.series, centre: &at.centre };
    Ok(match build(tx, deps, of, who.now).await? {
        None => Reply::of(Outcome::Nothing),
        Some(built) => match &built.signed {
            Some(document) => signed(document),
            None if built.missing.is_nothing() && built.document.days_marked() > 0 => ready(&built),
            None => missing(&built.missing),
        },
    })
}

fn ready(built: &Built) -> Reply {
    let sums = built.closing.sums();
    let reply =
        if built.blank.days.is_empty() { Reply::of(Outcome::Done) } else { with_blanks(&built.blank) };
    reply
        .set(Var::Register, register_id(&built.series.code, built.centre.code.as_str()))
        .set(Var::Centre, built.centre.code.as_str())
        .set(Var::DocumentDays, sums.days.to_string())
        .set(Var::DocumentPeople, sums.people.to_string())
        .set(Var::DocumentPresent, sums.present.to_string())
        .set(Var::DocumentAbsent, sums.absent.to_string())
}

fn with_blanks(blank: &Blank) -> Reply {
    Reply::of(Outcome::Blank)
        .set(Var::MissingDays, counted(&blank.days, |on| day(*on)))
        .set(Var::MissingPeople, counted(&blank.people, ToString::to_string))
}

/// What was on the screen when somebody said "sign": another register is not signed in its place.
fn register_id(series: &str, centre: &str) -> String {
    format!("{series} {centre}")
}

fn missing(missing: &Missing) -> Reply {
    Reply::of(Outcome::Missing)
        .set(Var::MissingDays, counted(&missing.days, |on| day(*on)))
        .set(Var::MissingPeople, counted(&missing.waiting, ToString::to_string))
        .set(Var::MissingDisputes, missing.disputes.to_string())
}

/// `0`, `2 (18/11, 19/11)`, `5 (18/11, 19/11, 20/11...)`.
fn counted<'a, T: 'a>(all: impl IntoIterator<Item = &'a T>, written: impl Fn(&T) -> String) -> String {
    let all: Vec<String> = all.into_iter().map(written).collect();
    let named = all.get(..NAMED.min(all.len())).unwrap_or_default().join(", ");
    match all.len() {
        0 => "0".to_owned(),
        many if many > NAMED => format!("{many} ({named}...)"),
        many => format!("{many} ({named})"),
    }
}

fn day(on: NaiveDate) -> String {
    on.format("%-d/%-m").to_string()
}

fn signed(document: &Document) -> Reply {
    Reply::of(Outcome::Signed)
        .set(Var::DocumentCode, document.code.to_string())
        .set(Var::SignedAt, day_and_time(document.signed_at))
        .set(Var::DocumentState, state(document))
}

/// The word of a document's state.
fn state(document: &Document) -> &'static str {
    if document.countersigned_at.is_some() { "countersigned" } else { "signed" }
}

/// Sign the register that was shown.
pub(in crate::services) async fn sign_shown(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    if who.session.text(Var::Register) != Some(&register_id(&at.series, at.centre.as_str())) {
        return Ok(Reply::of(Outcome::Nothing));
    }
    let AtCentre { credential, ref centre, ref series, deputy, at: pin_at } = at;
    let by = Signer { credential, deputy, line: who.msisdn, pin_at };
    let of = Of { series, centre };
    Ok(match sign(tx, deps, of, &by, who.now).await? {
        Signed::Done { code, .. } => {
            let vars = [(Var::Centre, centre.as_str().into()), (Var::DocumentCode, code.to_string().into())];
            tell(tx, deps, who.menus, (Purpose::RegisterSigned, who.msisdn), &vars).await?;
            Reply::of(Outcome::Done).set(Var::DocumentCode, code.to_string())
        }
        Signed::Refused(why) => not_signed(why),
    })
}

fn not_signed(why: NotSigned) -> Reply {
    match why {
        NotSigned::NoRegister => Reply::of(Outcome::Nothing),
        NotSigned::Already(document) => signed(&document),
        NotSigned::Missing(what) => missing(&what),
        NotSigned::Deputy => Reply::of(Outcome::OnlyHolder),
        NotSigned::PinTooOld => Reply::of(Outcome::PinTooOld),
        NotSigned::Practice => Reply::of(Outcome::OnlyPractice),
    }
}

/// The signed registers of the director's centres in the series that is looked at.
pub(in crate::services) async fn rows(tx: &mut Tx, who: &Who<'_>) -> Result<Option<Vec<Row>>, Fault> {
    let Some(at) = who.officer(tx).await? else { return Ok(None) };
    let found = match scopes::territory(tx, &at.officer).await? {
        Some(place) => documents::within(tx, &at.series, &place).await?,
        None => vec![],
    };
    let row = |document: &Document| Row { id: document.code.digits().to_owned(), values: values(document) };
    Ok(Some(found.iter().map(row).collect()))
}

fn values(document: &Document) -> Vec<(Var, Value)> {
    vec![
        (Var::Centre, document.centre.as_str().into()),
        (Var::CentreName, document.centre_name.as_str().into()),
        (Var::DocumentState, state(document).into()),
    ]
}

/// What stands in the document that the director has chosen.
pub(in crate::services) async fn show_chosen(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.officer(tx).await? else { return Ok(signed_out()) };
    let document = match chosen(who) {
        Some(code) => documents::by_code(tx, &code).await?,
        None => None,
    };
    let Some(document) = document.filter(|document| document.replaced_at.is_none()) else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    if !scopes::reaches(tx, &at.officer, &document.centre).await? {
        return Ok(Reply::of(Outcome::Nothing));
    }
    let state = if document.countersigned_at.is_some() { Outcome::Countersigned } else { Outcome::Done };
    Ok(said(Reply::of(state), &document).set(Var::CentreName, document.centre_name.as_str()))
}

fn chosen(who: &Who<'_>) -> Option<DocumentCode> {
    who.session.text(Var::Document).and_then(|code| DocumentCode::parse(code).ok())
}

fn director<'a>(at: &'a AtOffice, who: &Who<'a>) -> Director<'a> {
    Director { officer: &at.officer, line: who.msisdn, pin_at: at.at }
}

/// What every screen says of a document.
fn said(reply: Reply, document: &Document) -> Reply {
    reply
        .set(Var::Centre, document.centre.as_str())
        .set(Var::DocumentDays, document.sums.days.to_string())
        .set(Var::DocumentPeople, document.sums.people.to_string())
        .set(Var::DocumentPresent, document.sums.present.to_string())
        .set(Var::DocumentAbsent, document.sums.absent.to_string())
        .set(Var::SignedAt, day_and_time(document.signed_at))
}

/// Countersign the document that was shown; the line that signed is told.
pub(in crate::services) async fn countersign_chosen(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
) -> Result<Reply, Fault> {
    let Some(at) = who.officer(tx).await? else { return Ok(signed_out()) };
    let Some(code) = chosen(who) else { return Ok(Reply::of(Outcome::Nothing)) };
    let directed = countersign(tx, deps, &code, &director(&at, who), who.now).await?;
    told(tx, deps, who, (directed, Purpose::RegisterCountersigned)).await
}

/// Open the register of the document that was shown again; the line that signed is told.
pub(in crate::services) async fn reopen_chosen(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
) -> Result<Reply, Fault> {
    let Some(at) = who.officer(tx).await? else { return Ok(signed_out()) };
    let Some(code) = chosen(who) else { return Ok(Reply::of(Outcome::Nothing)) };
    let reason = who.session.text(Var::ReopenReason).map_or("", reason);
    let directed = reopen(tx, deps, (&code, reason), &director(&at, who), who.now).await?;
    told(tx, deps, who, (directed, Purpose::RegisterReopened)).await
}

/// A reason of the menu as the ledger keeps it.
fn reason(word: &str) -> &'static str {
    match word {
        "wrong_mark" => "a mark is wrong",
        "person_missing" => "somebody is missing",
        "not_there" => "somebody was not there",
        _ => "another reason",
    }
}

async fn told(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (directed, purpose): (Directed, Purpose),
) -> Result<Reply, Fault> {
    let document = match directed {
        Directed::Done { document, .. } => document,
        Directed::Refused(why) => return Ok(not_directed(why)),
    };
    let code = document.code.to_string();
    if let Some(line) = Msisdn::from_network(&document.signed_line) {
        let vars = [
            (Var::Centre, document.centre.as_str().into()),
            (Var::DocumentCode, code.as_str().into()),
            (Var::ReopenReason, who.session.text(Var::ReopenReason).unwrap_or("other").into()),
        ];
        tell(tx, deps, who.menus, (purpose, &line), &vars).await?;
    }
    Ok(Reply::of(Outcome::Done).set(Var::Centre, document.centre.as_str()).set(Var::DocumentCode, code))
}

fn not_directed(why: NotDirected) -> Reply {
    Reply::of(match why {
        NotDirected::NoDocument => Outcome::NotPossible,
        NotDirected::SeriesClosed | NotDirected::NeedsReason => Outcome::NotPossible,
        NotDirected::Replaced | NotDirected::NotFrom(_) => Outcome::Nothing,
        NotDirected::SamePerson => Outcome::SamePerson,
        NotDirected::PinTooOld => Outcome::PinTooOld,
        NotDirected::Broken => Outcome::Broken,
    })
}

/// What the document of the code just typed said, for anybody.
pub(in crate::services) async fn check_typed(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let typed = who.session.text(Var::DocumentCode).unwrap_or_default();
    let Checked::Found(document) = check(tx, typed).await? else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let outcome = match (document.replaced_at, document.countersigned_at) {
        (Some(_), _) => Outcome::Replaced,
        (None, None) => Outcome::Signed,
        (None, Some(_)) => Outcome::Done,
    };
    let reply = said(Reply::of(outcome), &document).set(Var::SeriesName, series_name(tx, &document).await?);
    Ok(match document.countersigned_at {
        Some(at) => reply.set(Var::CountersignedAt, day_and_time(at)),
        None => reply,
    })
}

/// An examination as people call it: `KCSE 2026`.
async fn series_name(tx: &mut Tx, document: &Document) -> Result<String, StoreError> {
    let series = season::series(tx, &document.series).await?;
    Ok(series.map_or_else(|| document.series.clone(), |series| format!("{} {}", series.exam, series.year)))
}

/// What an SMS says of the document of a code.
pub(in crate::services) async fn answer(
    tx: &mut Tx,
    typed: &str,
) -> Result<(Purpose, Vec<(Var, Value)>), StoreError> {
    let document = match check(tx, typed).await? {
        Checked::Typo(_) => return Ok((Purpose::CheckTypo, vec![])),
        Checked::Unknown => return Ok((Purpose::CheckUnknown, vec![])),
        Checked::Found(document) => document,
    };
    let purpose = match (document.replaced_at, document.countersigned_at) {
        (Some(_), _) => Purpose::CheckReplaced,
        (None, None) => Purpose::CheckSigned,
        (None, Some(_)) => Purpose::CheckCountersigned,
    };
    let mut vars = vec![
        (Var::SeriesName, series_name(tx, &document).await?.into()),
        (Var::Centre, document.centre.as_str().into()),
        (Var::DocumentDays, document.sums.days.to_string().into()),
        (Var::DocumentPeople, document.sums.people.to_string().into()),
        (Var::DocumentPresent, document.sums.present.to_string().into()),
        (Var::DocumentAbsent, document.sums.absent.to_string().into()),
        (Var::SignedAt, day_and_time(document.signed_at).into()),
    ];
    let countersigned = document.countersigned_at.map(|at| (Var::CountersignedAt, day_and_time(at).into()));
    vars.extend(countersigned);
    Ok((purpose, vars))
}
