//! `audit verify` and `audit head` as an operator runs them.

use std::fs;

use daftari::storage::{Store, audit::Head};

use crate::{
    audit::{CUT, heads, tampered, town_with_chains},
    binary::daftari,
    town::{Backend, Town},
};

async fn commit(store: &Store, statements: &[&'static str]) {
    tampered(store, statements).await.commit().await.expect("it is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_verifies_and_exports() {
    let town = town_with_chains(Backend::Embedded).await;
    let store = &town.app().deps.store;
    let said = daftari(&["audit", "head"], &town.environment).await;
    assert_eq!(said.code, 0, "{}", said.err);
    let exported: Vec<Head> = serde_json::from_str(&said.out).expect("heads as JSON and nothing else");
    assert_eq!(exported, heads(store).await);

    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("heads.json").display().to_string();
    fs::write(&file, &said.out).expect("the heads are kept");
    let against = ["audit", "verify", "--heads", &file];
    let said = daftari(&against, &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (0, "10 entries in 2 chains are as they were written.\n"));

    commit(store, &CUT).await;
    let said = daftari(&["audit", "verify"], &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (0, "7 entries in 2 chains are as they were written.\n"));
    let said = daftari(&against, &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(
        said.err,
        "The audit is broken: chain subject-07, entry 3: the exported head lies beyond the last entry: entries are \
         missing at the end\n"
    );

    commit(store, &["UPDATE audit_entries SET actor = 'desj' WHERE chain = 'subject-07' AND seq = 2"]).await;
    let said = daftari(&["audit", "verify"], &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(
        said.err,
        "The audit is broken: chain subject-07, entry 2: its hash does not follow from its contents and the entry \
         before\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_that_can_not_be_read_are_no_proof() {
    let town = Town::open(Backend::Embedded).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("heads.json").display().to_string();
    let verify = ["audit", "verify", "--heads", &file];
    let said = daftari(&verify, &town.environment).await;
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with(&format!("{file} can't be read")), "{}", said.err);
    fs::write(&file, "{}").expect("a file");
    let said = daftari(&verify, &town.environment).await;
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with(&format!("{file} holds no heads of `audit head`")), "{}", said.err);
}
