//! Whoever changes, cuts or rewrites a register behind our back is found out, and the first broken link is named.

use daftari::{
    model::{CentreCode, season::DeployedAs},
    services::{
        closing,
        register::{self, Added, DayOf, NewPerson},
    },
    storage::{
        Dialect, Store, Tx,
        audit::{BrokenLink, Head, Verified},
        register_audit::{self, heads},
    },
};

use crate::ground::{Engine, Ground, SERIES, at, because, by, day, done, line, on_both_engines, wish};

const CHAIN: &str = "register-KCSE-2026-12345001";
/// How many entries the register that is tampered with has.
const ENTRIES: i64 = 8;

async fn verify(store: &Store, exported: &[Head]) -> Result<Verified, BrokenLink> {
    register_audit::verify(&mut store.read().await.expect("a read"), exported).await.expect("a verification")
}

async fn found(tx: &mut Tx, exported: &[Head]) -> (String, i64) {
    let broken =
        register_audit::verify(tx, exported).await.expect("a verification").expect_err("it is broken");
    (broken.chain, broken.seq)
}

fn at_entry(seq: i64) -> (String, i64) {
    (CHAIN.to_owned(), seq)
}

/// Tamper in a transaction that is never committed.
async fn tampered(ground: &Ground, statements: &[&str]) -> Tx {
    let mut tx = ground.begin().await;
    for sql in statements {
        let changed = tx.query(sqlx::AssertSqlSafe((*sql).to_owned())).execute().await.expect("what tampers");
        assert!(changed > 0, "{sql} changed nothing");
    }
    tx
}

/// Two registers, each with two days, a correction, somebody added and accepted, an unlock, a correction under it and a
/// signature.
async fn registers(ground: &Ground) {
    for code in ["12345001", "12345002"] {
        let centre = ground.centre(code).await;
        let placed = ground.people(SERIES, &centre, 3).await;
        let director = line(5);
        done(&ground.record(&wish(&centre, 2, &placed[..1]), at(2, "07:00")).await);
        done(&ground.record(&because("late", wish(&centre, 2, &[])), at(2, "08:00")).await);
        let mut tx = ground.begin().await;
        let of = DayOf { series: SERIES, centre: &centre, on: day(2) };
        let new = newcomer(&centre);
        let by = by(&director);
        let added =
            register::add_person(&mut tx, ground.deps(), &new, &by, at(2, "09:00")).await.expect("added");
        let Added::Done { deployment, .. } = added else { panic!("{added:?}") };
        let accepted = (deployment, true, Some("seen the letter"));
        register::answer_addition(&mut tx, ground.deps(), of, accepted, &by, at(2, "10:00"))
            .await
            .expect("accepted");
        tx.commit().await.expect("it is kept");
        done(&ground.record(&wish(&centre, 3, &placed[..2]), at(3, "07:00")).await);
        let mut tx = ground.begin().await;
        let opened = (at(9, "20:00"), "a letter");
        register::unlock(&mut tx, ground.deps(), of, opened, &by, at(9, "10:00")).await.expect("unlocked");
        tx.commit().await.expect("it is kept");
        done(&ground.record(&because("ill", wish(&centre, 2, &placed[2..])), at(9, "11:00")).await);
        let mut tx = ground.begin().await;
        let act = (daftari::model::season::Act::Sign, None);
        closing::act(&mut tx, ground.deps(), of, act, &by, at(20, "11:00")).await.expect("signed");
        tx.commit().await.expect("it is kept");
    }
    let whole = Ok(Verified { chains: 2, entries: 2 * usize::try_from(ENTRIES).expect("a number") });
    assert_eq!(verify(&ground.deps().store, &[]).await, whole);
}

fn newcomer(centre: &CentreCode) -> NewPerson {
    NewPerson {
        series: SERIES.to_owned(),
        centre: centre.clone(),
        on: day(2),
        name: "Asha Njeri".to_owned(),
        role: DeployedAs::Security,
        msisdn: None,
    }
}

/// What sets a column to something a bit different; `None` where it is bytes, which are turned here.
fn turned(column: &str, dialect: Dialect) -> Option<String> {
    let sqlite = dialect == Dialect::Sqlite;
    Some(match column {
        "at" if sqlite => "at = replace(at, '+00:00', '+00:01')".to_owned(),
        "at" => "at = at + INTERVAL '1 microsecond'".to_owned(),
        "on_day" if sqlite => "on_day = date(on_day, '+1 day')".to_owned(),
        "on_day" => "on_day = on_day + 1".to_owned(),
        "act" => "act = CASE act WHEN 'submit' THEN 'correct' ELSE 'submit' END".to_owned(),
        "channel" => "channel = 'sms'".to_owned(),
        "actor" if sqlite => "actor = x'00000000000000000000000000000006'".to_owned(),
        "actor" => "actor = '00000000-0000-0000-0000-000000000006'".to_owned(),
        "reference" => "reference = 'AAAAAA'".to_owned(),
        "shape" => "shape = CASE shape WHEN 'full' THEN 'half' ELSE 'full' END".to_owned(),
        "opened_until" => "opened_until = at".to_owned(),
        "subject" if sqlite => "subject = x'00000000000000000000000000000006'".to_owned(),
        "subject" => "subject = '00000000-0000-0000-0000-000000000006'".to_owned(),
        "line" => "line = '+254700000099'".to_owned(),
        "reason" => "reason = 'something else'".to_owned(),
        "salt" => "salt = hash".to_owned(),
        _ => return None,
    })
}

const COLUMNS: [&str; 15] = [
    "at",
    "on_day",
    "act",
    "channel",
    "actor",
    "reference",
    "shape",
    "opened_until",
    "subject",
    "line",
    "reason",
    "salt",
    "commitment",
    "marks",
    "hash",
];

on_both_engines! {
    async fn one_changed_value_in_any_column_of_any_entry_is_found(ground) {
        registers(&ground).await;
        for column in COLUMNS {
            for seq in 1..=ENTRIES {
                let mut tx = ground.begin().await;
                let set = turned(column, tx.dialect());
                let flipped = match &set {
                    Some(_) => None,
                    None => Some(flipped(&mut tx, column, seq).await),
                };
                let set = set.unwrap_or_else(|| format!("{column} = $2"));
                let sql = format!("UPDATE register_entries SET {set} WHERE centre = '12345001' AND seq = $1");
                let mut query = tx.query(sqlx::AssertSqlSafe(sql)).bind(seq);
                if let Some(flipped) = flipped {
                    query = query.bind(flipped);
                }
                query.execute_exactly(1).await.expect("a changed value");
                assert_eq!(found(&mut tx, &[]).await, at_entry(seq), "{column} of entry {seq}");
            }
        }
        assert!(verify(&ground.deps().store, &[]).await.is_ok(), "nothing of it was kept");
    }

    async fn entries_that_are_deleted_swapped_or_moved_are_found(ground) {
        registers(&ground).await;
        let cases: [(&[&str], i64); 5] = [
            (&["DELETE FROM register_entries WHERE centre = '12345001' AND seq = 1"], 1),
            (
                &[
                    "DELETE FROM register_entries WHERE centre = '12345001' AND seq = 3",
                    "UPDATE register_entries SET seq = seq - 100 WHERE centre = '12345001' AND seq > 3",
                    "UPDATE register_entries SET seq = seq + 99 WHERE centre = '12345001' AND seq < 0",
                ],
                3,
            ),
            (
                &[
                    "UPDATE register_entries SET seq = 99 WHERE centre = '12345001' AND seq = 2",
                    "UPDATE register_entries SET seq = 2 WHERE centre = '12345001' AND seq = 3",
                    "UPDATE register_entries SET seq = 3 WHERE centre = '12345001' AND seq = 99",
                ],
                2,
            ),
            (&["DELETE FROM register_entries WHERE centre = '12345001' AND seq = 8"], 8),
            (&["DELETE FROM register_entries WHERE centre = '12345001'"], 1),
        ];
        for (statements, seq) in cases {
            let mut tx = tampered(&ground, statements).await;
            assert_eq!(found(&mut tx, &[]).await, at_entry(seq), "{statements:?}");
        }
    }

    async fn marks_that_no_act_made_are_found(ground) {
        registers(&ground).await;
        let first = "(SELECT id FROM deployments WHERE centre = '12345001' AND number = 1)";
        let added = "(SELECT id FROM deployments WHERE centre = '12345001' AND number = 4)";
        let absent = "UPDATE marks SET present = NOT present WHERE seq";
        let (yes, no) = ("TRUE", "FALSE");
        let cases = [
            // Somebody marks himself present where he was absent, on the third.
            (format!("{absent} = 5 AND deployment = {first}"), 5),
            (format!("{absent} = 1 AND deployment = {first}"), 1),
            (format!("DELETE FROM marks WHERE seq = 5 AND deployment = {first}"), 5),
            (format!("UPDATE marks SET version = 9 WHERE seq = 2 AND deployment = {first}"), 2),
            (format!("UPDATE marks SET seq = 6 WHERE seq = 5 AND deployment = {first}"), 5),
            (
                format!(
                    "INSERT INTO marks (deployment, on_day, version, present, seq)
                     SELECT {first}, on_day, 7, {yes}, 9 FROM register_days
                     WHERE centre = '12345001' AND reference = (SELECT reference FROM register_entries
                        WHERE centre = '12345001' AND seq = 5)"
                ),
                9,
            ),
            // Somebody else at another centre gets the marks of this one.
            (
                "UPDATE deployments SET centre = '12345002', number = 77 WHERE centre = '12345001' AND number = 2"
                    .to_owned(),
                1,
            ),
            (format!("UPDATE deployments SET accepted = {no} WHERE id = {added}"), 4),
            (format!("UPDATE deployments SET origin = 'import' WHERE id = {added}"), 4),
        ];
        for (sql, seq) in cases {
            let mut tx = tampered(&ground, &[&sql]).await;
            assert_eq!(found(&mut tx, &[]).await, at_entry(seq), "{sql}");
        }
    }

    async fn rows_that_say_something_else_than_the_chain_are_found(ground) {
        registers(&ground).await;
        let second = "WHERE centre = '12345001' AND unlocked_until IS NOT NULL";
        let cases = [
            (format!("UPDATE register_days SET present = present + 1 {second}"), 7),
            (format!("UPDATE register_days SET absent = 0 {second}"), 7),
            (format!("UPDATE register_days SET added = 1 {second}"), 7),
            (format!("UPDATE register_days SET shape = 'half' {second}"), 7),
            (format!("UPDATE register_days SET state = 'open' {second}"), 7),
            (format!("UPDATE register_days SET reference = 'AAAAAA' {second}"), 7),
            (format!("UPDATE register_days SET unlocked_until = submitted_at {second}"), 7),
            (format!("DELETE FROM register_days {second}"), 7),
            ("UPDATE registers SET state = 'open' WHERE centre = '12345001'".to_owned(), 8),
            ("UPDATE registers SET seq = 7 WHERE centre = '12345001'".to_owned(), 9),
            ("UPDATE registers SET hash = commitment FROM (SELECT commitment FROM register_entries WHERE seq = 1 LIMIT 1) e
              WHERE centre = '12345001'".to_owned(), 9),
            ("DELETE FROM registers WHERE centre = '12345001'".to_owned(), 9),
        ];
        for (sql, seq) in cases {
            let mut tx = tampered(&ground, &[&sql]).await;
            assert_eq!(found(&mut tx, &[]).await, at_entry(seq), "{sql}");
        }
    }

    async fn what_is_erased_leaves_the_chain_whole(ground) {
        registers(&ground).await;
        let erased = "UPDATE register_entries SET salt = NULL, line = NULL, reason = NULL";
        let exported = heads(&mut ground.read().await).await.expect("heads");
        let mut tx = tampered(&ground, &[erased]).await;
        let verified = register_audit::verify(&mut tx, &exported).await.expect("a verification");
        assert_eq!(verified, Ok(Verified { chains: 2, entries: 16 }));
        drop(tx);
        for half in ["salt = NULL", "reason = NULL"] {
            let sql = format!("UPDATE register_entries SET {half} WHERE centre = '12345001' AND seq = 2");
            let mut tx = tampered(&ground, &[&sql]).await;
            assert_eq!(found(&mut tx, &[]).await, at_entry(2), "{half}");
        }
    }

    async fn a_register_cut_off_with_its_head_is_found_by_exported_heads_only(ground) {
        registers(&ground).await;
        let exported = heads(&mut ground.read().await).await.expect("heads");
        assert_eq!(exported.iter().map(|head| (head.chain.as_str(), head.seq)).next(), Some((CHAIN, ENTRIES)));
        assert!(verify(&ground.deps().store, &exported).await.is_ok());
        let cut = [
            "DELETE FROM register_documents WHERE centre = '12345001'",
            "DELETE FROM register_entries WHERE centre = '12345001' AND seq > 7",
            "UPDATE registers SET seq = 7, state = 'open', hash = (SELECT hash FROM register_entries e
                WHERE e.centre = '12345001' AND e.seq = 7) WHERE centre = '12345001'",
        ];
        let mut tx = tampered(&ground, &cut).await;
        let looks_whole = register_audit::verify(&mut tx, &[]).await.expect("a verification");
        assert_eq!(looks_whole, Ok(Verified { chains: 2, entries: 15 }));
        assert_eq!(found(&mut tx, &exported).await, at_entry(8));
        drop(tx);
        let gone = [
            "DELETE FROM register_documents WHERE centre = '12345001'",
            "DELETE FROM marks WHERE deployment IN (SELECT id FROM deployments WHERE centre = '12345001')",
            "DELETE FROM register_days WHERE centre = '12345001'",
            "DELETE FROM register_entries WHERE centre = '12345001'",
            "DELETE FROM registers WHERE centre = '12345001'",
        ];
        let mut tx = tampered(&ground, &gone).await;
        assert_eq!(found(&mut tx, &exported).await, at_entry(1), "a whole register is gone");
    }
}

async fn flipped(tx: &mut Tx, column: &str, seq: i64) -> Vec<u8> {
    let sql = format!("SELECT {column} FROM register_entries WHERE centre = '12345001' AND seq = $1");
    let (mut bytes,): (Vec<u8>,) = tx.query(sqlx::AssertSqlSafe(sql)).bind(seq).one().await.expect("a value");
    match bytes.first_mut() {
        Some(first) => *first ^= 1,
        None => bytes.push(0),
    }
    bytes
}

/// What SQLite keeps may be turned into what is no time, no id and no text at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_that_can_not_be_read_is_named() {
    let ground = Ground::open(Engine::Embedded).await;
    registers(&ground).await;
    for set in ["at = ''", "actor = x'00'", "act = CAST(x'ff' AS TEXT)", "on_day = 'yesterday'"] {
        for seq in [1, 3, ENTRIES] {
            let sql = format!("UPDATE register_entries SET {set} WHERE centre = '12345001' AND seq = {seq}");
            let mut tx = tampered(&ground, &[&sql]).await;
            assert_eq!(found(&mut tx, &[]).await, at_entry(seq), "{set} in entry {seq}");
        }
    }
}
