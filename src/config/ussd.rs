//! `[ussd]`: what people dial and how much a screen holds.

use super::reader::{Checked, Reader, Told, whole};

const DEFAULT_CODE: &str = "*384*2547#";

/// What people dial and how much a screen holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ussd {
    /// E.g. `*384*2547#`.
    pub service_code: String,
    /// Septets a screen may take; 160 on Safaricom, 182 at most (`wire.md` 1).
    pub screen_septets: usize,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Ussd, Told> {
    let service_code = r.or("ussd.service_code", DEFAULT_CODE.to_owned(), service_code);
    let screen_septets = r.or("ussd.screen_septets", 160, whole(60..=182));
    if !r.has("ussd.service_code") {
        r.warnings.push(format!("ussd.service_code is not set: people are told to dial {DEFAULT_CODE}"));
    }
    Ok(Ussd { service_code: service_code?, screen_septets: usize::try_from(screen_septets?).unwrap_or(160) })
}

fn service_code(text: &str) -> Checked<String> {
    let inner = text.strip_prefix('*').and_then(|rest| rest.strip_suffix('#')).unwrap_or_default();
    let group = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let good = text.len() <= 20 && inner.split('*').all(group);
    if good { Ok(text.to_owned()) } else { Err("takes what people dial, such as *384*2547#".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_code_is_digits_between_stars_and_a_hash() {
        for code in ["*384#", "*384*2547#", "*384*1*2#"] {
            assert!(service_code(code).is_ok(), "{code}");
        }
        for code in ["", "*#", "384#", "*384", "**384#", "*384*#", "*38a#", "#384#", "*384 #"] {
            assert!(service_code(code).is_err(), "{code}");
        }
    }
}
