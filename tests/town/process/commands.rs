//! The commands that come before serving, and what they say when something is wrong.

use std::fs;

use super::{Program, text};

#[test]
fn serve_refuses_a_database_that_is_not_there_or_not_migrated() {
    let program = Program::configured();
    let refused = program.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    let says = text(&refused.stderr);
    assert!(says.contains("there is no database at") && says.contains("`daftari migrate`"), "{says}");
    assert!(!program.path().join("gateway.db").exists(), "nothing was made");
    fs::write(program.path().join("gateway.db"), "").expect("an empty database");
    let refused = program.run(&["serve"]);
    assert_eq!(refused.status.code(), Some(1));
    let says = text(&refused.stderr);
    assert!(says.contains("the database is at version 0") && says.contains("`daftari migrate`"), "{says}");
}

#[test]
fn migrating_twice_changes_nothing() {
    let program = Program::configured();
    for _ in 0..2 {
        let done = program.run(&["migrate"]);
        assert!(done.status.success(), "{}", text(&done.stderr));
        assert_eq!(text(&done.stdout), "The database is at this program's version.\n");
    }
}

#[test]
fn config_check_tells_all_that_is_wrong_at_once() {
    let program = Program::configured();
    let right = program.run(&["config", "check"]);
    assert!(right.status.success());
    assert!(text(&right.stdout).ends_with("The configuration is right.\n"), "{}", text(&right.stdout));
    let wrong = "[server]\nlisten = \"nowhere\"\ncallback_secret = \"hunter2\"\ncolour = \"red\"\n\
                 [database]\nurl = \"mysql://hunter2@db\"\n[[sms.route]]\nname = \"a\"\nkind = \"pigeon\"\n";
    fs::write(program.path().join("daftari.toml"), wrong).expect("a configuration");
    for command in [&["config", "check"][..], &["serve"], &["migrate"]] {
        let refused = program.run(command);
        assert_eq!(refused.status.code(), Some(1), "{command:?}");
        let says = text(&refused.stderr);
        for subject in [
            "server.colour:",
            "server.listen:",
            "server.callback_secret:",
            "database.url:",
            "sms.route.0.kind:",
        ] {
            assert!(says.contains(subject), "{command:?} does not tell of {subject} {says}");
        }
        assert!(!says.contains("hunter2"), "no value is repeated: {says}");
    }
}

#[test]
fn the_menus_are_proved_and_drawn() {
    let program = Program::configured();
    let proved = program.run(&["menu", "check"]);
    assert!(proved.status.success(), "{}", text(&proved.stderr));
    assert!(text(&proved.stdout).contains("screens in 2 languages are proved"), "{}", text(&proved.stdout));
    let drawn = program.run(&["menu", "graph", "account"]);
    assert!(drawn.status.success());
    let mermaid = text(&drawn.stdout);
    assert!(mermaid.starts_with("flowchart TD\n"), "{mermaid}");
    assert!(mermaid.contains("account.consent") && mermaid.contains("-->"), "{mermaid}");
}

#[test]
fn broken_menus_are_refused_with_what_is_wrong() {
    let program = Program::configured();
    let dir = program.path().join("menus");
    fs::create_dir(&dir).expect("a folder");
    fs::write(dir.join("start.toml"), "journey = \"start\"\n[screen.welcome]\ncolour = \"red\"\n")
        .expect("a file");
    let refused = program.run(&["menu", "check", "menus"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("start.toml"), "{}", text(&refused.stderr));
}
