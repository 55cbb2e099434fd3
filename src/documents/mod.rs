//! Documents for people and payers: what they hold as plain values, and how they are written as CSV, XLSX and PDF. Where
//! the values come from is the services' business.

pub mod cells;
pub mod csv;
pub mod pdf;
pub mod register;
pub mod xlsx;

pub use register::{Marked, RegisterDay, RegisterDocument, RegisterPerson, Signature, Standing};

/// Why a document can't be written.
#[derive(Debug, thiserror::Error)]
pub enum CantWrite {
    /// The CSV writer's own words.
    #[error("the CSV can't be written: {0}")]
    Csv(#[from] ::csv::Error),
    /// The XLSX writer's own words.
    #[error("the XLSX can't be written: {0}")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
    /// Nothing that can be written as a file.
    #[error("the file can't be written: {0}")]
    Io(#[from] std::io::Error),
}
