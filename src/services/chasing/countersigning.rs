//! Directors hear which signed registers wait for them: all of a sub-county's in one SMS a step, however many centres sign.

use chrono::{DateTime, Utc};

use super::reminders::first_word;
use crate::{
    menu::{Menus, Var, registry::WAITING_CENTRES},
    model::message::Purpose,
    services::{
        Deps,
        messaging::{self, Letter},
        season::calendar::day_of,
    },
    storage::{
        StoreError, Tx,
        chases::{self, Chase},
        lines, officers,
        season::Place,
        waiting::{self, Waiting},
    },
    text::listing::listed,
};

/// The work is one for all series: a director with registers of two gets one SMS.
const EVERY_SERIES: &str = "";

/// What the messages of one step have in common.
struct Step<'a> {
    deps: &'a Deps,
    menus: &'a Menus,
    chase: Chase<'a>,
    not_after: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// Do the step that is due, as far as nobody has; says how many messages were promised. A unit of work for each sub-county,
/// and the note that the step is done once all of them are.
pub(super) async fn turn(
    deps: &Deps,
    menus: &Menus,
    now: DateTime<Utc>,
    not_after: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let on = day_of(now);
    let Some(time) = deps.settings.chasing.countersign_step(now) else { return Ok(0) };
    let name = format!("countersign {}", time.format("%H:%M"));
    let chase = Chase { series: EVERY_SERIES, on, step: &name };
    let mut tx = deps.store.read().await?;
    if chases::is_done(&mut tx, chase).await? {
        return Ok(0);
    }
    let places = waiting::places(&mut tx).await?;
    drop(tx);
    let step = Step { deps, menus, chase, not_after, now };
    let (mut promised, mut failed) = (0, false);
    for place in &places {
        match step.place(place).await {
            Ok(sent) => promised += sent,
            Err(error) => {
                tracing::warn!(%error, "directors could not be told what waits for them; it is tried again");
                failed = true;
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

impl Step<'_> {
    /// Tell every director of the place. One that signs for a centre can't countersign it, and is told all the same: the
    /// other directors of the place may be away.
    async fn place(&self, place: &Place) -> Result<usize, StoreError> {
        let mut tx = self.deps.store.begin().await?;
        let whom = format!("{} {}", place.county_code, place.sub_county);
        if !chases::claim(&mut tx, self.chase, &whom, self.now).await? {
            return Ok(0);
        }
        let waiting = waiting::of_place(&mut tx, place).await?;
        let news = self.is_news(&mut tx, &whom, &waiting).await?;
        let directors = if news { officers::directors_in(&mut tx, place).await? } else { vec![] };
        let vars = [
            (Var::Place, place.sub_county.as_str().into()),
            (Var::WaitingCount, waiting.len().to_string().into()),
            (Var::WaitingCentres, listed(&named(&waiting), WAITING_CENTRES).into()),
        ];
        for director in &directors {
            let language = lines::language(&mut tx, &director.msisdn).await?.unwrap_or_default();
            let letter = Letter {
                purpose: Purpose::CountersignDue,
                msisdn: &director.msisdn,
                language,
                vars: &vars,
                day_code: None,
                not_before: None,
                not_after: Some(self.not_after),
                part: 0,
            };
            messaging::queue_letter(self.deps, &mut tx, self.menus, &letter).await?;
        }
        tx.commit().await?;
        Ok(directors.len())
    }

    /// What was signed since an earlier step of the day has told what waits, at whatever hour it did; all of it where none
    /// has.
    async fn is_news(&self, tx: &mut Tx, whom: &str, waiting: &[Waiting]) -> Result<bool, StoreError> {
        Ok(match chases::done_before(tx, self.chase, whom).await? {
            Some(told_at) => waiting.iter().any(|one| one.signed_at >= told_at),
            None => !waiting.is_empty(),
        })
    }
}

/// The centres that have a register that waits, each once.
fn named(waiting: &[Waiting]) -> Vec<String> {
    let mut names: Vec<String> =
        waiting.iter().map(|one| format!("{} {}", one.centre, first_word(&one.centre_name))).collect();
    names.dedup();
    names
}
