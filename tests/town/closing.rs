//! The end of a series as its people meet it: a register as a file, signed, countersigned and checked from phones.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use daftari::{
    model::{
        CentreCode, CredentialId, DocumentCode, Msisdn, NAIROBI, Post,
        season::{Channel, DayShape},
    },
    services::{
        closing::{self, Of, Signed, Signer},
        register::{self, By, Recorded, Wish},
        season::calendar::day_of,
    },
    storage::{officers, people},
};
use uuid::Uuid;

use crate::{
    posts::with_pin,
    season::import,
    town::{Town, msisdn},
};

mod command;
mod paying;
mod telling;

pub const SERIES: &str = "S26";
pub const CENTRE: &str = "12345001";
const MANAGER: &str = "+254700000002";
const DIRECTOR: &str = "+254700000003";
/// Number and ID of the one who can have an account.
const INVIGILATORS: &str = "+254700000012,28461937";

/// A season of two days, yesterday and today, with one centre of four people.
pub async fn season(town: &Town) {
    use daftari::services::season::import::Kind;
    let (first, last) = days(town);
    let year = first.format("%Y");
    let series = format!("code,exam,year,starts_on,ends_on\n{SERIES},KCSE,{year},{first},{last}\n");
    import(town, Kind::Series, &series).await;
    let hours = "00:00,23:59";
    let listed = format!(
        "series,on,kind,opens,closes\n{SERIES},{first},rehearsal,{hours}\n{SERIES},{last},exam,{hours}\n"
    );
    import(town, Kind::Days, &listed).await;
    let centres = format!(
        "code,name,county_code,county,sub_county,manager_msisdn\n{CENTRE},Mfano Secondary,022,Kiambu,Ruiru,{MANAGER}\n"
    );
    import(town, Kind::Centres, &centres).await;
    let rows: Vec<String> = [
        ("centre_manager", "Amina Mfano"),
        ("supervisor", "Zoë Wanjikũ"),
        ("invigilator", "Otieno Odhiambo"),
        ("security", "Barasa Wekesa"),
    ]
    .map(|(role, name)| {
        let known = if role == "invigilator" { INVIGILATORS } else { "," };
        format!("{SERIES},{CENTRE},{role},{name},{known},{first},{last},\n")
    })
    .into();
    let header = "series,centre,role,full_name,msisdn,national_id,from_on,to_on,ref\n";
    import(town, Kind::Deployments, &format!("{header}{}", rows.concat())).await;
}

/// The two days of the season.
pub fn days(town: &Town) -> (NaiveDate, NaiveDate) {
    let last = day_of(town.clock.now());
    (last.checked_sub_days(Days::new(1)).expect("a day before"), last)
}

pub fn centre() -> CentreCode {
    CentreCode::parse(CENTRE).expect("a code")
}

/// Let it become eight o'clock of the next morning: the day has hours left then, at whatever hour the test runs.
pub fn in_the_morning(town: &Town) {
    let now = town.clock.now().with_timezone(&NAIROBI);
    let next = now.date_naive().checked_add_days(Days::new(1)).expect("a day after");
    let eight = next.and_hms_opt(8, 0, 0).expect("an hour");
    town.pass(eight - now.naive_local());
}

/// Mark a day: everybody is there but the one of this number.
pub async fn mark(town: &Town, on: NaiveDate, absent: i64) {
    mark_at(town, centre(), on, absent).await;
}

async fn mark_at(town: &Town, centre: CentreCode, on: NaiveDate, absent: i64) {
    let (deps, line) = (&town.app().deps, msisdn(MANAGER));
    let now: DateTime<Utc> = town.clock.now();
    let mut tx = deps.store.begin().await.expect("a transaction");
    let everybody = people::everybody(&mut tx, SERIES, &centre).await.expect("a roster");
    let absent: BTreeSet<_> = everybody
        .iter()
        .filter(|one| one.deployment.number.get() == absent)
        .map(|one| one.deployment.id)
        .collect();
    let wish = Wish {
        series: SERIES.to_owned(),
        centre,
        on,
        shape: DayShape::Full,
        absent,
        reason: Some("no network".to_owned()),
        base_seq: None,
        base_roster: None,
    };
    let by = By { actor: Some(Uuid::from_u128(7)), line: Some(&line), channel: Channel::Ussd };
    let recorded = register::record(&mut tx, deps, &wish, &by, now).await.expect("an answer");
    assert!(!matches!(recorded, Recorded::Refused(_)), "{recorded:?}");
    tx.commit().await.expect("it is kept");
}

/// Both days marked, and manager and director have their PINs: what transcripts begin from.
pub async fn to_sign(town: &Town) {
    use daftari::services::season::import::Kind;
    season(town).await;
    let (first, last) = days(town);
    mark(town, first, 2).await;
    mark(town, last, 0).await;
    let officers =
        format!("full_name,msisdn,role,scope\nRehema Were Mfano,{DIRECTOR},sub_county_director,Ruiru\n");
    import(town, Kind::Officers, &officers).await;
    let rates = format!("series,role,from_on,ksh_per_day\n{SERIES},invigilator,{first},550\n");
    import(town, Kind::Rates, &rates).await;
    let deps = &town.app().deps;
    let director =
        officers::by_msisdn(&mut deps.store.read().await.expect("a read"), &msisdn(DIRECTOR)).await;
    let director = director.expect("an answer").expect("an officer");
    with_pin(town, &Post::Centre(centre()), MANAGER, "24681357").await;
    with_pin(town, &Post::Officer(director.id), DIRECTOR, "86427531").await;
}

/// Mark both days and sign.
pub async fn sign(town: &Town) -> DocumentCode {
    let (first, last) = days(town);
    mark(town, first, 2).await;
    mark(town, last, 0).await;
    sign_at(town, &centre()).await
}

/// Sign what is marked.
async fn sign_at(town: &Town, centre: &CentreCode) -> DocumentCode {
    let (deps, line) = (&town.app().deps, msisdn(MANAGER));
    let now = town.clock.now();
    let signer = signer(&line, now - TimeDelta::minutes(1));
    let mut tx = deps.store.begin().await.expect("a transaction");
    let of = Of { series: SERIES, centre };
    let outcome = closing::sign(&mut tx, deps, of, &signer, now).await.expect("an answer");
    tx.commit().await.expect("it is kept");
    match outcome {
        Signed::Done { code, .. } => code,
        Signed::Refused(why) => panic!("{why:?}"),
    }
}

fn signer(line: &Msisdn, pin_at: DateTime<Utc>) -> Signer<'_> {
    Signer { credential: CredentialId(Uuid::from_u128(0xC0)), deputy: false, line, pin_at }
}
