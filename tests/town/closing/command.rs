//! `register export` as an operator runs it.

use std::{fs, path::Path};

use super::{CENTRE, SERIES, days, mark, season, sign};
use crate::{
    binary::daftari,
    town::{Backend, Town},
};

fn export<'a>(format: &'a str, out: &'a str) -> Vec<&'a str> {
    vec!["register", "export", "--series", SERIES, "--centre", CENTRE, "--format", format, "--out", out]
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_and_a_signed_register_are_written_and_told_apart() {
    let town = Town::open(Backend::Embedded).await;
    season(&town).await;
    mark(&town, days(&town).0, 2).await;
    let folder = tempfile::tempdir().expect("a folder");
    let draft = path(folder.path(), "draft.csv");
    let said = daftari(&export("csv", &draft), &town.environment).await;
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.out,
        format!(
            "{draft}: 12345001 Mfano Secondary, S26: 4 people, 1 of 2 days marked, marks: 3 present, 1 absent. A draft: \
             nobody has signed it, so it has no code.\n"
        )
    );
    let rows = fs::read_to_string(&draft).expect("the file");
    assert!(rows.contains("S26,12345001,2,Zoë Wanjikũ,supervisor,Ab,,0,1,open,\n"), "{rows}");

    let code = sign(&town).await.to_string();
    let signed = path(folder.path(), "signed.csv");
    let said = daftari(&export("csv", &signed), &town.environment).await;
    assert!(
        said.out.contains(&format!("code {code}; the director has not countersigned it.")),
        "{}",
        said.out
    );
    let rows = fs::read_to_string(&signed).expect("the file");
    assert!(rows.contains(&format!("Zoë Wanjikũ,supervisor,Ab,P,1,1,signed,{code}\n")), "{rows}");
    let pdf = path(folder.path(), "signed.pdf");
    assert_eq!(daftari(&export("pdf", &pdf), &town.environment).await.code, 0);
    assert!(fs::read(&pdf).expect("the file").starts_with(b"%PDF-"));
    let xlsx = path(folder.path(), "signed.xlsx");
    assert_eq!(daftari(&export("xlsx", &xlsx), &town.environment).await.code, 0);
    assert!(fs::read(&xlsx).expect("the file").starts_with(b"PK"));
    let exported = "SELECT COUNT(*) FROM audit_entries WHERE action = 'register_exported'";
    assert_eq!(town.count(exported).await, 4, "each file that was taken is in the audit");
    let verified = daftari(&["audit", "verify"], &town.environment).await;
    assert_eq!(verified.code, 0, "{}", verified.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_is_written_over_unless_it_is_said() {
    let town = Town::open(Backend::Embedded).await;
    season(&town).await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = path(folder.path(), "register.csv");
    fs::write(&file, "something else").expect("a file");
    let said = daftari(&export("csv", &file), &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(said.err, format!("{file} is there already. Name another with --out, or say --overwrite.\n"));
    assert_eq!(fs::read_to_string(&file).expect("the file"), "something else");
    let mut over = export("csv", &file);
    over.push("--overwrite");
    assert_eq!(daftari(&over, &town.environment).await.code, 0);
    assert!(fs::read_to_string(&file).expect("the file").starts_with("series,centre,number"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_can_go_to_standard_output_and_an_unknown_register_is_named() {
    let town = Town::open(Backend::Embedded).await;
    season(&town).await;
    let said = daftari(&export("csv", "-"), &town.environment).await;
    assert!(said.out.starts_with("series,centre,number,name,role,"), "{}", said.out);
    assert!(said.err.contains("0 of 2 days marked"), "{}", said.err);
    let unknown =
        ["register", "export", "--series", "S27", "--centre", CENTRE, "--format", "pdf", "--out", "-"];
    let said = daftari(&unknown, &town.environment).await;
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    assert_eq!(said.err, format!("There is no series S27 or no centre {CENTRE}.\n"));
    let wrong = ["register", "export", "--series", "S26", "--centre", "1234", "--format", "pdf"];
    let said = daftari(&wrong, &town.environment).await;
    assert_eq!(said.code, 2);
    assert!(said.err.contains("a centre's code has eight digits"), "{}", said.err);
}
