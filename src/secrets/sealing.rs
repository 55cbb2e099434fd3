//! Sealing of fields in SQL with XChaCha20-Poly1305. What is sealed opens only in its own place (table, column and row),
//! under its own key. The nonce is an argument and must be random: 24 bytes never meet again by chance. The state of
//! sessions, which is short-lived and sealed with every hop, is `session_sealing`'s.

use std::fmt;

use chacha20poly1305::{
    KeyInit as _, XChaCha20Poly1305,
    aead::{Aead as _, AeadInOut as _, Payload},
};
use zeroize::Zeroizing;

use super::{
    key::Key,
    keys::{KeySet, Keys, Purpose},
};

/// How many bytes a nonce has.
pub const NONCE_BYTES: usize = 24;
/// How many bytes more a sealed text has: its nonce and its tag.
const MORE_BYTES: usize = NONCE_BYTES + 16;

/// A sealed value and the id of the key that opens it. Storage keeps the id in a column too, for `keys rotate`.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the key.
    pub key_id: String,
    /// Nonce, ciphertext and tag, one after the other.
    pub bytes: Vec<u8>,
}

/// Where a sealed field stands: part of what is authenticated, so that it opens nowhere else.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The table's name.
    pub table: &'a str,
    /// The column's name.
    pub column: &'a str,
    /// The row's id, as bytes.
    pub row: &'a [u8],
}

/// Why a sealed value can't be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsealable {
    /// No key of that id is held: it was retired too early, or this node has not got the new key file.
    #[error("it was sealed with the key {0}, which is not in the key file")]
    UnknownKey(String),
    /// It was changed, moved to another place, or sealed with another key of that id.
    #[error("it is not what was sealed in this place")]
    NotGenuine,
    /// It is too short, or does not begin with a key id.
    #[error("it is not a sealed value")]
    NotSealed,
}

impl Sealed {
    /// The value as one blob: a byte with the length of the key id, the key id, then nonce, ciphertext and tag.
    pub fn to_blob(&self) -> Vec<u8> {
        let mut blob = blob_under(&self.key_id, self.bytes.len());
        blob.extend_from_slice(&self.bytes);
        blob
    }

    /// Read a blob that [`Sealed::to_blob`] wrote.
    pub fn from_blob(blob: &[u8]) -> Result<Self, Unsealable> {
        let (key_id, bytes) = split(blob)?;
        Ok(Self { key_id: key_id.to_owned(), bytes: bytes.to_vec() })
    }

    /// Only the key id of a blob.
    pub fn key_id_of(blob: &[u8]) -> Result<&str, Unsealable> {
        Ok(split(blob)?.0)
    }
}

/// The beginning of a blob under this key, with room for so many bytes more.
pub(super) fn blob_under(key_id: &str, room: usize) -> Vec<u8> {
    let mut blob = Vec::with_capacity(1 + key_id.len() + room);
    blob.push(u8::try_from(key_id.len()).expect("key ids are at most 24 characters"));
    blob.extend_from_slice(key_id.as_bytes());
    blob
}

pub(super) fn split(blob: &[u8]) -> Result<(&str, &[u8]), Unsealable> {
    let (length, rest) = blob.split_first().ok_or(Unsealable::NotSealed)?;
    let (id, bytes) = rest.split_at_checked(usize::from(*length)).ok_or(Unsealable::NotSealed)?;
    Ok((std::str::from_utf8(id).map_err(|_| Unsealable::NotSealed)?, bytes))
}

impl Keys {
    /// Seal `plain` for `place` with the current field key; `nonce` is random and used once.
    pub fn seal(&self, place: Place<'_>, plain: &[u8], nonce: [u8; NONCE_BYTES]) -> Sealed {
        let keys = self.set(Purpose::Field);
        let mut bytes = Vec::with_capacity(plain.len() + MORE_BYTES);
        encrypt(&keys.key, &place.associated(&keys.current), plain, nonce, &mut bytes);
        Sealed { key_id: keys.current.clone(), bytes }
    }

    /// Open what was sealed for `place`.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        open(self.set(Purpose::Field), &place.associated(&sealed.key_id), &sealed.key_id, &sealed.bytes)
    }
}

fn open(keys: &KeySet, associated: &[u8], id: &str, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    let key = keys.get(id).ok_or_else(|| Unsealable::UnknownKey(id.to_owned()))?;
    let (nonce, msg) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Unsealable::NotSealed)?;
    XChaCha20Poly1305::new(key.bytes().into())
        .decrypt(nonce.into(), Payload { msg, aad: associated })
        .map(Zeroizing::new)
        .map_err(|_| Unsealable::NotGenuine)
}

/// Nonce, ciphertext and tag, behind what stands in `into` already.
fn encrypt(key: &Key, aad: &[u8], plain: &[u8], nonce: [u8; NONCE_BYTES], into: &mut Vec<u8>) {
    into.extend_from_slice(&nonce);
    let before = into.len();
    into.extend_from_slice(plain);
    let (_, text) = into.split_at_mut(before);
    let tag = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt_inout_detached(&nonce.into(), aad, text.into())
        .expect("only a text over 256 GiB can't be sealed");
    into.extend_from_slice(&tag);
}

impl Place<'_> {
    fn associated(&self, key_id: &str) -> Vec<u8> {
        associated(&[b"field", self.table.as_bytes(), self.column.as_bytes(), self.row, key_id.as_bytes()])
    }
}

/// The parts, each with its length before it: a row's id is any bytes, so no separator could keep them apart.
pub(super) fn associated(parts: &[&[u8]]) -> Vec<u8> {
    let mut whole = Vec::with_capacity(parts.iter().map(|part| 8 + part.len()).sum());
    for part in parts {
        whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
        whole.extend_from_slice(part);
    }
    whole
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({}, {} bytes)", self.key_id, self.bytes.len())
    }
}

impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Place({}.{})", self.table, self.column)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::secrets::keys::counted_chance;

    const PLACE: Place<'static> = Place { table: "people", column: "national_id", row: b"1" };

    fn keys() -> Keys {
        Keys::generate(counted_chance())
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
    }

    #[test]
    fn xchacha20_poly1305_gives_the_answer_of_its_draft() {
        // draft-irtf-cfrg-xchacha-03, A.3.1
        let key: [u8; 32] = std::array::from_fn(|i| 0x80 + u8::try_from(i).unwrap());
        let nonce: [u8; 24] = std::array::from_fn(|i| 0x40 + u8::try_from(i).unwrap());
        let plain =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
            sunscreen would be it.";
        let (key, mut sealed) = (Key::new(Zeroizing::new(key)), vec![]);
        encrypt(&key, &hex("50515253c0c1c2c3c4c5c6c7"), plain, nonce, &mut sealed);
        let expected = "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb\
            731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452\
            2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
            21f9664c97637da9768812f615c68b13b52e\
            c0875924c1c7987947deafd8780acf49";
        assert_eq!(sealed, [&nonce[..], &hex(expected)].concat());
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place(
            plain in prop::collection::vec(any::<u8>(), 0..200),
            row in prop::collection::vec(any::<u8>(), 0..20),
            nonce in any::<[u8; 24]>(),
        ) {
            let keys = keys();
            let place = Place { row: &row, ..PLACE };
            let sealed = keys.seal(place, &plain, nonce);
            let opened = keys.open(place, &sealed).unwrap();
            prop_assert_eq!(opened.as_slice(), &plain[..]);
        }

        #[test]
        fn no_blob_whatever_makes_opening_panic(blob in prop::collection::vec(any::<u8>(), 0..80)) {
            let keys = keys();
            if let Ok(sealed) = Sealed::from_blob(&blob) {
                prop_assert!(keys.open(PLACE, &sealed).is_err());
                prop_assert_eq!(sealed.to_blob(), blob);
            }
        }
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let keys = keys();
        let sealed = keys.seal(PLACE, b"28461937", [9; 24]);
        for at in 0..sealed.bytes.len() {
            let mut spoilt = sealed.clone();
            spoilt.bytes[at] ^= 1;
            assert_eq!(keys.open(PLACE, &spoilt), Err(Unsealable::NotGenuine), "byte {at}");
        }
        let mut cut = sealed;
        cut.bytes.pop();
        assert_eq!(keys.open(PLACE, &cut), Err(Unsealable::NotGenuine));
        cut.bytes.truncate(20);
        assert_eq!(keys.open(PLACE, &cut), Err(Unsealable::NotSealed));
    }

    #[test]
    fn what_is_moved_elsewhere_does_not_open() {
        let keys = keys();
        let sealed = keys.seal(PLACE, b"28461937", [9; 24]);
        for elsewhere in [
            Place { row: b"2", ..PLACE },
            Place { row: b"", ..PLACE },
            Place { column: "kra_pin", ..PLACE },
            Place { table: "drafts", ..PLACE },
            Place { table: "peoplen", column: "ational_id", row: b"1" },
        ] {
            assert_eq!(keys.open(elsewhere, &sealed), Err(Unsealable::NotGenuine), "{elsewhere:?}");
        }
    }

    #[test]
    fn a_value_opens_under_its_own_key_id_only() {
        let mut chance = counted_chance();
        let keys = Keys::generate(&mut chance).with_new_key(Purpose::Field, chance);
        let mut sealed = keys.seal(PLACE, b"28461937", [9; 24]);
        sealed.key_id = "f1".to_owned();
        assert_eq!(keys.open(PLACE, &sealed), Err(Unsealable::NotGenuine));
        sealed.key_id = "f3".to_owned();
        assert_eq!(keys.open(PLACE, &sealed), Err(Unsealable::UnknownKey("f3".to_owned())));
    }

    #[test]
    fn the_key_id_is_authenticated_and_not_only_used() {
        let keys = keys();
        let key = &keys.set(Purpose::Field).key;
        let mut bytes = vec![];
        encrypt(key, &PLACE.associated("f0"), b"28461937", [9; 24], &mut bytes);
        let renamed = Sealed { key_id: "f1".to_owned(), bytes };
        assert_eq!(keys.open(PLACE, &renamed), Err(Unsealable::NotGenuine));
    }

    #[test]
    fn a_blob_says_its_key_id_and_reads_back() {
        let sealed = keys().seal(PLACE, b"28461937", [9; 24]);
        let blob = sealed.to_blob();
        assert_eq!(Sealed::key_id_of(&blob), Ok("f1"));
        assert!(Sealed::from_blob(&blob).unwrap() == sealed);
        for spoilt in [&[][..], &[200, 1, 2], &[2, 0xff, 0xfe]] {
            assert_eq!(Sealed::key_id_of(spoilt), Err(Unsealable::NotSealed));
        }
        assert_eq!(format!("{sealed:?} {PLACE:?}"), "Sealed(f1, 48 bytes) Place(people.national_id)");
    }
}
