//! From the text of a transcript to its steps; what can't be read is told with its line.

use super::{Act, Entry, Line, Lot, Step, Transcript};
use crate::model::{Msisdn, Network, message::RefusalReason};

/// Something in a transcript that can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {says}")]
pub struct TranscriptFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub says: &'static str,
}

/// Read a transcript.
pub fn parse(text: &str) -> Result<Transcript, TranscriptFault> {
    let mut transcript = Transcript::default();
    for (at, line) in text.lines().enumerate() {
        take(&mut transcript, line.trim_end_matches('\r'))
            .map_err(|says| TranscriptFault { line: at + 1, says })?;
    }
    Ok(transcript)
}

fn take(transcript: &mut Transcript, line: &str) -> Result<(), &'static str> {
    let begun = line.trim_start();
    if begun.is_empty() || begun.starts_with('#') {
        transcript.entries.push(Entry::Note(line.to_owned()));
        return Ok(());
    }
    if let Some(shown) = begun.strip_prefix('|') {
        return match transcript.entries.last_mut() {
            Some(Entry::Step(step)) => {
                step.shows.push(shown.strip_prefix(' ').unwrap_or(shown).to_owned());
                Ok(())
            }
            _ => Err("what is shown stands straight below the step that shows it"),
        };
    }
    transcript.entries.push(Entry::Step(Step { act: act(begun)?, shows: vec![] }));
    Ok(())
}

fn act(line: &str) -> Result<Act, &'static str> {
    if let Some(input) = line.strip_prefix("type ") {
        return Ok(Act::Type(input.to_owned()));
    }
    if let Some(words) = line.strip_prefix("text ") {
        return Ok(Act::Text(words.to_owned()));
    }
    let step = line.split_once(" # ").map_or(line, |(step, _)| step);
    let words: Vec<&str> = step.split_whitespace().collect();
    match *words.as_slice() {
        ["phone", number] => phone(number, None),
        ["phone", number, "on", network] => phone(number, Some(network)),
        ["dial", code] => Ok(Act::Dial(code.to_owned())),
        ["type"] => Ok(Act::Type(String::new())),
        ["drop"] => Ok(Act::Drop),
        ["repeat"] => Ok(Act::Repeat),
        ["repeat", n, "times", "at", "once"] => {
            n.parse().map(Act::RepeatMany).map_err(|_| "write it like: repeat 5 times at once")
        }
        ["ends"] => Ok(Act::Ends),
        ["sms"] => Ok(Act::Sms),
        ["no", "sms"] => Ok(Act::NoSms),
        ["flush", "sessions"] => Ok(Act::FlushSessions),
        ["restart", "gateway"] => Ok(Act::RestartGateway),
        ["wait", n, "minute" | "minutes"] => {
            n.parse().map(Act::Wait).map_err(|_| "write it like: wait 5 minutes")
        }
        ["officer", "code"] => Ok(Act::OfficerCode),
        ["route", name, ref lot @ ..] => route(name, lot),
        ["demo", "data"] => Ok(Act::DemoData),
        ["register", "to", "sign"] => Ok(Act::RegisterToSign),
        ["register", "to", "mark"] => Ok(Act::RegisterToMark),
        ["payer", "pays"] => Ok(Act::Payer(None)),
        ["payer", "refuses", reason] => Ok(Act::Payer(Some(reason.to_owned()))),
        _ => Err(
            "this is no step; the steps are phone, dial, type, drop, repeat, ends, sms, no sms, flush sessions, \
                  restart gateway, wait, officer code, route, demo data, text, register to sign, register to mark, payer pays and payer refuses",
        ),
    }
}

fn route(name: &str, lot: &[&str]) -> Result<Act, &'static str> {
    let lot = match *lot {
        [] => Lot::Words,
        ["by", "call"] => Lot::Calls,
        ["refuses", reason] => {
            let reason = RefusalReason::from_name(reason);
            Lot::Refuses(reason.ok_or("write the reason by its name in words.toml, like line_blocks")?)
        }
        ["loses"] => Lot::Loses,
        ["works"] => Lot::Works,
        _ => return Err("write it like: route first, route first refuses line_blocks, route first works"),
    };
    Ok(Act::Route(name.to_owned(), lot))
}

fn phone(number: &str, network: Option<&str>) -> Result<Act, &'static str> {
    let msisdn = Msisdn::from_network(number).ok_or("write the number like +254700000010")?;
    let network = match network {
        Some(code) => Some(Network::from_code(code).ok_or("write the network like 63902")?),
        None => None,
    };
    Ok(Act::Phone(Line { msisdn, network }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phones::transcript::write;

    #[test]
    fn every_step_reads_as_it_is_written() {
        let text = "# Once through\n\nphone +254700000010 on 63902\nphone +254700000011\ndial *384*2547#\n  | Choose:\n  |\n  | 1: {any}\ntype 2\ntype a # b \ntype\n\
            drop\nrepeat\nrepeat 5 times at once\nends\nsms\nno sms\nflush sessions\nrestart gateway\nwait 1 minute\nwait 30 minutes\n\
            officer code\nroute first\nroute phone by call\nroute first refuses line_blocks\nroute first loses\n\
            route first works\ndemo data\ntext CHECK {code}\nregister to sign\nregister to mark\n";
        let read = parse(text).map_err(|fault| fault.to_string()).unwrap();
        assert_eq!(write(&read), text);
        assert!(parse(&write(&read)).is_ok_and(|again| again == read));
    }

    #[test]
    fn what_follows_a_step_is_for_the_reader() {
        let read = parse("  repeat   # the same again\ndial *384*2547# # opens\n").unwrap();
        assert_eq!(write(&read), "repeat\ndial *384*2547#\n");
    }

    #[test]
    fn what_cant_be_read_is_told_with_its_line() {
        for (text, line) in [
            ("phone +254700000010\nhang up", 2),
            ("\n\n  | a screen of nothing", 3),
            ("phone 12", 1),
            ("phone +254700000010 on -", 1),
            ("repeat many times at once", 1),
            ("wait a minute", 1),
            ("route first refuses everything", 1),
        ] {
            assert_eq!(parse(text).map_err(|fault| fault.line).err(), Some(line), "{text}");
        }
    }
}
