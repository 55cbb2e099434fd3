//! `claims` as an operator runs it: what is owed, what goes to the payer, what comes back.

use std::{fs, os::unix::fs::PermissionsExt as _};

use daftari::services::closing::{Directed, Director, countersign};

use super::*;
use crate::{
    binary::{Said, daftari},
    town::Backend,
};

/// A register that is signed and countersigned: of its four people one can be paid.
async fn to_pay(backend: Backend) -> Town {
    let town = Town::open(backend).await;
    to_sign(&town).await;
    let code = sign(&town).await;
    let (deps, now, line) = (&town.app().deps, town.clock.now(), msisdn(DIRECTOR));
    let mut tx = deps.store.begin().await.expect("a transaction");
    let officer = officers::by_msisdn(&mut tx, &line).await.expect("an answer").expect("an officer");
    let hand = Director { officer: &officer, line: &line, pin_at: now };
    let directed = countersign(&mut tx, deps, &code, &hand, now).await.expect("an answer");
    assert!(matches!(directed, Directed::Done { .. }), "{directed:?}");
    tx.commit().await.expect("it is kept");
    town
}

async fn claims(town: &Town, arguments: &[&str]) -> Said {
    let all: Vec<&str> = ["claims"].iter().chain(arguments).copied().collect();
    daftari(&all, &town.environment).await
}

const LIST: [&str; 3] = ["list", "--series", SERIES];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_goes_to_the_payer_once_and_what_was_paid_is_taken_in_once() {
    let town = to_pay(Backend::Embedded).await;
    let listed = claims(&town, &LIST).await;
    assert_eq!(
        listed.out, "1 submitted: KSh 550\n3 blocked: KSh 0\n  3 blocked: no national ID is known\n",
        "{}",
        listed.err
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("claims.csv");
    let export = ["export", "--series", SERIES, "--out", file.to_str().expect("a path")];
    let exported = claims(&town, &export).await;
    assert_eq!(exported.code, 0, "{}", exported.err);
    assert!(
        exported.out.starts_with("1 claim approved, KSh 550.\n3 blocked: no national ID is known.\nBatch ")
    );
    let mode = fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "national IDs are in it");
    let rows = fs::read_to_string(&file).expect("the file");
    let row = rows.lines().nth(1).expect("a claim").to_owned();
    assert!(row.ends_with(",254700000012,Otieno Odhiambo,28461937,1,550.00"), "{rows}");
    let (batch, claim) = (row.split(',').next().expect("a batch"), row.split(',').nth(1).expect("a claim"));

    let second = claims(&town, &export).await;
    assert!(second.out.starts_with("Nothing to pay: no claim is ready, and no file was written.\n"));
    let again = claims(&town, &[&export[..], &["--batch", batch]].concat()).await;
    assert_eq!(again.out, format!("Batch {batch}: 1 claim in {}.\n", file.display()), "{}", again.err);
    assert_eq!(fs::read_to_string(&file).expect("the file"), rows, "the same file once more");

    let paid = folder.path().join("paid.csv");
    fs::write(&paid, format!("claim,outcome,payer_ref,reason\n{claim},paid,TKX71HAQ2M,\n")).expect("a file");
    let paid = paid.to_str().expect("a path");
    let dry = claims(&town, &["import", paid, "--dry-run"]).await;
    assert!(dry.out.ends_with("1 paid, 0 failed, 0 known already.\n"), "{} {}", dry.out, dry.err);
    assert!(claims(&town, &LIST).await.out.starts_with("1 approved: KSh 550\n"), "a dry run keeps nothing");
    for says in ["1 paid, 0 failed, 0 known already.\n", "0 paid, 0 failed, 1 known already.\n"] {
        let said = claims(&town, &["import", paid]).await;
        assert_eq!((said.code, said.out.as_str()), (0, says), "{}", said.err);
    }
    assert!(claims(&town, &LIST).await.out.starts_with("1 paid: KSh 550\n"));
    let settled = "SELECT COUNT(*) FROM audit_entries WHERE action = 'claims_settled'";
    assert_eq!(town.count(settled).await, 1, "the second import changed nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_rows_are_told_with_line_and_reason_and_nothing_is_taken_in() {
    let town = to_pay(Backend::Embedded).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("claims.csv");
    claims(&town, &["export", "--series", SERIES, "--out", file.to_str().expect("a path")]).await;
    let rows = fs::read_to_string(&file).expect("the file");
    let claim = rows.lines().nth(1).and_then(|row| row.split(',').nth(1)).expect("a claim");
    let stranger = "0192f0c1d2e34f5a8b6c7d8e9f0a1b2c";
    let bad = format!(
        "claim,outcome,payer_ref,reason\n{claim},paid,TKX71HAQ2M,\n{stranger},paid,TKX71HAQ2N,\nnobody,paid,,\n\
         {claim},perhaps,,\n{claim},failed,,whatever\n"
    );
    fs::write(&file, bad).expect("a file");
    let said = claims(&town, &["import", file.to_str().expect("a path")]).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    let at = |line: &str| format!("{}: line {line}\n", file.display());
    let told: String = [
        "3, claim: no claim of this name went to the payer",
        "4, claim: this is not the name of a claim: 32 letters and digits",
        "5, outcome: is neither paid nor failed",
        "6, reason: a failed claim says why: no_line, name, limit, other",
    ]
    .map(at)
    .concat();
    assert_eq!(said.err, format!("{told}Nothing was taken in: 4 faults.\n"));
    assert!(claims(&town, &LIST).await.out.starts_with("1 approved: KSh 550\n"), "the good row neither");

    fs::write(&file, "claim,outcome\n").expect("a file");
    let said = claims(&town, &["import", file.to_str().expect("a path")]).await;
    assert_eq!((said.code, said.out.as_str()), (0, "0 paid, 0 failed, 0 known already.\n"), "{}", said.err);
    let template = claims(&town, &["import", "--template"]).await;
    assert!(template.out.starts_with("claim,outcome,payer_ref,reason\n"), "{}", template.out);
    let unknown = claims(&town, &["list", "--series", "S99"]).await;
    assert!(unknown.code == 1 && unknown.err.contains("there is no series \"S99\""), "{}", unknown.err);
}
