//! People who call two nodes while the keys change, and what must be true of them and of the database afterwards.

use std::{
    future::pending,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use daftari::{
    app,
    clock::Chance,
    model::AccountId,
    phones::{phone::Phone, wire::Wire},
    secrets::{KeyRing, Keys, Purpose, Sealed},
    services::{
        key_rotation::{self, Rotated, RotationStopped},
        season::import::{Kind, Report},
    },
    storage::{
        accounts::{ID_COLUMN, id_place},
        sealed::COLUMNS,
    },
};
use tokio::sync::{Notify, RwLock};
use uuid::Uuid;

use crate::{
    browser::Browser,
    portal, season,
    town::{CODE, Town, screen},
};

pub const PIN: &str = "907318";

/// An account's id, its sealed national ID and the key of that, and both look-ups.
type AccountRow = (Uuid, Vec<u8>, String, Option<Vec<u8>>, Option<Vec<u8>>);

/// A town of two nodes, each with the keys as it last read them, and people who call both.
pub struct Crowd {
    pub town: Town,
    /// Held for each hop: whoever gets it for writing knows that no hop is under way.
    gate: RwLock<()>,
    next: AtomicU32,
    opened: Mutex<Vec<u32>>,
    /// The first of them is signed in to the portal all the while.
    browser: tokio::sync::OnceCell<Browser>,
}

/// Somebody with a national ID who is deployed and has no account.
async fn deploy_somebody(town: &Town) -> Report {
    season::settle(town).await;
    let row = "S26,12345001,invigilator,Asha Njeri,,20000010,2026-10-16,2026-11-20,";
    season::import(town, Kind::Deployments, &season::rows(&[row])).await
}

pub fn line(person: u32) -> String {
    format!("+2547000000{person:02}")
}

pub fn id(person: u32) -> String {
    format!("284610{person:02}")
}

impl Crowd {
    pub async fn of(mut town: Town) -> Self {
        town.add_node().await;
        deploy_somebody(&town).await;
        Self {
            town,
            gate: RwLock::new(()),
            next: AtomicU32::new(10),
            opened: Mutex::new(vec![]),
            browser: tokio::sync::OnceCell::new(),
        }
    }

    /// Somebody who has not called yet.
    pub fn somebody(&self) -> u32 {
        let person = self.next.fetch_add(1, Ordering::Relaxed);
        assert!(person < 100, "there are no more numbers for tests");
        person
    }

    pub fn opened(&self) -> Vec<u32> {
        self.opened.lock().expect("who has an account").clone()
    }

    pub async fn dial(&self, node: usize, person: u32) -> Phone {
        let mut phone = self.town.phone(&line(person));
        phone.use_aggregator(self.town.aggregator(node, Wire::AfricasTalking));
        let _hop = self.gate.read().await;
        phone.dial(CODE).await.expect("a screen");
        phone
    }

    pub async fn type_in(&self, phone: &mut Phone, inputs: &[&str]) -> String {
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

    pub async fn open(&self, node: usize) -> u32 {
        let person = self.somebody();
        let said = self.try_to_open(node, person, &id(person)).await;
        assert!(said.starts_with("Your account is open."), "node {node}: {said}");
        self.opened.lock().expect("who has an account").push(person);
        self.browser.get_or_init(|| self.signed_in_to_the_portal(node, person)).await;
        person
    }

    async fn signed_in_to_the_portal(&self, node: usize, person: u32) -> Browser {
        let said = self.type_in(&mut self.dial(node, person).await, &[PIN, "7"]).await;
        let code = said.get(5..11).expect("a code").to_owned();
        let mut browser = Browser::new(&self.town.nodes[node].url);
        let _page = self.gate.read().await;
        let page = portal::choose(&mut browser, &line(person), &code, portal::PASSWORD).await;
        assert_eq!(page.status, 303, "{}", page.body);
        browser
    }

    /// Nobody else gets an account with the national ID of these.
    pub async fn are_taken(&self, node: usize, people: &[u32]) {
        for person in people {
            let said = self.try_to_open(node, self.somebody(), &id(*person)).await;
            assert!(said.starts_with("We can't open an account with these details."), "node {node}: {said}");
        }
    }

    /// These can sign in and are shown their own masked ID.
    pub async fn are_shown_their_accounts(&self, node: usize, people: &[u32]) {
        for person in people {
            let said = self.type_in(&mut self.dial(node, *person).await, &[PIN, "1"]).await;
            assert!(said.contains(&format!("ID *****0{person:02}\n")), "node {node}: {said}");
        }
    }

    /// Somebody whose call drops after the given names.
    pub async fn begin(&self, node: usize) -> u32 {
        let person = self.somebody();
        let said = self.type_in(&mut self.dial(node, person).await, &["1", "1", "1", "Asha"]).await;
        assert!(said.starts_with("Type your surname"), "{said}");
        person
    }

    pub async fn take_up(&self, node: usize, person: u32) {
        let mut phone = self.dial(node, person).await;
        assert!(screen(&phone).starts_with("You began to open an account."), "{}", screen(&phone));
        let said = self.type_in(&mut phone, &["1", "Wanjiku", &id(person)]).await;
        assert!(said.starts_with("Your name and ID are kept"), "{said}");
    }

    /// What the time between two steps is for: every node reads the file, hops that began before come to their end.
    pub async fn spread(&self) {
        for node in &self.town.nodes {
            node.app.deps.keys.reload_if_changed().expect("the keys");
        }
        drop(self.gate.write().await);
    }

    /// People open accounts and sign in on a node until it is done.
    pub async fn calls(&self, node: usize, done: &AtomicBool) {
        for _ in 0..12 {
            if done.load(Ordering::Relaxed) {
                return;
            }
            let person = self.open(node).await;
            self.are_shown_their_accounts(1 - node, &[person]).await;
        }
    }

    pub fn keys(&self) -> Keys {
        Keys::load(&self.town.config().keys.file).expect("the key file")
    }

    /// What `keys rotate` does, as a process of its own.
    pub async fn rotate(&self, pause: impl AsyncFn()) -> Result<Rotated, RotationStopped> {
        let config = self.town.config();
        let store = app::open_store(&config).await.expect("the database");
        let keys = KeyRing::load(&config.keys.file).expect("the key file");
        let chance = Chance::from_system();
        key_rotation::rotate(&store, &keys, &chance, async |_| pause().await, &mut |_| {}).await
    }

    /// A rotation that dies at its n-th pause.
    pub async fn rotate_up_to(&self, last: u32) {
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

    pub async fn all_is_under_the_new_keys(&self) {
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
        drop(tx);
        if let Some(browser) = self.browser.get() {
            assert_eq!(
                browser.clone().get("/portal/account").await.status,
                200,
                "still signed in to the portal"
            );
        }
        let mut tx = store.read().await.expect("a read");
        let sql = "SELECT id, national_id, national_id_key, national_id_a, national_id_b FROM accounts";
        let rows: Vec<AccountRow> = tx.query(sql).all().await.expect("accounts");
        assert_eq!(rows.len(), self.opened().len());
        for (id, bytes, key_id, a, b) in rows {
            let digits = keys.open(id_place(&AccountId(id)), &Sealed { key_id, bytes }).expect("an ID");
            let lookup = keys.lookup(ID_COLUMN, std::str::from_utf8(&digits).expect("digits"));
            let stands = [a, b].map(|hash| hash.map(|bytes| <[u8; 32]>::try_from(bytes).expect("a hash")));
            assert_eq!(stands, [lookup.a, lookup.b], "found by the new key, and by no other");
        }
        // Who was imported is the same person for the next file, by the new key.
        drop(tx);
        assert_eq!(season::counts(&deploy_somebody(&self.town).await), [0, 0, 1, 0]);
    }
}
