//! New keys while people are calling: nothing becomes unreadable, nobody gets a second account, and a rotation that
//! stopped anywhere can be begun again.

use std::{
    future::poll_fn,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use daftari::{
    gateways::InboundSms,
    phones::wire::Wire,
    secrets::Purpose,
    services::inbound,
    storage::{
        Dialect,
        sealed::{COLUMNS, Column},
    },
};

use crate::{
    crowd::{Crowd, PIN, id, line},
    town::{Backend, Town, on_every_back_end, screen},
};

on_every_back_end! {
    async fn keys_change_while_people_call_two_nodes(town: Town) {
        let crowd = Crowd::of(town).await;
        let before = [crowd.open(0).await, crowd.open(1).await];
        let mut dropped = vec![crowd.begin(0).await];
        let mut in_progress = crowd.dial(0, crowd.somebody()).await;
        crowd.type_in(&mut in_progress, &["1", "1", "1", "Asha", "Wanjiku"]).await;
        receive_an_sms(&crowd.town).await;

        let done = AtomicBool::new(false);
        let begun = Mutex::new(vec![]);
        let pause = async || {
            // No node has read the file yet.
            let people = [crowd.open(0).await, crowd.open(1).await];
            crowd.are_taken(1, &people[..1]).await;
            crowd.are_taken(0, &people[1..]).await;
            let person = crowd.begin(1).await;
            begun.lock().expect("drafts").push(person);
            crowd.spread().await;
        };
        let rotation = async {
            let rotated = crowd.rotate(pause).await;
            done.store(true, Ordering::Relaxed);
            rotated.expect("new keys")
        };
        let (rotated, (), ()) = tokio::join!(rotation, crowd.calls(0, &done), crowd.calls(1, &done));
        assert!(rotated.fields >= 8 && rotated.lookups >= 4, "{rotated:?}");

        crowd.all_is_under_the_new_keys().await;
        let keys = crowd.keys();
        assert_eq!((keys.current_id(Purpose::Field), keys.lookup_ids().next()), ("f2", Some("l2")));
        for node in [0, 1] {
            crowd.are_shown_their_accounts(node, &crowd.opened()).await;
            crowd.are_taken(node, &before).await;
        }
        let last = crowd.opened().pop().expect("somebody");
        crowd.are_taken(0, &[last]).await;
        dropped.extend(begun.into_inner().expect("drafts"));
        for (n, person) in dropped.into_iter().enumerate() {
            crowd.take_up(n % 2, person).await;
        }
        in_progress.use_aggregator(crowd.town.aggregator(1, Wire::AfricasTalking));
        let said = crowd.type_in(&mut in_progress, &["28461009", "1", PIN, PIN]).await;
        assert!(said.starts_with("Your account is open."), "a call in progress goes on: {said}");
    }
}

async fn receive_an_sms(town: &Town) {
    let sms = InboundSms {
        provider_id: "one".to_owned(),
        from: "+254700000001".to_owned(),
        to: "22141".to_owned(),
        text: "HELP".into(),
        at: None,
        network: None,
        link_id: None,
    };
    let app = town.app();
    inbound::receive(&app.deps, &app.menus.current(), "africastalking", &sms).await.expect("it is kept");
}

on_every_back_end! {
    async fn a_call_whose_state_is_lost_is_folded_from_what_the_new_key_sealed(town: Town) {
        let crowd = Crowd::of(town).await;
        let person = crowd.somebody();
        let mut phone = crowd.dial(0, person).await;
        let shown = crowd.type_in(&mut phone, &["1", "1", "1", "Asha", "Wanjiku", &id(person)]).await;
        crowd.rotate(async || crowd.spread().await).await.expect("new keys");
        let Crowd { mut town, .. } = crowd;
        town.flush(&[&line(person)]).await;
        phone.use_aggregator(town.aggregator(1, Wire::AfricasTalking));
        assert_eq!(phone.repeat().await.expect("a screen").text, shown);
        for input in ["1", PIN, PIN] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("Your account is open."), "{}", screen(&phone));
        let ended = screen(&phone).to_owned();
        town.flush(&[&line(person)]).await;
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        assert_eq!(phone.repeat().await.expect("a screen").text, ended);
    }
}

on_every_back_end! {
    async fn a_rotation_that_stopped_between_two_steps_is_begun_again(town: Town) {
        let crowd = Crowd::of(town).await;
        receive_an_sms(&crowd.town).await;
        crowd.begin(0).await;
        for last in 1..=4 {
            let before = crowd.open(0).await;
            crowd.rotate_up_to(last).await;
            // One node has read the file that was left behind, the other has not.
            crowd.town.app().deps.keys.reload_if_changed().expect("the keys");
            let meanwhile = [crowd.open(0).await, crowd.open(1).await];
            crowd.are_taken(1, &[before, meanwhile[0]]).await;
            crowd.are_taken(0, &meanwhile[1..]).await;

            crowd.rotate(async || crowd.spread().await).await.expect("new keys");
            crowd.all_is_under_the_new_keys().await;
            crowd.are_shown_their_accounts(0, &meanwhile).await;
            crowd.are_taken(1, &[before]).await;
        }
    }
}

on_every_back_end! {
    async fn a_rotation_that_stopped_anywhere_is_begun_again(town: Town) {
        let crowd = Crowd::of(town).await;
        receive_an_sms(&crowd.town).await;
        crowd.begin(0).await;
        let people = [crowd.open(0).await, crowd.open(1).await];
        let mut polls = 4;
        loop {
            let rotation = crowd.rotate(async || crowd.spread().await);
            let Some(rotated) = stopped_after(polls, rotation).await else {
                let node = polls % 2;
                let person = crowd.open(node).await;
                crowd.are_shown_their_accounts(1 - node, &[person]).await;
                polls = polls * 3 / 2;
                continue;
            };
            rotated.expect("new keys");
            break;
        }
        assert!(polls > 10, "it was never stopped");
        crowd.all_is_under_the_new_keys().await;
        crowd.are_taken(0, &people).await;
        crowd.are_shown_their_accounts(1, &people[1..]).await;
    }
}

/// What comes of it, unless it was polled more often than this: then it is dropped where it was.
async fn stopped_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = std::pin::pin!(work);
    let mut left = polls;
    poll_fn(|context| match left.checked_sub(1) {
        Some(fewer) => {
            left = fewer;
            work.as_mut().poll(context).map(Some)
        }
        None => Poll::Ready(None),
    })
    .await
}

on_every_back_end! {
    async fn a_row_that_no_key_opens_stops_the_rotation_and_keeps_the_old_keys(town: Town) {
        let crowd = Crowd::of(town).await;
        let person = crowd.open(0).await;
        let store = &crowd.town.app().deps.store;
        let mut tx = store.begin().await.expect("a transaction");
        let (sealed,): (Vec<u8>,) = tx.query("SELECT national_id FROM accounts").one().await.expect("an ID");
        let spoilt: Vec<u8> = sealed.iter().map(|byte| byte ^ 1).collect();
        let spoil = "UPDATE accounts SET national_id = $1";
        tx.query(spoil).bind(spoilt).execute_exactly(1).await.expect("a spoilt ID");
        tx.commit().await.expect("it is kept");

        let stopped = crowd.rotate(async || crowd.spread().await).await.expect_err("it can't be read");
        assert!(stopped.to_string().starts_with("a row of accounts.national_id can't be read"), "{stopped}");
        assert!(crowd.keys().has(Purpose::Field, "f1"), "the old key stays");

        let mut tx = store.begin().await.expect("a transaction");
        tx.query(spoil).bind(sealed).execute_exactly(1).await.expect("the ID as it was");
        tx.commit().await.expect("it is kept");
        crowd.rotate(async || crowd.spread().await).await.expect("new keys");
        assert_eq!(crowd.keys().ids(Purpose::Field).collect::<Vec<_>>(), ["f3"]);
        crowd.are_shown_their_accounts(1, &[person]).await;
    }
}

/// The keys of marks and codes seal nothing: they are named so that marks and codes can be made again.
const NO_SEALS: [&str; 2] = ["challenges.code_key", "openings.mark_key"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_sealed_column_of_the_schema_is_rotated() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::open(backend).await;
        let store = &town.app().deps.store;
        let sql = match store.dialect() {
            Dialect::Sqlite => {
                "SELECT t.name || '.' || c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
                 WHERE t.schema = 'main' AND c.name LIKE '%\\_key' ESCAPE '\\'"
            }
            Dialect::Postgres => {
                "SELECT table_name || '.' || column_name FROM information_schema.columns
                 WHERE table_schema = 'public' AND column_name LIKE '%\\_key' ESCAPE '\\'"
            }
        };
        let mut tx = store.read().await.expect("a read");
        let found: Vec<(String,)> = tx.query(sql).all().await.expect("columns");
        let mut found: Vec<String> = found.into_iter().map(|(name,)| name).collect();
        found.retain(|name| !NO_SEALS.contains(&name.as_str()));
        found.sort();
        let mut rotated: Vec<String> = COLUMNS.iter().map(Column::key_name).collect();
        rotated.sort();
        assert_eq!(found, rotated, "{backend:?}");
    }
}
