//! `audit verify` and `audit head` as an operator runs them.

use std::fs;

use daftari::{
    clock::Clock,
    model::{
        CentreCode,
        season::{Channel, DayShape},
    },
    services::{
        register::{self, By, Recorded, Wish},
        season::calendar::day_of,
    },
    storage::{Store, audit::Head},
};

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

/// A register with one entry: today, marked at whatever time it is.
async fn mark_today(town: &Town) {
    let deps = &town.app().deps;
    let now = Clock::System.now();
    let on = day_of(now);
    let mut tx = deps.store.begin().await.expect("a transaction");
    tx.query("INSERT INTO series VALUES ('KCSE-2026', 'KCSE', 2026, $1, $1, FALSE, NULL)")
        .bind(on)
        .execute_exactly(1)
        .await
        .expect("a series");
    for sql in [
        "INSERT INTO series_days VALUES ('KCSE-2026', (SELECT starts_on FROM series), 'exam', '00:00:00', '23:59:59.999')",
        "INSERT INTO centres (code, name, county_code, county, sub_county)
         VALUES ('12345001', 'Kikuyu High', '022', 'Kiambu', 'Kikuyu')",
        "INSERT INTO people (id, full_name) VALUES (x'00000000000000000000000000000001', 'Asha Njeri')",
        "INSERT INTO deployments (id, series, centre, person, role, number, from_on, to_on, origin, created_at)
         SELECT id, 'KCSE-2026', '12345001', id, 'invigilator', 1, starts_on, starts_on, 'import', '2026-01-01T00:00:00Z'
         FROM people, series",
    ] {
        tx.query(sql).execute_exactly(1).await.expect("a season");
    }
    let wish = Wish {
        series: "KCSE-2026".to_owned(),
        centre: CentreCode::parse("12345001").expect("a code"),
        on,
        shape: DayShape::Full,
        absent: [].into(),
        reason: None,
        base_seq: None,
        base_roster: None,
    };
    let by = By { actor: None, line: None, channel: Channel::Cli };
    let recorded = register::record(&mut tx, deps, &wish, &by, now).await.expect("an answer");
    assert!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
    tx.commit().await.expect("it is kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn registers_are_verified_and_exported_with_the_rest() {
    let town = town_with_chains(Backend::Embedded).await;
    mark_today(&town).await;
    let store = &town.app().deps.store;
    let said = daftari(&["audit", "head"], &town.environment).await;
    let exported: Vec<Head> = serde_json::from_str(&said.out).expect("heads as JSON and nothing else");
    let last = exported.last().expect("a head");
    assert_eq!((exported.len(), last.chain.as_str(), last.seq), (3, "register-KCSE-2026-12345001", 1));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("heads.json").display().to_string();
    fs::write(&file, &said.out).expect("the heads are kept");
    let against = ["audit", "verify", "--heads", &file];
    let said = daftari(&against, &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (0, "11 entries in 3 chains are as they were written.\n"));

    commit(store, &["UPDATE marks SET present = FALSE"]).await;
    let said = daftari(&against, &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(
        said.err,
        "The audit is broken: chain register-KCSE-2026-12345001, entry 1: its marks are not those that it made\n"
    );
}
