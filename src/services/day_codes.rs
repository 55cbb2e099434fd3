//! The code of a centre's day: four digits that come with the roster and prove, where a register is marked by SMS, that
//! the real phone got it. They are derived from a key outside the database and kept nowhere: a message has a blank in
//! their place until it is sent.

use chrono::NaiveDate;
use secrecy::SecretString;

use super::Deps;
use crate::{
    model::CentreCode,
    secrets::{Code, Keys, Purpose as KeyPurpose},
    storage::registers::DayOf,
    text::wish::DayCode,
};

/// What stands in a kept message where the code will stand: as many septets, and in no name of a person.
pub const BLANK: &str = "\u{a4}\u{a4}\u{a4}\u{a4}";

/// Between the parts of what says whose code it is, and before the text.
const BETWEEN: char = '\u{1f}';

/// Whether this is the code of a centre's day, whichever of our keys it was made with.
pub fn is_right(deps: &Deps, of: DayOf<'_>, typed: &DayCode) -> bool {
    let keys = deps.keys.current();
    let mut right = false;
    for id in keys.ids(KeyPurpose::Code) {
        right |= code(&keys, id, of).is_some_and(|code| code.matches(typed.digits()));
    }
    right
}

/// A text with a [`BLANK`] as it is kept: with whose code belongs there before it.
pub fn kept(deps: &Deps, of: DayOf<'_>, text: &str) -> String {
    let keys = deps.keys.current();
    let id = keys.current_id(KeyPurpose::Code);
    let day = of.on.to_string();
    [id, of.series, of.centre.as_str(), &day, text].join(&BETWEEN.to_string())
}

/// What was kept, with the code in its place; `None` when this node lacks the key.
pub fn filled(deps: &Deps, kept: &str) -> Option<SecretString> {
    let mut parts = kept.splitn(5, BETWEEN);
    let (id, series) = (parts.next()?, parts.next()?);
    let (centre, on) = (CentreCode::parse(parts.next()?)?, parts.next()?.parse::<NaiveDate>().ok()?);
    let text = parts.next()?;
    let keys = deps.keys.with(KeyPurpose::Code, id);
    let code = code(&keys, id, DayOf { series, centre: &centre, on })?;
    Some(SecretString::from(text.replace(BLANK, code.digits())))
}

fn code(keys: &Keys, id: &str, of: DayOf<'_>) -> Option<Code> {
    keys.day_code(id, of.series, of.centre.as_str(), &of.on.to_string())
}
