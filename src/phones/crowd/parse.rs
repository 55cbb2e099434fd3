//! From the text of a journey to its steps; what can't be read is told with its line.

use std::collections::HashMap;

use super::{
    journey::{Act, Aside, Journey, JourneyFault, Step},
    person::VARIABLES,
    shows::Shows,
};

/// Read the journey of a file of this name.
pub fn parse(name: &str, text: &str) -> Result<Journey, JourneyFault> {
    let mut reading = Reading { weight: 1, ..Reading::default() };
    for (at, line) in text.lines().enumerate() {
        let line_number = at + 1;
        reading.take(line_number, line).map_err(|says| JourneyFault { line: line_number, says })?;
    }
    let steps = reading.finished()?;
    Ok(Journey { name: name.to_owned(), weight: reading.weight, steps })
}

/// A place named in the file, and where.
#[derive(Clone)]
struct Named {
    name: String,
    line: usize,
}

/// A step whose names are not resolved yet.
struct Draft {
    line: usize,
    act: Act,
    shows: Shows,
    ends: bool,
    /// The part to play after a drop; none: the beginning.
    dropped: Option<Named>,
    part: Option<String>,
    /// How many of the file's asides stand above it or straight below.
    asides: usize,
}

#[derive(Default)]
struct Reading {
    weight: u32,
    steps: Vec<Draft>,
    /// Labels and parts, each with the step that stands first in it.
    places: HashMap<String, usize>,
    parts: HashMap<String, usize>,
    /// Where each part goes on.
    returns: HashMap<String, Named>,
    part: Option<String>,
    dropped: Option<Named>,
    asides: Vec<Aside>,
    /// Whether what is shown now belongs to the last aside.
    aside: bool,
}

impl Reading {
    fn take(&mut self, at: usize, line: &str) -> Result<(), String> {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(result) = self.shown(line) {
            return result;
        }
        if let Some(typed) = line.strip_prefix("type ").or_else(|| line.strip_prefix("mistake ")) {
            let act = if line.starts_with('t') { Act::Type } else { Act::Mistake };
            known_variables(typed)?;
            return self.add(at, act(typed.to_owned()));
        }
        let step = line.split_once(" # ").map_or(line, |(step, _)| step);
        let words: Vec<&str> = step.split_whitespace().collect();
        match *words.as_slice() {
            ["weight", weight] => {
                self.weight = weight.parse().map_err(|_| "write it like: weight 5")?;
                Ok(())
            }
            ["dial"] => self.add(at, Act::Dial),
            ["type"] => self.add(at, Act::Type(String::new())),
            ["drop"] => self.add(at, Act::Drop),
            ["sms"] => self.add(at, Act::Sms),
            ["code"] => self.add(at, Act::Code),
            ["perhaps", input] => self.perhaps(at, input),
            ["ends"] => self.ends(),
            ["at", name] => self.label(name),
            ["part", name] => self.begin_part(at, name),
            ["if", "dropped", name] => self.if_dropped(Named { name: name.to_owned(), line: at }),
            ["go", "on", "at", name] => self.go_on(Named { name: name.to_owned(), line: at }),
            _ => Err("this is no step; the steps are dial, type, mistake, drop, sms, code and ends, and beside them \
                      weight, perhaps, at, if dropped, part and go on at"
                .to_owned()),
        }
    }

    /// A line that belongs to what the step above shows: `| …` in both languages, `en | …` or `sw | …` in one.
    fn shown(&mut self, line: &str) -> Option<Result<(), String>> {
        let (language, text) = line.split_once('|')?;
        let (en, sw) = match language.trim_end() {
            "" => (true, true),
            "en" => (true, false),
            "sw" => (false, true),
            _ => return None,
        };
        let text = text.strip_prefix(' ').unwrap_or(text);
        if let Err(says) = known_variables(text) {
            return Some(Err(says));
        }
        let Some(shows) = self.shows_now() else {
            return Some(Err("what is shown stands straight below the step that shows it".to_owned()));
        };
        if en {
            shows.en.push(text.to_owned());
        }
        if sw {
            shows.sw.push(text.to_owned());
        }
        Some(Ok(()))
    }

    /// What the lines shown now belong to.
    fn shows_now(&mut self) -> Option<&mut Shows> {
        if self.aside {
            return self.asides.last_mut().map(|aside| &mut aside.shows);
        }
        let step = self.steps.last_mut().filter(|step| step.act != Act::Drop);
        step.map(|step| &mut step.shows)
    }

    /// It holds for the dial above and those below.
    fn perhaps(&mut self, line: usize, input: &str) -> Result<(), String> {
        known_variables(input)?;
        let dial = self.steps.last_mut().filter(|step| step.act == Act::Dial);
        let dial = dial.ok_or("it stands below a dial, whose screen some phones see later")?;
        dial.asides += 1;
        self.asides.push(Aside { line, input: input.to_owned(), shows: Shows::default() });
        self.aside = true;
        Ok(())
    }

    fn add(&mut self, line: usize, act: Act) -> Result<(), String> {
        let begins = self.steps.last().is_none_or(|step| step.part != self.part);
        let closed = begins || self.open_screen().is_none();
        if closed && !matches!(act, Act::Dial | Act::Sms | Act::Code) {
            return Err("no call is open here: dial first".to_owned());
        }
        self.aside = false;
        self.steps.push(Draft {
            line,
            asides: if act == Act::Dial { self.asides.len() } else { 0 },
            act,
            shows: Shows::default(),
            ends: false,
            dropped: self.dropped.clone(),
            part: self.part.clone(),
        });
        Ok(())
    }

    /// The step whose screen is on show where the file has come to.
    fn open_screen(&mut self) -> Option<&mut Draft> {
        let last = self.steps.iter_mut().rev().find(|step| !matches!(step.act, Act::Sms | Act::Code))?;
        (last.act != Act::Drop && !last.ends).then_some(last)
    }

    fn ends(&mut self) -> Result<(), String> {
        let step = self.open_screen().ok_or("no call is open that could end here")?;
        step.ends = true;
        Ok(())
    }

    fn label(&mut self, name: &str) -> Result<(), String> {
        match self.places.insert(name.to_owned(), self.steps.len()) {
            Some(_) => Err(format!("there is another place {name} above")),
            None => Ok(()),
        }
    }

    fn begin_part(&mut self, at: usize, name: &str) -> Result<(), String> {
        self.part_returns()?;
        if self.parts.insert(name.to_owned(), self.steps.len()).is_some() {
            return Err(format!("there is another part {name} above"));
        }
        self.part = Some(name.to_owned());
        self.dropped = Some(Named { name: name.to_owned(), line: at });
        Ok(())
    }

    /// It holds for the step above and those below.
    fn if_dropped(&mut self, part: Named) -> Result<(), String> {
        let step = self.steps.last_mut().ok_or("it stands below the step after which it holds")?;
        step.dropped = Some(part.clone());
        self.dropped = Some(part);
        Ok(())
    }

    fn go_on(&mut self, place: Named) -> Result<(), String> {
        let part = self.part.clone().ok_or("only a part goes on elsewhere")?;
        match self.returns.insert(part, place) {
            Some(_) => Err("the part goes on elsewhere already".to_owned()),
            None => Ok(()),
        }
    }

    fn part_returns(&self) -> Result<(), String> {
        match &self.part {
            Some(part) if !self.returns.contains_key(part) => {
                Err(format!("the part {part} ends with a line like: go on at menu"))
            }
            _ => Ok(()),
        }
    }

    fn finished(&mut self) -> Result<Vec<Step>, JourneyFault> {
        let last_line = self.steps.last().map_or(1, |step| step.line);
        let fault = |line, says: &str| JourneyFault { line, says: says.to_owned() };
        self.part_returns().map_err(|says| fault(last_line, &says))?;
        if self.steps.is_empty() {
            return Err(fault(1, "there is no step in it; begin with: dial"));
        }
        if let Some(aside) = self.asides.iter().find(|aside| !aside.shows.are_telling()) {
            return Err(fault(aside.line, "it says in both languages what is shown"));
        }
        let drafts = std::mem::take(&mut self.steps);
        let parts_of: Vec<Option<String>> = drafts.iter().map(|draft| draft.part.clone()).collect();
        drafts.into_iter().enumerate().map(|(at, draft)| self.resolved(at, draft, &parts_of)).collect()
    }

    fn resolved(&self, at: usize, draft: Draft, parts: &[Option<String>]) -> Result<Step, JourneyFault> {
        let fault = |line, says: String| JourneyFault { line, says };
        if draft.shows.en.is_empty() != draft.shows.sw.is_empty() {
            return Err(fault(draft.line, "it says what is shown in one language only".to_owned()));
        }
        let dropped = match &draft.dropped {
            None => 0,
            Some(Named { name, line }) => {
                *self.parts.get(name).ok_or_else(|| fault(*line, format!("there is no part {name}")))?
            }
        };
        let next = match (parts.get(at + 1), &draft.part) {
            (Some(part), own) if part == own => Some(at + 1),
            (_, None) => None,
            (_, Some(part)) => Some(self.place_after(part)?),
        };
        let asides = self.asides.get(..draft.asides).unwrap_or_default().to_vec();
        let (line, act, shows, ends) = (draft.line, draft.act, draft.shows, draft.ends);
        Ok(Step { line, act, shows, ends, dropped, next, in_part: draft.part.is_some(), asides })
    }

    fn place_after(&self, part: &str) -> Result<usize, JourneyFault> {
        let back = self.returns.get(part);
        let Some(Named { name, line }) = back else {
            return Err(JourneyFault { line: 1, says: format!("the part {part} goes on nowhere") });
        };
        let place = self.places.get(name).copied();
        place.ok_or_else(|| JourneyFault { line: *line, says: format!("there is no place {name}") })
    }
}

/// Refuse a variable that nobody has a value for.
fn known_variables(text: &str) -> Result<(), String> {
    for after in text.split('{').skip(1) {
        let name = after.split_once('}').map(|(name, _)| name);
        if !name.is_some_and(|name| name == "any" || VARIABLES.contains(&name)) {
            return Err(format!("in braces can stand: any, {}", VARIABLES.join(", ")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
