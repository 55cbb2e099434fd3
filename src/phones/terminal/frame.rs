//! What the terminal draws: a screen in a frame, and the lines typed.

use std::io::{self, Write};

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// Columns inside the frame.
const WIDTH: usize = 40;

/// Draw a text in a frame, with a title in its upper edge.
pub fn draw(out: &mut dyn Write, title: &str, text: &str) -> io::Result<()> {
    let edge = "-".repeat((WIDTH + 1).saturating_sub(title.chars().count()));
    writeln!(out, "+-{title}{edge}+")?;
    for line in text.split('\n').flat_map(wrapped) {
        writeln!(out, "| {line:WIDTH$} |")?;
    }
    writeln!(out, "+{}+", "-".repeat(WIDTH + 2))
}

/// A line broken between words, and within words that are longer than the frame.
fn wrapped(line: &str) -> Vec<String> {
    let mut lines = vec![];
    let mut now = String::new();
    for word in line.split_inclusive(' ') {
        let fits = now.chars().count() + word.trim_end().chars().count() <= WIDTH;
        if !fits && !now.is_empty() {
            lines.push(now.trim_end().to_owned());
            now.clear();
        }
        for c in word.chars() {
            if now.chars().count() == WIDTH && c != ' ' {
                lines.push(std::mem::take(&mut now));
            }
            if now.chars().count() < WIDTH {
                now.push(c);
            }
        }
    }
    lines.push(now.trim_end().to_owned());
    lines
}

/// Ask for a line without its line break; `None` at the end of the input.
pub async fn ask(
    input: &mut (impl AsyncBufRead + Unpin),
    out: &mut impl Write,
    prompt: &str,
) -> io::Result<Option<String>> {
    write!(out, "{prompt}")?;
    out.flush()?;
    let mut line = vec![];
    if input.read_until(b'\n', &mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_long_words_within() {
        assert_eq!(wrapped("short"), ["short"]);
        assert_eq!(wrapped(""), [""]);
        let text = "Type your first and middle names as on your M-Pesa line.";
        assert_eq!(wrapped(text), ["Type your first and middle names as on", "your M-Pesa line."]);
        assert_eq!(wrapped(&"x".repeat(50)), ["x".repeat(40), "x".repeat(10)]);
        let exact = format!("{} b", "a".repeat(40));
        assert_eq!(wrapped(&exact), ["a".repeat(40), "b".to_owned()]);
    }

    #[test]
    fn every_line_of_a_frame_is_as_wide_as_the_others() {
        let mut out = vec![];
        draw(&mut out, " END ", "One\n\nThree words here").unwrap();
        let drawn = String::from_utf8(out).unwrap();
        assert!(drawn.lines().all(|line| line.chars().count() == WIDTH + 4), "{drawn}");
        assert_eq!(drawn.lines().count(), 5);
    }
}
