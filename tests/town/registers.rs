//! Registers by SMS on a running day: rosters, marks, and who is reminded where there are none.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use daftari::{
    model::{CentreCode, Post},
    secrets::PinHash,
    services::{
        posts::install::install,
        register::{self, DayOf},
        season::{
            calendar::{day_of, instant},
            import::Kind,
        },
    },
};

use crate::{
    inbound::told,
    season::import,
    town::{Town, msisdn, on_every_back_end},
};

mod chasing;
mod marking;

const SERIES: &str = "S26";
const CENTRE: &str = "12345001";
const SECOND: &str = "12345002";
const MANAGER: &str = "+254700000002";
const DIRECTOR: &str = "+254700000003";

/// Make it seven in the morning of a day of a series, with two centres of one sub-county and people at both. Only
/// the first has a line.
async fn settled(town: &Town) {
    let tomorrow = day_of(town.clock.now()) + Days::new(1);
    let (from, to) = (tomorrow - Days::new(2), tomorrow + Days::new(5));
    let series = format!(
        "code,exam,year,starts_on,ends_on,practice\n{SERIES},KCSE,2026,{from},{to},no\nTRIAL,Practice,2026,{from},{to},yes\n"
    );
    import(town, Kind::Series, &series).await;
    let days = from.iter_days().take_while(|day| *day <= to);
    let rows: Vec<String> = days.map(|day| format!("{SERIES},{day},exam\nTRIAL,{day},exam\n")).collect();
    import(town, Kind::Days, &format!("series,on,kind\n{}", rows.concat())).await;
    import(
        town,
        Kind::Centres,
        "code,name,county_code,county,sub_county,manager_msisdn\n\
         12345001,Mfano Secondary,022,Kiambu,Ruiru,+254700000002\n\
         12345002,Tumaini Primary,022,Kiambu,Ruiru,+254700000005\n\
         12345009,Amani Boys,032,Nakuru,Gilgil,\n",
    )
    .await;
    import(
        town,
        Kind::Officers,
        "full_name,msisdn,role,scope\nAtieno Were,+254700000003,sub_county_director,Ruiru\n\
         Musa Hassan,+254700000004,headquarters,\n",
    )
    .await;
    people(town, CENTRE, 12, (from, to)).await;
    people(town, SECOND, 3, (from, to)).await;
    bind(town, CENTRE, MANAGER).await;
    at(town, tomorrow, "07:00");
}

/// So many people at a centre, numbered from 1.
async fn people(town: &Town, centre: &str, many: usize, (from, to): (NaiveDate, NaiveDate)) {
    const NAMES: [&str; 4] = ["Asha Chebet Mfano", "Otieno Kisa", "Njeri Wanjiku Taswira", "Barasa Ramani"];
    let row = |n: usize| {
        let role = if n == 1 { "centre_manager" } else { "invigilator" };
        format!("{SERIES},{centre},{role},{},,,{from},{to},{centre}-{n}\n", NAMES[n % 4])
    };
    let rows: String = (1..=many).map(row).collect();
    import(town, Kind::Deployments, &format!("{}{rows}", crate::season::HEADER)).await;
}

/// A line that speaks for a centre, whose PIN was chosen.
async fn bind(town: &Town, centre: &str, line: &str) {
    let deps = &town.app().deps;
    let mut tx = deps.store.begin().await.expect("a transaction");
    let pin = PinHash { phc: "not looked at".to_owned(), pepper_id: "p1".to_owned() };
    let post = Post::Centre(code(centre));
    install(&mut tx, deps, (&post, &msisdn(line)), pin, town.clock.now()).await.expect("a PIN");
    tx.commit().await.expect("it is kept");
}

fn code(centre: &str) -> CentreCode {
    CentreCode::parse(centre).expect("a centre")
}

fn today(town: &Town) -> NaiveDate {
    day_of(town.clock.now())
}

/// Let the clock go on to a time of a day in Nairobi.
fn at(town: &Town, on: NaiveDate, time: &str) {
    let then: DateTime<Utc> = instant(on, NaiveTime::parse_from_str(time, "%H:%M").expect("a time"));
    let by = then - town.clock.now();
    assert!(by >= chrono::Duration::zero(), "the clock goes forward");
    town.pass(by);
}

/// What a line is told after it has sent this, with everything that is sent a moment later.
async fn asks(town: &Town, line: &str, text: &str) -> Vec<String> {
    let mut replies = told(town, line, text).await;
    let before = town.messages_to(line).len();
    // Parts follow each other after a second; those that are due together come in any order.
    for _ in 0..10 {
        town.pass(chrono::Duration::seconds(1));
        town.send_messages().await;
    }
    replies.extend(town.messages_to(line).split_off(before));
    replies
}

/// The day's code of a roster.
fn day_code(roster: &[String]) -> String {
    let code = roster.first().and_then(|first| first.get(..4)).expect("a roster begins with the code");
    assert!(code.bytes().all(|b| b.is_ascii_digit()), "{roster:?}");
    code.to_owned()
}

/// The numbers of the absent today; `None` while nothing is marked.
async fn absent(town: &Town, centre: &str) -> Option<Vec<i64>> {
    let centre = code(centre);
    let of = DayOf { series: SERIES, centre: &centre, on: today(town) };
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let roster = register::roster(&mut tx, of).await.expect("a roster");
    let marked = roster.iter().all(|one| one.mark.is_some());
    marked.then(|| roster.iter().filter(|one| one.mark == Some(false)).map(|one| one.number).collect())
}
