//! Marking by dialling on a running day, where several call at once, the day moves on, or it is not the time.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use daftari::{
    model::{CentreCode, Post},
    phones::wire::Wire,
    services::{
        register::{self, DayOf, DayView},
        season::{
            calendar::{day_of, instant},
            import::Kind,
        },
    },
};

use crate::{
    closing,
    posts::{speaks_english, with_pin},
    season::import,
    town::{CODE, Town, on_every_back_end, screen},
};

mod dropping;
mod keeping;

const SERIES: &str = "S26";
const PRACTICE: &str = "TRIAL";
const CENTRE: &str = "12345001";
const MANAGER: &str = "+254700000002";
const SECOND_LINE: &str = "+254700000006";
pub const PIN: &str = "24681357";
const ROSTER: [(&str, &str); 12] = [
    ("centre_manager", "Amina Mfano"),
    ("supervisor", "Otieno Kisa"),
    ("invigilator", "Njeri Wanjiku Taswira"),
    ("invigilator", "Barasa Ramani"),
    ("invigilator", "Chebet Jaribio"),
    ("invigilator", "Mutua Sampuli"),
    ("invigilator", "Akinyi Hadithi"),
    ("invigilator", "Kiprono Onyesho"),
    ("invigilator", "Moraa Maigizo"),
    ("invigilator", "Kamau Mazoezi"),
    ("security", "Nafula Kielelezo"),
    ("driver", "Hassan Ramani"),
];

/// Make it seven in the morning of a running series, and of one for training, with a centre of twelve people whose line
/// and PIN are known: what transcripts begin from. The day before was a day too, and nobody has marked it.
pub async fn to_mark(town: &Town) {
    let today = day_of(town.clock.now()) + Days::new(1);
    let (from, to) = (today - Days::new(1), today + Days::new(5));
    let series = format!(
        "code,exam,year,starts_on,ends_on,practice\n{SERIES},KCSE,2026,{from},{to},no\n{PRACTICE},Practice,2026,{from},{to},yes\n"
    );
    import(town, Kind::Series, &series).await;
    let days = from.iter_days().take_while(|day| *day <= to);
    let rows: String =
        days.map(|day| format!("{SERIES},{day},exam\n{PRACTICE},{day},exam\n")).collect::<Vec<_>>().concat();
    import(town, Kind::Days, &format!("series,on,kind\n{rows}")).await;
    let centres = "code,name,county_code,county,sub_county,manager_msisdn\n";
    import(town, Kind::Centres, &format!("{centres}{CENTRE},Mfano Secondary,022,Kiambu,Ruiru,{MANAGER}\n"))
        .await;
    for series in [SERIES, PRACTICE] {
        deploy(town, (series, CENTRE), (from, to)).await;
    }
    with_pin(town, &Post::Centre(centre()), MANAGER, PIN).await;
    pass_to(town, today, "07:00");
}

/// Another centre of that series with people of the same names, and a line that speaks English.
pub async fn another(town: &Town, code: &str, line: &str) {
    let centres = "code,name,county_code,county,sub_county,manager_msisdn\n";
    import(town, Kind::Centres, &format!("{centres}{code},Jaribio Secondary,022,Kiambu,Ruiru,{line}\n"))
        .await;
    let today = today(town);
    deploy(town, (SERIES, code), (today - Days::new(1), today + Days::new(5))).await;
    with_pin(town, &Post::Centre(CentreCode::parse(code).expect("a code")), line, PIN).await;
    speaks_english(town, line).await;
}

async fn deploy(town: &Town, (series, code): (&str, &str), (from, to): (NaiveDate, NaiveDate)) {
    let row = |(n, (role, name)): (usize, &(&str, &str))| {
        format!("{series},{code},{role},{name},,,{from},{to},{series}-{code}-{n}\n")
    };
    let rows: String = ROSTER.iter().enumerate().map(row).collect();
    import(town, Kind::Deployments, &format!("{}{rows}", crate::season::HEADER)).await;
}

fn centre() -> CentreCode {
    CentreCode::parse(CENTRE).expect("a code")
}

fn pass_to(town: &Town, on: NaiveDate, time: &str) {
    let then: DateTime<Utc> = instant(on, NaiveTime::parse_from_str(time, "%H:%M").expect("a time"));
    town.pass(then - town.clock.now());
}

fn today(town: &Town) -> NaiveDate {
    day_of(town.clock.now())
}

async fn day(town: &Town, on: NaiveDate) -> DayView {
    let deps = &town.app().deps;
    let mut tx = deps.store.read().await.expect("a read");
    let centre = centre();
    let of = DayOf { series: SERIES, centre: &centre, on };
    register::day(&mut tx, deps, of, town.clock.now()).await.expect("an answer").expect("a day")
}

/// Dial and type, with the state lost before; what is on the screen then.
async fn call(town: &mut Town, line: &str, inputs: &[&str]) -> String {
    town.flush(&[line]).await;
    let mut phone = town.phone(line);
    phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
    phone.dial(CODE).await.expect("a screen");
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
    screen(&phone).to_owned()
}

on_every_back_end! {
    async fn a_day_is_recorded_from_the_centres_line_under_one_reference(town: Town) {
        to_mark(&town).await;
        let recorded = call(&mut town, MANAGER, &["1", PIN, "2", "3 7 12", "99"]).await;
        let day = day(&town, today(&town)).await;
        assert!(recorded.contains(&day.reference.clone().expect("a reference")), "{recorded}");
        assert_eq!((day.summary.present, day.summary.absent), (9, 3));
        let by = "SELECT COUNT(*) FROM register_entries e JOIN post_credentials p ON p.id = e.actor
            WHERE e.line = '+254700000002' AND e.channel = 'ussd' AND p.post = '12345001'";
        assert_eq!(town.count(by).await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM register_drafts").await, 0, "its draft is thrown away");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'receipt'").await, 1);
    }
}

on_every_back_end! {
    async fn what_another_line_recorded_meanwhile_is_shown_before_anything_is_overwritten(town: Town) {
        to_mark(&town).await;
        with_pin(&town, &Post::Centre(centre()), SECOND_LINE, PIN).await;
        let mut phone = town.phone(SECOND_LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", PIN, "2", "3"] {
            phone.answer(input).await.expect("a screen");
        }
        // The centre's draft is offered to its other line, which begins anew.
        let first = call(&mut town, MANAGER, &["1", PIN, "2", "2", "7", "99"]).await;
        assert!(first.contains("11 present, 1 absent"), "{first}");
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        phone.answer("99").await.expect("a screen");
        let shown = screen(&phone).to_owned();
        assert!(shown.contains("was changed since you began"), "{shown}");
        assert!(shown.contains("3 Njeri Taswira is present") && shown.contains("7 Akinyi Hadithi is absent"), "{shown}");
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries").await, 1);
        // Having seen it, he goes on with his own: a correction, with a reason.
        for input in ["1", "1", "3"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).contains("11 present, 1 absent"), "{}", screen(&phone));
        let day = day(&town, today(&town)).await;
        assert_eq!(day.summary.absentees.iter().map(|one| one.number).collect::<Vec<_>>(), [3]);
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries").await, 2);
    }
}

on_every_back_end! {
    async fn a_draft_shows_who_has_come_onto_the_roster_since(town: Town) {
        to_mark(&town).await;
        call(&mut town, MANAGER, &["1", PIN, "2", "3"]).await;
        let (from, to) = (today(&town), today(&town) + Days::new(2));
        let row = format!("{SERIES},{CENTRE},invigilator,Wairimu Mgeni,,,{from},{to},late\n");
        import(&town, Kind::Deployments, &format!("{}{row}", crate::season::HEADER)).await;
        let shown = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(shown.contains("13 Wairimu Mgeni new on roster"), "{shown}");
        let summed = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(summed.contains("present 12, absent 1"), "seen once, it is part of the draft: {summed}");
        call(&mut town, MANAGER, &[PIN, "1", "1"]).await;
        assert_eq!(day(&town, today(&town)).await.summary.present, 12);
    }
}

on_every_back_end! {
    async fn who_comes_too_early_or_too_late_is_told_when_and_whom_to_ask(town: Town) {
        to_mark(&town).await;
        let tomorrow = today(&town) + Days::new(1);
        pass_to(&town, tomorrow, "05:00");
        let early = call(&mut town, MANAGER, &["1", PIN, "1"]).await;
        let from = tomorrow.format("%d/%m 06:00").to_string();
        assert!(early.contains(&format!("Marking opens at {from}. Dial again then.")), "{early}");
        pass_to(&town, tomorrow, "21:00");
        let late = call(&mut town, MANAGER, &[PIN, "1", "1"]).await;
        assert!(late.contains("is marked late. Why?"), "within the window a reason will do: {late}");
        pass_to(&town, tomorrow + Days::new(20), "08:00");
        let over = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(over.contains("no examination day of this series"), "the series is over: {over}");
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries").await, 0);
    }
}

on_every_back_end! {
    async fn a_centre_on_practice_tells_nobody_and_counts_nowhere(town: Town) {
        to_mark(&town).await;
        let home = call(&mut town, MANAGER, &["1", PIN, "6", "6", "3", "2"]).await;
        assert!(home.starts_with("PRACTICE\n12345001 TRIAL"), "{home}");
        let recorded = call(&mut town, MANAGER, &[PIN, "6", "6", "3", "2", "2", "3", "99"]).await;
        assert!(recorded.starts_with("PRACTICE\n") && recorded.contains("11 present, 1 absent"), "{recorded}");
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries WHERE series = 'S26'").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'marked_absent'").await, 0);
    }
}

on_every_back_end! {
    async fn a_call_that_drops_at_the_question_why_is_taken_up_at_the_next(town: Town) {
        to_mark(&town).await;
        call(&mut town, MANAGER, &["1", PIN, "2", "3", "99"]).await;
        let why = call(&mut town, MANAGER, &[PIN, "1", "1"]).await;
        assert!(why.contains("Why is it changed?"), "{why}");
        let offered = call(&mut town, MANAGER, &[PIN]).await;
        assert!(offered.starts_with("You were marking"), "{offered}");
        let recorded = call(&mut town, MANAGER, &[PIN, "1", "1", "1"]).await;
        assert!(recorded.contains("12 present, 0 absent"), "{recorded}");
        assert_eq!(town.count("SELECT COUNT(*) FROM register_drafts").await, 0);
    }
}

on_every_back_end! {
    async fn who_has_no_mark_on_a_marked_day_is_named_before_the_signature(town: Town) {
        closing::to_sign(&town).await;
        let (first, last) = closing::days(&town);
        let row = format!("{SERIES},{CENTRE},invigilator,Wairimu Mgeni,,,{first},{last},late\n");
        import(&town, Kind::Deployments, &format!("{}{row}", crate::season::HEADER)).await;
        let home = call(&mut town, MANAGER, &["1", PIN]).await;
        assert!(home.contains("4 present, 0 absent, 1 blank."), "{home}");
        let shown = call(&mut town, MANAGER, &[PIN, "6", "5"]).await;
        assert!(shown.contains("not paid: people 1 (5), days 2 ("), "{shown}");
        // Today can be put right by the centre, and is what it says to begin with.
        call(&mut town, MANAGER, &[PIN, "1", "1", "3"]).await;
        let shown = call(&mut town, MANAGER, &[PIN, "6", "5"]).await;
        assert!(shown.contains(&format!("people 1 (5), days 1 ({})", first.format("%-d/%-m"))), "{shown}");
        let signed = call(&mut town, MANAGER, &[PIN, "6", "5", "1", "1"]).await;
        assert!(signed.starts_with("Signed."), "{signed}");
    }
}

on_every_back_end! {
    async fn whoever_only_looked_at_a_marked_day_is_not_asked_to_go_on(town: Town) {
        to_mark(&town).await;
        call(&mut town, MANAGER, &["1", PIN, "2", "3", "99"]).await;
        for looks in [&["2"][..], &["2", "7", "7"], &["2", "7", "7", "99"], &["4", "98"], &["3", "3"]] {
            call(&mut town, MANAGER, &[&[PIN], looks].concat()).await;
            let home = call(&mut town, MANAGER, &[PIN]).await;
            assert!(home.contains("11 present, 1 absent."), "{looks:?}: {home}");
        }
        // What is marked so far is not what the home says.
        let home = call(&mut town, MANAGER, &[PIN, "2", "7", "00"]).await;
        assert!(home.contains("11 present, 1 absent."), "{home}");
        let asked = call(&mut town, MANAGER, &[PIN]).await;
        assert!(asked.starts_with("You were marking"), "{asked}");
    }
}
