//! Hands the sections one key at a time and keeps what is wrong with it, so that a section says everything that is
//! wrong before it gives up.

use super::{
    Environment,
    environment::variable,
    faults::Faults,
    known,
    settings::{Setting, Settings},
};

/// Something is wrong, and the fault is already among the faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told;

/// What a check says of a value: what it means, or what is wrong with it. The sentence must not repeat the value.
pub(super) type Checked<T> = Result<T, String>;

/// The settings, and the faults and warnings found so far.
pub(super) struct Reader<'a> {
    pub(super) settings: Settings,
    environment: &'a Environment,
    pub(super) faults: Faults,
    pub(super) warnings: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(settings: Settings, environment: &'a Environment, faults: Faults) -> Self {
        Self { settings, environment, faults, warnings: Vec::new() }
    }

    /// Note what is wrong with a key, and which variable set it if one did.
    pub(super) fn fault(&mut self, key: &str, text: impl Into<String>) -> Told {
        let mut text = text.into();
        if self.environment.sets(key) {
            text = format!("{text} (it is set by {})", variable(key));
        }
        self.faults.push(key, text);
        Told
    }

    /// Whether a key is written at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.settings.values.contains_key(key)
    }

    /// A key that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        check: impl FnOnce(&str) -> Checked<T>,
    ) -> Result<Option<T>, Told> {
        debug_assert!(known::is_key(key), "{key} is missing in known.rs");
        let checked = match self.settings.values.get(key) {
            None => return Ok(None),
            Some(Setting::One(text)) => check(text),
            Some(_) => Err("takes one value in quotes".to_owned()),
        };
        checked.map(Some).map_err(|text| self.fault(key, text))
    }

    /// A key with a default.
    pub(super) fn or<T>(
        &mut self,
        key: &str,
        default: T,
        check: impl FnOnce(&str) -> Checked<T>,
    ) -> Result<T, Told> {
        Ok(self.optional(key, check)?.unwrap_or(default))
    }

    /// A key that must be there; `hint` says what to write.
    pub(super) fn required<T>(
        &mut self,
        key: &str,
        hint: &str,
        check: impl FnOnce(&str) -> Checked<T>,
    ) -> Result<T, Told> {
        match self.optional(key, check)? {
            Some(value) => Ok(value),
            None => Err(self.fault(key, format!("is missing; {hint}"))),
        }
    }

    /// A key that takes several values: a list, or one text with commas as the environment has it.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        check: impl Fn(&str) -> Checked<T>,
    ) -> Result<Option<Vec<T>>, Told> {
        debug_assert!(known::is_key(key), "{key} is missing in known.rs");
        let values: Vec<String> = match self.settings.values.get(key) {
            None => return Ok(None),
            Some(Setting::One(text)) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Some(Setting::Many(values)) => values.clone(),
            Some(Setting::Other) => return Err(self.fault(key, "takes a list of values in quotes")),
        };
        let checked: Checked<Vec<T>> = values.iter().map(|value| check(value)).collect();
        checked.map(Some).map_err(|text| self.fault(key, text))
    }
}

/// A whole number within a range.
pub(super) fn whole(range: std::ops::RangeInclusive<u32>) -> impl Fn(&str) -> Checked<u32> {
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("takes a whole number from {} to {}", range.start(), range.end()))
    }
}

/// Yes or no.
pub(super) fn truth(text: &str) -> Checked<bool> {
    text.parse().map_err(|_| "takes true or false".to_owned())
}

/// Visible ASCII without blanks, at most `most` characters: also what tells a forgotten `…` from a value.
pub(super) fn visible(most: usize) -> impl Fn(&str) -> Checked<String> {
    move |text| {
        if text.contains('…') {
            return Err("still holds the placeholder …; write your own".to_owned());
        }
        let good = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if good {
            Ok(text.to_owned())
        } else {
            Err(format!("takes 1 to {most} visible characters, no blanks"))
        }
    }
}

/// A path that is not empty.
pub(super) fn path(text: &str) -> Checked<std::path::PathBuf> {
    if text.trim().is_empty() || text.contains(['\0', '…']) {
        return Err("takes the path of a file or folder".to_owned());
    }
    Ok(text.into())
}
