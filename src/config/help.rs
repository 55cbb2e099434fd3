//! `[help]`: the number that people are told to call.

use super::reader::{Checked, Reader, Told};

const LONGEST: usize = 16;

/// The number that people are told to call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// As it is shown, at most 16 septets.
    pub line: String,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Help, Told> {
    Ok(Help { line: r.or("help.line", "0700 000 099".to_owned(), line)? })
}

/// Only characters of one septet each, so that characters are septets.
fn line(text: &str) -> Checked<String> {
    let shown = |b: u8| b.is_ascii_digit() || matches!(b, b' ' | b'-' | b'+' | b'*' | b'#');
    let good = text.len() <= LONGEST && text.bytes().all(shown) && text.bytes().any(|b| b.is_ascii_digit());
    if good {
        Ok(text.to_owned())
    } else {
        Err(format!("takes a telephone number of at most {LONGEST} digits, blanks and + - * #"))
    }
}
