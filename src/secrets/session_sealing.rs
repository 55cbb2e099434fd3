//! Sealing of session state with AES-256-GCM. Every hop opens one state and seals another, and processors have
//! instructions for this cipher: it takes a quarter of what XChaCha20-Poly1305 took of a hop (`benches/README.md`).
//!
//! Nonces are random and of 12 bytes, so one key may seal 2^32 states (NIST SP 800-38D, 8.3); a whole season is some
//! 2^27 hops, and `keys rotate` begins anew.

use ring::aead::{Aad, Nonce};
use zeroize::Zeroizing;

use super::{
    key::Key,
    keys::{Keys, Purpose},
    sealing::{Unsealable, associated, blob_under, split},
};

/// How many bytes the nonce of a session's seal has.
pub const SESSION_NONCE_BYTES: usize = 12;
/// How many bytes more a sealed state has: its nonce and its tag.
const MORE_BYTES: usize = SESSION_NONCE_BYTES + 16;

impl Keys {
    /// Seal the state of the session `session_key` into one blob, 31 bytes longer than `plain` with a two-letter key id.
    pub fn seal_session(
        &self,
        session_key: &[u8],
        plain: &[u8],
        nonce: [u8; SESSION_NONCE_BYTES],
    ) -> Vec<u8> {
        let keys = self.set(Purpose::Session);
        let mut blob = blob_under(&keys.current, plain.len() + MORE_BYTES);
        encrypt(&keys.key, &place(session_key, &keys.current), plain, nonce, &mut blob);
        blob
    }

    /// Open the state of the session `session_key`.
    pub fn open_session(&self, session_key: &[u8], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (id, bytes) = split(blob)?;
        let keys = self.set(Purpose::Session);
        let key = keys.get(id).ok_or_else(|| Unsealable::UnknownKey(id.to_owned()))?;
        let (nonce, text) = bytes.split_first_chunk::<SESSION_NONCE_BYTES>().ok_or(Unsealable::NotSealed)?;
        let mut plain = Zeroizing::new(text.to_vec());
        let aad = Aad::from(place(session_key, id));
        let opened = key
            .cipher()
            .open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut plain)
            .map_err(|_| Unsealable::NotGenuine)?
            .len();
        plain.truncate(opened);
        Ok(plain)
    }
}

/// Nonce, ciphertext and tag, behind what stands in `into` already.
fn encrypt(key: &Key, aad: &[u8], plain: &[u8], nonce: [u8; SESSION_NONCE_BYTES], into: &mut Vec<u8>) {
    into.extend_from_slice(&nonce);
    let before = into.len();
    into.extend_from_slice(plain);
    let (_, text) = into.split_at_mut(before);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key
        .cipher()
        .seal_in_place_separate_tag(nonce, Aad::from(aad), text)
        .expect("only a text over 64 GiB can't be sealed");
    into.extend_from_slice(tag.as_ref());
}

fn place(session_key: &[u8], key_id: &str) -> Vec<u8> {
    associated(&[b"session", session_key, key_id.as_bytes()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::secrets::keys::counted_chance;

    fn keys() -> Keys {
        Keys::generate(counted_chance())
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn aes_256_gcm_gives_the_answer_of_its_specification() {
        // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 16
        let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
        let plain = hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
             1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
        let aad = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let nonce = hex("cafebabefacedbaddecaf888").try_into().unwrap();
        let (key, mut sealed) = (Key::new(Zeroizing::new(key.try_into().unwrap())), vec![]);
        encrypt(&key, &aad, &plain, nonce, &mut sealed);
        let expected = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
             76fc6ece0f4e1768cddf8853bb2d551b";
        assert_eq!(sealed, [&nonce[..], &hex(expected)].concat());
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_for_its_session_only(
            plain in prop::collection::vec(any::<u8>(), 0..400),
            session in prop::collection::vec(any::<u8>(), 0..40),
            nonce in any::<[u8; SESSION_NONCE_BYTES]>(),
        ) {
            let keys = keys();
            let state = keys.seal_session(&session, &plain, nonce);
            prop_assert_eq!(state.len(), plain.len() + 31);
            let opened = keys.open_session(&session, &state).unwrap();
            prop_assert_eq!(opened.as_slice(), &plain[..]);
            let elsewhere = [&session[..], b"2"].concat();
            prop_assert_eq!(keys.open_session(&elsewhere, &state), Err(Unsealable::NotGenuine));
        }

        #[test]
        fn no_blob_whatever_makes_opening_panic(blob in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(keys().open_session(b"session", &blob).is_err());
        }
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let keys = keys();
        let state = keys.seal_session(b"session", b"state", [9; SESSION_NONCE_BYTES]);
        for at in 0..state.len() {
            let mut spoilt = state.clone();
            spoilt[at] ^= 1;
            assert!(keys.open_session(b"session", &spoilt).is_err(), "byte {at}");
        }
        for kept in 0..state.len() {
            assert!(keys.open_session(b"session", &state[..kept]).is_err(), "{kept} bytes");
        }
    }

    #[test]
    fn a_state_opens_under_its_own_key_only() {
        let mut chance = counted_chance();
        let keys = Keys::generate(&mut chance).with_new_key(Purpose::Session, chance);
        let state = keys.seal_session(b"session", b"state", [9; SESSION_NONCE_BYTES]);
        let renamed = |id: &[u8; 2]| [&[2], &id[..], &state[3..]].concat();
        assert_eq!(keys.open_session(b"session", &renamed(b"s2")).unwrap().as_slice(), b"state");
        assert_eq!(keys.open_session(b"session", &renamed(b"s1")), Err(Unsealable::NotGenuine));
        let unknown = Unsealable::UnknownKey("s3".to_owned());
        assert_eq!(keys.open_session(b"session", &renamed(b"s3")), Err(unknown));
    }
}
