//! What can be wrong with a key file, each fault a sentence that says what to do or where to look.

use std::{io, path::PathBuf};

/// A key file that can't be used, and why. Shows names and ids, never a key.
#[derive(Debug, thiserror::Error)]
#[error("the key file {}: {fault}", path.display())]
pub struct KeyFileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: KeyFileFault,
}

/// What is wrong with a key file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileFault {
    /// The operating system refuses.
    #[error("can't {doing}: {source}")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The system's own words.
        source: io::Error,
    },
    /// Others than its owner may read or write it.
    #[error("mode {mode:04o} lets others at it; run: chmod 600 {}", path.display())]
    OpenToOthers {
        /// Its permissions.
        mode: u32,
        /// The file.
        path: PathBuf,
    },
    /// There is one already, and a new one would make everything sealed unreadable.
    #[error("it exists already and is never overwritten by new keys")]
    Exists,
    /// A directory, a device, or far too long.
    #[error("it is not a key file (a regular file of at most 64 KiB)")]
    NotAKeyFile,
    /// The text is not UTF-8.
    #[error("it is not text in UTF-8")]
    NotText,
    /// The text is not TOML.
    #[error("line {line} is not TOML: {what}")]
    NotToml {
        /// Counted from 1.
        line: usize,
        /// What the parser expected.
        what: String,
    },
    /// A purpose has no section, or a section no keys.
    #[error("the section [{0}] is missing")]
    MissingSection(String),
    /// An entry is not there.
    #[error("[{section}] has no `{name}`")]
    MissingEntry {
        /// The section.
        section: String,
        /// The entry.
        name: String,
    },
    /// An entry is there that nothing reads.
    #[error("`{name}` in {section} is not known here")]
    UnknownEntry {
        /// The section, in brackets.
        section: String,
        /// The entry.
        name: String,
    },
    /// An entry holds another kind of value.
    #[error("`{name}` in {section} must be {wanted}")]
    WrongKind {
        /// The section, in brackets.
        section: String,
        /// The entry.
        name: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// A key id is empty, too long, or has more than letters and digits.
    #[error("a key id in [{0}] is not 1 to 24 letters and digits")]
    BadId(String),
    /// `current` or `next` names a key that is not there.
    #[error("`{role}` in [{section}] names a key that is not there")]
    NamesNoKey {
        /// The section.
        section: String,
        /// `current` or `next`.
        role: &'static str,
    },
    /// A key has another length.
    #[error("`{name}` in [{section}] has {bytes} bytes; a key has 32")]
    WrongLength {
        /// The section.
        section: String,
        /// The entry.
        name: String,
        /// How many bytes there are.
        bytes: usize,
    },
    /// One key stands in two places.
    #[error("{first} and {second} are the same key; each must be its own")]
    SameKeyTwice {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// More than one look-up key for a slot.
    #[error("[lookup] holds one key a slot: at most two, one with slot \"a\" and one with slot \"b\"")]
    LookupSlots,
}
