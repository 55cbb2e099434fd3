//! What every adapter reads in the same way: method and content type, the caller, ids, words, sums and instants.
//! Which field holds what is the adapter's business.

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use http::{HeaderMap, Method, header::CONTENT_TYPE};

use super::{BadCallback, Raw};
use crate::model::{Msisdn, SessionId};

/// The longest note that an aggregator echoes (Africa's Talking's limit, kept for all of them).
const NOTE_CHARS: usize = 99;

/// Refuse anything but a `POST` of this media type; its parameters (a charset) don't matter.
pub(super) fn expect_post(raw: &Raw<'_>, media_type: &'static str) -> Result<(), BadCallback> {
    if raw.method != Method::POST {
        return Err(BadCallback::Method("POST"));
    }
    if sent_type(raw.headers).is_some_and(|sent| sent.eq_ignore_ascii_case(media_type)) {
        Ok(())
    } else {
        Err(BadCallback::ContentType(media_type))
    }
}

fn sent_type(headers: &HeaderMap) -> Option<&str> {
    let whole = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    whole.split(';').next().map(str::trim)
}

/// The aggregator's id of a session.
pub(super) fn session(field: &'static str, sent: &str) -> Result<SessionId, BadCallback> {
    SessionId::parse(sent.trim())
        .ok_or(BadCallback::Malformed(field, "it has to be 1 to 128 printable characters without blanks"))
}

/// The line that the network names.
pub(super) fn line(field: &'static str, sent: &str) -> Result<Msisdn, BadCallback> {
    Msisdn::from_network(sent).ok_or(BadCallback::Malformed(field, "it has to be an international number"))
}

/// What was dialled: it is compared and kept, so it has to be short and printable.
pub(super) fn service_code(field: &'static str, sent: &str) -> Result<String, BadCallback> {
    let code = sent.trim();
    let fits = (1..=64).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_graphic());
    fits.then(|| code.to_owned())
        .ok_or(BadCallback::Malformed(field, "it has to be 1 to 64 printable characters without blanks"))
}

/// The aggregator's id of a message: a key of ours, so it is never cut short.
pub(super) fn message_id(field: &'static str, sent: &str) -> Result<String, BadCallback> {
    let id = sent.trim();
    let fits = (1..=128).contains(&id.len()) && !id.chars().any(char::is_control);
    fits.then(|| id.to_owned())
        .ok_or(BadCallback::Malformed(field, "it has to be 1 to 128 characters, none of them for control"))
}

/// A note of ours on its way out or back: printable ASCII without `|`, or it is no note.
pub(super) fn note(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=NOTE_CHARS).contains(&text.len())
        && text.bytes().all(|b| (b.is_ascii_graphic() && b != b'|') || b == b' ');
    fits.then(|| text.to_owned())
}

/// A word or a line of words kept as data: no control characters, and at most `limit` characters of it.
pub(super) fn words(sent: &str, limit: usize) -> String {
    sent.trim().chars().filter(|c| !c.is_control()).take(limit).collect()
}

/// A word as it is compared: letters and digits in lower case, so that spelling and case don't matter.
pub(super) fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A sum in hundredths of its currency: `KES 0.10`, `0.00`, `5`, `KES 1,200.5000`; thousandths are rounded.
pub(super) fn cents(sum: &str) -> Option<i64> {
    let bare = sum.trim_matches(|c: char| !c.is_ascii_digit() && c != '.' && c != '-').replace(',', "");
    let (sign, number) = bare.strip_prefix('-').map_or((1, bare.as_str()), |rest| (-1, rest));
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !digits(whole) || !digits(part) {
        return None;
    }
    let padded: String = part.chars().chain("000".chars()).take(3).collect();
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let thousandths = whole.checked_mul(1000)?.checked_add(padded.parse().ok()?)?;
    Some(sign * (thousandths.checked_add(5)? / 10))
}

/// An instant in either way of writing it: `2017-05-03T06:04:45Z`, or `2017-05-03 06:04:45` which is UTC too.
pub(super) fn instant(sent: &str) -> Option<DateTime<Utc>> {
    let sent = sent.trim();
    let with_zone = || DateTime::parse_from_rfc3339(sent).ok().map(|at| at.to_utc());
    let without = |format| NaiveDateTime::parse_from_str(sent, format).ok().map(|at| at.and_utc());
    let read =
        with_zone().or_else(|| without("%Y-%m-%d %H:%M:%S%.f")).or_else(|| without("%Y-%m-%dT%H:%M:%S%.f"));
    // Further away a database can't keep it: refused for it, the callback would come again for hours.
    read.filter(|at| (1970..=9999).contains(&at.year()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_in_every_way_they_are_written() {
        for (sum, cents_of_it) in [
            ("KES 0.10", Some(10)),
            ("0.00", Some(0)),
            ("5", Some(500)),
            ("KES 0.8000", Some(80)),
            ("KES0.805", Some(81)),
            ("1.5 KES", Some(150)),
            ("KES 1,234.50", Some(123_450)),
            ("KES -2.25", Some(-225)),
            (".8", Some(80)),
            ("None", None),
            ("", None),
            ("1.2.3", None),
            ("--5", None),
            ("99999999999999999999", None),
            ("9223372036854775807", None),
        ] {
            assert_eq!(cents(sum), cents_of_it, "{sum}");
        }
    }

    #[test]
    fn both_ways_of_writing_an_instant_are_the_same_instant() {
        let at = instant("2017-05-03T06:04:45Z");
        assert!(at.is_some());
        assert_eq!(instant("2017-05-03 06:04:45"), at);
        assert_eq!(instant(" 2017-05-03T09:04:45+03:00 "), at);
        assert_eq!(instant("2017-05-03 06:04:45.000"), at);
        assert_eq!(instant("yesterday"), None);
        assert_eq!(instant("-5000-01-01 00:00:00"), None, "no database of ours can keep it");
        assert_eq!(instant("+12000-01-01T00:00:00Z"), None);
    }

    #[test]
    fn a_note_that_the_aggregator_would_not_echo_is_no_note() {
        assert_eq!(note(&"a".repeat(99)).map(|n| n.len()), Some(99));
        assert_eq!(note(&"a".repeat(100)), None);
        assert_eq!(note("a|b"), None);
        assert_eq!(note("a\r\nSet-Cookie: b"), None);
        assert_eq!(note(" "), None);
    }
}
