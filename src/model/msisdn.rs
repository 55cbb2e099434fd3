//! Phone numbers, kept as E.164.

use std::fmt;

use phonenumber::{Mode, Type, country};
use serde::{Deserialize, Serialize};

/// A phone number as the network states it: E.164 with its plus. Shows itself masked.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Msisdn(String);

/// Why something typed is not a number we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MsisdnRefusal {
    /// No phone number can be read from it.
    #[error("this is not a phone number; write it like 0712 345 678")]
    NotANumber,
    /// A number, but not a Kenyan mobile line (premium, fixed and foreign lines are refused before any cost).
    #[error("this is not a Kenyan mobile number")]
    NotKenyanMobile,
}

impl Msisdn {
    /// Read what a person typed: `07…`, `01…`, `2547…`, `+254 7…`, `7…`, with blanks or dashes.
    pub fn from_typed(typed: &str) -> Result<Self, MsisdnRefusal> {
        let parsed = phonenumber::parse(Some(country::Id::KE), with_plus(typed).as_str())
            .map_err(|_| MsisdnRefusal::NotANumber)?;
        let kind = parsed.number_type(&phonenumber::metadata::DATABASE);
        let mobile = matches!(kind, Type::Mobile | Type::FixedLineOrMobile);
        if parsed.code().value() != 254 || !mobile {
            return Err(MsisdnRefusal::NotKenyanMobile);
        }
        Ok(Self(parsed.format().mode(Mode::E164).to_string()))
    }

    /// Read what an aggregator claims: the plus may have been lost to form encoding (a leading blank, or nothing).
    ///
    /// Any valid number of any country is taken, since a caller may roam with a foreign line.
    pub fn from_network(claimed: &str) -> Option<Self> {
        let digits = claimed.trim().trim_start_matches('+');
        if !(8..=15).contains(&digits.len())
            || !digits.bytes().all(|b| b.is_ascii_digit())
            || digits.starts_with('0')
        {
            return None;
        }
        Some(Self(format!("+{digits}")))
    }

    /// E.164 with the plus, for the wire and for tables.
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// The user name of the account on this line: the number without its plus.
    pub fn username(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// The number as a person dials it at home: `0712345678`; other countries' numbers stay as they are.
    pub fn national(&self) -> String {
        self.0.strip_prefix("+254").map_or_else(|| self.0.clone(), |rest| format!("0{rest}"))
    }

    /// Whether it may be sent to: a Kenyan mobile line by libphonenumber's type.
    pub fn is_kenyan_mobile(&self) -> bool {
        Self::from_typed(&self.0).is_ok()
    }

    /// The number as a list may show it: `0700 ***010`, other countries' with their last three digits alone.
    pub fn masked(&self) -> String {
        let national = self.national();
        let end = national.get(national.len().saturating_sub(3)..).unwrap_or_default();
        match national.get(..4).filter(|start| start.starts_with('0')) {
            Some(start) => format!("{start} ***{end}"),
            None => format!("***{end}"),
        }
    }

    /// The number without its last four digits: what rates per prefix count.
    pub fn prefix(&self) -> &str {
        self.0.get(..self.0.len().saturating_sub(4)).unwrap_or_default()
    }
}

/// `2547…` typed without a plus is an international number all the same.
fn with_plus(typed: &str) -> String {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    if digits.starts_with("254") && digits.len() == 12 { format!("+{digits}") } else { typed.to_owned() }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default();
        write!(f, "+…{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_typing_a_number_gives_one() {
        for typed in [
            "0700000010",
            "254700000010",
            "+254 700 000 010",
            "700000010",
            "0700-000-010",
            " +254-700-000010 ",
        ] {
            assert_eq!(Msisdn::from_typed(typed).map(|m| m.0), Ok("+254700000010".to_owned()), "{typed}");
        }
        assert!(Msisdn::from_typed("0110000010").is_ok(), "01 lines are mobile too");
    }

    #[test]
    fn premium_fixed_and_foreign_lines_are_refused() {
        for typed in ["0900223344", "0202222222", "+15005550006", "+447700900000"] {
            assert_eq!(Msisdn::from_typed(typed), Err(MsisdnRefusal::NotKenyanMobile), "{typed}");
        }
        assert_eq!(Msisdn::from_typed("hello"), Err(MsisdnRefusal::NotANumber));
    }

    #[test]
    fn a_plus_lost_to_form_encoding_is_put_back() {
        for claimed in ["+254700000010", " 254700000010", "254700000010"] {
            assert_eq!(Msisdn::from_network(claimed).map(|m| m.0).as_deref(), Some("+254700000010"));
        }
        assert_eq!(Msisdn::from_network("SAFARICOM"), None);
        assert_eq!(Msisdn::from_network(""), None);
    }

    #[test]
    fn it_never_shows_itself_whole() {
        let shown = format!("{:?}", Msisdn::from_network("+254700000010").unwrap());
        assert_eq!(shown, "+…10");
        assert_eq!(Msisdn::from_network("+254700000010").unwrap().masked(), "0700 ***010");
        assert_eq!(Msisdn::from_network("+15005550006").unwrap().masked(), "***006");
    }
}
