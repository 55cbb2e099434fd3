//! The two languages everything is said in.

use serde::{Deserialize, Serialize};

/// English or Kiswahili.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Kiswahili.
    Sw,
}

impl Language {
    /// Both, in the order texts list them.
    pub const ALL: [Self; 2] = [Self::En, Self::Sw];

    /// The ISO 639-1 code, as files and tables hold it.
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Sw => "sw",
        }
    }

    /// The language of an ISO 639-1 code we speak.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }
}
