//! Africa's Talking's wire from its own side: USSD (`wire.md` 1 and 2) and SMS that people write (`wire.md` 4).

use chrono::{DateTime, Utc};
use reqwest::RequestBuilder;

use super::{Answered, Call, CallEnd, EndStatus, Line, Shown, WireFault};

/// The header in which a note goes out with a screen and comes back with the next hop.
pub const NOTE_HEADER: &str = "at-ussd-hop-metadata";

/// The longest note that it takes.
const LONGEST_NOTE: usize = 99;

pub(super) fn hop(request: RequestBuilder, call: &Call) -> RequestBuilder {
    let text = call.text();
    let form = [
        ("sessionId", call.session.as_str()),
        ("phoneNumber", call.line.msisdn.as_e164()),
        ("networkCode", network(call)),
        ("serviceCode", &call.service_code),
        ("text", &text),
    ];
    let request = request.form(&form);
    match &call.note {
        Some(note) => request.header(NOTE_HEADER, note),
        None => request,
    }
}

/// The body is exactly `CON ` or `END ` and the screen: a leading blank, other letters or nothing behind are faults.
pub(super) fn shown(answer: Answered) -> Result<Shown, WireFault> {
    answer.expect("text/plain")?;
    let body = String::from_utf8(answer.body).map_err(|_| WireFault::Unreadable("UTF-8"))?;
    let goes_on = body.strip_prefix("CON ").map(|text| (text, false));
    let (text, ends) = goes_on
        .or_else(|| body.strip_prefix("END ").map(|text| (text, true)))
        .ok_or_else(|| WireFault::Prefix(body.chars().take(4).collect()))?;
    if text.trim().is_empty() {
        return Err(WireFault::Empty);
    }
    match answer.note.as_deref().map_or(Ok(()), fits) {
        Ok(()) => Ok(Shown { text: text.to_owned(), ends, note: answer.note }),
        Err(why) => Err(WireFault::Note(why)),
    }
}

fn fits(note: &str) -> Result<(), &'static str> {
    if note.chars().count() > LONGEST_NOTE {
        return Err("has more than 99 characters");
    }
    if !note.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        return Err("has signs that no header takes");
    }
    // The end event joins the notes with it.
    if note.contains('|') { Err("has a | in it") } else { Ok(()) }
}

pub(super) fn end(request: RequestBuilder, end: &CallEnd<'_>, now: DateTime<Utc>) -> RequestBuilder {
    let call = end.call;
    let mut form = vec![
        ("date", now.format("%Y-%m-%d %H:%M:%S").to_string()),
        ("sessionId", call.session.clone()),
        ("serviceCode", call.service_code.clone()),
        ("networkCode", network(call).to_owned()),
        ("phoneNumber", call.line.msisdn.as_e164().to_owned()),
        ("status", status(end.status).to_owned()),
        ("cost", "KES 0.10".to_owned()),
        ("durationInMillis", (now - end.started_at).num_milliseconds().to_string()),
        ("hopsCount", call.hop.to_string()),
        ("hopsMetadata", end.notes.join("|")),
        ("input", call.text()),
        ("lastAppResponse", end.last.map(said).unwrap_or_default()),
    ];
    if let Some(error) = end.error {
        form.push(("errorMessage", error.to_string()));
    }
    request.form(&form)
}

/// An SMS that somebody wrote. It may hold anything: it has no `Debug`.
pub(super) struct Written<'a> {
    pub id: &'a str,
    pub line: &'a Line,
    pub short_code: &'a str,
    pub text: &'a str,
}

pub(super) fn sms(request: RequestBuilder, sms: &Written<'_>, now: DateTime<Utc>) -> RequestBuilder {
    request.form(&[
        ("id", sms.id),
        ("from", sms.line.msisdn.as_e164()),
        ("to", sms.short_code),
        ("text", sms.text),
        ("date", &now.format("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("networkCode", sms.line.network.as_ref().map_or("", |network| network.code())),
    ])
}

fn network(call: &Call) -> &str {
    call.line.network.as_ref().map_or("", |network| network.code())
}

fn said(shown: &Shown) -> String {
    format!("{} {}", if shown.ends { "END" } else { "CON" }, shown.text)
}

fn status(status: EndStatus) -> &'static str {
    match status {
        EndStatus::Success => "Success",
        EndStatus::Incomplete => "Incomplete",
        EndStatus::Failed => "Failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, note: Option<&str>) -> Result<(String, bool), WireFault> {
        let answer = Answered {
            status: 200,
            content_type: "text/plain; charset=utf-8".to_owned(),
            note: note.map(str::to_owned),
            body: body.as_bytes().to_vec(),
        };
        shown(answer).map(|shown| (shown.text, shown.ends))
    }

    #[test]
    fn only_the_exact_prefixes_make_a_screen() {
        assert_eq!(read("CON 1: Yes\n2: No", None), Ok(("1: Yes\n2: No".to_owned(), false)));
        assert_eq!(read("END Bye", None), Ok(("Bye".to_owned(), true)));
        for body in [" CON 1: Yes", "con 1: Yes", "CON\n1: Yes", "CONT", "\u{feff}END Bye", "Hello"] {
            assert!(matches!(read(body, None), Err(WireFault::Prefix(_))), "{body}");
        }
        for body in ["", "END ", "CON \n "] {
            assert_eq!(read(body, None), Err(WireFault::Empty), "{body}");
        }
    }

    #[test]
    fn a_note_is_short_and_has_no_separator() {
        assert!(read("CON Hi", Some(&"n".repeat(99))).is_ok());
        assert!(matches!(read("CON Hi", Some(&"n".repeat(100))), Err(WireFault::Note(_))));
        assert!(matches!(read("CON Hi", Some("a|b")), Err(WireFault::Note(_))));
    }
}
