//! The tables of texts under `tests/inbound/`, and what holds for every text.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const TEXTS: &str = include_str!("../../../tests/inbound/texts.txt");
const HELD_OUT: &str = include_str!("../../../tests/inbound/held_out.txt");
const HELD_OUT_2: &str = include_str!("../../../tests/inbound/held_out_2.txt");
const HELD_OUT_3: &str = include_str!("../../../tests/inbound/held_out_3.txt");

/// A line of a table: the wish, the language (`?`: any), the text.
fn cases(table: &str) -> Vec<(&str, &str, String)> {
    let lines = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let (expected, text) = line.split_once(" | ").unwrap_or_else(|| panic!("no bar in: {line}"));
            let (wish, language) =
                expected.split_once(' ').unwrap_or_else(|| panic!("no language in: {line}"));
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

/// A keyword with one letter left out, added, changed or swapped with its neighbour.
fn with_a_typo(keyword: &str, at: usize, kind: u8, other: char) -> String {
    let mut letters: Vec<char> = keyword.chars().collect();
    let (at, last) = (at % letters.len(), letters.len() - 1);
    match kind {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, other),
        2 => letters[at] = other,
        _ => letters.swap(at.min(last - 1), at.min(last - 1) + 1),
    }
    letters.into_iter().collect()
}

proptest! {
    #[test]
    fn no_text_brings_it_down(text in any::<String>()) {
        reading(&text);
        read(&text, None);
    }

    #[test]
    fn no_text_of_our_own_words_brings_it_down(
        text in "((reg|ab|all|pin|stop|sija|pata|dont|check)|07|[0-9]{1,12}|[-+., ]){0,60}",
    ) {
        reading(&text);
    }

    #[test]
    fn a_number_that_is_not_the_senders_is_never_served(
        last in 0_u8..100,
        form in prop::sample::select(vec!["07000000", "+2547000000", "2547000000", "0700 000 0", "+254-700-0000"]),
        words in prop::sample::select(vec![
            "reset", "nimesahau pin ya", "PIN", "forgot password for", "nisaidie na code ya",
        ]),
    ) {
        let reading = reading(&format!("{words} {form}{last:02}"));
        let expected = if last == 10 { Wish::Reset } else { Wish::AboutAnother(Topic::Reset) };
        prop_assert_eq!(reading.names_another, last != 10);
        prop_assert_eq!(reading.wish, expected);
    }

    #[test]
    fn a_keyword_with_one_typo_is_understood(
        (keyword, wish) in prop::sample::select(KEYWORDS.to_vec()),
        at in 0_usize..9,
        kind in 0_u8..4,
        other in prop::char::range('a', 'z'),
    ) {
        let typed = with_a_typo(keyword, at, kind, other);
        let near = KEYWORDS.iter().filter(|(keyword, _)| strsim::osa_distance(&typed, keyword) <= 1).count();
        // What is another word by its typo is that word.
        prop_assume!(near == 1 && words().known(&typed).is_none());
        prop_assert_eq!(reading(&typed).wish, wish, "{}", typed);
    }

    #[test]
    fn neither_case_nor_blanks_nor_a_last_mark_matter(
        case in prop::sample::select(cases(TEXTS)),
        mark in prop::sample::select(vec!["", ".", "!", " ", "...", " \n"]),
    ) {
        let (_, _, text) = case;
        let plain = name(&reading(&text).wish);
        let shouted = text.to_uppercase().replace(' ', "  ") + mark;
        prop_assert_eq!(name(&reading(&format!(" {shouted}")).wish), plain, "{}", shouted);
    }
}

#[test]
fn a_secret_that_is_told_is_marked_whatever_is_asked() {
    for text in ["my pin is 135790", "135790", "reset my pin to 246813", "code 482913 not working"] {
        assert!(reading(text).tells_secret, "{text}");
    }
    for text in ["REG 4821 ALL", "CHECK 48213377", "forgot pin, my ID is 28461937", "pin for 0700000012"] {
        assert!(!reading(text).tells_secret, "{text}");
    }
}

#[test]
fn what_is_longer_than_an_sms_is_cut() {
    assert_eq!(reading(&format!("{} reset", "x ".repeat(2_000))).wish, Wish::NotUnderstood);
}

#[test]
fn a_day_code_is_never_shown() {
    let shown = format!("{:?}", reading("REG 4821 ALL"));
    assert!(!shown.contains("4821"), "{shown}");
}

#[test]
fn texts_of_a_third_set_are_too() {
    let mistakes = mistakes(HELD_OUT_3);
    assert!(mistakes.is_empty(), "{} mistakes\n{}", mistakes.len(), mistakes.join("\n"));
}
