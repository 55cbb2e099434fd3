//! The evening before: tomorrow's roster to every line of a centre, with the code of that day.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    menu::Menus,
    model::{CentreCode, Post},
    services::{
        Deps,
        rosters::{self, Why},
        season::calendar::kind,
    },
    storage::{
        StoreError, calendar,
        chases::{self, Chase},
        lines, posts,
        registers::DayOf,
    },
};

/// The step's name.
const STEP: &str = "roster";
/// How many centres are looked up at once.
const BATCH: i64 = 200;

/// Send the rosters of a day to whoever has not got them; says how many messages were promised. A unit of work for each
/// centre: nodes share the work, and a centre that fails fails alone and is tried again with the next turn.
pub(super) async fn turn(
    deps: &Deps,
    menus: &Menus,
    (series, on): (&str, NaiveDate),
    now: DateTime<Utc>,
    quiet_at: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let chase = Chase { series, on, step: STEP };
    let mut tx = deps.store.read().await?;
    let is_day =
        calendar::day_facts(&mut tx, series, on).await?.is_some_and(|facts| kind(&facts, on).is_some());
    if !is_day || chases::is_done(&mut tx, chase).await? {
        return Ok(0);
    }
    drop(tx);
    let (mut promised, mut failed, mut after) = (0, false, String::new());
    loop {
        let mut tx = deps.store.read().await?;
        let centres = chases::centres_left(&mut tx, chase, &after, BATCH).await?;
        drop(tx);
        let Some(last) = centres.last() else { break };
        last.as_str().clone_into(&mut after);
        for centre in &centres {
            match send(deps, menus, (chase, centre), now, quiet_at).await {
                Ok(sent) => promised += sent,
                Err(error) => {
                    tracing::warn!(%error, centre = centre.as_str(), "a roster could not be promised; it is tried again");
                    failed = true;
                }
            }
        }
    }
    if !failed {
        let mut tx = deps.store.begin().await?;
        chases::claim(&mut tx, chase, chases::ALL, now).await?;
        tx.commit().await?;
    }
    Ok(promised)
}

async fn send(
    deps: &Deps,
    menus: &Menus,
    (chase, centre): (Chase<'_>, &CentreCode),
    now: DateTime<Utc>,
    not_after: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let mut tx = deps.store.begin().await?;
    if !chases::claim(&mut tx, chase, centre.as_str(), now).await? {
        return Ok(0);
    }
    let of = DayOf { series: chase.series, centre, on: chase.on };
    let mut sent = 0;
    for line in posts::lines_of(&mut tx, &Post::Centre(centre.clone())).await? {
        let language = lines::language(&mut tx, &line).await?.unwrap_or_default();
        let why = Why::Tomorrow { not_after };
        sent += usize::from(rosters::send(&mut tx, deps, menus, of, (&line, language), why).await?.is_some());
    }
    tx.commit().await?;
    Ok(sent)
}
