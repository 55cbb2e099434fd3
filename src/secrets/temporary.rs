//! A private file written beside the one it will become, so that a key file is never seen half-written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, fchown},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use super::key_fault::KeyFileFault;

/// The directory that holds the file: what is synced after a change, and locked during one.
pub(super) fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

pub(super) fn sync_directory(path: &Path) -> Result<(), KeyFileFault> {
    File::open(directory(path)).and_then(|dir| dir.sync_all()).map_err(io("sync its directory"))
}

/// The new text beside the file, gone again if it never gets there.
pub(super) struct Temporary {
    path: PathBuf,
    file: File,
    moved: bool,
}

impl Temporary {
    pub(super) fn write(beside: &Path, text: &str) -> Result<Self, KeyFileFault> {
        let mut temporary = Self::create(beside).map_err(io("write beside it"))?;
        temporary.file.write_all(text.as_bytes()).map_err(io("write beside it"))?;
        temporary.file.sync_all().map_err(io("sync it"))?;
        Ok(temporary)
    }

    /// A name that no other thread has, and that is passed over if a crash left it behind.
    fn create(beside: &Path) -> io::Result<Self> {
        static TAKEN: AtomicU32 = AtomicU32::new(0);
        loop {
            let mut path = beside.as_os_str().to_owned();
            path.push(format!(".new-{}-{}", std::process::id(), TAKEN.fetch_add(1, Ordering::Relaxed)));
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(file) => return Ok(Self { path: path.into(), file, moved: false }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Put it at `path`, over what is there.
    pub(super) fn rename_to(&mut self, path: &Path) -> Result<(), KeyFileFault> {
        fs::rename(&self.path, path).map_err(io("put it in its place"))?;
        self.moved = true;
        Ok(())
    }

    /// Put it at `path` if nothing is there.
    pub(super) fn link_to(&self, path: &Path) -> Result<(), KeyFileFault> {
        fs::hard_link(&self.path, path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => KeyFileFault::Exists,
            _ => KeyFileFault::Io { doing: "put it in its place", source: error },
        })
    }

    /// Whoever rotates may be root; the service must still be able to read the file.
    pub(super) fn take_owner_of(&self, path: &Path) -> Result<(), KeyFileFault> {
        let Ok(old) = fs::metadata(path) else { return Ok(()) };
        let new = self.file.metadata().map_err(io("look at it"))?;
        if (old.uid(), old.gid()) == (new.uid(), new.gid()) {
            return Ok(());
        }
        fchown(&self.file, Some(old.uid()), Some(old.gid())).map_err(io("keep its owner"))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // Once it has moved, the name may be another process's.
        if !self.moved {
            let _ = fs::remove_file(&self.path);
        }
    }
}

pub(super) fn io(doing: &'static str) -> impl FnOnce(io::Error) -> KeyFileFault {
    move |source| KeyFileFault::Io { doing, source }
}
