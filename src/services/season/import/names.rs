//! Names as they are compared: how somebody wrote one must not make two people of one.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// A name without accents, apostrophes, capitals and extra blanks: `Ng'ang'a WANJIKU` and `Nganga Wanjiku` are one.
pub(super) fn folded(name: &str) -> String {
    let plain: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !matches!(c, '\'' | '\u{2019}' | '\u{2018}' | '`' | '.'))
        .map(|c| if c == '-' { ' ' } else { c })
        .flat_map(char::to_lowercase)
        .collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two folded names have a word in common, as a name and its correction do.
pub(super) fn share_a_word(one: &str, other: &str) -> bool {
    one.split(' ').any(|word| word.len() > 1 && other.split(' ').any(|theirs| theirs == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_writing_a_name_are_one_name() {
        for (one, other) in [
            ("NG'ANG'A  Wanjiku", "Nganga wanjiku"),
            ("Achieng-Otieno Mary", "achieng otieno mary"),
            ("Zoë J. Kamau", "ZOE J KAMAU"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("Mary Wanjiku"), folded("Wanjiku Mary"));
    }

    #[test]
    fn a_correction_shares_a_word_and_another_person_does_not() {
        assert!(share_a_word("mary wanjiru", "mary wanjiru kamau"));
        assert!(!share_a_word("mary wanjiru", "peter kamau"));
        assert!(!share_a_word("j wanjiru", "j kamau"), "an initial is no name");
    }
}
