//! What an import tells: what is wrong and where, and what somebody should look at. Only the first of each are kept, so
//! that a file of nothing but errors takes no more memory than another.

use std::fmt;

/// How many faults, and how many warnings, are told in words; the rest is counted.
pub const MOST_TOLD: usize = 50;

/// Something wrong in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1 with the header.
    pub line: u64,
    /// The column, or empty: the row as a whole.
    pub column: &'static str,
    /// What is wrong, and what to do.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.column {
            "" => write!(f, "line {}: {}", self.line, self.reason),
            column => write!(f, "line {}, {column}: {}", self.line, self.reason),
        }
    }
}

/// Everything there was to tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Told {
    first_faults: Vec<Fault>,
    faults: u64,
    first_warnings: Vec<String>,
    warnings: u64,
}

impl Told {
    /// Tell a fault; the words are only made for the first of them.
    pub fn fault(&mut self, line: u64, column: &'static str, reason: impl FnOnce() -> String) {
        self.faults += 1;
        if self.first_faults.len() < MOST_TOLD {
            self.first_faults.push(Fault { line, column, reason: reason() });
        }
    }

    /// Tell something that is possible, but seldom meant.
    pub fn warning(&mut self, words: impl FnOnce() -> String) {
        self.warnings += 1;
        if self.first_warnings.len() < MOST_TOLD {
            self.first_warnings.push(words());
        }
    }

    /// How many faults there were.
    pub fn faults(&self) -> u64 {
        self.faults
    }

    /// How many warnings there were.
    pub fn warnings(&self) -> u64 {
        self.warnings
    }

    /// The first faults, by line.
    pub fn first_faults(&self) -> Vec<&Fault> {
        let mut faults: Vec<&Fault> = self.first_faults.iter().collect();
        faults.sort_by_key(|fault| fault.line);
        faults
    }

    /// The first warnings.
    pub fn first_warnings(&self) -> &[String] {
        &self.first_warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_first_are_told_by_line() {
        let mut told = Told::default();
        for line in (2..202).rev() {
            told.fault(line, "role", || "unknown".to_owned());
        }
        told.fault(1, "", || unreachable!("the words of what is only counted are not made"));
        assert_eq!(told.faults(), 201);
        assert_eq!(told.first_faults().len(), MOST_TOLD);
        assert_eq!(told.first_faults()[0].to_string(), "line 152, role: unknown");
    }
}
