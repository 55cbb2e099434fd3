//! The keys as text: the TOML of the key file, read strictly and written with a word on what it is. Every fault is a
//! sentence that names section and entry and never repeats a value, since any value here may be a key.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use toml::{Table, Value};
use zeroize::Zeroizing;

use super::{
    key::Key,
    key_entries::{
        TOP, checked_id, missing, names_no_key, nothing_left, read_key, take_table, take_text, wrong_kind,
    },
    key_fault::KeyFileFault as Fault,
    keys::{KeySet, KeySets, KeyTable, Keys, Purpose},
    lookup::{LookupKey, LookupKeys, Slot, Stage},
};

const LOOKUP: &str = "lookup";

const HEAD: &str = "\
# The keys of this deployment: whoever has this file and the database can read everything in it.
# Keep it mode 0600, and back it up apart from the database. `daftari keys rotate` changes it.
";

/// Read the text of a key file.
pub(super) fn read(text: &str) -> Result<Keys, Fault> {
    let mut top = text.parse::<Table>().map_err(|error| not_toml(text, &error))?;
    let lookup = lookup_keys(&mut top)?;
    let mut set = |purpose: Purpose| key_set(&mut top, purpose.section());
    let sets = KeySets {
        field: set(Purpose::Field)?,
        pepper: set(Purpose::Pepper)?,
        code: set(Purpose::Code)?,
        session: set(Purpose::Session)?,
        mark: set(Purpose::Mark)?,
    };
    nothing_left(&top, TOP)?;
    let keys = Keys(Arc::new(KeyTable { sets, lookup }));
    no_key_twice(&keys)?;
    Ok(keys)
}

/// Write the keys as the text of a key file.
pub(super) fn write(keys: &Keys) -> Zeroizing<String> {
    // Room for 100 bytes an entry, so that the text never moves and leaves no copy behind.
    let mut text = Zeroizing::new(String::with_capacity(2048 + 100 * named(keys).count()));
    text.push_str(HEAD);
    for purpose in Purpose::ALL.iter().copied() {
        let (section, set) = (purpose.section(), keys.set(purpose));
        let _ = write!(text, "\n[{section}]\ncurrent = \"{}\"\n[{section}.keys]\n", set.current);
        for (id, key) in set.all() {
            let _ = write!(text, "{id} = \"");
            push_key(&mut text, key);
            text.push_str("\"\n");
        }
    }
    write_lookup(&mut text, &keys.0.lookup);
    text
}

fn write_lookup(text: &mut String, lookup: &LookupKeys) {
    let _ = write!(text, "\n[{LOOKUP}]\ncurrent = \"{}\"\n", lookup.current.id);
    if let Some((Stage::Next, next)) = &lookup.other {
        let _ = writeln!(text, "next = \"{}\"", next.id);
    }
    for LookupKey { id, slot, key } in lookup.all() {
        let _ = write!(text, "[{LOOKUP}.keys.{id}]\nslot = \"{}\"\nkey = \"", slot.letter());
        push_key(text, key);
        text.push_str("\"\n");
    }
}

fn push_key(text: &mut String, key: &Key) {
    STANDARD.encode_string(key.bytes(), text);
}

fn key_set(top: &mut Table, section: &str) -> Result<KeySet, Fault> {
    let mut table = take_table(top, section, section)?;
    let current = take_text(&mut table, section, "current")?;
    let entries = take_table(&mut table, &format!("{section}.keys"), "keys")?;
    nothing_left(&table, section)?;
    let mut others = BTreeMap::new();
    for (id, value) in entries {
        let id = checked_id(section, id)?;
        let key = read_key(value, section, &id)?;
        others.insert(id, key);
    }
    let key = others.remove(current.as_str()).ok_or_else(|| names_no_key(section, "current"))?;
    Ok(KeySet { current: current.to_string(), key, others })
}

fn lookup_keys(top: &mut Table) -> Result<LookupKeys, Fault> {
    let mut table = take_table(top, LOOKUP, LOOKUP)?;
    let current = take_text(&mut table, LOOKUP, "current")?;
    let next = table.contains_key("next").then(|| take_text(&mut table, LOOKUP, "next")).transpose()?;
    let entries = take_table(&mut table, "lookup.keys", "keys")?;
    nothing_left(&table, LOOKUP)?;
    let mut keys = Vec::new();
    for (id, value) in entries {
        keys.push(lookup_key(checked_id(LOOKUP, id)?, value)?);
    }
    let at = keys.iter().position(|key| key.id == *current).ok_or_else(|| names_no_key(LOOKUP, "current"))?;
    let current = keys.remove(at);
    let other = keys.pop();
    if !keys.is_empty() || other.as_ref().is_some_and(|other| other.slot == current.slot) {
        return Err(Fault::LookupSlots);
    }
    match (other, next) {
        (None, Some(_)) => Err(names_no_key(LOOKUP, "next")),
        (Some(key), Some(next)) if key.id != *next => Err(names_no_key(LOOKUP, "next")),
        (Some(key), Some(_)) => Ok(LookupKeys { current, other: Some((Stage::Next, key)) }),
        (other, None) => Ok(LookupKeys { current, other: other.map(|key| (Stage::Leaving, key)) }),
    }
}

fn lookup_key(id: String, value: Value) -> Result<LookupKey, Fault> {
    let section = format!("lookup.keys.{id}");
    let Value::Table(mut table) = value else { return Err(wrong_kind("lookup.keys", &id, "a section")) };
    let slot = match take_text(&mut table, &section, "slot")?.as_str() {
        "a" => Slot::A,
        "b" => Slot::B,
        _ => return Err(wrong_kind(&section, "slot", "\"a\" or \"b\"")),
    };
    let key = table.remove("key").ok_or_else(|| missing(&section, "key"))?;
    let key = read_key(key, &section, "key")?;
    nothing_left(&table, &section)?;
    Ok(LookupKey { id, slot, key })
}

/// Every key with the name it has in messages.
fn named(keys: &Keys) -> impl Iterator<Item = (String, &Key)> {
    let sets = Purpose::ALL.iter().copied().flat_map(|purpose| {
        keys.set(purpose).all().map(move |(id, key)| (format!("{}.keys.{id}", purpose.section()), key))
    });
    sets.chain(keys.0.lookup.all().map(|key| (format!("{LOOKUP}.keys.{}", key.id), &key.key)))
}

/// A key that serves two purposes undoes their separation, and is most often a slip of copying.
fn no_key_twice(keys: &Keys) -> Result<(), Fault> {
    let all: Vec<_> = named(keys).collect();
    for (i, (first, key)) in all.iter().enumerate() {
        if let Some((second, _)) = all.iter().skip(i + 1).find(|(_, other)| other.is_same(key)) {
            return Err(Fault::SameKeyTwice { first: first.clone(), second: second.clone() });
        }
    }
    Ok(())
}

/// The parser's message has no value in it; its `Display` would print the line, and with it the key.
fn not_toml(text: &str, error: &toml::de::Error) -> Fault {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    Fault::NotToml { line: before.matches('\n').count() + 1, what: error.message().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::keys::counted_chance;

    fn text() -> String {
        write(&Keys::generate(counted_chance())).to_string()
    }

    fn fault(text: &str) -> String {
        read(text).unwrap_err().to_string()
    }

    /// The line that begins with `start`, changed.
    fn with_line(start: &str, new: &str) -> String {
        let text = text();
        let line = text.lines().find(|line| line.starts_with(start)).unwrap();
        text.replacen(line, new, 1)
    }

    #[test]
    fn what_is_written_reads_back_at_every_step_of_a_rotation() {
        let mut chance = counted_chance();
        let first = Keys::generate(&mut chance);
        let more = Purpose::ALL.iter().fold(first.clone(), |keys, p| keys.with_new_key(*p, &mut chance));
        let filling = more.with_next_lookup_key(&mut chance).unwrap();
        let leaving = filling.promote_next_lookup().unwrap();
        let retired = leaving.retire_lookup().unwrap();
        for keys in [first, more, filling, leaving, retired] {
            let read = read(&write(&keys)).unwrap();
            assert_eq!(format!("{read:?}"), format!("{keys:?}"));
            assert_eq!(read.lookup_change(), keys.lookup_change());
            assert_eq!(read.lookup("c", "1"), keys.lookup("c", "1"));
            assert!(named(&read).zip(named(&keys)).all(|((a, x), (b, y))| a == b && x.is_same(y)));
        }
    }

    #[test]
    fn each_fault_is_said_in_a_sentence() {
        let short = STANDARD.encode([1; 31]);
        for (broken, said) in [
            (with_line("f1 = ", &format!("f1 = \"{short}\"")), "`f1` in [field] has 31 bytes; a key has 32"),
            (with_line("f1 = ", "f1 = \"????\""), "`f1` in [field] must be base64"),
            (with_line("f1 = ", "f1 = 1"), "`f1` in [field] must be text"),
            (with_line("f1 = ", ""), "`current` in [field] names a key that is not there"),
            (with_line("current = \"p1\"", ""), "[pepper] has no `current`"),
            (with_line("[mark.keys]", ""), "the section [mark.keys] is missing"),
            (with_line("slot", "slot = \"c\""), "`slot` in [lookup.keys.l1] must be \"a\" or \"b\""),
            (
                with_line("current = \"l1\"", "current = \"l1\"\nnext = \"l2\""),
                "`next` in [lookup] names a key that is not there",
            ),
            (
                with_line("current = \"f1\"", "current = \"f1\"\nolder = 1"),
                "`older` in [field] is not known here",
            ),
            (text() + "[extra]\n", "`extra` in the file is not known here"),
            (
                with_line("[field.keys]", "[field.keys]\n\"f 1\" = \"\""),
                "a key id in [field] is not 1 to 24 letters and digits",
            ),
            (text().replace("[code]", "[[code]]"), "`code` in the file must be a section"),
            (String::new(), "the section [lookup] is missing"),
        ] {
            assert_eq!(fault(&broken), said);
        }
    }

    #[test]
    fn one_key_in_two_places_is_refused() {
        let text = text();
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).unwrap().to_owned();
        let copied = text.replace(&line("p1 = "), &line("f1 = ").replace("f1", "p1"));
        assert_eq!(fault(&copied), "field.keys.f1 and pepper.keys.p1 are the same key; each must be its own");
    }

    #[test]
    fn look_up_keys_never_share_a_slot() {
        let key = STANDARD.encode([5; 32]);
        let second = |slot| format!("{}[lookup.keys.l2]\nslot = \"{slot}\"\nkey = \"{key}\"\n", text());
        assert!(fault(&second("a")).starts_with("[lookup] holds one key a slot"));
        let third = format!("{}[lookup.keys.l3]\nslot = \"b\"\nkey = \"{key}\"\n", second("b"));
        assert!(fault(&third).starts_with("[lookup] holds one key a slot"));
        assert_eq!(read(&second("b")).unwrap().lookup_ids().collect::<Vec<_>>(), ["l1", "l2"]);
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_and_no_message_has_a_key_in_it() {
        let text = text();
        let secrets: Vec<&str> =
            text.lines().filter_map(|line| line.split('"').nth(1)).filter(|s| s.len() == 44).collect();
        assert_eq!(secrets.len(), 6);
        let cuts = (0..text.len() - 1).map(|at| text[..at].to_owned());
        let without_one = (0..text.len()).map(|at| [&text[..at], &text[at + 1..]].concat());
        for broken in cuts.chain(without_one) {
            let Err(error) = read(&broken) else { continue };
            let shown = format!("{error} {error:?}");
            assert!(!secrets.iter().any(|secret| shown.contains(&secret[4..14])), "{shown}");
        }
        assert!((0..text.trim_end().len()).all(|at| read(&text[..at]).is_err()));
    }

    #[test]
    fn an_entry_that_stands_twice_is_refused_with_its_line() {
        let text = text();
        let line = text.lines().find(|line| line.starts_with("f1 = ")).unwrap();
        let twice = text.replace(line, &format!("{line}\n{line}"));
        assert_eq!(fault(&twice), "line 8 is not TOML: duplicate key");
        assert!(fault(&(text + "[field]\n")).contains("is not TOML: duplicate"));
    }
}
