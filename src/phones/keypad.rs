//! How often a thumb comes down: key presses of an input on a basic phone with twelve keys.

use crate::text::gsm;

/// What each key writes in text mode, in the order of the presses; a key's own digit comes after its letters.
const KEYS: [&str; 10] =
    [" 0", ".,'?!\"1-()@/:_", "abc2", "def3", "ghi4", "jkl5", "mno6", "pqrs7", "tuv8", "wxyz9"];

/// Presses for a sign that no key writes: it is fetched from a table of signs.
const FROM_TABLE: usize = 5;

/// The key presses that an input takes. Only digits, `*` and `#`: one each, since the phone is in number mode. With
/// anything else in it the phone is in text mode: `a` one, `b` two, `c` three, `2` four; capitals cost nothing more.
/// The key that sends, and the wait between two letters of one key, are not counted.
pub fn presses(input: &str) -> usize {
    if input.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#')) {
        return input.chars().count();
    }
    gsm::fold(input).chars().map(in_text_mode).sum()
}

fn in_text_mode(c: char) -> usize {
    let small = c.to_ascii_lowercase();
    let place = KEYS.iter().find_map(|key| key.chars().position(|sign| sign == small));
    place.map_or(FROM_TABLE, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::presses;

    #[test]
    fn numbers_cost_one_press_a_key() {
        assert_eq!(presses("*384*2547#"), 10);
        assert_eq!(presses("907318"), 6);
        assert_eq!(presses(""), 0);
    }

    #[test]
    fn letters_cost_their_place_on_the_key() {
        assert_eq!(presses("abc"), 6);
        assert_eq!(presses("Asha"), 1 + 4 + 2 + 1);
        assert_eq!(presses("a b"), 4);
        assert_eq!(presses("s7"), 4 + 5, "a digit among letters is behind the letters of its key");
        assert_eq!(presses("a%"), 6);
    }
}
