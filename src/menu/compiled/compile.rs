//! From menu files to compiled menus: names to numbers, texts to pieces, every fault of it told at once.

use std::collections::{BTreeMap, HashMap};

use toml::Spanned;

use super::{
    Choice, Condition, Goto, Input, Lines, List, Menus, Piece, Redial, Screen, ScreenId, Target, Text, Then,
};
use crate::{
    menu::{
        definition::{
            self, Bundle, ChoiceDef, Complaint, FileDef, GotoDef, InputDef, LinesDef, ListDef, OnDef, Place,
            ScreenDef, TextDef,
        },
        registry::{Action, Flag, Outcome, Refusal, Say, Shape, Source, Validator, Var},
    },
    model::{Language, message::Purpose},
};

pub(super) fn compile(bundle: Bundle) -> Result<Menus, Vec<Complaint>> {
    let mut compiler = Compiler::default();
    let mut files = vec![];
    for (name, content) in &bundle.0 {
        match definition::read(name, content) {
            Ok(file) => files.push((name.as_str(), content.as_str(), file)),
            Err(complaint) => compiler.complaints.push(complaint),
        }
    }
    if !compiler.complaints.is_empty() {
        return Err(compiler.complaints);
    }
    for (name, content, file) in &files {
        compiler.name_screens(
            &At { file: name, content, journey: journey(file), screen: None, on: &file.on },
            file,
        );
    }
    for (name, content, file) in &files {
        compiler.file(&At { file: name, content, journey: journey(file), screen: None, on: &file.on }, file);
    }
    compiler.finish(bundle)
}

fn journey(file: &FileDef) -> &str {
    file.journey.as_ref().map_or("", |j| j.get_ref().as_str())
}

/// The actions that answers on a screen have done, as they are written.
fn actions(screen: &ScreenDef) -> impl Iterator<Item = &str> {
    let choices = screen.choice.iter().filter_map(|choice| choice.get_ref().action.as_ref());
    let input = screen.input.iter().filter_map(|input| input.get_ref().action.as_ref());
    let list = screen.list.iter().filter_map(|list| list.get_ref().action.as_ref());
    choices.chain(input).chain(list).map(|action| action.get_ref().as_str())
}

/// Where in the files the compiler is.
#[derive(Clone, Copy)]
struct At<'a> {
    file: &'a str,
    content: &'a str,
    journey: &'a str,
    screen: Option<&'a str>,
    /// Where outcomes lead unless an answer says it.
    on: &'a BTreeMap<String, OnDef>,
}

impl At<'_> {
    fn place<T>(&self, spanned: &Spanned<T>) -> Place {
        Place { file: self.file.to_owned(), line: definition::line_of(self.content, spanned.span().start) }
    }
}

#[derive(Default)]
struct Compiler {
    complaints: Vec<Complaint>,
    by_name: HashMap<String, ScreenId>,
    /// Where each thing stands of which there is one in all files together.
    stands: HashMap<String, Place>,
    screens: Vec<Screen>,
    entry: Option<Goto>,
    main: Option<Goto>,
    signed_out: Option<Goto>,
    says: HashMap<Say, Text>,
    refusals: HashMap<Refusal, Text>,
    words: HashMap<(Var, String), Text>,
    sms: HashMap<Purpose, Text>,
}

impl Compiler {
    fn complain(&mut self, at: &At<'_>, place: Place, says: impl Into<String>) {
        let screen = at.screen.map(str::to_owned);
        self.complaints.push(Complaint { place, screen, language: None, says: says.into() });
    }

    fn name_screens(&mut self, at: &At<'_>, file: &FileDef) {
        for (name, screen) in &file.screen {
            if at.journey.is_empty() {
                self.complain(
                    at,
                    at.place(screen),
                    "a file with screens says which `journey` they belong to",
                );
            }
            let id = ScreenId(u16::try_from(self.by_name.len()).unwrap_or(u16::MAX));
            let name = format!("{}.{name}", at.journey);
            if self.by_name.insert(name.clone(), id).is_some() {
                self.complain(at, at.place(screen), format!("there are two screens called {name}"));
            }
        }
    }

    fn file(&mut self, at: &At<'_>, file: &FileDef) {
        self.idle_tables(at, file);
        let entry = file.entry.as_ref().map(|goto| self.only_goto(at, "entry", goto));
        self.entry = self.entry.take().or(entry);
        let main = file.main.as_ref().map(|goto| self.only_goto(at, "main", goto));
        self.main = self.main.take().or(main);
        let signed_out = file.signed_out.as_ref().map(|goto| self.only_goto(at, "signed_out", goto));
        self.signed_out = self.signed_out.take().or(signed_out);
        for (name, screen) in &file.screen {
            let name = format!("{}.{name}", at.journey);
            let at = At { screen: Some(&name), ..*at };
            let screen = self.screen(&at, &name, screen);
            self.screens.push(screen);
        }
        self.texts(at, file);
    }

    /// A table of outcomes that no answer of the file uses, or of no action at all, leads nowhere.
    fn idle_tables(&mut self, at: &At<'_>, file: &FileDef) {
        let done: Vec<&str> = file.screen.values().flat_map(|screen| actions(screen.get_ref())).collect();
        for (action, on) in &file.on {
            if let Some(goto) = on.values().next().filter(|_| !done.contains(&action.as_str())) {
                let says =
                    format!("[on.{action}] stands for nothing: no answer of this file has {action} done");
                self.complain(at, at.place(goto), says);
            }
        }
    }

    fn only_goto(&mut self, at: &At<'_>, name: &str, goto: &Spanned<GotoDef>) -> Goto {
        self.once(at, goto, format!("`{name}`"));
        self.goto(at, goto)
    }

    /// Complain about the second of what stands once in all files together: else the last file would win unseen.
    fn once<T>(&mut self, at: &At<'_>, spanned: &Spanned<T>, what: String) {
        let place = at.place(spanned);
        if let Some(Place { file, line }) = self.stands.get(&what) {
            let says = format!("{what} stands in {file}:{line} already");
            self.complain(at, place, says);
        } else {
            self.stands.insert(what, place);
        }
    }

    fn texts(&mut self, at: &At<'_>, file: &FileDef) {
        for (name, text) in &file.say {
            let known = Say::ALL.iter().map(|s| s.name());
            if let Some(say) = self.named(at, text, "a sentence", name, Say::from_name(name), known) {
                self.once(at, text, format!("[say.{name}]"));
                let text = self.text_of(at, text);
                self.says.insert(say, text);
            }
        }
        for (validator, reasons) in &file.refusal {
            for (reason, text) in reasons {
                let name = format!("{validator}.{reason}");
                let known = Refusal::ALL.iter().map(|r| r.name());
                if let Some(refusal) =
                    self.named(at, text, "a refusal", &name, Refusal::from_name(&name), known)
                {
                    self.once(at, text, format!("[refusal.{name}]"));
                    let text = self.text_of(at, text);
                    self.refusals.insert(refusal, text);
                }
            }
        }
        for (var, words) in &file.word {
            for (word, text) in words {
                self.word(at, var, word, text);
            }
        }
        for (name, text) in &file.sms {
            let purpose = Purpose::ALL.iter().copied().find(|p| p.name() == name);
            let known = Purpose::ALL.iter().map(|p| p.name());
            if let Some(purpose) = self.named(at, text, "an SMS", name, purpose, known) {
                self.once(at, text, format!("[sms.{name}]"));
                let text = self.text_of(at, text);
                self.sms.insert(purpose, text);
            }
        }
    }

    fn word(&mut self, at: &At<'_>, var: &str, word: &str, text: &Spanned<TextDef>) {
        let words = Var::from_name(var).and_then(|v| match v.shape() {
            Shape::Word(words) => Some((v, words())),
            _ => None,
        });
        match words {
            Some((var, words)) if words.contains(&word) => {
                self.once(at, text, format!("[word.{}.{word}]", var.name()));
                let text = self.text_of(at, text);
                self.words.insert((var, word.to_owned()), text);
            }
            Some((_, words)) => {
                let says = format!("{var} has no word {word}; its words are {}", words.join(", "));
                self.complain(at, at.place(text), says);
            }
            None => self.complain(at, at.place(text), format!("{var} is not a variable that shows words")),
        }
    }

    /// What a name stands for, or a complaint that says which names come nearest.
    fn named<T, S>(
        &mut self,
        at: &At<'_>,
        spanned: &Spanned<S>,
        kind: &str,
        name: &str,
        found: Option<T>,
        known: impl Iterator<Item = &'static str>,
    ) -> Option<T> {
        if found.is_none() {
            self.complain(at, at.place(spanned), format!("{name} is not {kind}; {}", nearest(name, known)));
        }
        found
    }

    fn screen(&mut self, at: &At<'_>, name: &str, spanned: &Spanned<ScreenDef>) -> Screen {
        let def = spanned.get_ref();
        let place = at.place(spanned);
        Screen {
            name: name.to_owned(),
            text: self.text(at, &place, def.text.en.as_ref(), def.text.sw.as_ref()),
            again: def.again.as_ref().map(|t| self.text(at, &place, t.en.as_ref(), t.sw.as_ref())),
            redial: def.redial.as_ref().and_then(|r| self.redial(at, r)),
            back: def.back.unwrap_or(!def.end),
            behind: def.behind.as_ref().and_then(|behind| self.behind(at, behind)),
            main: def.main.unwrap_or(!def.end),
            ends: def.end,
            choices: def.choice.iter().map(|c| self.choice(at, c)).collect(),
            input: def.input.as_ref().and_then(|i| self.input(at, i)),
            list: def.list.as_ref().and_then(|l| self.list(at, l)),
            lines: def.lines.as_ref().and_then(|l| self.lines(at, l)),
            place,
        }
    }

    fn behind(&mut self, at: &At<'_>, spanned: &Spanned<String>) -> Option<ScreenId> {
        let (place, name) = (at.place(spanned), spanned.get_ref());
        match self.target(at, &place, name)? {
            Target::Screen(id) => Some(id),
            Target::Entry | Target::Main => {
                self.complain(at, place, format!("`behind` names a screen, not {name}"));
                None
            }
        }
    }

    fn redial(&mut self, at: &At<'_>, spanned: &Spanned<String>) -> Option<Redial> {
        let says = spanned.get_ref().as_str();
        let hours = says.strip_prefix("ask for ").and_then(|rest| rest.strip_suffix(" hours"));
        match (says, hours.and_then(|h| h.parse().ok())) {
            ("start over", _) => Some(Redial::StartOver),
            ("ask for the code", _) => Some(Redial::Code),
            ("ask after the PIN", _) => Some(Redial::Register),
            (_, Some(hours)) => Some(Redial::Ask { hours }),
            _ => {
                let hint = "redial is \"start over\", \"ask for 24 hours\", \"ask after the PIN\" or \"ask for the code\"";
                self.complain(at, at.place(spanned), format!("{hint}, not {says:?}"));
                None
            }
        }
    }

    fn choice(&mut self, at: &At<'_>, spanned: &Spanned<ChoiceDef>) -> Choice {
        let def = spanned.get_ref();
        let place = at.place(spanned);
        let set = def.set.iter().filter_map(|(var, value)| self.setting(at, var, value)).collect();
        Choice {
            text: self.text(at, &place, def.en.as_ref(), def.sw.as_ref()),
            when: def.when.as_ref().and_then(|w| self.condition(at, &at.place(w), w.get_ref())),
            key: def.key.as_ref().map(|key| *key.get_ref()),
            set,
            then: self.then(at, &place, def.goto.as_ref(), def.action.as_ref(), &def.on),
        }
    }

    fn setting(&mut self, at: &At<'_>, var: &str, value: &Spanned<String>) -> Option<(Var, String)> {
        let known = Var::ALL.iter().filter(|v| !v.settable().is_empty()).map(|v| v.name());
        let settable = Var::from_name(var).filter(|v| !v.settable().is_empty());
        let var = self.named(at, value, "a variable that a choice can set", var, settable, known)?;
        let allowed = var.settable();
        if !allowed.contains(&value.get_ref().as_str()) {
            let says = format!("{} can be set to {}", var.name(), allowed.join(" or "));
            self.complain(at, at.place(value), says);
            return None;
        }
        Some((var, value.get_ref().clone()))
    }

    fn input(&mut self, at: &At<'_>, spanned: &Spanned<InputDef>) -> Option<Input> {
        let def = spanned.get_ref();
        let place = at.place(spanned);
        let name = def.check.get_ref();
        let known = Validator::ALL.iter().map(|v| v.name());
        let validator = self.named(at, &def.check, "a validator", name, Validator::from_name(name), known)?;
        if validator.is_secret() && !def.secret {
            self.complain(at, place.clone(), format!("what {name} checks is a secret: say `secret = true`"));
        }
        let keep_as = def.keep_as.as_ref().and_then(|var| {
            let name = var.get_ref();
            let fits = Var::from_name(name).filter(|v| validator.fills(*v));
            let known = Var::ALL.iter().filter(|v| validator.fills(**v)).map(|v| v.name());
            self.named(at, var, "a variable for this input", name, fits, known)
        });
        let then = self.then(at, &place, def.goto.as_ref(), def.action.as_ref(), &def.on);
        Some(Input { keep_as, validator, then })
    }

    fn list(&mut self, at: &At<'_>, spanned: &Spanned<ListDef>) -> Option<List> {
        let def = spanned.get_ref();
        let place = at.place(spanned);
        let name = def.from.get_ref();
        let known = Source::ALL.iter().map(|s| s.name());
        let source = self.named(at, &def.from, "a source", name, Source::from_name(name), known)?;
        Some(List {
            source,
            row: self.text(at, &place, def.row.en.as_ref(), def.row.sw.as_ref()),
            empty: self.goto(at, &def.empty),
            then: self.then(at, &place, def.goto.as_ref(), def.action.as_ref(), &def.on),
        })
    }

    fn lines(&mut self, at: &At<'_>, spanned: &Spanned<LinesDef>) -> Option<Lines> {
        let def = spanned.get_ref();
        let name = def.from.get_ref();
        let known = Source::ALL.iter().map(|s| s.name());
        let source = self.named(at, &def.from, "a source", name, Source::from_name(name), known)?;
        if !source.is_told() {
            let says = format!("{name} is fetched to be chosen from: lines show what an action has told");
            self.complain(at, at.place(spanned), says);
        }
        Some(Lines {
            source,
            row: self.text(at, &at.place(spanned), def.row.en.as_ref(), def.row.sw.as_ref()),
        })
    }

    fn then(
        &mut self,
        at: &At<'_>,
        place: &Place,
        goto: Option<&Spanned<GotoDef>>,
        action: Option<&Spanned<String>>,
        on: &OnDef,
    ) -> Then {
        match (goto, action) {
            (Some(goto), None) if on.is_empty() => Then::Goto(self.goto(at, goto)),
            (None, Some(name)) => self.doing(at, name, on),
            _ => {
                self.complain(
                    at,
                    place.clone(),
                    "an answer leads on by `goto`, or by `do` with `on.<outcome>`",
                );
                Then::Goto(Goto::default())
            }
        }
    }

    fn doing(&mut self, at: &At<'_>, name: &Spanned<String>, on: &OnDef) -> Then {
        let known = Action::ALL.iter().map(|a| a.name());
        let Some(action) =
            self.named(at, name, "an action", name.get_ref(), Action::from_name(name.get_ref()), known)
        else {
            return Then::Goto(Goto::default());
        };
        let outcomes = action.rules().outcomes;
        let mut handled: Vec<(Outcome, Goto)> = vec![];
        for (outcome, goto) in on.iter().chain(at.on.get(action.name()).into_iter().flatten()) {
            let found = Outcome::from_name(outcome).filter(|o| outcomes.contains(o));
            let kind = format!("an outcome of {}", action.name());
            let outcome = self.named(at, goto, &kind, outcome, found, outcomes.iter().map(|o| o.name()));
            // The answer's own comes before the file's.
            if let Some(outcome) = outcome.filter(|outcome| !handled.iter().any(|(done, _)| done == outcome))
            {
                handled.push((outcome, self.goto(at, goto)));
            }
        }
        for outcome in outcomes.iter().filter(|o| !handled.iter().any(|(h, _)| h == *o)) {
            let says = format!("{} can end in {}: say where `on.{1}` leads", action.name(), outcome.name());
            self.complain(at, at.place(name), says);
        }
        Then::Do(action, handled)
    }

    fn goto(&mut self, at: &At<'_>, spanned: &Spanned<GotoDef>) -> Goto {
        let place = at.place(spanned);
        let rules = match spanned.get_ref() {
            GotoDef::Always(target) => vec![(None, target.as_str())],
            GotoDef::Rules(rules) => rules.iter().map(|r| (r.when.as_deref(), r.goto.as_str())).collect(),
        };
        if rules.last().is_none_or(|(when, _)| when.is_some()) {
            self.complain(
                at,
                place.clone(),
                "the last rule of a `goto` has no `if`, so that one always holds",
            );
        }
        let rules = rules.into_iter().filter_map(|(when, target)| {
            let when = when.map(|w| self.condition(at, &place, w));
            Some((when.flatten(), self.target(at, &place, target)?))
        });
        Goto(rules.collect())
    }

    fn condition(&mut self, at: &At<'_>, place: &Place, says: &str) -> Option<Condition> {
        let (name, up) = says.strip_prefix("not ").map_or((says, true), |name| (name, false));
        let flag = Flag::from_name(name);
        if flag.is_none() {
            let nearest = nearest(name, Flag::ALL.iter().map(|f| f.name()));
            self.complain(at, place.clone(), format!("`if` knows no {name}; {nearest}"));
        }
        flag.map(|flag| Condition { flag, up })
    }

    fn target(&mut self, at: &At<'_>, place: &Place, name: &str) -> Option<Target> {
        match name {
            "entry" => return Some(Target::Entry),
            "main" => return Some(Target::Main),
            _ => {}
        }
        let own = self.by_name.get(&format!("{}.{name}", at.journey));
        let id = own.or_else(|| self.by_name.get(name)).copied();
        if id.is_none() {
            self.complain(at, place.clone(), format!("there is no screen called {name}"));
        }
        id.map(Target::Screen)
    }

    fn text(
        &mut self,
        at: &At<'_>,
        near: &Place,
        en: Option<&Spanned<String>>,
        sw: Option<&Spanned<String>>,
    ) -> Text {
        let mut text = Text::default();
        for (n, (language, def)) in Language::ALL.into_iter().zip([en, sw]).enumerate() {
            let Some(def) = def else {
                self.complaints.push(Complaint {
                    place: near.clone(),
                    screen: at.screen.map(str::to_owned),
                    language: Some(language),
                    says: "the text in this language is missing".to_owned(),
                });
                continue;
            };
            text.pieces[n] = self.pieces(at, def);
            text.places[n] = at.place(def);
        }
        text
    }

    fn text_of(&mut self, at: &At<'_>, spanned: &Spanned<TextDef>) -> Text {
        let def = spanned.get_ref();
        self.text(at, &at.place(spanned), def.en.as_ref(), def.sw.as_ref())
    }

    fn pieces(&mut self, at: &At<'_>, def: &Spanned<String>) -> Vec<Piece> {
        let mut pieces = vec![];
        let mut rest = def.get_ref().trim();
        while let Some((words, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let shown = Var::from_name(name).filter(|v| v.can_be_shown());
            let known = Var::ALL.iter().filter(|v| v.can_be_shown()).map(|v| v.name());
            if !words.is_empty() {
                pieces.push(Piece::Words(words.to_owned()));
            }
            pieces.extend(
                self.named(at, def, "a variable that can be shown", name, shown, known).map(Piece::Var),
            );
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Words(rest.to_owned()));
        }
        pieces
    }

    fn finish(mut self, bundle: Bundle) -> Result<Menus, Vec<Complaint>> {
        let everything = At { file: "menus", content: "", journey: "", screen: None, on: &BTreeMap::new() };
        let whole = Place { file: "menus".to_owned(), line: 1 };
        let says =
            Say::ALL.iter().filter(|s| !self.says.contains_key(s)).map(|s| format!("[say.{}]", s.name()));
        let refusals = Refusal::ALL.iter().filter(|r| !self.refusals.contains_key(r));
        let sms = Purpose::ALL.iter().filter(|p| !self.sms.contains_key(p));
        let words = Var::ALL.iter().flat_map(|var| match var.shape() {
            Shape::Word(words) => words().into_iter().map(|w| (*var, w)).collect(),
            _ => vec![],
        });
        let words = words.filter(|(var, word)| !self.words.contains_key(&(*var, (*word).to_owned())));
        let mut missing: Vec<String> = says
            .chain(refusals.map(|r| format!("[refusal.{}]", r.name())))
            .chain(sms.map(|p| format!("[sms.{}]", p.name())))
            .chain(words.map(|(var, word)| format!("[word.{}.{word}]", var.name())))
            .collect();
        for (name, rules) in [("entry", &self.entry), ("main", &self.main), ("signed_out", &self.signed_out)]
        {
            if rules.is_none() {
                missing.push(format!("`{name}`"));
            }
        }
        for what in missing {
            self.complain(&everything, whole.clone(), format!("{what} is missing from every file"));
        }
        if !self.complaints.is_empty() {
            self.complaints.sort();
            return Err(self.complaints);
        }
        Ok(Menus {
            version: bundle.version(),
            bundle,
            screens: self.screens,
            entry: self.entry.unwrap_or_default(),
            main: self.main.unwrap_or_default(),
            signed_out: self.signed_out.unwrap_or_default(),
            by_name: self.by_name,
            says: self.says,
            refusals: self.refusals,
            words: self.words,
            sms: self.sms,
        })
    }
}

/// How many names are told where all of them would be.
const FEW: usize = 8;

/// The names there are, where they are few; else those that are written most like the wrong one.
fn nearest(wrong: &str, known: impl Iterator<Item = &'static str>) -> String {
    let mut known: Vec<&str> = known.collect();
    if known.len() <= FEW {
        return format!("there are {}", known.join(", "));
    }
    known.sort_by_key(|name| (strsim::damerau_levenshtein(wrong, name), *name));
    known.truncate(3);
    format!("the nearest are {}", known.join(", "))
}
