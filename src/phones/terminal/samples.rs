//! Values that look right, for menus played alone: what an action would have found, and rows for lists.

use crate::menu::{Row, Source, Value, Var, registry::Shape};

/// A readable value for a variable; `n` makes the rows of a list differ.
pub fn value(var: Var, n: usize) -> Value {
    let text = match var {
        Var::GivenNames => "Asha Njeri".to_owned(),
        Var::Surname => "Wanjiku".to_owned(),
        Var::FullName => "Asha N. Wanjiku".to_owned(),
        Var::NationalId => "28461937".to_owned(),
        Var::MaskedId => "*****937".to_owned(),
        Var::OpenedOn => "22/11/2025".to_owned(),
        Var::TriesLeft => "2".to_owned(),
        Var::WaitMinutes => "5".to_owned(),
        Var::MessageAt => format!("22/11 10:{:02}", n % 60),
        other => by_shape(other, n),
    };
    text.into()
}

/// For variables that have no sample of their own: a word of the set, or the variable's name as far as it fits.
fn by_shape(var: Var, n: usize) -> String {
    match var.shape() {
        Shape::Word(words) => {
            let words = words();
            words.get(n % words.len().max(1)).copied().unwrap_or_default().to_owned()
        }
        Shape::Text(limit) => var.name().chars().take(limit).collect(),
        Shape::Hidden => format!("sample-{n}"),
    }
}

/// Rows for a list.
pub fn rows(source: Source, how_many: usize) -> Vec<Row> {
    let values = |n| source.row().iter().map(|var| (*var, value(*var, n))).collect();
    (1..=how_many).map(|n| Row { id: format!("sample-{n}"), values: values(n) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::gsm;

    #[test]
    fn every_sample_fits_where_it_is_shown() {
        for var in Var::ALL {
            let Value::Text(text) = value(*var, 3) else { panic!("{} has no text", var.name()) };
            match var.shape() {
                Shape::Text(limit) => {
                    assert!(gsm::septets(&text).is_ok_and(|n| n <= limit), "{}", var.name());
                }
                Shape::Word(words) => assert!(words().contains(&text.as_str()), "{}", var.name()),
                Shape::Hidden => assert!(!text.is_empty()),
            }
        }
    }

    #[test]
    fn every_row_has_what_its_source_carries() {
        for source in Source::ALL {
            let rows = rows(*source, 4);
            assert_eq!(rows.len(), 4);
            for row in rows {
                assert!(row.values.iter().map(|(var, _)| *var).eq(source.row().iter().copied()));
            }
        }
    }
}
