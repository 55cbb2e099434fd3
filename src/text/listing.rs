//! Lists of people and places as they stand in one message: as many as there is room for, and how many more there are.

use super::gsm;

/// What stands between two items.
const BETWEEN: &str = ", ";

/// As many of the items as `limit` septets take, with commas between them; at the end how many are left out:
/// `3 Asha Kisa, 7 Otieno Ramani +4`. Folded to GSM-7.
pub fn listed(items: &[String], limit: usize) -> String {
    let items: Vec<String> = items.iter().map(|item| gsm::fold(item)).collect();
    let mut shown = items.len();
    loop {
        let text = first(&items, shown);
        if shown == 0 || length(&text) <= limit {
            return text;
        }
        shown -= 1;
    }
}

fn first(items: &[String], shown: usize) -> String {
    let text = items.get(..shown).unwrap_or(items).join(BETWEEN);
    match items.len().saturating_sub(shown) {
        0 => text,
        more if shown == 0 => format!("+{more}"),
        more => format!("{text} +{more}"),
    }
}

/// Items one after the other, as many to a part as its limit takes; the first part has a limit of its own. There is
/// always a first part, and an item that is too long for any is cut.
pub fn in_parts(items: &[String], first: usize, others: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for item in items {
        let limit = if parts.len() == 1 { first } else { others };
        let item = gsm::fold(item);
        match parts.last_mut() {
            Some(part) if part.is_empty() && length(&item) <= limit => *part = item,
            Some(part) if !part.is_empty() && length(part) + BETWEEN.len() + length(&item) <= limit => {
                part.push_str(BETWEEN);
                part.push_str(&item);
            }
            _ => parts.push(gsm::truncate(&item, others).to_owned()),
        }
    }
    parts
}

/// A name short enough for a list: its first and its last word.
pub fn short_name(full: &str) -> String {
    let mut words = full.split_whitespace();
    match (words.next(), words.next_back()) {
        (Some(first), Some(last)) => {
            gsm::truncate(&gsm::fold(&format!("{first} {last}")), SHORT_NAME).to_owned()
        }
        (first, _) => gsm::truncate(&gsm::fold(first.unwrap_or_default()), SHORT_NAME).to_owned(),
    }
}

/// How many septets a name takes at most.
const SHORT_NAME: usize = 18;

fn length(text: &str) -> usize {
    gsm::septets(text).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(many: usize) -> Vec<String> {
        (1..=many).map(|n| format!("{n} Asha")).collect()
    }

    #[test]
    fn what_has_no_room_is_counted() {
        assert_eq!(listed(&items(3), 30), "1 Asha, 2 Asha, 3 Asha");
        assert_eq!(listed(&items(12), 20), "1 Asha, 2 Asha +10");
        assert_eq!(listed(&items(2), 3), "+2");
        assert_eq!(listed(&[], 3), "");
    }

    #[test]
    fn parts_hold_everybody_in_order_and_none_is_too_long() {
        let all = items(40);
        let parts = in_parts(&all, 10, 25);
        assert_eq!(parts.join(", "), all.join(", "));
        assert!(
            parts.iter().enumerate().all(|(n, part)| part.len() <= if n == 0 { 10 } else { 25 }),
            "{parts:?}"
        );
        assert_eq!(in_parts(&all, 3, 25)[0], "", "a first part without room for anybody stays empty");
        assert_eq!(in_parts(&[], 10, 25), [""]);
    }

    #[test]
    fn a_short_name_is_its_first_and_last_word() {
        for (full, short) in [
            ("Wanjiru Chebet Mfano", "Wanjiru Mfano"),
            ("Asha", "Asha"),
            ("", ""),
            ("Maximiliana O'Brien-Wanjiru", "Maximiliana O'Brie"),
            ("Ng’ang’a Zoë", "Ng'ang'a Zoe"),
        ] {
            assert_eq!(short_name(full), short);
        }
    }
}
