//! The file and the environment merged into one flat map of keys; what is no key becomes a fault. What a value means
//! is the sections' to say.

use std::{collections::BTreeMap, path::Path};

use config::{File, FileFormat, Value, ValueKind};

use super::{
    Environment,
    environment::variable,
    faults::Faults,
    known::{is_key, is_section, nearest},
    reader::Told,
};

/// As many as `known::is_index` has indices for.
const MOST_ROUTES: usize = 100;

/// What is written for a key.
pub(super) enum Setting {
    /// One value; numbers, dates and truth values as they are written.
    One(String),
    /// A list of values.
    Many(Vec<String>),
    /// Something that no key takes: a table, a list of lists.
    Other,
}

/// Everything that is written, by key.
#[derive(Default)]
pub(super) struct Settings {
    pub(super) values: BTreeMap<String, Setting>,
    /// How many `[[sms.route]]` there are.
    pub(super) routes: usize,
}

impl Settings {
    /// Merge `text` and the environment, which wins. `Told` when the text can't be read at all.
    pub(super) fn merge(
        (name, text): (&str, &str),
        environment: &Environment,
        faults: &mut Faults,
    ) -> Result<Self, Told> {
        let mut builder = config::Config::builder().add_source(File::from_str(text, FileFormat::Toml));
        for (path, value) in environment.iter() {
            if is_key(path) {
                builder = builder.set_override(expression(path), value).map_err(|_| Told)?;
            } else {
                faults
                    .push(variable(path), format!("no such key; did you mean {}?", variable(&nearest(path))));
            }
        }
        // The parser's own sentence quotes the line, which may hold a secret.
        if let Err(fault) = toml::from_str::<toml::Table>(text) {
            faults.push(
                position(name, text, &fault),
                "is not TOML here; is a quote, a bracket or an = missing?",
            );
            return Err(Told);
        }
        let merged = builder.build().map_err(|_| {
            faults.push(name, "can't be read as a configuration");
            Told
        })?;
        let mut settings = Self::default();
        settings.flatten("", merged.cache, faults);
        Ok(settings)
    }

    fn flatten(&mut self, path: &str, value: Value, faults: &mut Faults) {
        match value.kind {
            ValueKind::Nil if path.starts_with("sms.route.") => {
                faults.push(path, "is missing; routes are numbered 0, 1, 2 and so on without a gap");
            }
            _ if is_key(path) => {
                self.values.insert(path.to_owned(), setting(value));
            }
            ValueKind::Array(routes) if path == "sms.route" && routes.len() > MOST_ROUTES => {
                faults.push(path, format!("has {} routes; at most {MOST_ROUTES} are taken", routes.len()));
            }
            ValueKind::Array(routes) if path == "sms.route" => {
                self.routes = routes.len();
                for (index, route) in routes.into_iter().enumerate() {
                    self.flatten(&format!("{path}.{index}"), route, faults);
                }
            }
            ValueKind::Table(_) if path == "sms.route" => {
                faults.push(path, "is a list of sections; write [[sms.route]] with two brackets");
            }
            ValueKind::Table(table) if path.is_empty() || is_section(path) => {
                // The table is unordered, and the faults should come in the same order each time.
                for (key, value) in table.into_iter().collect::<BTreeMap<_, _>>() {
                    let dot = if path.is_empty() { "" } else { "." };
                    self.flatten(&format!("{path}{dot}{key}"), value, faults);
                }
            }
            _ if is_section(path) => faults.push(path, format!("is a section; write [{path}]")),
            _ => faults.push(path, format!("no such key; did you mean {}?", nearest(path))),
        }
    }
}

/// A configuration that the program carries: its name and its text.
pub(super) type Carried = (&'static str, &'static str);

/// What it runs on without a file.
pub(super) const EMBEDDED: Carried = ("the embedded default", include_str!("../../config/embedded.toml"));

/// What the demo runs on.
pub(super) const DEMO: Carried = ("the demo's configuration", include_str!("../../config/demo.toml"));

/// The text of a file, or the one that the program carries for want of it.
pub(super) fn text(
    file: Option<&Path>,
    (name, text): Carried,
    faults: &mut Faults,
) -> Result<(String, String), Told> {
    let Some(path) = file else { return Ok((name.to_owned(), text.to_owned())) };
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(error) => {
            faults.push(name, format!("can't be read: {error}"));
            Err(Told)
        }
    }
}

fn setting(value: Value) -> Setting {
    match value.kind {
        ValueKind::Array(values) => values
            .into_iter()
            .map(Value::into_string)
            .collect::<Result<_, _>>()
            .map_or(Setting::Other, Setting::Many),
        _ => value.into_string().map_or(Setting::Other, Setting::One),
    }
}

/// `sms.route.0.name` as the config crate writes it: `sms.route[0].name`.
fn expression(path: &str) -> String {
    path.split('.').fold(String::new(), |whole, part| match part.parse::<usize>() {
        Ok(index) => format!("{whole}[{index}]"),
        Err(_) if whole.is_empty() => part.to_owned(),
        Err(_) => format!("{whole}.{part}"),
    })
}

fn position(name: &str, text: &str, fault: &toml::de::Error) -> String {
    let before = fault.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    format!("{name}, line {line}")
}
