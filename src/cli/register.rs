//! `register export`: a centre's register as a file to sign, to hand in, or for a spreadsheet.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};

use super::private;
use crate::{
    app,
    clock::{Chance, Clock},
    config::Config,
    documents::{RegisterDocument, Standing},
    model::CentreCode,
    services::closing::{self, Built, Format, NotExported, Of},
};

#[derive(Subcommand)]
pub(super) enum RegisterCommand {
    /// Write a centre's register to a file; the audit keeps that it was taken.
    Export(Export),
}

#[derive(Args)]
pub(super) struct Export {
    /// The code of the series.
    #[arg(long)]
    series: String,
    /// The centre's code: eight digits.
    #[arg(long, value_parser = centre)]
    centre: CentreCode,
    /// As what: the PDF is the one to sign.
    #[arg(long)]
    format: FormatName,
    /// Where to; `-` is standard output. Without it: register-SERIES-CENTRE.FORMAT in this folder.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Write over a file that is there.
    #[arg(long)]
    overwrite: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// A row a person, a column a day.
    Csv,
    /// A workbook.
    Xlsx,
    /// A4, with room for every signature.
    Pdf,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Csv => Self::Csv,
            FormatName::Xlsx => Self::Xlsx,
            FormatName::Pdf => Self::Pdf,
        }
    }
}

fn centre(text: &str) -> Result<CentreCode, &'static str> {
    CentreCode::parse(text).ok_or("a centre's code has eight digits")
}

impl RegisterCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let Self::Export(wanted) = self;
        let format = Format::from(wanted.format);
        let out = wanted.out.clone().unwrap_or_else(|| {
            PathBuf::from(format!("register-{}-{}.{}", wanted.series, wanted.centre, format.ending()))
        });
        let to_file = out.as_os_str() != "-";
        if to_file && !wanted.overwrite && out.exists() {
            anyhow::bail!("{} is there already. Name another with --out, or say --overwrite.", out.display());
        }
        let deps = app::open_deps(&config, Clock::System, Chance::from_system()).await?;
        let of = Of { series: &wanted.series, centre: &wanted.centre };
        let exported = closing::export(&deps, of, format, ("cli", "cli")).await;
        deps.store.close().await;
        let (built, file) = match exported {
            Err(NotExported::NoRegister { .. }) => {
                eprintln!("There is no series {} or no centre {}.", wanted.series, wanted.centre);
                return Ok(ExitCode::FAILURE);
            }
            exported => exported?,
        };
        if to_file {
            let written = private::create(&out, wanted.overwrite)?.write_all(&file);
            written.with_context(|| format!("{} can't be written", out.display()))?;
            println!("{}: {}", out.display(), told(&built));
        } else {
            io::stdout().write_all(&file)?;
            eprintln!("{}", told(&built));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the file holds, in a sentence or two.
fn told(built: &Built) -> String {
    let document = &built.document;
    let totals = document.totals();
    format!(
        "{} {}, {}: {} people, {} of {} days marked, marks: {} present, {} absent. {}",
        document.centre,
        document.centre_name,
        document.series,
        document.people.len(),
        document.days_marked(),
        document.days.len(),
        totals.present,
        totals.absent,
        standing(document)
    )
}

fn standing(document: &RegisterDocument) -> String {
    let at = |signature: &crate::documents::Signature| signature.at.format("%d/%m/%Y %H:%M").to_string();
    match &document.standing {
        Standing::Draft if document.practice => {
            "Practice: nothing of it counts, and nobody can sign it.".to_owned()
        }
        Standing::Draft => "A draft: nobody has signed it, so it has no code.".to_owned(),
        Standing::Signed { code, centre, director: None } => {
            format!("Signed {}, code {code}; the director has not countersigned it.", at(centre))
        }
        Standing::Signed { code, centre, director: Some(director) } => {
            format!("Signed {}, countersigned {}, code {code}.", at(centre), at(director))
        }
    }
}
