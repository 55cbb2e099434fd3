//! What the README shows is what the program does: its transcript, its picture of the account journey, and the one of
//! the simulator, which a browser test takes.

use std::fs;

use daftari::{
    menu::{Menus, definition::Bundle, graph},
    model::Language,
};

fn readme() -> String {
    fs::read_to_string("README.md").expect("README.md")
}

#[test]
fn the_transcript_is_one_that_is_tested() {
    let tested = fs::read_to_string("tests/transcripts/account_in_english.txt").expect("a transcript");
    let (_title, steps) = tested.split_once('\n').expect("a title and steps");
    assert!(readme().contains(steps), "copy tests/transcripts/account_in_english.txt into README.md");
}

#[test]
fn the_picture_is_what_menu_graph_draws() {
    let menus = Menus::compile(Bundle::built_in()).expect("the menus compile");
    let drawn = graph::mermaid(&menus, Some("account"), Language::En);
    assert!(readme().contains(&drawn), "copy what `cargo run -- menu graph account` prints into README.md");
}

#[test]
fn the_simulators_picture_is_there_and_light() {
    let linked = readme().split("](docs/").nth(1).and_then(|rest| rest.split(')').next().map(str::to_owned));
    let picture = fs::read(format!("docs/{}", linked.expect("a picture in docs/"))).expect("the picture");
    assert!(picture.starts_with(b"\x89PNG") && picture.len() < 150_000, "{} bytes", picture.len());
}
