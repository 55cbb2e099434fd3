//! What cells mean: each reads one and tells its fault.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use super::{
    table::{Row, nearest},
    told::Told,
};
use crate::{
    model::{CentreCode, Msisdn, NationalId, name, season::DeployedAs},
    storage::season::Series,
};

/// A row and where its faults are told.
pub(super) struct Cells<'a> {
    pub row: &'a Row,
    pub told: &'a mut Told,
}

impl<'a> Cells<'a> {
    pub fn text(&self, column: &str) -> &'a str {
        self.row.get(column)
    }

    pub fn fault<T>(&mut self, column: &'static str, reason: impl FnOnce() -> String) -> Option<T> {
        self.told.fault(self.row.line, column, reason);
        None
    }

    /// Text that must be there, of at most so many characters.
    pub fn words(&mut self, column: &'static str, most: usize) -> Option<String> {
        match self.text(column) {
            "" => self.fault(column, || "must not be empty".to_owned()),
            text if text.chars().count() > most => {
                self.fault(column, || format!("has at most {most} characters"))
            }
            text => Some(text.to_owned()),
        }
    }

    /// A short name without blanks, like a series' code or a ref.
    pub fn code(&mut self, column: &'static str, most: usize) -> Option<String> {
        let text = self.words(column, most)?;
        if text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/')) {
            Some(text)
        } else {
            self.fault(column, || "has letters, digits, - _ . and / only".to_owned())
        }
    }

    pub fn date(&mut self, column: &'static str) -> Option<NaiveDate> {
        let text = self.text(column);
        let date = (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten();
        match date {
            None => self.fault(column, || format!("{text:?} is not a date such as 2026-10-21")),
            date => date,
        }
    }

    /// A time of day, or nothing.
    #[expect(clippy::option_option, reason = "a fault, an empty cell, a time")]
    pub fn time(&mut self, column: &'static str) -> Option<Option<NaiveTime>> {
        let text = self.text(column);
        if text.is_empty() {
            return Some(None);
        }
        let time = (text.len() == 5).then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten();
        match time {
            None => self.fault(column, || format!("{text:?} is not a time such as 06:00")),
            time => Some(time),
        }
    }

    pub fn number(&mut self, column: &'static str, from: i64, to: i64) -> Option<i64> {
        let text = self.text(column);
        match text.parse().ok().filter(|number| (from..=to).contains(number)) {
            None => self.fault(column, || format!("{text:?} is not a number from {from} to {to}")),
            number => number,
        }
    }

    pub fn role(&mut self, column: &'static str) -> Option<DeployedAs> {
        let text = self.text(column);
        let role = DeployedAs::from_word(text);
        if role.is_none() {
            let words = DeployedAs::ALL.iter().map(|role| role.word());
            return self.fault(column, || format!("there is no role {text:?}{}", or_nearest(text, words)));
        }
        role
    }

    pub fn centre_code(&mut self, column: &'static str) -> Option<CentreCode> {
        let text = self.text(column);
        match CentreCode::parse(text) {
            None => self.fault(column, || {
                format!("{text:?} is not a centre's code of eight digits; a spreadsheet may have dropped its zeros")
            }),
            code => code,
        }
    }

    /// A Kenyan mobile line, or nothing.
    #[expect(clippy::option_option, reason = "a fault, an empty cell, a line")]
    pub fn line(&mut self, column: &'static str) -> Option<Option<Msisdn>> {
        match self.text(column) {
            "" => Some(None),
            // What goes over the wire is already in the form that is kept.
            text => match Msisdn::from_typed(text) {
                Ok(line) => Some(Some(line)),
                Err(refusal) => self.fault(column, || refusal.to_string()),
            },
        }
    }

    /// A national ID, or nothing.
    #[expect(clippy::option_option, reason = "a fault, an empty cell, an ID")]
    pub fn national_id(&mut self, column: &'static str) -> Option<Option<NationalId>> {
        match self.text(column) {
            "" => Some(None),
            text => match NationalId::parse(text) {
                Ok(id) => Some(Some(id)),
                Err(refusal) => self.fault(column, || refusal.to_string()),
            },
        }
    }

    pub fn full_name(&mut self, column: &'static str) -> Option<String> {
        match name::full_name(self.text(column)) {
            Ok(name) => Some(name),
            Err(refusal) => self.fault(column, || refusal.to_string()),
        }
    }

    /// A series that was imported.
    pub fn series<'s>(
        &mut self,
        column: &'static str,
        all: &'s BTreeMap<String, Series>,
    ) -> Option<&'s Series> {
        let text = self.text(column);
        let found = all.get(text);
        if found.is_none() {
            let codes = all.keys().map(String::as_str);
            return self.fault(column, || format!("there is no series {text:?}{}", or_nearest(text, codes)));
        }
        found
    }

    /// A day within a series.
    pub fn within(&mut self, column: &'static str, day: NaiveDate, of: &Series) -> Option<NaiveDate> {
        if (of.starts_on..=of.ends_on).contains(&day) {
            return Some(day);
        }
        let (code, from, to) = (&of.code, of.starts_on, of.ends_on);
        self.fault(column, || format!("{day} is not within {code}, which runs from {from} to {to}"))
    }
}

/// What to say of the known word that a wrong one looks like.
pub(super) fn or_nearest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> String {
    nearest(wrong, known).map_or_else(String::new, |known| format!("; did you mean {known}?"))
}
