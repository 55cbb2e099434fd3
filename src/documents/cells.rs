//! Cells that a spreadsheet reads: none of them may be taken for a formula (`security.md` 42).

use std::borrow::Cow;

/// Whether a spreadsheet could take the text for a formula.
pub fn is_dangerous(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// The text with an apostrophe before it where it could be taken for a formula.
pub fn quoted(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_quoted_and_nothing_else() {
        for formula in ["=1+1", "+254700000001", "-Asha", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(quoted(formula), format!("'{formula}"));
        }
        for text in ["", "Asha", "a=1", "Ng'ang'a", "2026-11-20"] {
            assert_eq!(quoted(text), text);
        }
    }
}
