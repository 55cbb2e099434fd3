//! The audit chains: whoever changes, cuts or rewrites them behind our back is found out, and the place is named.

use daftari::{
    clock::Clock,
    storage::{
        Dialect, Store, Tx,
        audit::{self, BrokenLink, Event, Head, Verified},
    },
};
use uuid::Uuid;

use crate::town::{Backend, Town, open_account};

const ENGINES: [Backend; 2] = [Backend::Embedded, Backend::Production];
/// The chain that is tampered with, and a subject of it.
const CHAIN: &str = "subject-07";
const SUBJECT: Uuid = Uuid::from_u128(7);
/// A subject of another chain.
const OTHER: Uuid = Uuid::from_u128(8);
/// How many entries the chain has; the third and the fourth have a detail.
const ENTRIES: i64 = 5;

async fn append(store: &Store, subject: Uuid, actor: &str, detail: Option<&str>) {
    let mut tx = store.begin().await.expect("a transaction");
    add(&mut tx, subject, actor, detail).await;
    tx.commit().await.expect("the entry is kept");
}

async fn add(tx: &mut Tx, subject: Uuid, actor: &str, detail: Option<&str>) {
    let detail = detail.map(|detail| (detail, *b"a salt of length"));
    let event =
        Event { at: Clock::System.now(), actor, action: "looked_up", subject, channel: "cli", detail };
    audit::append(tx, event).await.expect("an entry");
}

/// A town with two chains of five entries.
pub async fn town_with_chains(backend: Backend) -> Town {
    let town = Town::open(backend).await;
    let store = &town.app().deps.store;
    for n in 1..=ENTRIES {
        let detail = format!("reason {n}");
        append(store, SUBJECT, "desk", (n == 3 || n == 4).then_some(detail.as_str())).await;
        append(store, OTHER, "desk", None).await;
    }
    assert_eq!(verify(store, &[]).await, Ok(Verified { chains: 2, entries: 10 }));
    town
}

async fn verify(store: &Store, exported: &[Head]) -> Result<Verified, BrokenLink> {
    audit::verify(&mut store.read().await.expect("a read"), exported).await.expect("a verification")
}

pub async fn heads(store: &Store) -> Vec<Head> {
    audit::heads(&mut store.read().await.expect("a read")).await.expect("the heads")
}

/// A transaction in which the audit has been tampered with. It is never committed: the next one finds the chains whole.
pub async fn tampered(store: &Store, statements: &[&'static str]) -> Tx {
    let mut tx = store.begin().await.expect("a transaction");
    for sql in statements {
        assert!(tx.query(*sql).execute().await.expect("what tampers") > 0, "{sql} changed nothing");
    }
    tx
}

async fn found(tx: &mut Tx, exported: &[Head]) -> (String, i64) {
    let broken = audit::verify(tx, exported).await.expect("a verification").expect_err("it is broken");
    (broken.chain, broken.seq)
}

fn at(seq: i64) -> (String, i64) {
    (CHAIN.to_owned(), seq)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_accounts_leave_behind_is_whole() {
    for backend in ENGINES {
        let town = Town::open(backend).await;
        for n in 10..16 {
            let mut phone = town.phone(&format!("+2547000000{n}"));
            open_account(&mut phone, &format!("284619{n}"), "907318").await;
        }
        let store = &town.app().deps.store;
        let verified = verify(store, &[]).await.expect("chains as they were written");
        let exported = heads(store).await;
        assert_eq!((verified.entries, verified.chains), (6, exported.len()), "{backend:?}");
        assert!(exported.len() > 1, "{backend:?}: subjects are spread over chains");
        assert_eq!(verify(store, &exported).await, Ok(verified), "{backend:?}");
    }
}

/// Every column that the hash covers, and the hash.
const HASHED: [&str; 7] = ["at", "actor", "action", "subject", "channel", "commitment", "hash"];

/// What sets a column of the chain's entries to what it is with one bit turned; `$3` takes bytes turned by us.
fn turned(column: &str, dialect: Dialect) -> String {
    match (column, dialect) {
        ("actor", _) => "actor = 'desj'".to_owned(),
        ("action", _) => "action = 'looked_uq'".to_owned(),
        ("channel", _) => "channel = 'clh'".to_owned(),
        ("at", Dialect::Sqlite) => "at = replace(at, '+00:00', '+00:01')".to_owned(),
        ("at", Dialect::Postgres) => "at = at + INTERVAL '1 microsecond'".to_owned(),
        ("subject", Dialect::Sqlite) => "subject = x'00000000000000000000000000000006'".to_owned(),
        ("subject", Dialect::Postgres) => "subject = '00000000-0000-0000-0000-000000000006'".to_owned(),
        _ => format!("{column} = $3"),
    }
}

async fn bytes(tx: &mut Tx, column: &str, seq: i64) -> Vec<u8> {
    let sql = format!("SELECT {column} FROM audit_entries WHERE chain = $1 AND seq = $2");
    let (mut bytes,): (Vec<u8>,) =
        tx.query(sqlx::AssertSqlSafe(sql)).bind(CHAIN).bind(seq).one().await.expect("a value");
    match bytes.first_mut() {
        Some(first) => *first ^= 1,
        None => bytes.push(0),
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_flipped_byte_in_any_column_of_any_entry_is_found() {
    for backend in ENGINES {
        let town = town_with_chains(backend).await;
        let store = &town.app().deps.store;
        for column in HASHED {
            for seq in 1..=ENTRIES {
                let mut tx = store.begin().await.expect("a transaction");
                let set = turned(column, tx.dialect());
                let sql = format!("UPDATE audit_entries SET {set} WHERE chain = $1 AND seq = $2");
                let flipped =
                    if set.ends_with("$3") { Some(bytes(&mut tx, column, seq).await) } else { None };
                let mut query = tx.query(sqlx::AssertSqlSafe(sql)).bind(CHAIN).bind(seq);
                if let Some(flipped) = flipped {
                    query = query.bind(flipped);
                }
                query.execute_exactly(1).await.expect("a flipped byte");
                assert_eq!(found(&mut tx, &[]).await, at(seq), "{backend:?}: {column} of entry {seq}");
            }
        }
        assert!(verify(store, &[]).await.is_ok(), "{backend:?}: nothing of it was kept");
    }
}

/// What SQLite keeps may be turned into what is no time, no id and no text at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_can_not_be_read_is_named() {
    let town = town_with_chains(Backend::Embedded).await;
    let store = &town.app().deps.store;
    for set in [
        "at = replace(at, 'T', 'U')",
        "at = ''",
        "subject = x'00'",
        "actor = CAST(x'64ff736b' AS TEXT)",
        "detail = CAST(x'ff' AS TEXT)",
    ] {
        for seq in [1, 3, ENTRIES] {
            let mut tx = store.begin().await.expect("a transaction");
            let sql = format!("UPDATE audit_entries SET {set} WHERE chain = $1 AND seq = $2");
            let query = tx.query(sqlx::AssertSqlSafe(sql)).bind(CHAIN).bind(seq);
            query.execute_exactly(1).await.expect("a spoilt value");
            assert_eq!(found(&mut tx, &[]).await, at(seq), "{set} in entry {seq}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_that_are_deleted_swapped_or_moved_are_found() {
    let cases: [(&[&'static str], i64); 7] = [
        (&["DELETE FROM audit_entries WHERE chain = 'subject-07' AND seq = 1"], 1),
        (&["DELETE FROM audit_entries WHERE chain = 'subject-07' AND seq = 3"], 3),
        (
            &[
                "DELETE FROM audit_entries WHERE chain = 'subject-07' AND seq = 3",
                "UPDATE audit_entries SET seq = seq - 1 WHERE chain = 'subject-07' AND seq = 4",
                "UPDATE audit_entries SET seq = seq - 1 WHERE chain = 'subject-07' AND seq = 5",
            ],
            3,
        ),
        (&["DELETE FROM audit_entries WHERE chain = 'subject-07' AND seq = 5"], 5),
        (&["DELETE FROM audit_entries WHERE chain = 'subject-07'"], 1),
        (
            &[
                "UPDATE audit_entries SET seq = 99 WHERE chain = 'subject-07' AND seq = 2",
                "UPDATE audit_entries SET seq = 2 WHERE chain = 'subject-07' AND seq = 3",
                "UPDATE audit_entries SET seq = 3 WHERE chain = 'subject-07' AND seq = 99",
            ],
            2,
        ),
        (
            &[
                "UPDATE audit_entries SET chain = 'subject-07', seq = 6 WHERE chain = 'subject-08' AND seq = 5",
            ],
            6,
        ),
    ];
    for backend in ENGINES {
        let town = town_with_chains(backend).await;
        for (statements, seq) in cases {
            let mut tx = tampered(&town.app().deps.store, statements).await;
            assert_eq!(found(&mut tx, &[]).await, at(seq), "{backend:?}: {statements:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_was_changed_is_found() {
    for backend in ENGINES {
        let town = town_with_chains(backend).await;
        for sql in [
            "UPDATE audit_heads SET seq = 4 WHERE chain = 'subject-07'",
            "UPDATE audit_heads SET seq = 6 WHERE chain = 'subject-07'",
            "UPDATE audit_heads SET hash = (SELECT hash FROM audit_heads WHERE chain = 'subject-08')
             WHERE chain = 'subject-07'",
            "DELETE FROM audit_heads WHERE chain = 'subject-07'",
        ] {
            let mut tx = tampered(&town.app().deps.store, &[sql]).await;
            assert_eq!(found(&mut tx, &[]).await, at(ENTRIES + 1), "{backend:?}: {sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_detail_is_found_and_an_erased_one_leaves_the_chain_whole() {
    const ERASED: &str =
        "UPDATE audit_entries SET detail = NULL, salt = NULL WHERE chain = 'subject-07' AND seq = 3";
    for backend in ENGINES {
        let town = town_with_chains(backend).await;
        let store = &town.app().deps.store;
        for (sql, seq) in [
            ("UPDATE audit_entries SET detail = 'reason 2' WHERE chain = 'subject-07' AND seq = 3", 3),
            ("UPDATE audit_entries SET salt = commitment WHERE chain = 'subject-07' AND seq = 4", 4),
            ("UPDATE audit_entries SET detail = NULL WHERE chain = 'subject-07' AND seq = 3", 3),
            ("UPDATE audit_entries SET salt = NULL WHERE chain = 'subject-07' AND seq = 4", 4),
            (
                "UPDATE audit_entries SET detail = 'new', salt = hash WHERE chain = 'subject-07' AND seq = 2",
                2,
            ),
        ] {
            let mut tx = tampered(store, &[sql]).await;
            assert_eq!(found(&mut tx, &[]).await, at(seq), "{backend:?}: {sql}");
        }
        let exported = heads(store).await;
        let mut tx = tampered(store, &[ERASED]).await;
        let verified = audit::verify(&mut tx, &exported).await.expect("a verification");
        assert_eq!(verified, Ok(Verified { chains: 2, entries: 10 }), "{backend:?}");
    }
}

/// Cut a chain after its second entry and move its head back: what is left is a whole chain.
pub const CUT: [&str; 2] = [
    "DELETE FROM audit_entries WHERE chain = 'subject-07' AND seq > 2",
    "UPDATE audit_heads SET seq = 2,
            hash = (SELECT hash FROM audit_entries WHERE chain = 'subject-07' AND seq = 2)
     WHERE chain = 'subject-07'",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_cut_off_with_its_head_is_found_by_exported_heads_only() {
    for backend in ENGINES {
        let town = town_with_chains(backend).await;
        let store = &town.app().deps.store;
        let exported = heads(store).await;
        let mut tx = tampered(store, &CUT).await;
        let verified = audit::verify(&mut tx, &[]).await.expect("a verification");
        assert_eq!(verified, Ok(Verified { chains: 2, entries: 7 }), "{backend:?}: it looks whole");
        assert_eq!(found(&mut tx, &exported).await, at(3), "{backend:?}");
        drop(tx);

        let gone = [
            "DELETE FROM audit_entries WHERE chain = 'subject-07'",
            "DELETE FROM audit_heads WHERE chain = 'subject-07'",
        ];
        let mut tx = tampered(store, &gone).await;
        assert!(audit::verify(&mut tx, &[]).await.expect("a verification").is_ok(), "{backend:?}");
        assert_eq!(found(&mut tx, &exported).await, at(1), "{backend:?}: a whole chain is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tail_written_anew_is_found_by_exported_heads_only() {
    for backend in ENGINES {
        let town = town_with_chains(backend).await;
        let store = &town.app().deps.store;
        let exported = heads(store).await;
        let mut tx = tampered(store, &CUT).await;
        for _ in 0..4 {
            add(&mut tx, SUBJECT, "somebody else", None).await;
        }
        let verified = audit::verify(&mut tx, &[]).await.expect("a verification");
        assert_eq!(verified, Ok(Verified { chains: 2, entries: 11 }), "{backend:?}: it looks whole");
        assert_eq!(found(&mut tx, &exported).await, at(ENTRIES), "{backend:?}: where the exported head was");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parallel_writers_on_two_nodes_leave_an_unbroken_chain() {
    for backend in ENGINES {
        let mut town = Town::open(backend).await;
        town.add_node().await;
        let stores = [&town.nodes[0].app.deps.store, &town.nodes[1].app.deps.store];
        let writers = (0..40).map(|n| append(stores[n % 2], SUBJECT, "desk", Some("a reason")));
        futures_util::future::join_all(writers).await;
        assert_eq!(verify(stores[0], &[]).await, Ok(Verified { chains: 1, entries: 40 }), "{backend:?}");
        assert_eq!(heads(stores[1]).await[0].seq, 40, "{backend:?}");
    }
}
