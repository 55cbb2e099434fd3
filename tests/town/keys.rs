//! New keys while people are calling: nothing becomes unreadable, nobody gets a second account, and a rotation that
//! stopped anywhere can be begun again.

use std::{
    future::{pending, poll_fn},
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    task::Poll,
};

use daftari::{
    app,
    clock::Chance,
    gateways::InboundSms,
    model::AccountId,
    phones::{phone::Phone, wire::Wire},
    secrets::{KeyRing, Keys, Purpose, Sealed},
    services::{
        inbound,
        key_rotation::{self, Rotated, RotationStopped},
    },
    storage::{
        Dialect,
        accounts::{ID_COLUMN, id_place},
        sealed::COLUMNS,
    },
};
use tokio::sync::{Notify, RwLock};
use uuid::Uuid;

use crate::town::{Backend, CODE, Town, on_every_back_end, screen};

const PIN: &str = "907318";

/// A town of two nodes, each with the keys as it last read them, and people who call both.
struct Crowd {
    town: Town,
    /// Held for each hop: whoever gets it for writing knows that no hop is under way.
    gate: RwLock<()>,
    next: AtomicU32,
    opened: Mutex<Vec<u32>>,
}

fn line(person: u32) -> String {
    format!("+2547000000{person:02}")
}

fn id(person: u32) -> String {
    format!("284610{person:02}")
}

impl Crowd {
    async fn of(mut town: Town) -> Self {
        town.add_node().await;
        Self { town, gate: RwLock::new(()), next: AtomicU32::new(10), opened: Mutex::new(vec![]) }
    }

    /// Somebody who has not called yet.
    fn somebody(&self) -> u32 {
        let person = self.next.fetch_add(1, Ordering::Relaxed);
        assert!(person < 100, "there are no more numbers for tests");
        person
    }

    fn opened(&self) -> Vec<u32> {
        self.opened.lock().expect("who has an account").clone()
    }

    async fn dial(&self, node: usize, person: u32) -> Phone {
        let mut phone = self.town.phone(&line(person));
        phone.use_aggregator(self.town.aggregator(node, Wire::AfricasTalking));
        let _hop = self.gate.read().await;
        phone.dial(CODE).await.expect("a screen");
        phone
    }

    async fn type_in(&self, phone: &mut Phone, inputs: &[&str]) -> String {
        for input in inputs {
            let _hop = self.gate.read().await;
            phone.answer(input).await.expect("a screen");
        }
        screen(phone).to_owned()
    }

    /// The last screen of somebody new who opens an account with this national ID.
    async fn try_to_open(&self, node: usize, person: u32, id: &str) -> String {
        let mut phone = self.dial(node, person).await;
        self.type_in(&mut phone, &["1", "1", "1", "Asha", "Wanjiku", id, "1", PIN, PIN]).await
    }

    async fn open(&self, node: usize) -> u32 {
        let person = self.somebody();
        let said = self.try_to_open(node, person, &id(person)).await;
        assert!(said.starts_with("Your account is open."), "node {node}: {said}");
        self.opened.lock().expect("who has an account").push(person);
        person
    }

    /// Nobody else gets an account with the national ID of these.
    async fn are_taken(&self, node: usize, people: &[u32]) {
        for person in people {
            let said = self.try_to_open(node, self.somebody(), &id(*person)).await;
            assert!(said.starts_with("We can't open an account with these details."), "node {node}: {said}");
        }
    }

    /// These can sign in and are shown their own masked ID.
    async fn are_shown_their_accounts(&self, node: usize, people: &[u32]) {
        for person in people {
            let said = self.type_in(&mut self.dial(node, *person).await, &[PIN, "1"]).await;
            assert!(said.contains(&format!("ID *****0{person:02}\n")), "node {node}: {said}");
        }
    }

    /// Somebody whose call drops after the given names.
    async fn begin(&self, node: usize) -> u32 {
        let person = self.somebody();
        let said = self.type_in(&mut self.dial(node, person).await, &["1", "1", "1", "Asha"]).await;
        assert!(said.starts_with("Type your surname"), "{said}");
        person
    }

    async fn take_up(&self, node: usize, person: u32) {
        let mut phone = self.dial(node, person).await;
        assert!(screen(&phone).starts_with("You began to open an account."), "{}", screen(&phone));
        let said = self.type_in(&mut phone, &["1", "Wanjiku", &id(person)]).await;
        assert!(said.starts_with("Your name and ID are kept"), "{said}");
    }

    /// What the time between two steps is for: every node reads the file, hops that began before come to their end.
    async fn spread(&self) {
        for node in &self.town.nodes {
            node.app.deps.keys.reload_if_changed().expect("the keys");
        }
        drop(self.gate.write().await);
    }

    /// People open accounts and sign in on a node until it is done.
    async fn calls(&self, node: usize, done: &AtomicBool) {
        for _ in 0..12 {
            if done.load(Ordering::Relaxed) {
                return;
            }
            let person = self.open(node).await;
            self.are_shown_their_accounts(1 - node, &[person]).await;
        }
    }

    fn keys(&self) -> Keys {
        Keys::load(&self.town.config().keys.file).expect("the key file")
    }

    /// What `keys rotate` does, as a process of its own.
    async fn rotate(&self, pause: impl AsyncFn()) -> Result<Rotated, RotationStopped> {
        let config = self.town.config();
        let store = app::open_store(&config).await.expect("the database");
        let keys = KeyRing::load(&config.keys.file).expect("the key file");
        let chance = Chance::from_system();
        key_rotation::rotate(&store, &keys, &chance, async |_| pause().await, &mut |_| {}).await
    }

    /// A rotation that dies at its n-th pause.
    async fn rotate_up_to(&self, last: u32) {
        let (pauses, stopped) = (AtomicU32::new(0), Notify::new());
        let pause = async || {
            if pauses.fetch_add(1, Ordering::Relaxed) + 1 == last {
                stopped.notify_one();
                pending::<()>().await;
            }
            self.spread().await;
        };
        tokio::select! {
            rotated = self.rotate(pause) => panic!("it has no pause {last}: {rotated:?}"),
            () = stopped.notified() => {}
        }
    }

    async fn all_is_under_the_new_keys(&self) {
        let keys = self.keys();
        assert_eq!(keys.ids(Purpose::Field).count(), 1, "the old field keys are retired");
        assert_eq!((keys.lookup_ids().count(), keys.lookup_change()), (1, None), "so is the look-up key");
        let store = &self.town.app().deps.store;
        let mut tx = store.read().await.expect("a read");
        for column in COLUMNS {
            let (name, key_name) = (column.name(), column.key_name());
            let (table, _) = name.split_once('.').expect("table and column");
            let sql = format!("SELECT DISTINCT {key_name} FROM {table} WHERE {name} IS NOT NULL");
            let used: Vec<(Option<String>,)> =
                tx.query(sqlx::AssertSqlSafe(sql)).all().await.expect("key ids");
            assert_eq!(used, [(Some(keys.current_id(Purpose::Field).to_owned()),)], "{name}");
        }
        let sql = "SELECT id, national_id, national_id_key, national_id_a, national_id_b FROM accounts";
        type Row = (Uuid, Vec<u8>, String, Option<Vec<u8>>, Option<Vec<u8>>);
        let rows: Vec<Row> = tx.query(sql).all().await.expect("accounts");
        assert_eq!(rows.len(), self.opened().len());
        for (id, bytes, key_id, a, b) in rows {
            let digits = keys.open(id_place(&AccountId(id)), &Sealed { key_id, bytes }).expect("an ID");
            let lookup = keys.lookup(ID_COLUMN, std::str::from_utf8(&digits).expect("digits"));
            let stands = [a, b].map(|hash| hash.map(|bytes| <[u8; 32]>::try_from(bytes).expect("a hash")));
            assert_eq!(stands, [lookup.a, lookup.b], "found by the new key, and by no other");
        }
    }
}

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
            begun.lock().expect("drafts").push(crowd.begin(1).await);
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

/// The key of marks seals nothing: it is named so that a session's marks can be made again.
const NO_SEALS: [&str; 1] = ["openings.mark_key"];

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
        let mut rotated: Vec<String> = COLUMNS.iter().map(|column| column.key_name()).collect();
        rotated.sort();
        assert_eq!(found, rotated, "{backend:?}");
    }
}
