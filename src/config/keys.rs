//! `[keys]`: where the keys for codes, pepper, fields and look-ups are kept. Reading and making them is `secrets`'.

use std::path::{Path, PathBuf};

use super::{
    database::Database,
    reader::{Reader, Told, path},
};

/// The file of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeysFile {
    /// Where it is.
    pub file: PathBuf,
    /// Whether it is made, mode 0600, when it is not there: only beside an SQLite database. A file that the operator
    /// named must exist, or a mistyped path would make every stored secret unreadable.
    pub made_when_missing: bool,
}

impl KeysFile {
    /// The default: `<database>.keys` beside an SQLite database.
    pub fn beside(database: &Path) -> Self {
        let mut file = database.as_os_str().to_owned();
        file.push(".keys");
        Self { file: file.into(), made_when_missing: true }
    }
}

pub(super) fn read(r: &mut Reader<'_>, database: Result<&Database, Told>) -> Result<KeysFile, Told> {
    if let Some(file) = r.optional("keys.file", path)? {
        return Ok(KeysFile { file, made_when_missing: false });
    }
    match database?.sqlite_file() {
        Some(file) => Ok(KeysFile::beside(file)),
        None => {
            Err(r.fault("keys.file", "is missing; with Postgres write the path of the file with the keys (`daftari keys make FILE` makes one)"))
        }
    }
}
