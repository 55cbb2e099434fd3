//! Journeys as they are written, and what is wrong with some.

use super::*;

const JOURNEY: &str = "# Somebody\nweight 3\ndial\n  | Hello\n  en | 1: Yes\n  sw | 1: Ndiyo\ntype 1\n  | Name?\nif dropped again\n\
    mistake 4\n  | Letters only.\n  | Name?\nat name\ntype {surname}\n  | Bye\nends\nsms\n  | ...\n\
    part again\ndial\n  | Go on?\ntype 1\n  | Name?\ngo on at name\n";

#[test]
fn every_step_knows_what_follows_and_where_a_drop_leads() {
    let journey = parse("greeting", JOURNEY).unwrap();
    let ways: Vec<_> = journey.steps.iter().map(|step| (step.next, step.dropped, step.in_part)).collect();
    assert_eq!(
        ways,
        [
            (Some(1), 0, false),
            (Some(2), 5, false),
            (Some(3), 5, false),
            (Some(4), 5, false),
            (None, 5, false),
            (Some(6), 5, true),
            (Some(3), 5, true),
        ]
    );
    assert_eq!((journey.weight, journey.hops()), (3, 3));
    assert_eq!(journey.steps[0].shows.sw, ["Hello", "1: Ndiyo"]);
    assert!(journey.steps[3].ends);
}

#[test]
fn what_cant_be_read_is_told_with_its_line() {
    for (text, line, words) in [
        ("dial\nhang up", 2, "no step"),
        ("type 1", 1, "dial first"),
        ("dial\nends\ntype 1", 3, "dial first"),
        ("dial\ndrop\n  | Hello", 3, "straight below"),
        ("dial\n  | {name}", 2, "in braces"),
        ("dial\n  en | Hello", 1, "one language"),
        ("dial\nif dropped again", 2, "no part again"),
        ("dial\npart again\ndial", 3, "go on at"),
        ("dial\npart again\ndial\ngo on at menu", 4, "no place menu"),
        ("dial\npart again\ntype 1", 3, "dial first"),
        ("perhaps 1\n  | News", 1, "below a dial"),
        ("dial\n  | Hello\ntype 1\nperhaps 1\n  | News", 4, "below a dial"),
        ("dial\nperhaps 1\ntype 1", 2, "both languages"),
        ("dial\nperhaps 1\n  en | News", 2, "both languages"),
        ("dial\nperhaps 1\n  | {any}\n  | ...", 2, "both languages"),
        ("dial\ngo on at menu", 2, "only a part"),
        ("weight many", 1, "weight 5"),
        ("# nothing", 1, "no step in it"),
    ] {
        let fault = parse("x", text).map(|_| ()).unwrap_err();
        assert!(fault.line == line && fault.says.contains(words), "{text}: {fault}");
    }
}

#[test]
fn what_only_some_phones_see_holds_for_the_dial_above_and_those_below() {
    let text = "dial\n  | Hello\ntype 1\n  | Bye\nends\ndial\n  | Again\nperhaps 1\n  | News\n  | ...\ntype 2\n  | Bye\n\
        if dropped again\npart again\ndial\n  | Again\ngo on at end\n";
    let text = text.replace("type 2", "at end\ntype 2");
    let journey = parse("news", &text).unwrap();
    let asides: Vec<usize> = journey.steps.iter().map(|step| step.asides.len()).collect();
    assert_eq!(asides, [0, 0, 1, 0, 1]);
    assert_eq!((journey.steps[2].asides[0].line, journey.steps[2].asides[0].input.as_str()), (8, "1"));
    assert_eq!((journey.steps[2].shows.en.len(), journey.steps[2].asides[0].shows.en.len()), (1, 2));
}
