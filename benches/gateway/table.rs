//! The table: a line for each figure, with its goal where it has one. As text for people, as JSON for comparing runs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A figure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    /// What was measured.
    pub what: String,
    /// How much.
    pub measured: f64,
    /// Of what.
    pub unit: String,
    /// What it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
}

/// What a figure should be.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Row {
    /// A figure without a goal.
    pub fn new(what: impl Into<String>, measured: f64, unit: &str) -> Self {
        Self { what: what.into(), measured, unit: unit.to_owned(), goal: None }
    }

    /// The same with a goal.
    #[must_use]
    pub fn goal(self, goal: Goal) -> Self {
        Self { goal: Some(goal), ..self }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = |met: bool| if met { "met" } else { "MISSED" };
        write!(f, "{:<66}{:>12} {:<10}", self.what, number(self.measured), self.unit)?;
        match self.goal {
            None => Ok(()),
            Some(Goal::AtLeast(goal)) => {
                write!(f, "at least {:<6}{}", number(goal), met(self.measured >= goal))
            }
            Some(Goal::AtMost(goal)) => {
                write!(f, "at most {:<7}{}", number(goal), met(self.measured <= goal))
            }
        }
    }
}

/// Three digits or so.
fn number(value: f64) -> String {
    let decimals = if value.abs() < 10.0 { 2 } else { usize::from(value.abs() < 100.0) };
    let text = format!("{value:.decimals$}");
    let (whole, rest) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::new();
    for (n, digit) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) && digit.is_ascii_digit() {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    rest.map_or(grouped.clone(), |rest| format!("{grouped}.{rest}"))
}
