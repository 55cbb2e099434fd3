//! The rings of `ARCHITECTURE.md`, kept true: which module may name which. A path counts wherever it stands in a file,
//! in its `mod tests` as well.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each module and the modules it may name, innermost first: nothing names what stands below it.
const RINGS: &[(&str, &str)] = &[
    ("model", ""),
    ("clock", ""),
    ("lifecycle", ""),
    ("text", "model"),
    ("config", "model"),
    ("telemetry", "model config"),
    ("menu", "model text"),
    ("secrets", "model"),
    ("documents", "model text"),
    ("storage", "model secrets"),
    ("sessions", "model menu"),
    ("gateways", "model text"),
    ("phones", "model text menu"),
    ("services", "model clock text telemetry menu secrets documents storage sessions gateways"),
    (
        "app",
        "model clock lifecycle text config telemetry menu secrets documents storage sessions gateways phones services",
    ),
    ("web", "model text config telemetry menu storage sessions gateways phones services app"),
    ("workers", "model clock lifecycle telemetry services app"),
    (
        "cli",
        "model clock lifecycle text config telemetry menu secrets documents storage sessions gateways phones services
         app web workers",
    ),
];

#[test]
fn modules_name_only_what_their_row_lists() {
    let mut strays = BTreeSet::new();
    for (module, allowed) in RINGS {
        for file in files_of(module) {
            let source = fs::read_to_string(&file).unwrap();
            let named = modules_named(&source).into_iter();
            let stray =
                named.filter(|named| named != module && allowed.split_whitespace().all(|a| a != named));
            strays.extend(stray.map(|named| format!("{} names crate::{named}", file.display())));
        }
    }
    assert!(strays.is_empty(), "{}", strays.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn every_module_has_a_row() {
    let on_disk: BTreeSet<String> = fs::read_dir(src())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .filter(|name| name != "lib" && name != "main")
        .collect();
    assert_eq!(on_disk, RINGS.iter().map(|(module, _)| (*module).to_owned()).collect());
}

#[test]
fn a_row_lists_only_rows_above_it() {
    for (n, (module, allowed)) in RINGS.iter().enumerate() {
        for named in allowed.split_whitespace() {
            assert!(RINGS[..n].iter().any(|(above, _)| *above == named), "{module} may not name {named}");
        }
    }
}

#[test]
fn paths_are_found_alone_and_in_groups() {
    let source = "use crate::menu::Engine;\nuse crate::{clock::{Chance, Clock}, model, text::gsm};\n\
                  fn f(tx: crate::storage::Tx) { $crate::web::f() }";
    let found: Vec<String> = modules_named(source).into_iter().collect();
    assert_eq!(found, ["clock", "menu", "model", "storage", "text", "web"]);
}

/// The first segment of every path that begins with `crate::`, grouped imports included.
fn modules_named(source: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for after in source.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(group) => names.extend(heads_of(group)),
            None => names.extend(first_word(after)),
        }
    }
    names
}

/// The first word of each item of a group, up to the brace that closes it.
fn heads_of(group: &str) -> Vec<String> {
    let (mut heads, mut depth) = (vec![], 0_usize);
    for item in group.split_inclusive([',', '{', '}']) {
        if depth == 0 {
            heads.extend(first_word(item));
        }
        match item.chars().last() {
            Some('{') => depth += 1,
            Some('}') if depth == 0 => break,
            Some('}') => depth -= 1,
            _ => {}
        }
    }
    heads
}

fn first_word(text: &str) -> Option<String> {
    let word: String = text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    word.starts_with(char::is_lowercase).then_some(word)
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files of a module: its folder, its file, or both.
fn files_of(module: &str) -> Vec<PathBuf> {
    let file = src().join(module).with_extension("rs");
    let mut files = if src().join(module).is_dir() { rust_files(&src().join(module)) } else { vec![] };
    files.extend(Some(file).filter(|file| file.exists()));
    assert!(!files.is_empty(), "there is no module {module}");
    files
}

fn rust_files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<PathBuf>, Vec<PathBuf>) = paths.partition(|path| path.is_dir());
    let within = folders.iter().flat_map(|folder| rust_files(folder));
    within.chain(files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"))).collect()
}
