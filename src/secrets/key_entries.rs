//! Taking sections, texts, ids and keys out of the tables of a key file, with a sentence for each that is not as it must
//! be. Which sections there are is left to `key_text`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use toml::{Table, Value};
use zeroize::Zeroizing;

use super::{
    key::{KEY_BYTES, Key},
    key_fault::KeyFileFault as Fault,
};

/// What messages call the place of the sections themselves.
pub(super) const TOP: &str = "the file";

/// The longest key id, so that its length fits the first byte of a sealed blob with room to spare.
const LONGEST_ID: usize = 24;

pub(super) fn read_key(value: Value, section: &str, name: &str) -> Result<Key, Fault> {
    let text = text_of(value, section, name)?;
    let decoded = STANDARD.decode(text.as_bytes()).map(Zeroizing::new);
    let decoded = decoded.map_err(|_| wrong_kind(section, name, "base64"))?;
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    if decoded.len() != bytes.len() {
        return Err(Fault::WrongLength {
            section: section.to_owned(),
            name: name.to_owned(),
            bytes: decoded.len(),
        });
    }
    bytes.copy_from_slice(&decoded);
    Ok(Key::new(bytes))
}

pub(super) fn take_table(from: &mut Table, section: &str, name: &str) -> Result<Table, Fault> {
    match from.remove(name) {
        Some(Value::Table(table)) => Ok(table),
        Some(_) => Err(wrong_kind(TOP, section, "a section")),
        None => Err(Fault::MissingSection(section.to_owned())),
    }
}

pub(super) fn take_text(from: &mut Table, section: &str, name: &str) -> Result<Zeroizing<String>, Fault> {
    text_of(from.remove(name).ok_or_else(|| missing(section, name))?, section, name)
}

fn text_of(value: Value, section: &str, name: &str) -> Result<Zeroizing<String>, Fault> {
    match value {
        Value::String(text) => Ok(Zeroizing::new(text)),
        _ => Err(wrong_kind(section, name, "text")),
    }
}

pub(super) fn checked_id(section: &str, id: String) -> Result<String, Fault> {
    let fits = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits { Ok(id) } else { Err(Fault::BadId(section.to_owned())) }
}

pub(super) fn nothing_left(table: &Table, section: &str) -> Result<(), Fault> {
    match table.keys().next() {
        None => Ok(()),
        Some(name) => Err(Fault::UnknownEntry { section: bracketed(section), name: shown(name) }),
    }
}

/// A name that nobody knows, unless it is long enough to be a key that slipped to the wrong side.
fn shown(name: &str) -> String {
    if name.len() <= LONGEST_ID { name.to_owned() } else { "(a long name)".to_owned() }
}

pub(super) fn missing(section: &str, name: &str) -> Fault {
    Fault::MissingEntry { section: section.to_owned(), name: name.to_owned() }
}

pub(super) fn wrong_kind(section: &str, name: &str, wanted: &'static str) -> Fault {
    Fault::WrongKind { section: bracketed(section), name: name.to_owned(), wanted }
}

fn bracketed(section: &str) -> String {
    if section == TOP { TOP.to_owned() } else { format!("[{section}]") }
}

pub(super) fn names_no_key(section: &str, role: &'static str) -> Fault {
    Fault::NamesNoKey { section: section.to_owned(), role }
}
