//! References: a short name to show and to log in place of a number or an id.

/// Thirty-two characters of which none looks like another: no 0 and O, no 1 and I.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A reference such as `K7Q2`, made of random bytes: one in a million, enough to find a line of the log by.
pub fn reference(bytes: [u8; 4]) -> String {
    written(&bytes)
}

/// A reference such as `K7Q2M9`: one in a thousand million, for what must be found without anything beside it.
pub fn long_reference(bytes: [u8; 6]) -> String {
    written(&bytes)
}

fn written(bytes: &[u8]) -> String {
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32))).map(|c| char::from(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_has_four_characters_that_can_be_read_aloud() {
        assert_eq!(reference([0, 31, 32, 255]), "2Z2Z");
        assert_eq!(long_reference([0, 31, 32, 255, 1, 2]), "2Z2Z34");
        for byte in 0..=u8::MAX {
            let reference = reference([byte; 4]);
            assert_eq!(reference.len(), 4);
            assert!(!reference.contains(['0', 'O', '1', 'I']), "{reference}");
        }
    }
}
