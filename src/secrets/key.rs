//! One key of 32 bytes, and the HMAC-SHA256 that everything but sealing is made of. Which key serves which purpose is
//! left to `keys`.

use std::{fmt, sync::OnceLock};

use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How many bytes a key has: what XChaCha20-Poly1305 and AES-256 take, and as many as HMAC-SHA256 gives out.
pub(super) const KEY_BYTES: usize = 32;

/// One secret key. Its bytes are wiped when it is dropped, and it never shows itself.
#[derive(Clone)]
pub(super) struct Key {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    /// Keyed once and cloned for each use, since a hop needs several digests.
    mac: Hmac<Sha256>,
    /// Expanded when it is first asked for, since a hop opens a state and seals another. It holds the key too, and `ring`
    /// doesn't wipe it: only keys of session state, which is gone after minutes, are ever asked for it.
    cipher: OnceLock<LessSafeKey>,
}

impl Key {
    pub(super) fn new(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let mac = Hmac::new_from_slice(bytes.as_slice()).expect("HMAC takes a key of any length");
        Self { bytes, mac, cipher: OnceLock::new() }
    }

    pub(super) fn generate(mut random: impl FnMut(&mut [u8])) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        random(bytes.as_mut_slice());
        Self::new(bytes)
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    /// It as a key of AES-256-GCM.
    pub(super) fn cipher(&self) -> &LessSafeKey {
        self.cipher.get_or_init(|| {
            let key = UnboundKey::new(&AES_256_GCM, self.bytes.as_slice());
            LessSafeKey::new(key.expect("a key has 32 bytes"))
        })
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.bytes.as_slice().ct_eq(other.bytes.as_slice()).into()
    }

    /// HMAC-SHA256 of `message` (RFC 2104).
    pub(super) fn hmac(&self, message: &[u8]) -> [u8; 32] {
        self.mac.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// HMAC-SHA256 of `label` and `parts`, each with its length before it, so that no two lists of parts are one
    /// message and no digest for one label can stand for another's.
    pub(super) fn digest(&self, label: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.mac.clone();
        for part in std::iter::once(&label.as_bytes()).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    /// The first 16 bytes of [`Key::digest`]: still 64 bits of strength against collisions.
    pub(super) fn short_digest(&self, label: &str, parts: &[&[u8]]) -> [u8; 16] {
        let whole = self.digest(label, parts);
        let mut short = [0; 16];
        short.copy_from_slice(whole.split_at(16).0);
        short
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// HMAC pads a short key with zeros, so RFC 4231's keys of up to 32 bytes fit a `Key`.
    fn padded(short: &[u8]) -> Key {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        bytes.iter_mut().zip(short).for_each(|(to, from)| *to = *from);
        Key::new(bytes)
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn hmac_gives_the_answers_of_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        for (key, message, answer) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        ] {
            assert_eq!(padded(key).hmac(message)[..], hex(answer));
        }
    }

    #[test]
    fn parts_never_run_into_each_other() {
        let key = padded(b"Jefe");
        let split = key.digest("label", &[b"ab", b"c"]);
        assert_ne!(split, key.digest("label", &[b"a", b"bc"]));
        assert_ne!(split, key.digest("label", &[b"abc"]));
        assert_ne!(split, key.digest("other", &[b"ab", b"c"]));
        assert_eq!(key.short_digest("label", &[b"ab", b"c"])[..], split[..16]);
    }

    #[test]
    fn a_key_never_shows() {
        assert_eq!(format!("{:?}", padded(b"Jefe")), "Key(…)");
    }
}
