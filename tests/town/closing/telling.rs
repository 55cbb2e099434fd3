//! Directors are told which registers wait for their countersignature: all of them in one SMS a step, and not at night.

use chrono::NaiveTime;
use daftari::{
    model::Language,
    services::{
        chasing,
        closing::{Directed, Director, countersign},
        season::{calendar::instant, import::Kind},
    },
    storage::{lines, season},
};
use futures_util::future::join_all;

use super::*;
use crate::town::on_every_back_end;

const TOLD: &str = "SELECT COUNT(*) FROM messages WHERE purpose = 'countersign_due'";
/// The director of the other sub-county of that name.
const NAMESAKE: &str = "+254700000004";

/// A director of Ruiru and so many centres, each with one person and its last day behind it.
async fn to_be_signed(town: &Town, centres: usize) -> Vec<CentreCode> {
    season(town).await;
    let (first, last) = days(town);
    let codes: Vec<CentreCode> =
        (2..2 + centres).map(|n| CentreCode::parse(&format!("123450{n:02}")).expect("a code")).collect();
    let (mut listed, mut people) = (
        "code,name,county_code,county,sub_county,manager_msisdn\n".to_owned(),
        "series,centre,role,full_name,msisdn,national_id,from_on,to_on,ref\n".to_owned(),
    );
    for code in &codes {
        let code = code.as_str();
        listed.extend([code, ",Tumaini Girls,022,Kiambu,Ruiru,\n"]);
        people.extend([&format!("{SERIES},{code},supervisor,Asha Mfano,,,{first},{last},"), "\n"]);
    }
    import(town, Kind::Centres, &listed).await;
    import(town, Kind::Deployments, &people).await;
    let officers =
        format!("full_name,msisdn,role,scope\nRehema Were Mfano,{DIRECTOR},sub_county_director,Ruiru\n");
    import(town, Kind::Officers, &officers).await;
    codes
}

async fn signs(town: &Town, code: &CentreCode) -> DocumentCode {
    let (first, last) = days_of_season(town).await;
    mark_at(town, code.clone(), first, 0).await;
    mark_at(town, code.clone(), last, 0).await;
    sign_at(town, code).await
}

/// The season's two days, also on the days after it.
async fn days_of_season(town: &Town) -> (NaiveDate, NaiveDate) {
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let days = "SELECT MIN(on_day), MAX(on_day) FROM series_days";
    tx.query(days).one().await.expect("a season")
}

async fn turn(town: &Town, node: usize) -> usize {
    let app = &town.nodes[node].app;
    chasing::turn(&app.deps, &app.menus.current()).await.expect("a turn")
}

/// Go to a time of a day after the season's last; no node is there to do anything.
async fn until(town: &Town, (days, time): (u64, &str)) {
    let (_, last) = days_of_season(town).await;
    let time = NaiveTime::parse_from_str(time, "%H:%M").expect("a time");
    town.pass(instant(last + Days::new(days), time) - town.clock.now());
}

/// Go to a time of a day after the season's last, look what is due, and send it.
async fn at(town: &Town, time: (u64, &str)) -> usize {
    until(town, time).await;
    let promised = turn(town, 0).await;
    town.send_messages().await;
    promised
}

async fn countersigns(town: &Town, code: &DocumentCode) {
    let (deps, now, line) = (&town.app().deps, town.clock.now(), msisdn(DIRECTOR));
    let mut tx = deps.store.begin().await.expect("a transaction");
    let officer = officers::by_msisdn(&mut tx, &line).await.expect("an answer").expect("an officer");
    let hand = Director { officer: &officer, line: &line, pin_at: now };
    let directed = countersign(&mut tx, deps, code, &hand, now).await.expect("an answer");
    assert!(matches!(directed, Directed::Done { .. }), "{directed:?}");
    tx.commit().await.expect("it is kept");
}

on_every_back_end! {
    async fn a_director_is_told_of_all_that_wait_in_one_sms_a_step(town: Town) {
        let codes = to_be_signed(&town, 3).await;
        assert_eq!(at(&town, (1, "07:00")).await, 0);
        let first = signs(&town, &codes[0]).await;
        signs(&town, &codes[1]).await;
        assert_eq!(town.count(TOLD).await, 0, "not with the signature");
        assert_eq!(at(&town, (1, "08:00")).await, 1);
        assert_eq!(turn(&town, 0).await, 0, "once");
        assert_eq!(
            town.messages_to(DIRECTOR),
            ["Ruiru: registers that wait for your countersignature: 2 (12345002 Tumaini, 12345003 Tumaini). \
              Dial *384*2547#: Countersign"]
        );
        assert_eq!(at(&town, (1, "17:30")).await, 0, "no other was signed");
        assert_eq!(at(&town, (2, "08:00")).await, 1, "they still wait");
        countersigns(&town, &first).await;
        signs(&town, &codes[2]).await;
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        let now = town.clock.now();
        lines::set_language(&mut tx, &msisdn(DIRECTOR), Language::Sw, None, now).await.expect("a language");
        tx.commit().await.expect("it is kept");
        assert_eq!(at(&town, (2, "17:30")).await, 1, "another was");
        assert_eq!(
            town.messages_to(DIRECTOR)[2..],
            ["Ruiru: madaftari yanayosubiri uthibitisho wako: 2 (12345003 Tumaini, 12345004 Tumaini). \
              Piga *384*2547#: Thibitisha"]
        );
    }
}

on_every_back_end! {
    async fn what_a_late_step_has_told_is_no_news_at_the_next(town: Town) {
        let codes = to_be_signed(&town, 3).await;
        until(&town, (1, "07:00")).await;
        signs(&town, &codes[0]).await;
        until(&town, (1, "09:00")).await;
        signs(&town, &codes[1]).await;
        assert_eq!(at(&town, (1, "11:00")).await, 1, "the step of eight o'clock");
        assert!(town.messages_to(DIRECTOR)[0].contains(": 2 (12345002 Tumaini, 12345003 Tumaini). "));
        assert_eq!(at(&town, (1, "17:30")).await, 0, "both were told at eleven");
        assert_eq!(at(&town, (2, "08:00")).await, 1);
        signs(&town, &codes[2]).await;
        assert_eq!(at(&town, (2, "17:30")).await, 1, "another was signed");
    }
}

on_every_back_end! {
    async fn what_a_missed_step_would_have_told_is_told_at_the_next(town: Town) {
        let codes = to_be_signed(&town, 1).await;
        until(&town, (1, "07:00")).await;
        signs(&town, &codes[0]).await;
        assert_eq!(at(&town, (1, "17:30")).await, 1, "at eight nobody was there to tell it");
        assert_eq!(turn(&town, 0).await, 0, "once");
    }
}

on_every_back_end! {
    async fn a_centre_that_waits_in_two_series_is_named_once(town: Town) {
        let codes = to_be_signed(&town, 2).await;
        let (first, last) = days(&town);
        let series = format!("code,exam,year,starts_on,ends_on\nP26,KCPE,{},{first},{last}\n", first.format("%Y"));
        import(&town, Kind::Series, &series).await;
        until(&town, (1, "07:00")).await;
        signs(&town, &codes[0]).await;
        // The same register once more, of the other series.
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        let again = "INSERT INTO register_documents (code, series, centre, seq, digest, people, days, present, absent,
                signed_at, signed_by, signed_line)
             SELECT '000000000000', 'P26', centre, seq, digest, people, days, present, absent, signed_at, signed_by,
                signed_line
             FROM register_documents";
        tx.query(again).execute_exactly(1).await.expect("a document");
        tx.commit().await.expect("it is kept");
        signs(&town, &codes[1]).await;
        assert_eq!(at(&town, (1, "08:00")).await, 1);
        let told = town.messages_to(DIRECTOR);
        assert!(told[0].contains(": 3 (12345002 Tumaini, 12345003 Tumaini). "), "{told:?}");
    }
}

on_every_back_end! {
    async fn forty_five_registers_are_one_sms(town: Town) {
        for code in to_be_signed(&town, 45).await {
            signs(&town, &code).await;
        }
        assert_eq!(at(&town, (1, "08:00")).await, 1);
        let told = town.messages_to(DIRECTOR);
        assert_eq!(told.len(), 1);
        assert!(told[0].contains(": 45 (12345002 Tumaini, ") && told[0].contains(" +36)"), "{told:?}");
        assert!(told[0].len() <= 2 * 153, "{told:?}");
    }
}

on_every_back_end! {
    async fn at_night_and_of_a_closed_series_nobody_is_told(town: Town) {
        let codes = to_be_signed(&town, 1).await;
        signs(&town, &codes[0]).await;
        for time in [(1, "06:29"), (1, "20:00"), (2, "05:00")] {
            assert_eq!(at(&town, time).await, 0, "{time:?}");
        }
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        season::close(&mut tx, SERIES, town.clock.now()).await.expect("it is closed");
        tx.commit().await.expect("it is kept");
        assert_eq!(at(&town, (2, "08:00")).await, 0);
    }
}

on_every_back_end! {
    async fn a_name_of_two_places_says_nothing_until_the_county_stands_before_it(town: Town) {
        let codes = to_be_signed(&town, 1).await;
        let other = "code,name,county_code,county,sub_county,manager_msisdn\n99000001,Far,047,Nairobi,Ruiru,\n";
        import(&town, Kind::Centres, other).await;
        let officers = format!("full_name,msisdn,role,scope\nJuma Mfano,{NAMESAKE},sub_county_director,Kiambu/Ruiru\n");
        import(&town, Kind::Officers, &officers).await;
        signs(&town, &codes[0]).await;
        assert_eq!(at(&town, (1, "08:00")).await, 1);
        assert_eq!((town.messages_to(DIRECTOR).len(), town.messages_to(NAMESAKE).len()), (0, 1));
    }
}

on_every_back_end! {
    async fn two_nodes_and_one_that_falls_tell_a_director_once(town: Town) {
        for code in to_be_signed(&town, 2).await {
            signs(&town, &code).await;
        }
        town.add_node().await;
        at(&town, (1, "07:59")).await;
        town.pass(TimeDelta::minutes(1));
        // A node falls after so many steps of its work: what it has not committed is as if it had never been.
        for polls in 1..20 {
            let (app, mut left) = (&town.nodes[1].app, polls);
            let menus = app.menus.current();
            let mut falling = Box::pin(chasing::turn(&app.deps, &menus));
            std::future::poll_fn(|context| {
                left -= 1;
                match falling.as_mut().poll(context) {
                    std::task::Poll::Pending if left > 0 => std::task::Poll::Pending,
                    _ => std::task::Poll::Ready(()),
                }
            })
            .await;
        }
        join_all((0..8).map(|n| turn(&town, n % 2))).await;
        town.send_messages().await;
        assert_eq!((town.count(TOLD).await, town.messages_to(DIRECTOR).len()), (1, 1));
    }
}
