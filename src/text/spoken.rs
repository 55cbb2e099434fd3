//! What a voice says of a code: who calls, the digits one by one, all of it twice, and a goodbye. For people who can't
//! read an SMS, or whose line takes none.

use secrecy::SecretString;

use crate::model::Language;

/// What is said around the digits, in one language.
struct Words {
    opening: &'static str,
    again: &'static str,
    closing: &'static str,
    digits: [&'static str; 10],
}

const ENGLISH: Words = Words {
    opening: "Hello. This is the exam staff service. Your code is:",
    again: "Once more. Your code is:",
    closing: "We never call to ask for this code. Goodbye.",
    digits: ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
};

const KISWAHILI: Words = Words {
    opening: "Habari. Hii ni huduma ya wasimamizi wa mitihani. Namba yako ni:",
    again: "Tena. Namba yako ni:",
    closing: "Hatupigi simu kuuliza namba hii. Kwaheri.",
    digits: ["sifuri", "moja", "mbili", "tatu", "nne", "tano", "sita", "saba", "nane", "tisa"],
};

/// The sentences that read a code aloud; `None` when it is not made of digits alone.
///
/// A full stop after each digit makes a voice wait long enough to write it down.
pub fn code(digits: &str, language: Language) -> Option<SecretString> {
    let words = match language {
        Language::En => &ENGLISH,
        Language::Sw => &KISWAHILI,
    };
    let digits: Vec<&str> = digits.chars().map(|digit| words.digit(digit)).collect::<Option<_>>()?;
    let read = (!digits.is_empty()).then(|| format!("{}.", digits.join(". ")))?;
    let Words { opening, again, closing, .. } = words;
    Some(format!("{opening} {read} {again} {read} {closing}").into())
}

/// The digits that such sentences say, for whoever listens; `None` where they say none.
pub fn digits(said: &str) -> Option<String> {
    [&ENGLISH, &KISWAHILI].into_iter().find_map(|words| {
        let read = said.strip_prefix(words.opening)?.split_once(words.again)?.0;
        let heard = |word: &str| words.digits.iter().position(|digit| *digit == word);
        let places = read.trim().trim_end_matches('.').split(". ").map(heard);
        places.map(|place| char::from_digit(u32::try_from(place?).ok()?, 10)).collect()
    })
}

impl Words {
    fn digit(&self, digit: char) -> Option<&'static str> {
        let digit = usize::try_from(digit.to_digit(10)?).ok()?;
        self.digits.get(digit).copied()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::text::gsm;

    fn said(digits: &str, language: Language) -> String {
        code(digits, language).expect("digits").expose_secret().to_owned()
    }

    #[test]
    fn a_code_is_said_twice_digit_by_digit_in_english() {
        assert_eq!(
            said("481506", Language::En),
            "Hello. This is the exam staff service. Your code is: four. eight. one. five. zero. six. \
             Once more. Your code is: four. eight. one. five. zero. six. \
             We never call to ask for this code. Goodbye."
        );
    }

    #[test]
    fn who_listens_hears_the_digits() {
        for language in Language::ALL {
            assert_eq!(digits(&said("0123456789", language)).as_deref(), Some("0123456789"));
        }
        assert_eq!(digits("481506 is your code"), None);
    }

    #[test]
    fn a_code_is_said_twice_digit_by_digit_in_kiswahili() {
        assert_eq!(
            said("9073", Language::Sw),
            "Habari. Hii ni huduma ya wasimamizi wa mitihani. Namba yako ni: tisa. sifuri. saba. tatu. \
             Tena. Namba yako ni: tisa. sifuri. saba. tatu. \
             Hatupigi simu kuuliza namba hii. Kwaheri."
        );
    }

    #[test]
    fn every_digit_has_a_word_of_its_own_in_each_language() {
        for language in Language::ALL {
            let all = said("0123456789", language);
            let read = all.split(": ").nth(1).unwrap();
            let mut words: Vec<&str> = read.split(". ").take(10).collect();
            assert_eq!(words.len(), 10);
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), 10, "{language:?}");
        }
    }

    #[test]
    fn no_digit_is_left_as_a_figure_and_nothing_needs_another_alphabet() {
        for language in Language::ALL {
            let all = said("24681357", language);
            assert!(!all.contains(|c: char| c.is_ascii_digit()));
            assert!(gsm::septets(&all).is_ok());
        }
    }

    #[test]
    fn what_is_no_code_is_not_said() {
        for wrong in ["", "12a4", "12 34", "-1", "١٢"] {
            assert!(code(wrong, Language::En).is_none(), "{wrong}");
        }
    }
}
