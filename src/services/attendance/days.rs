//! A person's days in a series, as far as they have come: what was marked, and what should have been.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    model::{
        AccountId, CentreCode, DeploymentId,
        attendance::DayMark,
        season::{DayKind, DayShape, DeployedAs},
    },
    services::{
        Deps,
        register::{self, PersonDay},
        season::calendar::{day_of, days_until, instant},
    },
    storage::{
        StoreError, Tx, attendance,
        people::{self, Deployment},
        season::{Day, Series},
    },
};

/// A day of somebody at a centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyDay {
    /// Which.
    pub on: NaiveDate,
    /// As what and where.
    pub deployment: DeploymentId,
    /// The centre.
    pub centre: CentreCode,
    /// As what.
    pub role: DeployedAs,
    /// What stands of it.
    pub mark: DayMark,
}

/// The days of everybody whom an account sees, in a series and until today, the newest first.
pub async fn days(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    series: &Series,
    now: DateTime<Utc>,
) -> Result<Vec<MyDay>, StoreError> {
    let calendar = days_until(tx, series, day_of(now)).await?;
    let mut all = vec![];
    for person in people::of_account(tx, account).await? {
        let marked = register::person_days(tx, person.id, &series.code).await?;
        for deployment in people::deployments_of(tx, person.id).await? {
            if deployment.series == series.code && deployment.accepted != Some(false) {
                all.extend(unmarked(tx, deps, &deployment, (&calendar, &marked), now).await?);
            }
        }
        all.extend(marked.into_iter().filter_map(stood));
    }
    all.sort_by(|one, other| (other.on, &one.centre).cmp(&(one.on, &other.centre)));
    Ok(all)
}

/// What a mark that stands comes to.
fn stood(day: PersonDay) -> Option<MyDay> {
    let mark = match day {
        PersonDay { shape: DayShape::Closed, .. } => DayMark::Closed,
        PersonDay { present: false, .. } => DayMark::Absent,
        PersonDay { added: true, .. } => DayMark::Waiting,
        PersonDay { kind: DayKind::Rehearsal, .. } => DayMark::Rehearsal,
        PersonDay { shape: DayShape::Half, .. } => DayMark::Half,
        PersonDay { .. } => DayMark::Present,
    };
    let PersonDay { on, deployment, centre, role, .. } = day;
    Some(MyDay { on, deployment, centre: CentreCode::parse(&centre)?, role, mark })
}

/// The days of a deployment on which the person has no mark.
async fn unmarked(
    tx: &mut Tx,
    deps: &Deps,
    deployment: &Deployment,
    (calendar, marked): (&[Day], &[PersonDay]),
    now: DateTime<Utc>,
) -> Result<Vec<MyDay>, StoreError> {
    let Deployment { id, series, centre, role, from_on, to_on, .. } = deployment;
    let has_mark = |on| marked.iter().any(|day| day.deployment == *id && day.on == on);
    let missing = calendar.iter().filter(|day| (*from_on..=*to_on).contains(&day.on_day));
    let missing: Vec<&Day> = missing.filter(|day| !has_mark(day.on_day)).collect();
    let days: Vec<NaiveDate> = missing.iter().map(|day| day.on_day).collect();
    let shapes = attendance::shapes(tx, (series, centre), &days).await?;
    let mark = |day: &Day| {
        let closes = instant(day.on_day, day.closes.unwrap_or(deps.settings.attendance.closes));
        match shapes.iter().find(|(on, _)| *on == day.on_day) {
            Some((_, DayShape::Closed)) => DayMark::Closed,
            None if now < closes => DayMark::Open,
            _ => DayMark::Unmarked,
        }
    };
    let my_day = |day: &Day| MyDay {
        on: day.on_day,
        deployment: *id,
        centre: centre.clone(),
        role: *role,
        mark: mark(day),
    };
    Ok(missing.into_iter().map(my_day).collect())
}

/// What an account's days in a series count, in hundredths of a day: what pay is counted from.
pub async fn days_counted(tx: &mut Tx, account: AccountId, series: &str) -> Result<i64, StoreError> {
    let mut hundredths = 0;
    for person in people::of_account(tx, account).await? {
        let counted = register::days_counted(tx, person.id, series).await?;
        hundredths += counted.iter().map(|one| one.hundredths).sum::<i64>();
    }
    Ok(hundredths)
}

/// What today is to the people whom an account sees: of two centres, the one that has something to say.
pub async fn mark_of(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    series: &Series,
    now: DateTime<Utc>,
) -> Result<DayMark, StoreError> {
    let today = day_of(now);
    let all = days(tx, deps, account, series, now).await?;
    let mark = all.iter().filter(|day| day.on == today).map(|day| day.mark).min();
    if let Some(mark) = mark {
        return Ok(mark);
    }
    let is_day = days_until(tx, series, today).await?.last().is_some_and(|day| day.on_day == today);
    Ok(if is_day { DayMark::NotDeployed } else { DayMark::NoDay })
}

/// Days as people write them: `12`, `12.5`.
pub fn written(hundredths: i64) -> String {
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn days_are_written_as_short_as_people_do() {
        let written = [0, 100, 150, 1225, 505].map(super::written);
        assert_eq!(written, ["0", "1", "1.5", "12.25", "5.05"]);
    }
}
