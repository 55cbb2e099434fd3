//! The forms in which digits could be kept so that they can be read again: in clear, in hexadecimal, in base64 at any
//! offset, and as an unkeyed digest, which a million tries turn back.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use sha2::{Digest as _, Sha256};

/// A form and its bytes.
pub type Form = (&'static str, Vec<u8>);

/// Every form of these digits.
pub fn of(digits: &str) -> Vec<Form> {
    let digest = Sha256::digest(digits).to_vec();
    let mut forms = vec![("clear", digits.as_bytes().to_vec()), ("SHA-256", digest.clone())];
    for (name, bytes) in [("hexadecimal", digits.as_bytes()), ("SHA-256 in hexadecimal", digest.as_slice())] {
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        forms.push((name, hex.to_uppercase().into_bytes()));
        forms.push((name, hex.into_bytes()));
        forms.dedup();
    }
    for bytes in [digits.as_bytes(), &digest] {
        forms.extend((0..3).map(|offset| ("base64", base64_at(&STANDARD_NO_PAD, bytes, offset))));
        forms.extend((0..3).map(|offset| ("base64", base64_at(&URL_SAFE_NO_PAD, bytes, offset))));
    }
    forms
}

/// The characters that these bytes alone decide when `offset` others come before them and some after.
fn base64_at(engine: &impl base64::Engine, bytes: &[u8], offset: usize) -> Vec<u8> {
    let padded = [&vec![0; offset][..], bytes].concat();
    let whole = engine.encode(&padded).into_bytes();
    let first = (offset * 8).div_ceil(6);
    let last = padded.len() * 8 / 6;
    whole[first..last].to_vec()
}

/// The names of the forms that stand somewhere in these bytes.
pub fn found_in(bytes: &[u8], forms: &[Form]) -> Vec<&'static str> {
    let found = forms.iter().filter(|(name, form)| {
        let mut places = bytes.windows(form.len()).enumerate().filter(|(_, w)| w == form).map(|(at, _)| at);
        // Random ids are written in hexadecimal, and chance puts any six digits into one of them now and then.
        places.any(|at| *name != "clear" || !is_within_an_id(bytes, at))
    });
    found.map(|(name, _)| *name).collect()
}

/// Whether what stands here is part of a hexadecimal id: sixteen characters or more with a letter among them.
fn is_within_an_id(bytes: &[u8], at: usize) -> bool {
    let of_an_id = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
    let (before, after) = bytes.split_at(at);
    let run: Vec<u8> = before
        .iter()
        .rev()
        .take_while(|b| of_an_id(b))
        .chain(after.iter().take_while(|b| of_an_id(b)))
        .copied()
        .collect();
    run.len() >= 16 && run.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&'static str> {
        found_in(text.as_bytes(), &of("917364"))
    }

    #[test]
    fn digits_are_found_in_every_form_and_place() {
        assert_eq!(found("PIN=917364."), ["clear"]);
        assert_eq!(found("0191736499"), ["clear"], "also within longer digits");
        assert_eq!(found("2547000917364000000000"), ["clear"]);
        assert_eq!(found("\\x00393137333634ff"), ["hexadecimal"]);
        for before in ["", "x", "xy", "xyz"] {
            let text = STANDARD_NO_PAD.encode(format!("{before}917364 and more"));
            assert!(found(&text).contains(&"base64"), "{text}");
        }
        let digest = Sha256::digest("917364");
        assert!(found(&STANDARD_NO_PAD.encode(digest)).contains(&"base64"));
        assert_eq!(found_in(&digest, &of("917364")), ["SHA-256"]);
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        assert!(found("91736 4, 9173640".replace("9173640", "917365").as_str()).is_empty());
        assert!(found("ATUid_00a1917364bc02ff917364ee00000000").is_empty(), "a random id");
        assert!(found("").is_empty());
    }
}
