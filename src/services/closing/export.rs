//! A register's document as a file. Who takes names out of the database goes into the audit.

use super::{Built, Of, acts::still_says, build};
use crate::{
    documents::{self, CantWrite},
    model::DocumentCode,
    services::Deps,
    storage::{StoreError, audit},
};

/// What a file is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For machines.
    Csv,
    /// For spreadsheets.
    Xlsx,
    /// To be signed.
    Pdf,
}

impl Format {
    /// How names of such files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum NotExported {
    /// There is no such series or centre.
    #[error("there is no series {series} or no centre {centre}")]
    NoRegister {
        /// The series.
        series: String,
        /// The centre.
        centre: String,
    },
    /// A paper with that code would say what nobody signed.
    #[error(
        "the ledger no longer says what was signed under {0}; `daftari audit verify` names what was changed"
    )]
    Broken(DocumentCode),
    /// The document can't be written.
    #[error(transparent)]
    CantWrite(#[from] CantWrite),
    /// The database says no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A register's document as a file; `by` is who takes it, for the audit.
pub async fn export(
    deps: &Deps,
    of: Of<'_>,
    format: Format,
    (by, channel): (&str, &str),
) -> Result<(Built, Vec<u8>), NotExported> {
    let now = deps.clock.now();
    let mut tx = deps.store.read().await?;
    let built = build(&mut tx, deps, of, now).await?;
    let built = built.ok_or_else(|| NotExported::NoRegister {
        series: of.series.to_owned(),
        centre: of.centre.to_string(),
    })?;
    if let Some(signed) = &built.signed
        && !still_says(&mut tx, signed).await?
    {
        return Err(NotExported::Broken(signed.code.clone()));
    }
    drop(tx);
    let file = match format {
        Format::Csv => documents::csv::register(&built.document)?,
        Format::Xlsx => documents::xlsx::register(&built.document)?,
        Format::Pdf => documents::pdf::register(&built.document)?,
    };
    let detail = format!("{} {} as {}", of.series, of.centre, format.ending());
    let event = audit::Event {
        at: now,
        actor: by,
        action: "register_exported",
        subject: deps.chance.id(now),
        channel,
        detail: Some((&detail, deps.chance.bytes())),
    };
    let mut tx = deps.store.begin().await?;
    audit::append(&mut tx, event).await?;
    tx.commit().await?;
    Ok((built, file))
}
