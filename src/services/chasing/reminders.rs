//! The morning: centres that have not marked are reminded, their directors get the list, headquarters gets the total.

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    menu::{
        Menus, Value, Var,
        registry::{UNMARKED_CENTRES, UNMARKED_COUNTIES},
    },
    model::{CentreCode, Msisdn, Post, message::Purpose},
    services::{
        Deps,
        accounts::NAIROBI,
        messaging::{self, Letter},
        register::{self, CentreDay, Covered},
        season::calendar::{day_of, hours, kind},
    },
    storage::{
        StoreError, Tx, calendar,
        chases::{self, Chase},
        lines,
        officers::{self, Role},
        posts,
        season::{self, Place},
    },
    text::listing::{listed, short_name},
};

/// What the messages of one step have in common.
struct Step<'a> {
    deps: &'a Deps,
    menus: &'a Menus,
    chase: Chase<'a>,
    closes: DateTime<Utc>,
    not_after: DateTime<Utc>,
    now: DateTime<Utc>,
}

/// Do the step that is due for a series, as far as nobody has; says how many messages were promised. A unit of work for
/// each sub-county, and one for the country once all of them are done.
pub(super) async fn turn(
    deps: &Deps,
    menus: &Menus,
    series: &str,
    now: DateTime<Utc>,
    quiet_at: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let (on, usual) = (day_of(now), &deps.settings.attendance);
    let mut tx = deps.store.read().await?;
    let facts = calendar::day_facts(&mut tx, series, on).await?;
    let Some(facts) = facts.filter(|facts| kind(facts, on).is_some()) else { return Ok(0) };
    let (opens, closes) = hours(&facts, on, usual);
    let Some(time) = deps.settings.chasing.step((opens, closes), now) else { return Ok(0) };
    let name = format!("remind {}", time.format("%H:%M"));
    let chase = Chase { series, on, step: &name };
    if chases::is_done(&mut tx, chase).await? {
        return Ok(0);
    }
    let places = season::places(&mut tx).await?;
    drop(tx);
    let step = Step { deps, menus, chase, closes, not_after: quiet_at.min(closes), now };
    let (mut promised, mut failed) = (0, false);
    for place in &places {
        match step.place(place).await {
            Ok(sent) => promised += sent,
            Err(error) => {
                tracing::warn!(%error, "reminders of a sub-county could not be promised; it is tried again");
                failed = true;
            }
        }
    }
    if !failed {
        promised += step.country(&places).await?;
    }
    Ok(promised)
}

impl Step<'_> {
    async fn place(&self, place: &Place) -> Result<usize, StoreError> {
        let Chase { series, on, .. } = self.chase;
        let mut tx = self.deps.store.begin().await?;
        let whom = format!("{} {}", place.county_code, place.sub_county);
        if !chases::claim(&mut tx, self.chase, &whom, self.now).await? {
            return Ok(0);
        }
        let of_place = (place.county_code.as_str(), place.sub_county.as_str());
        let unmarked = register::unmarked(&mut tx, series, of_place, on).await?;
        let mut sent = 0;
        for centre in &unmarked.centres {
            sent += self.remind(&mut tx, centre).await?;
        }
        if !unmarked.centres.is_empty() {
            let vars = [
                (Var::MissingCount, unmarked.centres.len().to_string().into()),
                (Var::CentreCount, unmarked.total.to_string().into()),
                (Var::Place, place.sub_county.as_str().into()),
                (Var::Day, shown(on)),
                (Var::UnmarkedCentres, listed(&named(&unmarked.centres), UNMARKED_CENTRES).into()),
            ];
            for director in officers::directors_in(&mut tx, place).await? {
                self.tell(&mut tx, Purpose::UnmarkedList, &director.msisdn, &vars).await?;
                sent += 1;
            }
        }
        tx.commit().await?;
        Ok(sent)
    }

    /// To every line of the centre; where it has none, to the line of its manager as it was imported.
    async fn remind(&self, tx: &mut Tx, centre: &CentreDay) -> Result<usize, StoreError> {
        let code = CentreCode::parse(&centre.code).ok_or(StoreError::Unreadable("a centre's code"))?;
        let mut lines = posts::lines_of(tx, &Post::Centre(code)).await?;
        if lines.is_empty() {
            lines.extend(centre.manager_msisdn.as_deref().and_then(Msisdn::from_network));
        }
        let closes = self.closes.with_timezone(&NAIROBI).format("%H:%M").to_string();
        let vars = [
            (Var::Centre, centre.code.as_str().into()),
            (Var::Day, shown(self.chase.on)),
            (Var::ClosesAt, closes.into()),
        ];
        for line in &lines {
            self.tell(tx, Purpose::Reminder, line, &vars).await?;
        }
        Ok(lines.len())
    }

    /// Headquarters' total; with it the step is done.
    async fn country(&self, places: &[Place]) -> Result<usize, StoreError> {
        let Chase { series, on, .. } = self.chase;
        let mut tx = self.deps.store.begin().await?;
        if !chases::claim(&mut tx, self.chase, chases::ALL, self.now).await? {
            return Ok(0);
        }
        let counties = register::country_coverage(&mut tx, series, on).await?;
        let (centres, marked) = counties
            .iter()
            .fold((0, 0), |(centres, marked), one| (centres + one.centres, marked + one.marked));
        let mut sent = 0;
        if marked < centres {
            let vars = [
                (Var::SeriesName, series.into()),
                (Var::Day, shown(on)),
                (Var::MissingCount, (centres - marked).to_string().into()),
                (Var::CentreCount, centres.to_string().into()),
                (Var::UnmarkedCounties, listed(&by_county(counties, places), UNMARKED_COUNTIES).into()),
            ];
            for officer in officers::of_scope(&mut tx, Role::Headquarters, "").await? {
                self.tell(&mut tx, Purpose::UnmarkedTotal, &officer.msisdn, &vars).await?;
                sent += 1;
            }
        }
        tx.commit().await?;
        Ok(sent)
    }

    async fn tell(
        &self,
        tx: &mut Tx,
        purpose: Purpose,
        msisdn: &Msisdn,
        vars: &[(Var, Value)],
    ) -> Result<(), StoreError> {
        let language = lines::language(tx, msisdn).await?.unwrap_or_default();
        let not_after = Some(self.not_after);
        let (not_before, day_code) = (None, None);
        let letter = Letter { purpose, msisdn, language, vars, day_code, not_before, not_after, part: 0 };
        messaging::queue_letter(self.deps, tx, self.menus, &letter).await.map(drop)
    }
}

fn shown(on: NaiveDate) -> Value {
    on.format("%d/%m").to_string().into()
}

/// Centres as a director's list names them: the code, and enough of the name to know it by.
fn named(centres: &[CentreDay]) -> Vec<String> {
    centres.iter().map(|one| format!("{} {}", one.code, first_word(&one.name))).collect()
}

/// Enough of a centre's name to know it by.
pub(super) fn first_word(name: &str) -> String {
    short_name(name.split_whitespace().next().unwrap_or_default())
}

/// Counties that have not marked everything: how many of how many, those with the most first.
fn by_county(mut counties: Vec<Covered>, places: &[Place]) -> Vec<String> {
    counties.retain(|one| one.marked < one.centres);
    counties.sort_by_key(|one| one.marked - one.centres);
    let name = |code: &str| {
        let place = places.iter().find(|place| place.county_code == code);
        place.map_or(code, |place| place.county.as_str()).to_owned()
    };
    counties
        .iter()
        .map(|one| format!("{} {}/{}", name(&one.place), one.centres - one.marked, one.centres))
        .collect()
}
