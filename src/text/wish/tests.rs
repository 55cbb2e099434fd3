//! The tables of texts under `tests/inbound/`, and what holds for every text.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const TEXTS: &str = include_str!("../../../tests/inbound/texts.txt");
const HELD_OUT: &str = include_str!("../../../tests/inbound/held_out.txt");
const HELD_OUT_2: &str = include_str!("../../../tests/inbound/held_out_2.txt");

/// A line of a table: the wish, the language (`?`: any), the text.
fn cases(table: &str) -> Vec<(&str, &str, String)> {
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (expected, text) = line.split_once(" | ").unwrap_or_else(|| panic!("no bar in: {line}"));
            let (wish, language) = expected.split_once(' ').unwrap_or_else(|| panic!("no language in: {line}"));
            (wish, language, text.replace("\\n", "\n"))
        })
        .collect()
}

fn sender() -> Msisdn {
    Msisdn::from_typed("+254700000010").unwrap()
}

fn reading(text: &str) -> Reading {
    read(text, Some(&sender()))
}

/// A wish as the tables write it.
fn name(wish: &Wish) -> String {
    let topic = |topic: &Topic| format!("{topic:?}").to_lowercase();
    match wish {
        Wish::Language(language) => format!("lang:{}", language.code()),
        Wish::Register(RegisterWish::Roster) => "reg:roster".to_owned(),
        Wish::Register(RegisterWish::Mark(code, Marks::AllPresent)) => format!("reg:{}:all", code.digits()),
        Wish::Register(RegisterWish::Mark(code, Marks::AllBut(numbers))) => {
            format!("reg:{}:ab:{}", code.digits(), joined(numbers))
        }
        Wish::Register(RegisterWish::Fault(fault)) => format!("reg!{fault:?}"),
        Wish::Check(code) => format!("check:{code}"),
        Wish::AboutAnother(about) => format!("another:{}", topic(about)),
        Wish::ToldSecret => "secret".to_owned(),
        Wish::SentCode => "sent".to_owned(),
        Wish::NotUnderstood => "none".to_owned(),
        plain => format!("{plain:?}").to_lowercase(),
    }
}

fn joined(numbers: &BTreeSet<u16>) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Every text of a table that is taken for something else, one a line.
fn mistakes(table: &str) -> Vec<String> {
    let wrong = cases(table).into_iter().filter_map(|(wish, language, text)| {
        let reading = reading(&text);
        let found = (name(&reading.wish), reading.language.map_or("-", Language::code));
        let right = found.0 == wish && (language == "?" || language == found.1);
        (!right).then(|| format!("{wish} {language} | {text}\n    -> {} {}", found.0, found.1))
    });
    wrong.collect()
}

#[test]
fn texts_are_taken_for_what_they_are() {
    let mistakes = mistakes(TEXTS);
    assert!(mistakes.is_empty(), "{} mistakes\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn texts_held_out_while_the_rules_were_made_are_too() {
    let mistakes = mistakes(HELD_OUT);
    assert!(mistakes.is_empty(), "{} mistakes\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn texts_of_a_second_set_are_too() {
    let mistakes = mistakes(HELD_OUT_2);
    assert!(mistakes.is_empty(), "{} mistakes\n{}", mistakes.len(), mistakes.join("\n"));
}
