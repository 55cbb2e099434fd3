//! Files that only their owner can read: names, numbers and national IDs are in them.

use std::{
    fs::{File, OpenOptions, Permissions},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};

use anyhow::Context as _;

/// Begin such a file, over what is there only if so wished. One that others could read is theirs no longer.
pub(super) fn create(path: &Path, overwrite: bool) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(!overwrite).create(true).truncate(overwrite).mode(0o600);
    let made = options.open(path).and_then(|file| {
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(file)
    });
    made.with_context(|| format!("{} can't be written", path.display()))
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    #[test]
    fn nobody_else_can_read_it_even_where_they_could_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("claims.csv");
        fs::write(&path, "an old one, and longer").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        assert!(create(&path, false).is_err(), "it is there already");
        create(&path, true).unwrap().write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
