//! What is kept of a call that dropped, and what the next one is asked about: nothing that stands
//! already.

use daftari::{
    model::season::Channel,
    services::register::{By, PutRight},
};
use uuid::Uuid;

use super::*;
use crate::town::msisdn;

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
