//! The season of the demo (`design.md` 4, "Demo data"): made up, the same at every start but for the dates, which lie
//! around today. Its generated people have numbers of a range of their own, and the demo has no route but the simulated.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};

use super::super::{Deps, accounts::NAIROBI};
use crate::{
    model::{AccountId, CentreCode, DeploymentId, Msisdn, PersonId, season::DayKind, season::DeployedAs},
    secrets::{Lookup, Sealed},
    storage::{
        StoreError, Tx,
        officers::{Officer, Role},
        people::{ID_COLUMN, id_place},
        season::{Centre, Day, Rate, Series},
        season_import::{self, StandingDeployment, StandingPerson},
        ties,
    },
};

/// The series of the demo.
pub const SERIES: &str = "DEMO";
/// The series for training.
pub const PRACTICE: &str = "TRIAL";
/// The centre that the demo's phones belong to.
pub const CENTRE: &str = "12345001";
/// The line of whoever manages it.
pub const MANAGER: &str = "+254700000002";
/// The line of its sub-county's director.
pub const DIRECTOR: &str = "+254700000003";
/// The director's name.
const DIRECTOR_NAME: &str = "Atieno Mfano Were";

/// County code, county, sub-county; each has three of the centres, one after the other.
const PLACES: [(&str, &str, &str); 4] = [
    ("022", "Kiambu", "Ruiru"),
    ("022", "Kiambu", "Limuru"),
    ("032", "Nakuru", "Naivasha"),
    ("032", "Nakuru", "Gilgil"),
];
/// The centres' names and how many people each has.
const CENTRES: [(&str, usize); 12] = [
    ("Mfano Secondary", 20),
    ("Tumaini Primary", 5),
    ("Upendo Girls", 12),
    ("Amani Boys", 40),
    ("Neema Academy", 8),
    ("Baraka Secondary", 15),
    ("Jitihada Primary", 6),
    ("Umoja Secondary", 25),
    ("Nuru Girls", 18),
    ("Bidii Primary", 7),
    ("Uhuru Boys", 30),
    ("Faraja Secondary", 10),
];
const FIRST_NAMES: [&str; 16] = [
    "Wanjiru", "Otieno", "Chebet", "Mutua", "Akinyi", "Kiprono", "Njeri", "Barasa", "Moraa", "Kamau",
    "Nafula", "Musyoka", "Auma", "Kibet", "Wairimu", "Hassan",
];
const SURNAMES: [&str; 11] = [
    "Mfano",
    "Jaribio",
    "Kielelezo",
    "Sampuli",
    "Taswira",
    "Maigizo",
    "Mazoezi",
    "Onyesho",
    "Kisa",
    "Hadithi",
    "Ramani",
];
/// What a day pays (`domain.md`, "Pay"); examiners as invigilators.
const RATES: [(DeployedAs, i64); 6] = [
    (DeployedAs::CentreManager, 550),
    (DeployedAs::Supervisor, 680),
    (DeployedAs::Invigilator, 550),
    (DeployedAs::Security, 420),
    (DeployedAs::Driver, 405),
    (DeployedAs::Examiner, 550),
];
/// How long the demo's series has run, and has to run.
const BEFORE: u64 = 7;
const AFTER: u64 = 14;

/// The person of the demo's account, as the account has them.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The account.
    pub account: AccountId,
    /// The whole name.
    pub full_name: &'a str,
    /// The line.
    pub line: &'a str,
    /// The national ID.
    pub national_id: &'a str,
}

type Someone = (StandingPerson, Option<(Sealed, Lookup)>);

/// Put a running season into an empty database.
pub async fn fill(
    tx: &mut Tx,
    deps: &Deps,
    holder: Holder<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let today = now.with_timezone(&NAIROBI).date_naive();
    let (from, to) = (back(today, BEFORE), on(today, AFTER));
    calendar(tx, (from, to)).await?;
    let centres = centres()?;
    season_import::put_centres(tx, &centres).await?;
    director(tx, deps, now).await?;
    let (mut people, mut deployments) = (vec![], vec![]);
    for (n, (centre, (_, size))) in centres.iter().zip(CENTRES).enumerate() {
        for place in 0..size {
            let someone = someone(deps, (n, place), holder, now);
            let series: &[&str] = if n == 0 { &[SERIES, PRACTICE] } else { &[SERIES] };
            for series in series {
                let id = DeploymentId(deps.chance.id(now));
                deployments.push(deployed((id, series), centre, someone.0.id, place, (from, to)));
            }
            people.push(someone);
        }
    }
    let its_person = people.iter().find(|(person, _)| person.msisdn.as_deref() == Some(holder.line));
    let its_person = its_person.map(|(person, _)| person.id);
    season_import::put_people(tx, people.iter().map(|(person, id)| (person, id.clone())).collect()).await?;
    season_import::put_deployments(tx, &deployments.iter().collect::<Vec<_>>(), now).await?;
    if let Some(person) = its_person {
        ties::tie(tx, person, holder.account, "import", now).await?;
    }
    Ok(())
}

fn back(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

fn on(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

/// Both series, with every day of the week and all hours of it, so that a demo can mark whenever it is shown.
async fn calendar(tx: &mut Tx, (from, to): (NaiveDate, NaiveDate)) -> Result<(), StoreError> {
    let series = |code: &str, exam: &str, practice| Series {
        code: code.to_owned(),
        exam: exam.to_owned(),
        year: i64::from(chrono::Datelike::year(&from)),
        starts_on: from,
        ends_on: to,
        practice,
        closed_at: None,
    };
    let both = [series(SERIES, "KCSE", false), series(PRACTICE, "Practice", true)];
    season_import::put_series(tx, &both).await?;
    let (opens, closes) = (NaiveTime::from_hms_opt(0, 0, 0), NaiveTime::from_hms_opt(23, 59, 0));
    let day = |on_day| Day {
        on_day,
        kind: if on_day == from { DayKind::Rehearsal } else { DayKind::Exam },
        opens,
        closes,
    };
    let rate = |(role, ksh_per_day)| Rate { role, from_on: from, ksh_per_day, half_percent: 50 };
    for code in [SERIES, PRACTICE] {
        let days: Vec<(String, Day)> =
            from.iter_days().take_while(|on| *on <= to).map(|on| (code.to_owned(), day(on))).collect();
        season_import::put_days(tx, &days).await?;
        let rates = RATES.map(|of| (code.to_owned(), rate(of)));
        season_import::put_rates(tx, &rates).await?;
    }
    Ok(())
}

fn centres() -> Result<Vec<Centre>, StoreError> {
    let places = PLACES.iter().flat_map(|place| [place; CENTRES.len() / PLACES.len()]);
    let centre = |((n, (name, _)), (county_code, county, sub_county)): ((usize, _), &(&str, &str, &str))| {
        let first = CENTRE.parse::<usize>().unwrap_or_default();
        Ok(Centre {
            code: CentreCode::parse(&(first + n).to_string())
                .ok_or(StoreError::Unreadable("the demo's data"))?,
            name: String::from(name),
            county_code: (*county_code).to_owned(),
            county: (*county).to_owned(),
            sub_county: (*sub_county).to_owned(),
            manager: (n == 0).then(|| Msisdn::from_network(MANAGER)).flatten(),
            removed_at: None,
        })
    };
    CENTRES.iter().copied().enumerate().zip(places).map(centre).collect()
}

async fn director(tx: &mut Tx, deps: &Deps, now: DateTime<Utc>) -> Result<(), StoreError> {
    let director = Officer {
        id: deps.chance.id(now),
        full_name: DIRECTOR_NAME.to_owned(),
        msisdn: Msisdn::from_network(DIRECTOR).ok_or(StoreError::Unreadable("the demo's data"))?,
        role: Role::SubCountyDirector,
        scope: PLACES.first().map_or("", |(_, _, sub_county)| sub_county).to_owned(),
        added_at: now,
    };
    season_import::put_officer(tx, &director).await
}

/// Whoever stands at a place of a centre's roster: at the demo's centre the manager, the account's person, and people with
/// phones that have no account yet; elsewhere generated people.
fn someone(deps: &Deps, (centre, place): (usize, usize), holder: Holder<'_>, now: DateTime<Utc>) -> Someone {
    let n = CENTRES.iter().take(centre).map(|(_, size)| size).sum::<usize>() + place;
    let (name, line, national_id) = match (centre, place) {
        (0, 0) => (generated(n), MANAGER.to_owned(), "20000002".to_owned()),
        (0, 2) => (holder.full_name.to_owned(), holder.line.to_owned(), holder.national_id.to_owned()),
        (0, _) => (generated(n), format!("+2547000000{:02}", 10 + place), format!("200000{:02}", 10 + place)),
        _ => (generated(n), format!("+254749990{n:03}"), format!("21000{n:03}")),
    };
    let id = PersonId(deps.chance.id(now));
    let keys = deps.keys.current();
    let lookup = keys.lookup(ID_COLUMN, &national_id);
    let sealed = keys.seal(id_place(&id), national_id.as_bytes(), deps.chance.bytes());
    let person = StandingPerson {
        id,
        full_name: name,
        folded: String::new(),
        msisdn: Some(line),
        hash: Some(lookup.value),
        tied: false,
    };
    (person, Some((sealed, lookup)))
}

/// A made-up name: a surname that means "example" or the like with two names that are common, no two alike.
fn generated(n: usize) -> String {
    let pick = |n: usize| FIRST_NAMES[n % FIRST_NAMES.len()];
    let surname = SURNAMES[n % SURNAMES.len()];
    format!("{} {} {surname}", pick(n), pick(n / FIRST_NAMES.len() + n + 5))
}

/// One supervisor for ten people, as there is one for 200 candidates and an invigilator for 20.
fn role(place: usize) -> DeployedAs {
    match place {
        0 => DeployedAs::CentreManager,
        3 => DeployedAs::Security,
        4 => DeployedAs::Driver,
        place if place % 10 == 1 => DeployedAs::Supervisor,
        _ => DeployedAs::Invigilator,
    }
}

fn deployed(
    (id, series): (DeploymentId, &str),
    centre: &Centre,
    person: PersonId,
    place: usize,
    (from_on, to_on): (NaiveDate, NaiveDate),
) -> StandingDeployment {
    StandingDeployment {
        id,
        series: series.to_owned(),
        centre: centre.code.clone(),
        person,
        role: role(place),
        reference: None,
        number: i64::try_from(place + 1).unwrap_or(1),
        from_on,
        to_on,
        added: false,
        removed_at: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_demo_has_the_places_and_people_that_it_promises() {
        let centres = centres().unwrap();
        assert_eq!(centres.len(), 12);
        assert_eq!(centres.iter().map(|one| &one.county).collect::<BTreeSet<_>>().len(), 2);
        assert_eq!(centres.iter().map(|one| &one.sub_county).collect::<BTreeSet<_>>().len(), 4);
        assert_eq!((centres[0].code.as_str(), CENTRES[0].1), (CENTRE, 20));
        assert!(CENTRES.iter().all(|(_, size)| (5..=40).contains(size)));
        let people: usize = CENTRES.iter().map(|(_, size)| size).sum();
        let names: BTreeSet<String> = (0..people).map(generated).collect();
        assert_eq!(names.len(), people, "no two people have one name");
    }
}
