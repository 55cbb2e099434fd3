//! Disputes on the phone: the person's, the centre's and the director's.

use chrono::{DateTime, Utc};

use super::{
    Answer, Answered, CENTRES_TIME, answers, begin, by_centre, by_director, chosen, is_directors, take_back,
};
use crate::{
    menu::{Outcome, Reply, Row, Value, Var},
    model::dispute::{DisputeState, RefusedFor, StandsWith, Step},
    services::{
        Deps,
        actions::{Who, signed_out},
        attendance,
        marking::home,
        my_messages::day_and_time,
        ussd::Fault,
    },
    storage::{
        StoreError, Tx,
        disputes::{self, Dispute, Event},
        scopes,
    },
    text::listing::short_name,
};

/// What every screen and list shows of a dispute.
fn values(dispute: &Dispute) -> Vec<(Var, Value)> {
    let state = match (dispute.state, dispute.stands_with) {
        (DisputeState::Open, StandsWith::Centre) => "with_centre",
        (DisputeState::Open, StandsWith::Director) => "with_director",
        (state, _) => state.word(),
    };
    let mark = match dispute.mark {
        Some(true) => "present",
        Some(false) => "absent",
        None => "unmarked",
    };
    vec![
        (Var::DisputeDay, dispute.on.format("%d/%m").to_string().into()),
        (Var::Centre, dispute.centre.as_str().into()),
        (Var::RosterNumber, dispute.number.to_string().into()),
        (Var::PersonName, short_name(&dispute.full_name).into()),
        (Var::DisputeState, state.into()),
        (Var::DisputeAt, day_and_time(dispute.opened_at).into()),
        (Var::DisputeMark, mark.into()),
    ]
}

fn row(dispute: &Dispute) -> Row {
    Row { id: dispute.id.to_string(), values: values(dispute) }
}

fn shown(outcome: Outcome, dispute: &Dispute) -> Reply {
    Reply { sets: values(dispute), ..Reply::of(outcome) }
}

/// The person says "I was there" of the day that was chosen.
pub async fn open(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let Some(day) = attendance::chosen_day(tx, deps, who, proof.account).await? else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    if !day.mark.can_be_disputed() {
        return Ok(Reply::of(Outcome::NotPossible));
    }
    let about = (day.deployment, day.on);
    let begun = begin(tx, deps, who.menus, proof.account, about, who.now).await?;
    let found = disputes::of_day(tx, day.deployment, day.on).await?;
    let Some(dispute) = found else { return Ok(Reply::of(Outcome::Nothing)) };
    let outcome = if begun.is_some() { Outcome::Done } else { Outcome::Disputed };
    Ok(shown(outcome, &dispute).set(Var::Dispute, dispute.id.to_string()))
}

/// The disputes of the signed-in person in the series that is looked at.
pub async fn my_rows(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(proof) = who.session.proof else { return Ok(vec![]) };
    let series = who.session.text(Var::Series);
    let all = disputes::of_account(tx, proof.account).await?;
    Ok(all.iter().filter(|dispute| series == Some(dispute.series.as_str())).map(row).collect())
}

/// A dispute of the signed-in person: `done` while it is open.
pub async fn show_mine(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let found = match chosen(who) {
        Some(id) => disputes::by_id(tx, id).await?.filter(|dispute| dispute.account == proof.account),
        None => None,
    };
    Ok(match found {
        Some(dispute) if dispute.state == DisputeState::Open => shown(Outcome::Done, &dispute),
        Some(dispute) => shown(Outcome::Settled, &dispute),
        None => Reply::of(Outcome::Nothing),
    })
}

/// The person takes it back.
pub async fn withdraw(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let withdrawn = match chosen(who) {
        Some(id) => take_back(tx, deps, proof.account, id, who.now).await?,
        None => false,
    };
    Ok(Reply::of(if withdrawn { Outcome::Done } else { Outcome::Nothing }))
}

/// What was said in the dispute that was chosen, for whoever may see it.
pub async fn event_rows(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(id) = chosen(who) else { return Ok(vec![]) };
    let Some(dispute) = disputes::by_id(tx, id).await? else { return Ok(vec![]) };
    let mine = who.proof(tx).await?.is_some_and(|proof| proof.account == dispute.account);
    if !mine && !sees_as_centre(tx, who, &dispute).await? && !sees_as_officer(tx, who, &dispute).await? {
        return Ok(vec![]);
    }
    let events = disputes::events(tx, id).await?;
    Ok(events.iter().enumerate().rev().map(event_row).collect())
}

fn event_row((n, event): (usize, &Event)) -> Row {
    let why = event.reason.as_deref().filter(|_| event.what == Step::Refused).and_then(RefusedFor::from_word);
    let values = vec![
        (Var::SaidAt, day_and_time(event.at).into()),
        (Var::SaidBy, event.by.word().into()),
        (Var::Said, why.map_or_else(|| event.what.word(), RefusedFor::word).into()),
    ];
    Row { id: n.to_string(), values }
}

async fn sees_as_centre(tx: &mut Tx, who: &Who<'_>, dispute: &Dispute) -> Result<bool, StoreError> {
    Ok(who.centre(tx).await?.is_some_and(|at| at.centre == dispute.centre))
}

async fn sees_as_officer(tx: &mut Tx, who: &Who<'_>, dispute: &Dispute) -> Result<bool, StoreError> {
    match who.officer(tx).await? {
        Some(at) => scopes::reaches(tx, &at.officer, &dispute.centre).await,
        None => Ok(false),
    }
}

/// What stands open with the signed-in centre.
pub async fn centre_rows(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(at) = who.centre(tx).await? else { return Ok(vec![]) };
    Ok(disputes::of_centre(tx, &at.series, &at.centre).await?.iter().map(row).collect())
}

/// What the signed-in director has to decide.
pub async fn place_rows(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(at) = who.officer(tx).await? else { return Ok(vec![]) };
    let Some(place) = scopes::territory(tx, &at.officer).await? else { return Ok(vec![]) };
    let open = disputes::within(tx, &at.series, &place, who.now - CENTRES_TIME).await?;
    Ok(open.iter().map(row).collect())
}

/// A dispute that stands with the signed-in centre.
pub async fn show_to_centre(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let with_centre = |dispute: &Dispute| dispute.centre == at.centre && is_open(dispute, StandsWith::Centre);
    show(tx, who, with_centre).await
}

/// A dispute that the signed-in director decides.
pub async fn show_to_director(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.officer(tx).await? else { return Ok(signed_out()) };
    let found = show(tx, who, |dispute| is_his(dispute, who.now)).await?;
    let id = chosen(who);
    let dispute = match id {
        Some(id) => disputes::by_id(tx, id).await?,
        None => None,
    };
    let in_place = match dispute {
        Some(dispute) => scopes::reaches(tx, &at.officer, &dispute.centre).await?,
        None => false,
    };
    Ok(if in_place { found } else { Reply::of(Outcome::Nothing) })
}

fn is_open(dispute: &Dispute, with: StandsWith) -> bool {
    dispute.state == DisputeState::Open && dispute.stands_with == with
}

fn is_his(dispute: &Dispute, now: DateTime<Utc>) -> bool {
    dispute.state == DisputeState::Open && is_directors(dispute, now)
}

async fn show(tx: &mut Tx, who: &Who<'_>, sees: impl Fn(&Dispute) -> bool) -> Result<Reply, Fault> {
    let found = match chosen(who) {
        Some(id) => disputes::by_id(tx, id).await?.filter(sees),
        None => None,
    };
    Ok(found.map_or_else(|| Reply::of(Outcome::Nothing), |dispute| shown(Outcome::Done, &dispute)))
}

/// The signed-in centre answers.
pub(in crate::services) async fn answer_as_centre(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    grant: bool,
) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let Some(answer) = chosen(who).zip(said(who, grant)) else { return Ok(Reply::of(Outcome::Nothing)) };
    let by = answers::by_phone(at.credential.0, who.msisdn);
    let mut reply = reply(by_centre(tx, deps, who.menus, (&at, &by), answer, who.now).await?);
    if reply.outcome == Outcome::Done {
        // The centre goes on at a home that says how many are present.
        reply.sets.extend(home::again(tx, deps, who, &at).await?);
    }
    Ok(reply)
}

/// The signed-in director decides.
pub(in crate::services) async fn answer_as_director(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    grant: bool,
) -> Result<Reply, Fault> {
    let Some(at) = who.officer(tx).await? else { return Ok(signed_out()) };
    let Some(answer) = chosen(who).zip(said(who, grant)) else { return Ok(Reply::of(Outcome::Nothing)) };
    let by = answers::by_phone(at.credential.0, who.msisdn);
    Ok(reply(by_director(tx, deps, who.menus, (&at, &by), answer, who.now).await?))
}

fn said(who: &Who<'_>, grant: bool) -> Option<Answer> {
    if grant {
        return Some(Answer::Grant);
    }
    who.session.text(Var::DisputeReason).and_then(RefusedFor::from_word).map(Answer::Refuse)
}

fn reply(answered: Answered) -> Reply {
    match answered {
        Answered::PutRight(reference) => Reply::of(Outcome::Done).set(Var::MarkReference, reference),
        Answered::AlreadyRight => Reply::of(Outcome::Settled),
        Answered::Refused => Reply::of(Outcome::Refused),
        Answered::PassedOn => Reply::of(Outcome::PassedOn),
        Answered::NoMark => Reply::of(Outcome::NotPossible),
        Answered::Signed => Reply::of(Outcome::Signed),
        Answered::Nothing => Reply::of(Outcome::Nothing),
    }
}
