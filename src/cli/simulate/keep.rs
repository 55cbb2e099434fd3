//! What phones were shown, kept in a file for whoever holds it against the database afterwards: a JSON object a line. What
//! was typed is not in it but as the journey has it.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use serde::Serialize;

use crate::phones::crowd::Person;

/// The file.
pub struct Keep(Mutex<BufWriter<File>>);

/// A screen or a message.
#[derive(Serialize)]
struct Kept<'a> {
    number: &'a str,
    /// The step that it answers; `sms` for a message.
    step: &'a str,
    /// From the instant the hop was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<f64>,
    text: &'a str,
}

impl Keep {
    /// Begin with an empty file.
    pub fn to(file: &Path) -> anyhow::Result<Self> {
        let made = File::create(file).with_context(|| format!("{} can't be written", file.display()))?;
        Ok(Self(Mutex::new(BufWriter::new(made))))
    }

    /// Keep a screen. Of a hop that went out twice no time is told: it is that of both.
    pub fn screen(
        &self,
        person: &Person,
        step: &str,
        took: Option<Duration>,
        text: &str,
    ) -> anyhow::Result<()> {
        let ms = took.map(|took| took.as_secs_f64() * 1e3);
        self.write(&Kept { number: person.line.msisdn.as_e164(), step, ms, text })
    }

    /// Keep a message.
    pub fn sms(&self, person: &Person, text: &str) -> anyhow::Result<()> {
        self.write(&Kept { number: person.line.msisdn.as_e164(), step: "sms", ms: None, text })
    }

    /// Nothing more comes.
    pub fn close(&self) -> anyhow::Result<()> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()?)
    }

    fn write(&self, kept: &Kept<'_>) -> anyhow::Result<()> {
        let line = serde_json::to_string(kept)? + "\n";
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(line.as_bytes())?)
    }
}
