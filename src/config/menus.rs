//! `[menus]`: whose menus are served. Reading and proving them is `menu`'s.

use std::path::PathBuf;

use super::reader::{Reader, Told, path};

/// Whose menus are served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Menus {
    /// A folder, read again when it changes; without it the menus of this version.
    pub dir: Option<PathBuf>,
}

pub(super) fn read(r: &mut Reader<'_>) -> Result<Menus, Told> {
    Ok(Menus { dir: r.optional("menus.dir", path)? })
}
