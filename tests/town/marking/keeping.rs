//! What is kept of a call that dropped, and what the next one is asked about: what was said last, and nothing that was given
//! up, stands already or can't be recorded any more.

use chrono::TimeDelta;
use daftari::{
    model::season::Channel,
    services::register::{By, PutRight},
};
use uuid::Uuid;

use super::*;
use crate::town::msisdn;

const NAMED: [&str; 4] = ["6", "1", "Wairimu Mgeni", "1"];

/// The same call with a moment between what is typed first and what is typed then.
async fn call_with_a_moment(town: &mut Town, first: &[&str], then: &[&str]) {
    town.flush(&[MANAGER]).await;
    let mut phone = town.phone(MANAGER);
    phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
    phone.dial(CODE).await.expect("a screen");
    for input in first {
        phone.answer(input).await.expect("a screen");
    }
    town.pass(TimeDelta::seconds(10));
    for input in then {
        phone.answer(input).await.expect("a screen");
    }
}

/// Grant somebody who was marked absent that they were there.
async fn put_right(town: &Town, number: i64) {
    let (deps, centre, line) = (&town.app().deps, centre(), msisdn(MANAGER));
    let of = DayOf { series: SERIES, centre: &centre, on: today(town) };
    let mut tx = deps.store.begin().await.expect("a unit of work");
    let roster = register::roster(&mut tx, of).await.expect("a roster");
    let one = roster.iter().find(|one| one.number == number).expect("on the roster").deployment;
    let by = By { actor: Some(Uuid::from_u128(7)), line: Some(&line), channel: Channel::Ussd };
    let put = register::put_right(&mut tx, deps, (of, one), "I was there", &by, town.clock.now()).await;
    assert!(matches!(put.as_ref().expect("an answer"), PutRight::Done(_)), "{put:?}");
    tx.commit().await.expect("kept");
}

async fn drafts(town: &Town) -> (i64, i64) {
    let of_days = town.count("SELECT COUNT(*) FROM register_drafts").await;
    (of_days, town.count("SELECT COUNT(*) FROM drafts").await)
}

on_every_back_end! {
    async fn somebody_who_was_given_up_is_forgotten_when_the_day_is_recorded(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        let recorded = call(&mut town, MANAGER, &[&[PIN][..], &NAMED, &["00", "2", "3", "99"]].concat()).await;
        assert!(recorded.contains("is recorded: 11 present, 1 absent."), "{recorded}");
        assert_eq!(drafts(&town).await, (0, 0));
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains(": 11 present, 1 absent.\n1: All present"), "{home}");
        let again = call(&mut town, MANAGER, &[&[PIN][..], &NAMED, &["00", "4", "99", "1"]].concat()).await;
        assert!(again.contains("is recorded just so already"), "{again}");
        assert_eq!(drafts(&town).await, (0, 0));
    }
}

on_every_back_end! {
    async fn marks_that_were_typed_after_a_name_are_what_goes_on(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        call_with_a_moment(&mut town, &[&[PIN][..], &NAMED, &["00"]].concat(), &["2", "3 7"]).await;
        let offered = call(&mut town, MANAGER, &[PIN]).await;
        assert!(offered.starts_with("You were marking "), "{offered}");
        let went_on = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(went_on.contains("present 10, absent 2:\n3 Njeri Taswira\n7 Akinyi Hadithi"), "{went_on}");
        let home = call(&mut town, MANAGER, &[PIN, "2"]).await;
        assert!(home.contains(": not marked\n1: All present"), "{home}");
        assert_eq!(drafts(&town).await, (0, 0), "both are thrown away");
    }
}

on_every_back_end! {
    async fn starting_over_leaves_nothing_of_the_day(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        call(&mut town, MANAGER, &[&[PIN, "2", "3 7", "00"][..], &NAMED].concat()).await;
        let named = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(named.contains("Type the phone number of Wairimu Mgeni"), "{named}");
        let numbers = call(&mut town, MANAGER, &[PIN, "2", "2"]).await;
        assert!(numbers.contains("type the numbers of those absent"), "{numbers}");
    }
}

on_every_back_end! {
    async fn nobody_is_to_be_added_on_a_day_that_is_over(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        with_pin(&town, &Post::Centre(centre()), SECOND_LINE, PIN).await;
        call(&mut town, MANAGER, &[&[PIN][..], &NAMED].concat()).await;
        let recorded = call(&mut town, SECOND_LINE, &["1", PIN, "1", "1"]).await;
        assert!(recorded.contains("is recorded: 12 present, 0 absent."), "{recorded}");
        let tomorrow = today(&town) + Days::new(1);
        pass_to(&town, tomorrow, "06:30");
        assert_eq!(drafts(&town).await, (0, 1));
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains(&format!("S26 {}: not marked", tomorrow.format("%d/%m"))), "{home}");
    }
}

on_every_back_end! {
    async fn a_look_at_a_recorded_day_does_not_undo_what_is_put_right_after_it(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        call(&mut town, MANAGER, &[PIN, "2", "3 5 7", "99"]).await;
        for (looks, number, stands) in
            [(&["4"][..], 3, "10 present, 2 absent."), (&["2", "9", "9"], 5, "11 present, 1 absent.")]
        {
            call(&mut town, MANAGER, &[&[PIN], looks].concat()).await;
            put_right(&town, number).await;
            assert_eq!(drafts(&town).await, (0, 0), "{looks:?}");
            let home = call(&mut town, MANAGER, &[PIN]).await;
            assert!(home.contains(stands), "{looks:?}: {home}");
        }
        // What was said of others is not lost for it, and shows what differs.
        call(&mut town, MANAGER, &[PIN, "2", "9"]).await;
        put_right(&town, 7).await;
        let differs = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(differs.contains("was changed since you began"), "{differs}");
    }
}

on_every_back_end! {
    async fn a_day_that_was_looked_at_does_not_hide_one_that_is_half_marked(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        let yesterday = (today(&town) - Days::new(1)).format("%d/%m").to_string();
        let half = ["5", "2", "2", "3", "00"];
        let recorded = ["5", "1", "2", "7", "99", "00"];
        call(&mut town, MANAGER, &[&[PIN][..], &half, &recorded, &["2", "9", "9"]].concat()).await;
        assert_eq!(drafts(&town).await, (2, 0));
        let offered = call(&mut town, MANAGER, &[PIN]).await;
        assert!(offered.starts_with(&format!("You were marking {yesterday} ")), "{offered}");
        let summed = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(summed.starts_with(&format!("{yesterday}, whole day: present 11, absent 1:")), "{summed}");
        let home = call(&mut town, MANAGER, &[PIN, "2"]).await;
        assert!(home.contains("11 present, 1 absent."), "{home}");
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains("11 present, 1 absent."), "{home}");
    }
}

on_every_back_end! {
    async fn a_day_that_was_only_chosen_comes_after_what_was_typed(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        let (on, before) = (today(&town), today(&town) - Days::new(1));
        call_with_a_moment(&mut town, &[PIN, "2", "3 7", "00"], &["5", "2"]).await;
        let offered = call(&mut town, MANAGER, &[PIN]).await;
        assert!(offered.starts_with(&format!("You were marking {} ", on.format("%d/%m"))), "{offered}");
        let summed = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(summed.contains("present 10, absent 2:"), "{summed}");
        call(&mut town, MANAGER, &[PIN, "2"]).await;
        let offered = call(&mut town, MANAGER, &[PIN]).await;
        assert!(offered.starts_with(&format!("You were marking {} ", before.format("%d/%m"))), "{offered}");
    }
}

on_every_back_end! {
    async fn a_name_whose_key_is_lost_keeps_nobody_from_signing_in(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        call(&mut town, MANAGER, &[&[PIN][..], &NAMED].concat()).await;
        let mut tx = town.app().deps.store.begin().await.expect("a unit of work");
        tx.query("UPDATE drafts SET sealed_key = 'lost'").execute_exactly(1).await.expect("a draft");
        tx.commit().await.expect("kept");
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains(": not marked\n1: All present"), "{home}");
    }
}
