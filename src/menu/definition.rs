//! The menu files as they are written: TOML to structs, with the place of everything that can be complained about.
//! What the names in them mean is settled by `compiled`.

use std::{collections::BTreeMap, fmt, fs, io, path::Path};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use toml::Spanned;

use crate::model::Language;

/// The menu files of one version: name (`account.toml`) to content.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bundle(pub BTreeMap<String, String>);

#[derive(rust_embed::RustEmbed)]
#[folder = "menus"]
#[include = "*.toml"]
struct BuiltIn;

impl Bundle {
    /// The menus that are part of the program.
    pub fn built_in() -> Self {
        let files = BuiltIn::iter().filter_map(|name| {
            let file = BuiltIn::get(&name)?;
            Some((name.into_owned(), String::from_utf8_lossy(&file.data).into_owned()))
        });
        Self(files.collect())
    }

    /// Every `.toml` file of a folder.
    pub fn read(dir: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "toml") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                files.insert(name, fs::read_to_string(&path)?);
            }
        }
        Ok(Self(files))
    }

    /// A name for exactly these texts: sixteen hexadecimal digits of their SHA-256.
    pub fn version(&self) -> String {
        let mut hash = Sha256::new();
        for (name, content) in &self.0 {
            hash.update(format!("{name}\0{}\0", content.len()));
            hash.update(content);
        }
        let digest = hash.finalize().iter().take(8).fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        format!("{digest:016x}")
    }
}

/// Where in the files something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// The file's name.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Something wrong with the menus.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// Where.
    pub place: Place,
    /// On which screen, if on one.
    pub screen: Option<String>,
    /// In which language, if in one.
    pub language: Option<Language>,
    /// What is wrong and what to do about it.
    pub says: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.place.file, self.place.line)?;
        if let Some(screen) = &self.screen {
            write!(f, "screen {screen}: ")?;
        }
        if let Some(language) = self.language {
            write!(f, "{}: ", language.code())?;
        }
        f.write_str(&self.says)
    }
}

/// A text in every language; a missing one is complained about, not an error of TOML.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextDef {
    /// English.
    pub en: Option<Spanned<String>>,
    /// Kiswahili.
    pub sw: Option<Spanned<String>>,
}

/// `goto = "screen"`, or rules of which the first that holds counts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum GotoDef {
    /// One target whatever the situation.
    Always(String),
    /// `[{ if = "flag", goto = "screen" }, { goto = "screen" }]`
    Rules(Vec<RuleDef>),
}

/// One rule of a `goto`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDef {
    /// `flag` or `not flag`; absent: always.
    #[serde(rename = "if")]
    pub when: Option<String>,
    /// Where to.
    pub goto: String,
}

/// The screens that outcomes lead to.
pub type OnDef = BTreeMap<String, Spanned<GotoDef>>;

/// Where an answer leads: to a screen, or to an action and from its outcomes to screens.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceDef {
    /// The words in English.
    pub en: Option<Spanned<String>>,
    /// The words in Kiswahili.
    pub sw: Option<Spanned<String>>,
    /// Offered only if.
    #[serde(rename = "if")]
    pub when: Option<Spanned<String>>,
    /// The key it has instead of its number, where numbers mean something else.
    pub key: Option<Spanned<u8>>,
    /// Variables it sets.
    #[serde(default)]
    pub set: BTreeMap<String, Spanned<String>>,
    /// The screen it leads to.
    pub goto: Option<Spanned<GotoDef>>,
    /// The action it has done.
    #[serde(rename = "do")]
    pub action: Option<Spanned<String>>,
    /// The screens its outcomes lead to.
    #[serde(default)]
    pub on: OnDef,
}

/// What a screen lets the caller type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputDef {
    /// The variable it is kept in; absent for what is only checked.
    #[serde(rename = "as")]
    pub keep_as: Option<Spanned<String>>,
    /// The validator.
    pub check: Spanned<String>,
    /// Must be true for validators of secrets, so that whoever reads the file sees it.
    #[serde(default)]
    pub secret: bool,
    /// The screen it leads to.
    pub goto: Option<Spanned<GotoDef>>,
    /// The action it has done.
    #[serde(rename = "do")]
    pub action: Option<Spanned<String>>,
    /// The screens its outcomes lead to.
    #[serde(default)]
    pub on: OnDef,
}

/// A list from a named source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListDef {
    /// The source.
    pub from: Spanned<String>,
    /// What each row shows.
    pub row: TextDef,
    /// Where to when there is nothing to show.
    pub empty: Spanned<GotoDef>,
    /// Where a choice leads.
    pub goto: Option<Spanned<GotoDef>>,
    /// The action a choice has done.
    #[serde(rename = "do")]
    pub action: Option<Spanned<String>>,
    /// The screens its outcomes lead to.
    #[serde(default)]
    pub on: OnDef,
}

/// Lines from a named source that are read, not chosen from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinesDef {
    /// The source.
    pub from: Spanned<String>,
    /// What each line shows.
    pub row: TextDef,
}

/// One screen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScreenDef {
    /// What the phone shows.
    pub text: TextDef,
    /// A shorter text for when an input was refused and the refusal stands above it.
    pub again: Option<TextDef>,
    /// `start over`, or `ask for 24 hours`.
    pub redial: Option<Spanned<String>>,
    /// Whether `0` leads back.
    pub back: Option<bool>,
    /// Which screen `0` leads to, whatever the way was here: for screens that lead to one another.
    pub behind: Option<Spanned<String>>,
    /// Whether `00` leads to the main menu.
    pub main: Option<bool>,
    /// Whether the session ends with it.
    #[serde(default)]
    pub end: bool,
    /// Numbered choices.
    #[serde(default)]
    pub choice: Vec<Spanned<ChoiceDef>>,
    /// What can be typed.
    pub input: Option<Spanned<InputDef>>,
    /// A list to choose from.
    pub list: Option<Spanned<ListDef>>,
    /// Lines to read.
    pub lines: Option<Spanned<LinesDef>>,
}

/// One menu file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDef {
    /// The journey its screens belong to; the first part of their names.
    pub journey: Option<Spanned<String>>,
    /// Which screen a dial opens on.
    pub entry: Option<Spanned<GotoDef>>,
    /// Which screen `00` leads to.
    pub main: Option<Spanned<GotoDef>>,
    /// Which screen shows when a sign-in is over.
    pub signed_out: Option<Spanned<GotoDef>>,
    /// Where the outcomes of an action lead, wherever the file has it done: by action, then by outcome. What an answer
    /// says itself goes first.
    #[serde(default)]
    pub on: BTreeMap<String, OnDef>,
    /// Screens by name.
    #[serde(default)]
    pub screen: BTreeMap<String, Spanned<ScreenDef>>,
    /// Sentences of the program.
    #[serde(default)]
    pub say: BTreeMap<String, Spanned<TextDef>>,
    /// Refusals, by validator and reason.
    #[serde(default)]
    pub refusal: BTreeMap<String, BTreeMap<String, Spanned<TextDef>>>,
    /// Words, by variable and value.
    #[serde(default)]
    pub word: BTreeMap<String, BTreeMap<String, Spanned<TextDef>>>,
    /// SMS by purpose.
    #[serde(default)]
    pub sms: BTreeMap<String, Spanned<TextDef>>,
}

/// Read one file; what TOML itself finds wrong becomes a complaint with its line.
pub fn read(name: &str, content: &str) -> Result<FileDef, Complaint> {
    toml::from_str(content).map_err(|error| Complaint {
        place: Place { file: name.to_owned(), line: line_of(content, error.span().map_or(0, |s| s.start)) },
        screen: None,
        language: None,
        says: error.message().to_owned(),
    })
}

/// The line, from 1, of a byte offset.
pub fn line_of(content: &str, offset: usize) -> usize {
    // Every text of every menu is asked for its line: `matches` jumps from one end of a line to the next.
    content.get(..offset).unwrap_or(content).matches('\n').count() + 1
}
