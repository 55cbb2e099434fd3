//! Menus as the engine walks them: every name resolved, every text split into pieces, once per version.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    definition::{Bundle, Complaint, Place},
    registry::{Action, Flag, Outcome, Refusal, Say, Source, Validator, Var},
    session::Flags,
};
use crate::model::{Language, message::Purpose};

mod compile;

/// A screen's number within one version of the menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScreenId(pub u16);

/// A piece of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words as written.
    Words(String),
    /// A variable.
    Var(Var),
}

/// A text in every language, with where each stands.
#[derive(Debug, Clone, Default)]
pub struct Text {
    pieces: [Vec<Piece>; 2],
    places: [Place; 2],
}

impl Text {
    /// The pieces in a language.
    pub fn pieces(&self, language: Language) -> &[Piece] {
        match language {
            Language::En => &self.pieces[0],
            Language::Sw => &self.pieces[1],
        }
    }

    /// Where the text of a language stands.
    pub fn place(&self, language: Language) -> &Place {
        match language {
            Language::En => &self.places[0],
            Language::Sw => &self.places[1],
        }
    }

    /// Every variable in it, in any language.
    pub fn vars(&self) -> impl Iterator<Item = Var> + '_ {
        self.pieces.iter().flatten().filter_map(|piece| match piece {
            Piece::Var(var) => Some(*var),
            Piece::Words(_) => None,
        })
    }
}

/// A question to the caller's situation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Condition {
    /// The flag.
    pub flag: Flag,
    /// Whether it must be up.
    pub up: bool,
}

impl Condition {
    /// Whether it holds.
    pub fn holds(self, flags: Flags) -> bool {
        flags.has(self.flag) == self.up
    }
}

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To a screen.
    Screen(ScreenId),
    /// Where a dial would open now.
    Entry,
    /// To the main menu.
    Main,
}

/// Rules of which the first that holds counts; the last always holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Goto(pub Vec<(Option<Condition>, Target)>);

impl Goto {
    /// Where it leads in this situation.
    pub fn target(&self, flags: Flags) -> Option<Target> {
        self.0.iter().find(|(when, _)| when.is_none_or(|c| c.holds(flags))).map(|(_, target)| *target)
    }
}

/// What follows an answer.
#[derive(Debug, Clone)]
pub enum Then {
    /// A screen.
    Goto(Goto),
    /// An action, and a screen for each outcome.
    Do(Action, Vec<(Outcome, Goto)>),
}

/// A numbered choice.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Its words.
    pub text: Text,
    /// Offered only if.
    pub when: Option<Condition>,
    /// The key it has instead of its number: it stands in the footer of every page.
    pub key: Option<u8>,
    /// Variables it sets.
    pub set: Vec<(Var, String)>,
    /// What follows.
    pub then: Then,
}

/// What can be typed.
#[derive(Debug, Clone)]
pub struct Input {
    /// Where it is kept.
    pub keep_as: Option<Var>,
    /// How it is read.
    pub validator: Validator,
    /// What follows.
    pub then: Then,
}

/// A list to choose from.
#[derive(Debug, Clone)]
pub struct List {
    /// Where the rows come from.
    pub source: Source,
    /// What each shows.
    pub row: Text,
    /// Where to when there are none.
    pub empty: Goto,
    /// What follows a choice.
    pub then: Then,
}

/// Lines to read.
#[derive(Debug, Clone)]
pub struct Lines {
    /// Where they come from.
    pub source: Source,
    /// What each shows.
    pub row: Text,
}

/// What a new dial does after a call dropped here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redial {
    /// It opens at the front.
    StartOver,
    /// It asks whether to go on with the draft, for so many hours.
    Ask {
        /// How long the draft lives.
        hours: u32,
    },
    /// It opens on the code that is due.
    Code,
    /// It asks after the PIN whether to go on with the register.
    Register,
}

/// One screen.
#[derive(Debug, Clone)]
pub struct Screen {
    /// `journey.name`.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What it shows.
    pub text: Text,
    /// What it shows under a refusal.
    pub again: Option<Text>,
    /// What a redial does; `None` only where the session ends.
    pub redial: Option<Redial>,
    /// Whether `0` leads back.
    pub back: bool,
    /// Which screen it leads to, whatever the way was here; `None`: the one that was before.
    pub behind: Option<ScreenId>,
    /// Whether `00` leads to the main menu.
    pub main: bool,
    /// Whether the session ends with it.
    pub ends: bool,
    /// Numbered choices.
    pub choices: Vec<Choice>,
    /// What can be typed.
    pub input: Option<Input>,
    /// A list to choose from.
    pub list: Option<List>,
    /// Lines to read.
    pub lines: Option<Lines>,
}

impl Screen {
    /// Where its rows come from, to choose from or to read, and what each shows.
    pub fn rows(&self) -> Option<(Source, &Text)> {
        let list = self.list.as_ref().map(|list| (list.source, &list.row));
        list.or_else(|| self.lines.as_ref().map(|lines| (lines.source, &lines.row)))
    }

    /// Whether something secret is typed here.
    pub fn is_secret(&self) -> bool {
        self.input.as_ref().is_some_and(|input| input.validator.is_secret())
    }

    /// Everything that can follow an answer on it.
    pub fn follows(&self) -> impl Iterator<Item = &Then> {
        let choices = self.choices.iter().map(|c| &c.then);
        let input = self.input.iter().map(|i| &i.then);
        choices.chain(input).chain(self.list.iter().map(|l| &l.then))
    }
}

/// One version of the menus, compiled.
#[derive(Debug)]
pub struct Menus {
    /// Its name: a digest of its files.
    pub version: String,
    /// The files it came from.
    pub bundle: Bundle,
    /// All screens.
    pub screens: Vec<Screen>,
    /// Which screen a dial opens on.
    pub entry: Goto,
    /// Which screen `00` leads to.
    pub main: Goto,
    /// Which screen shows when a sign-in is over.
    pub signed_out: Goto,
    by_name: HashMap<String, ScreenId>,
    says: HashMap<Say, Text>,
    refusals: HashMap<Refusal, Text>,
    words: HashMap<(Var, String), Text>,
    sms: HashMap<Purpose, Text>,
}

impl Menus {
    /// Compile a bundle. What the names in it don't allow is complained about, all of it at once; whether the menus
    /// are any good is for `check` to prove.
    pub fn compile(bundle: Bundle) -> Result<Arc<Self>, Vec<Complaint>> {
        compile::compile(bundle).map(Arc::new)
    }

    /// The screen of an id; ids of this version always have one.
    pub fn screen(&self, id: ScreenId) -> Option<&Screen> {
        self.screens.get(usize::from(id.0))
    }

    /// The id of a screen's name.
    pub fn by_name(&self, name: &str) -> Option<ScreenId> {
        self.by_name.get(name).copied()
    }

    /// A sentence of the program.
    pub fn say(&self, say: Say) -> &Text {
        found(self.says.get(&say))
    }

    /// The words for a refusal.
    pub fn refusal(&self, refusal: Refusal) -> &Text {
        found(self.refusals.get(&refusal))
    }

    /// The text of a word, if the value is one.
    pub fn word(&self, var: Var, value: &str) -> Option<&Text> {
        self.words.get(&(var, value.to_owned()))
    }

    /// The text of an SMS.
    pub fn sms(&self, purpose: Purpose) -> &Text {
        found(self.sms.get(&purpose))
    }
}

/// The compiler has put a text for every sentence, refusal and purpose; an empty one stands in where it could not.
fn found(text: Option<&Text>) -> &Text {
    static EMPTY: std::sync::LazyLock<Text> = std::sync::LazyLock::new(Text::default);
    text.unwrap_or(&EMPTY)
}
