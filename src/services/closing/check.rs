//! What a document said, for anybody who has its code: no name and no number of a person is in the answer.

use crate::{
    model::{DocumentCode, document_code::CodeTypo},
    storage::{
        StoreError, Tx,
        documents::{self, Document},
    },
};

/// What is known of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is no code as it was typed.
    Typo(CodeTypo),
    /// No document has it.
    Unknown,
    /// What the document said, and whether it still counts.
    Found(Box<Document>),
}

/// Look up the document of a code as somebody typed it. One statement at most.
pub async fn check(tx: &mut Tx, typed: &str) -> Result<Checked, StoreError> {
    let code = match DocumentCode::parse(typed) {
        Ok(code) => code,
        Err(typo) => return Ok(Checked::Typo(typo)),
    };
    Ok(documents::by_code(tx, &code).await?.map_or(Checked::Unknown, |found| Checked::Found(Box::new(found))))
}
