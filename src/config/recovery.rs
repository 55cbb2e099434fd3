//! `[recovery]`: what one-time codes may cost the whole service, and how long a call waits to hear what became of one.

use std::time::Duration;

use super::reader::{Checked, Reader, Told, whole};

/// What codes may cost, and how long a call waits for their fate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// Codes an hour.
    pub codes_per_hour: u32,
    /// Shillings a day.
    pub ksh_per_day: u32,
    /// What one code costs, in hundredths of a shilling.
    pub cents_per_code: u32,
    /// How long a hop waits for the route's word.
    pub fate_wait: Duration,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Recovery, Told> {
    let codes_per_hour = r.or("recovery.codes_per_hour", 10_000, whole(1..=10_000_000));
    let ksh_per_day = r.or("recovery.ksh_per_day", 20_000, whole(1..=10_000_000));
    let cents_per_code = r.or("recovery.ksh_per_code", 80, cents);
    let fate_wait = r.or("recovery.fate_wait_ms", 1_500, whole(0..=3_000));
    Ok(Recovery {
        codes_per_hour: codes_per_hour?,
        ksh_per_day: ksh_per_day?,
        cents_per_code: cents_per_code?,
        fate_wait: Duration::from_millis(u64::from(fate_wait?)),
    })
}

/// Shillings with two decimals at most, as hundredths.
fn cents(text: &str) -> Checked<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let good = digits(whole) && digits(part) && whole.len() <= 3 && part.len() <= 2;
    let cents = good.then(|| format!("{whole}{part:0<2}").parse().ok()).flatten();
    cents.filter(|cents| *cents > 0).ok_or_else(|| "takes shillings from 0.01 to 999.99".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shillings_are_read_to_the_cent() {
        for (text, meant) in [("0.8", 80), ("0.80", 80), ("1", 100), ("12.05", 1205), ("999.99", 99_999)] {
            assert_eq!(cents(text), Ok(meant), "{text}");
        }
        for text in ["", "0", "0.00", "-1", "1.234", "1,20", "1000", ".5", "1.", "1e2"] {
            assert!(cents(text).is_err(), "{text}");
        }
    }
}
