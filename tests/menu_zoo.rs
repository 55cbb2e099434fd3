//! A zoo of broken menus: each case changes a small sound menu in one way, and earns exactly the complaints that stand
//! beside it. The built-in menus earn none.
//!
//! `tests/zoo/base/` is the sound menu; what the program says by itself (`words.toml`, `sms.toml`) is the built-in one.
//! A case is a folder with a `case.toml` (what is broken, and the changes) and a `complaints.txt`. After a change of
//! wording, `ZOO=write cargo test --test menu_zoo` writes the complaints anew: read what it wrote.

use std::{
    fs,
    path::{Path, PathBuf},
};

use daftari::menu::{check, definition::Bundle};
use serde::Deserialize;

/// What a screen may have on every network (`wire.md` 1).
const BUDGET: usize = 160;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What is broken, for whoever reads the case.
    broken: String,
    change: Vec<Change>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    find: String,
    replace: String,
}

fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/zoo")
}

fn base() -> Bundle {
    let mut bundle = Bundle::built_in();
    bundle.0.retain(|name, _| name == "words.toml" || name == "sms.toml");
    bundle.0.extend(Bundle::read(&zoo().join("base")).unwrap().0);
    bundle
}

fn complaints(bundle: Bundle) -> Vec<String> {
    let found = check::load(bundle, BUDGET).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(zoo()).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.join("case.toml").exists()).collect();
    cases.sort();
    cases
}

fn broken(case: &Path) -> Bundle {
    let name = case.display();
    let read: Case = toml::from_str(&fs::read_to_string(case.join("case.toml")).unwrap())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(!read.broken.is_empty(), "{name} doesn't say what is broken");
    let mut bundle = base();
    for Change { file, find, replace } in read.change {
        let content = bundle.0.entry(file.clone()).or_default();
        if find.is_empty() {
            content.push_str(&replace);
        } else {
            assert_eq!(content.matches(&find).count(), 1, "{name}: {find:?} must stand once in {file}");
            *content = content.replace(&find, &replace);
        }
    }
    bundle
}

#[test]
fn the_built_in_menus_are_proved() {
    let found = complaints(Bundle::built_in());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_menu_that_the_zoo_breaks_is_sound() {
    let found = complaints(base());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_broken_menu_earns_its_complaints() {
    let write = std::env::var("ZOO").is_ok_and(|what| what == "write");
    let mut wrong = vec![];
    for case in cases() {
        let earned = complaints(broken(&case)).into_iter().map(|line| line + "\n").collect::<String>();
        assert!(!earned.is_empty(), "{} is not broken", case.display());
        let expected = case.join("complaints.txt");
        if write {
            fs::write(&expected, &earned).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != earned {
            wrong.push(format!("{}:\n{earned}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_zoo_has_many_kinds() {
    assert!(cases().len() >= 25, "{} cases", cases().len());
}
