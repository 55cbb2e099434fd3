//! Keys and what is made with them: sealed fields, look-up hashes, PIN hashes, one-time codes and the digests of what
//! was typed (`security.md` 1, 5, 13 and 34). Nothing here reads a clock or makes chance: nonces and salts are
//! arguments. Where the results are kept is left to `storage/` and `sessions/`.

pub mod codes;
mod key;
mod key_entries;
pub mod key_fault;
pub mod key_file;
mod key_text;
pub mod keys;
pub mod lookup;
pub mod marks;
pub mod pins;
pub mod ring;
pub mod rotation;
pub mod sealing;
pub mod session_sealing;
mod temporary;

pub use codes::{Code, CodeFor, CodeLength};
pub use key_fault::{KeyFileError, KeyFileFault};
pub use keys::{Keys, Purpose};
pub use lookup::{Lookup, Slot};
pub use marks::{Mark, Marker};
pub use pins::{HashingFailed, PinCheck, PinHash, PinHasher};
pub use ring::KeyRing;
pub use rotation::{LookupChange, RotationFailed, RotationRefused};
pub use sealing::{Place, Sealed, Unsealable};
pub use session_sealing::SESSION_NONCE_BYTES;
