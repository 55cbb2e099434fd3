//! The season of a peak: its files, imported as an operator imports them, and a PIN for every centre. No command sets a PIN
//! that was chosen already, so the bench writes the rows itself; one hash serves all, because the crowd has one PIN.

use std::{fmt::Write as _, fs};

use anyhow::Context as _;
use chrono::{Days, NaiveDate, Timelike as _};
use daftari::{
    clock::{Chance, Clock},
    model::{Language, Pin},
    phones::crowd::Person,
    secrets::{KeyRing, PinHasher},
    services::accounts::NAIROBI,
};
use sqlx::{PgConnection, query};

use crate::{PEOPLE, servers::Daftari};

/// The series.
pub const SERIES: &str = "PEAK";
const COUNTIES: usize = 47;
const GIVEN: [&str; 8] = ["Asha", "Brian", "Cherono", "Dennis", "Esther", "Fatuma", "Grace", "Hassan"];
const FAMILY: [&str; 7] = ["Barasa", "Chebet", "Juma", "Kamau", "Mutua", "Njeri", "Otieno"];

/// How many minutes the day has left in Nairobi.
pub fn minutes_left() -> f64 {
    let now = Clock::System.now().with_timezone(&NAIROBI);
    f64::from(24 * 60 * 60 - now.num_seconds_from_midnight()) / 60.0
}

/// Import a season with the centres of these people, open all day.
pub fn import(daftari: &Daftari, managers: &[Person]) -> anyhow::Result<()> {
    let today = Clock::System.now().with_timezone(&NAIROBI).date_naive();
    let last = today.checked_add_days(Days::new(1)).context("a day")?;
    let day = |on: NaiveDate| format!("{SERIES},{on},exam,00:00,23:59\n");
    let mut centres = "code,name,county_code,county,sub_county,manager_msisdn\n".to_owned();
    let mut people = "series,centre,role,full_name,msisdn,national_id,from_on,to_on,ref\n".to_owned();
    for (n, Person { centre, line, .. }) in managers.iter().enumerate() {
        let county = n % COUNTIES + 1;
        let msisdn = line.msisdn.as_e164();
        writeln!(
            centres,
            "{centre},Shule ya {centre},{county:03},County {county},Sub {county}.{},{msisdn}",
            n % 7
        )?;
        for place in 1..=PEOPLE {
            let role = ["centre_manager", "supervisor", "invigilator", "security"][place.min(4) - 1];
            let role = if place > 5 { "invigilator" } else { role };
            let (given, family) = (GIVEN[(place - 1) % GIVEN.len()], FAMILY[(n + place) % FAMILY.len()]);
            writeln!(people, "{SERIES},{centre},{role},{given} {family},,,{today},{last},{centre}-{place}")?;
        }
    }
    let files = [
        ("series", format!("code,exam,year,starts_on,ends_on\n{SERIES},KCSE,2026,{today},{last}\n")),
        ("days", format!("series,on,kind,opens,closes\n{}{}", day(today), day(last))),
        ("centres", centres),
        ("deployments", people),
    ];
    for (kind, text) in files {
        let name = format!("{kind}.csv");
        fs::write(daftari.folder().join(&name), text)?;
        daftari.run(&["import", kind, &name])?;
    }
    Ok(())
}

/// Give every centre its PIN and bind its line, as if it had been chosen there.
pub async fn pins(daftari: &Daftari, db: &mut PgConnection, managers: &[Person]) -> anyhow::Result<()> {
    let keys = KeyRing::load(&daftari.folder().join("keys"))?;
    let first = managers.first().context("nobody")?;
    let pin = Pin::parse(&first.post_pin, 8).ok().context("no PIN")?;
    let chance = Chance::from_system();
    let kept = PinHasher::new(1).hash(&keys.current(), &pin, chance.bytes()).await.ok().context("no hash")?;
    let now = Clock::System.now();
    query(
        "INSERT INTO post_credentials (id, post_kind, post, part, series, phc, pepper_id, issued_to, issued_by, issued_at,
            chosen_at, epoch)
         SELECT gen_random_uuid(), 'centre', code, 'holder', $1, $2, $3, manager_msisdn, 'bench', $4, $4, 0 FROM centres",
    )
    .bind(SERIES)
    .bind(kept.phc)
    .bind(kept.pepper_id)
    .bind(now)
    .execute(&mut *db)
    .await?;
    query(
        "INSERT INTO post_lines (post_kind, post, msisdn, bound_at)
         SELECT 'centre', code, manager_msisdn, $1 FROM centres",
    )
    .bind(now)
    .execute(&mut *db)
    .await?;
    let lines: Vec<&str> = managers.iter().map(|person| person.line.msisdn.as_e164()).collect();
    let read = |person: &Person| if person.language == Language::En { "en" } else { "sw" };
    let languages: Vec<&str> = managers.iter().map(read).collect();
    query("INSERT INTO lines (msisdn, language, changed_at) SELECT l, r, $3 FROM UNNEST($1::TEXT[], $2::TEXT[]) x (l, r)")
        .bind(lines)
        .bind(languages)
        .bind(now)
        .execute(&mut *db)
        .await?;
    query("ANALYZE").execute(db).await?;
    Ok(())
}
