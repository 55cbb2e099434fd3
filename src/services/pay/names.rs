//! Whether two names are one person's: as a payer looks at them, word by word, in any order.

use unicode_normalization::UnicodeNormalization as _;

/// Whether two names are alike: the words of the shorter all stand in the longer, and there are at least two.
pub fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (shorter, longer) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    shorter.len() >= 2 && shorter.iter().all(|word| longer.contains(word))
}

/// Letters without marks, all small; apostrophes and dots say nothing, dashes part words.
fn words(name: &str) -> Vec<String> {
    let plain: String = name.nfd().filter(|c| c.is_alphabetic() || c.is_whitespace() || *c == '-').collect();
    let mut words: Vec<String> = plain
        .to_lowercase()
        .split(|c: char| c.is_whitespace() || c == '-')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words.dedup();
    words
}

#[cfg(test)]
mod tests {
    use super::are_alike;

    #[test]
    fn order_case_and_signs_say_nothing_and_a_middle_name_may_be_missing() {
        for (one, other) in [
            ("Asha Njeri Wanjiku", "WANJIKU ASHA NJERI"),
            ("Asha Wanjiku", "Asha Njeri Wanjiku"),
            ("Mary Ng'ang'a", "MARY NGANGA"),
            ("Zoé Achieng-Otieno", "Otieno Zoe Achieng"),
        ] {
            assert!(are_alike(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn another_surname_or_one_word_alone_is_another_person() {
        for (one, other) in [
            ("Asha Njeri Wanjiku", "Asha Njeri Mwangi"),
            ("Asha", "Asha Njeri Wanjiku"),
            ("Asha Wanjiku", "Asha Wanjikumwangi"),
            ("", ""),
        ] {
            assert!(!are_alike(one, other), "{one} / {other}");
        }
    }
}
