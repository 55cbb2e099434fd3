//! A signed-in person's own attendance on the phone: today, day by day, by centre, and who changed what.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{MyDay, days, days_counted, mark_of, written};
use crate::{
    menu::{Flag, Outcome, Reply, Row, Value, Var},
    model::{AccountId, DeploymentId, attendance::DayMark, dispute::DisputeState},
    services::{
        Deps,
        actions::{Who, signed_out},
        my_messages::day_and_time,
        receipts::kind,
        season::calendar::day_of,
        ussd::Fault,
    },
    storage::{
        StoreError, Tx, attendance, disputes, people,
        season::{self, Series},
    },
};

/// Where *My attendance* leads: to the one series, to a list of several, or to what to do where there is none.
pub async fn look(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let series = attendance::series_of(tx, proof.account).await?;
    match series.as_slice() {
        [] => untied(tx, who).await,
        [one] => show_series(tx, deps, who, proof.account, one).await,
        _ => Ok(Reply::of(Outcome::Several)),
    }
}

/// Why the account sees nothing: somebody of its number is deployed under another ID, or nobody is.
async fn untied(tx: &mut Tx, who: &Who<'_>) -> Result<Reply, Fault> {
    let of_number = people::on_line(tx, who.msisdn).await?;
    let elsewhere = of_number.iter().any(|person| person.account.is_none());
    Ok(Reply::of(if elsewhere { Outcome::IdDiffers } else { Outcome::Nothing }))
}

/// What a line may be told of its own account's marks by SMS: today's, and how many days count, in a series that runs. One
/// for training is told only where none counts, and says so.
pub async fn of_today(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    now: DateTime<Utc>,
) -> Result<Option<Vec<(Var, Value)>>, StoreError> {
    let today = day_of(now);
    let runs = |series: &Series| series.starts_on <= today && today <= series.ends_on;
    let Some(series) = attendance::series_of(tx, account).await?.into_iter().find(runs) else {
        return Ok(None);
    };
    let mark = mark_of(tx, deps, account, &series, now).await?;
    let counted = days_counted(tx, account, &series.code).await?;
    Ok(Some(vec![
        (Var::TodayOf, kind(series.practice).into()),
        (Var::Day, today.format("%d/%m").to_string().into()),
        (Var::Mark, mark.word().into()),
        (Var::DaysCounted, written(counted).into()),
    ]))
}

/// The series that was chosen.
pub async fn show(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    match chosen_series(tx, who, proof.account).await? {
        Some(series) => show_series(tx, deps, who, proof.account, &series).await,
        None => Ok(Reply::of(Outcome::Nothing)),
    }
}

async fn show_series(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    account: AccountId,
    series: &Series,
) -> Result<Reply, Fault> {
    let today = mark_of(tx, deps, account, series, who.now).await?;
    let counted = days_counted(tx, account, &series.code).await?;
    Ok(Reply::of(Outcome::Done)
        .set(Var::Series, series.code.as_str())
        .set(Var::SeriesName, series.code.as_str())
        .set(Var::Today, day_of(who.now).format("%d/%m").to_string())
        .set(Var::TodayMark, today.word())
        .set(Var::DaysCounted, written(counted))
        .flag(Flag::Practice, series.practice))
}

async fn chosen_series(tx: &mut Tx, who: &Who<'_>, account: AccountId) -> Result<Option<Series>, StoreError> {
    let Some(code) = who.session.text(Var::Series) else { return Ok(None) };
    Ok(attendance::series_of(tx, account).await?.into_iter().find(|series| series.code == code))
}

/// The series in which the person is deployed.
pub async fn series_rows(tx: &mut Tx, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(proof) = who.session.proof else { return Ok(vec![]) };
    let mut rows = vec![];
    for series in attendance::series_of(tx, proof.account).await? {
        let counted = days_counted(tx, proof.account, &series.code).await?;
        let values = vec![
            (Var::SeriesName, series.code.as_str().into()),
            (Var::SeriesShown, kind(series.practice).into()),
            (Var::DaysCounted, written(counted).into()),
        ];
        rows.push(Row { id: series.code, values });
    }
    Ok(rows)
}

/// The days in the chosen series; of one centre, where one was chosen for that.
pub async fn day_rows(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    one_centre: bool,
) -> Result<Vec<Row>, StoreError> {
    let Some(proof) = who.session.proof else { return Ok(vec![]) };
    let Some(series) = chosen_series(tx, who, proof.account).await? else { return Ok(vec![]) };
    let all = days(tx, deps, proof.account, &series, who.now).await?;
    let centre = who.session.text(Var::MyCentre).filter(|_| one_centre);
    let wanted = all.iter().filter(|day| centre.is_none_or(|centre| day.centre.as_str() == centre));
    Ok(wanted.map(|day| Row { id: id_of(day), values: values(day) }).collect())
}

/// What a list knows a day by.
fn id_of(day: &MyDay) -> String {
    format!("{}/{}", day.deployment, day.on)
}

fn values(day: &MyDay) -> Vec<(Var, Value)> {
    vec![
        (Var::Day, day.on.format("%d/%m").to_string().into()),
        (Var::Centre, day.centre.as_str().into()),
        (Var::Mark, day.mark.word().into()),
    ]
}

/// The centres of the chosen series, with what each counts.
pub async fn centre_rows(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(proof) = who.session.proof else { return Ok(vec![]) };
    let Some(series) = chosen_series(tx, who, proof.account).await? else { return Ok(vec![]) };
    let all = days(tx, deps, proof.account, &series, who.now).await?;
    let mut rows: Vec<Row> = vec![];
    for day in &all {
        if rows.iter().any(|row| row.id == day.centre.as_str()) {
            continue;
        }
        let own = || all.iter().filter(|one| one.centre == day.centre);
        let there = own().filter(|one| matches!(one.mark, DayMark::Present | DayMark::Half)).count();
        let values = vec![
            (Var::Centre, day.centre.as_str().into()),
            (Var::DaysThere, there.to_string().into()),
            (Var::DaysInAll, own().count().to_string().into()),
        ];
        rows.push(Row { id: day.centre.as_str().to_owned(), values });
    }
    Ok(rows)
}

/// The day that was chosen, as it stands now.
pub async fn chosen_day(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    account: AccountId,
) -> Result<Option<MyDay>, StoreError> {
    let Some((deployment, on)) = read_id(who) else { return Ok(None) };
    let Some(found) = people::deployment(tx, deployment).await? else { return Ok(None) };
    let Some(series) = season::series(tx, &found.series).await? else { return Ok(None) };
    let all = days(tx, deps, account, &series, who.now).await?;
    Ok(all.into_iter().find(|day| day.deployment == deployment && day.on == on))
}

fn read_id(who: &Who<'_>) -> Option<(DeploymentId, NaiveDate)> {
    let (deployment, on) = who.session.text(Var::MyDay)?.split_once('/')?;
    Some((DeploymentId(Uuid::parse_str(deployment).ok()?), on.parse().ok()?))
}

/// A day: plain, disputed, or one that could be.
pub async fn show_day(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(proof) = who.proof(tx).await? else { return Ok(signed_out()) };
    let Some(day) = chosen_day(tx, deps, who, proof.account).await? else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    let last = attendance::changes(tx, day.deployment, day.on).await?.into_iter().next();
    let dispute = disputes::of_day(tx, day.deployment, day.on).await?;
    let dispute = dispute.filter(|dispute| dispute.account == proof.account);
    let open = dispute.as_ref().is_some_and(|dispute| dispute.state == DisputeState::Open);
    let outcome = match (open, day.mark.can_be_disputed(), &last) {
        (true, ..) => Outcome::Disputed,
        (false, true, Some(_)) => Outcome::CanDispute,
        (false, true, None) => Outcome::Unmarked,
        (false, false, Some(_)) => Outcome::Done,
        (false, false, None) => Outcome::NoMark,
    };
    let mut reply = Reply { sets: values(&day), ..Reply::of(outcome) };
    if let Some(last) = last {
        reply = reply.set(Var::MarkedAt, day_and_time(last.at)).set(Var::MarkedBy, last.by.word());
    }
    if let Some(dispute) = dispute {
        reply = reply.set(Var::Dispute, dispute.id.to_string());
    }
    Ok(reply)
}

/// Every mark of the chosen day, the latest first.
pub async fn change_rows(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Vec<Row>, StoreError> {
    let Some(proof) = who.session.proof else { return Ok(vec![]) };
    let Some(day) = chosen_day(tx, deps, who, proof.account).await? else { return Ok(vec![]) };
    let changes = attendance::changes(tx, day.deployment, day.on).await?;
    let row = |change: attendance::Change| {
        let mark = if change.present { DayMark::Present } else { DayMark::Absent };
        let values = vec![
            (Var::ChangedAt, day_and_time(change.at).into()),
            (Var::ChangedTo, mark.word().into()),
            (Var::ChangedBy, change.by.word().into()),
            (Var::MarkReference, change.reference.into()),
        ];
        Row { id: change.version.to_string(), values }
    };
    Ok(changes.into_iter().map(row).collect())
}
