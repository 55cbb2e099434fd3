//! The key file on disk: never readable by others, never half-written, never overwritten by a new set. What stands in it
//! is `key_text`; noticing that it changed is `ring`.

use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::Path,
    time::SystemTime,
};

use zeroize::{Zeroize as _, Zeroizing};

use super::{
    key_fault::{KeyFileError, KeyFileFault},
    key_text,
    keys::Keys,
    temporary::{Temporary, io, sync_directory},
};

/// What tells one state of the file from another without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
    inode: u64,
}

const LONGEST_FILE: u64 = 64 * 1024;

impl Keys {
    /// Read a key file. It must be readable by its owner only.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        load_stamped(path).map(|(keys, _)| keys)
    }

    /// Make a new set of keys and keep it in a new file, mode 0600. Of several that try at once exactly one makes the
    /// file, whole from the first instant; the others are told [`KeyFileFault::Exists`].
    pub fn create(path: &Path, random: impl FnMut(&mut [u8])) -> Result<Self, KeyFileError> {
        let keys = Self::generate(random);
        place_new(path, &key_text::write(&keys)).map_err(at(path))?;
        Ok(keys)
    }

    /// Put these keys in the place of the file's, at once or not at all; the file keeps its owner.
    pub fn save(&self, path: &Path) -> Result<(), KeyFileError> {
        replace(path, &key_text::write(self)).map_err(at(path))
    }
}

pub(super) fn load_stamped(path: &Path) -> Result<(Keys, Stamp), KeyFileError> {
    let (text, stamp) = read_private(path).map_err(at(path))?;
    Ok((key_text::read(&text).map_err(at(path))?, stamp))
}

pub(super) fn stamp(path: &Path) -> Result<Stamp, KeyFileError> {
    let metadata = fs::metadata(path).map_err(io("look at it")).map_err(at(path))?;
    Ok(Stamp::of(&metadata))
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self { modified: metadata.modified().ok(), length: metadata.len(), inode: metadata.ino() }
    }
}

fn read_private(path: &Path) -> Result<(Zeroizing<String>, Stamp), KeyFileFault> {
    let file = File::open(path).map_err(io("open it"))?;
    let metadata = file.metadata().map_err(io("look at it"))?;
    if !metadata.is_file() || metadata.len() > LONGEST_FILE {
        return Err(KeyFileFault::NotAKeyFile);
    }
    let mode = metadata.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileFault::OpenToOthers { mode, path: path.to_owned() });
    }
    // Room for all of it and one more byte, so that reading never moves the text and leaves no copy behind.
    let room = usize::try_from(metadata.len()).unwrap_or_default() + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    (&file).take(LONGEST_FILE).read_to_end(&mut bytes).map_err(io("read it"))?;
    let text = String::from_utf8(std::mem::take(&mut *bytes)).map_err(|error| {
        error.into_bytes().zeroize();
        KeyFileFault::NotText
    })?;
    Ok((Zeroizing::new(text), Stamp::of(&metadata)))
}

/// A hard link fails where something is already, and shows the file only when it is whole: `rename` does not do the
/// first, `create_new` at the place itself not the second.
fn place_new(path: &Path, text: &str) -> Result<(), KeyFileFault> {
    let temporary = Temporary::write(path, text)?;
    temporary.link_to(path)?;
    sync_directory(path)
}

fn replace(path: &Path, text: &str) -> Result<(), KeyFileFault> {
    // What is replaced is the file behind a symbolic link, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut temporary = Temporary::write(&path, text)?;
    temporary.take_owner_of(&path)?;
    temporary.rename_to(&path)?;
    sync_directory(&path)
}

fn at(path: &Path) -> impl FnOnce(KeyFileFault) -> KeyFileError {
    move |fault| KeyFileError { path: path.to_owned(), fault }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::fs::PermissionsExt as _, path::PathBuf};

    use super::*;
    use crate::secrets::{Purpose, keys::counted_chance};

    fn place() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.toml");
        (dir, path)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    fn names(dir: &Path) -> Vec<String> {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_new_file_is_private_and_reads_back() {
        let (dir, path) = place();
        let made = Keys::create(&path, counted_chance()).unwrap();
        assert_eq!(mode(&path), 0o600);
        let read = Keys::load(&path).unwrap();
        assert_eq!(made.lookup("c", "1"), read.lookup("c", "1"));
        assert_eq!(names(dir.path()), ["keys.toml"]);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let (_dir, path) = place();
        Keys::create(&path, counted_chance()).unwrap();
        for open in [0o644, 0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(open)).unwrap();
            let refused = Keys::load(&path).unwrap_err().to_string();
            let shown = path.display();
            assert_eq!(
                refused,
                format!("the key file {shown}: mode {open:04o} lets others at it; run: chmod 600 {shown}")
            );
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        assert!(Keys::load(&path).is_ok());
    }

    #[test]
    fn new_keys_never_overwrite_a_file() {
        let (dir, path) = place();
        fs::write(&path, "kept").unwrap();
        let refused = Keys::create(&path, counted_chance()).unwrap_err();
        assert!(matches!(refused.fault, KeyFileFault::Exists));
        assert_eq!(fs::read_to_string(&path).unwrap(), "kept");
        assert_eq!(names(dir.path()), ["keys.toml"]);
    }

    #[test]
    fn of_many_that_create_at_once_one_wins_and_all_read_its_keys() {
        let (dir, path) = place();
        let attempt = |seed: u8| {
            let mut chance = counted_chance();
            let made = Keys::create(&path, move |bytes| {
                chance(bytes);
                if let [first, ..] = bytes {
                    *first ^= seed;
                }
            });
            // Whoever lost finds a whole file at once.
            (made.ok(), Keys::load(&path).unwrap().lookup("c", "1"))
        };
        let attempt = &attempt;
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|seed| scope.spawn(move || attempt(seed))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let winners: Vec<_> = results.iter().filter_map(|(made, _)| made.as_ref()).collect();
        assert_eq!(winners.len(), 1);
        assert!(results.iter().all(|(_, read)| *read == winners[0].lookup("c", "1")));
        assert_eq!(names(dir.path()), ["keys.toml"]);
    }

    #[test]
    fn a_save_replaces_the_file_behind_a_link_and_leaves_it_private() {
        let (dir, path) = place();
        let link = dir.path().join("link.toml");
        let keys = Keys::create(&path, counted_chance()).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        keys.with_new_key(Purpose::Field, |bytes| bytes.fill(1)).save(&link).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(Keys::load(&path).unwrap().current_id(Purpose::Field), "f2");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(names(dir.path()).len(), 2);
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let (dir, path) = place();
        let fault = |path: &Path| Keys::load(path).unwrap_err().fault;
        assert!(matches!(fault(&path), KeyFileFault::Io { doing: "open it", .. }));
        assert!(matches!(fault(dir.path()), KeyFileFault::NotAKeyFile));
        let write = |content: &[u8]| {
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        };
        write(&[0xff, 0xfe]);
        assert!(matches!(fault(&path), KeyFileFault::NotText));
        write(&vec![b'\n'; 70_000]);
        assert!(matches!(fault(&path), KeyFileFault::NotAKeyFile));
        write(b"");
        assert!(matches!(fault(&path), KeyFileFault::MissingSection(_)));
        let nowhere = dir.path().join("missing/keys.toml");
        assert!(
            Keys::create(&nowhere, counted_chance())
                .unwrap_err()
                .to_string()
                .contains("can't write beside it")
        );
    }
}
