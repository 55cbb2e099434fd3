//! The keys as the running program holds them: it notices that another process changed the file, and changes the file
//! itself one rotation at a time. When to look is left to the workers; which step to take to `keys rotate`.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock, RwLockReadGuard},
};

use zeroize::Zeroizing;

use super::{
    key_fault::{KeyFileError, KeyFileFault},
    key_file::{Stamp, load_stamped, stamp},
    keys::{Keys, Purpose},
    rotation::{RotationFailed, RotationRefused},
    sealing::{Place, Sealed, Unsealable},
    temporary::directory,
};

/// The current keys and the file they come from.
#[derive(Debug)]
pub struct KeyRing {
    path: Option<PathBuf>,
    held: RwLock<Held>,
}

/// Keys and stamp change together, so that two reloads at once can't leave old keys with the new file's stamp.
#[derive(Debug)]
struct Held {
    keys: Keys,
    seen: Option<Stamp>,
}

impl KeyRing {
    /// Read the key file and watch it from now on.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let (keys, seen) = load_stamped(path)?;
        Ok(Self { path: Some(path.to_owned()), held: RwLock::new(Held { keys, seen: Some(seen) }) })
    }

    /// Keys that come from no file and never change by themselves.
    pub fn fixed(keys: Keys) -> Self {
        Self { path: None, held: RwLock::new(Held { keys, seen: None }) }
    }

    /// The keys as they are now. Take them once a hop, so that everything in it uses the same.
    pub fn current(&self) -> Keys {
        self.held().keys.clone()
    }

    /// Read the file again if it looks different (time, length or inode); says whether it did. When it can't be read
    /// the keys stay as they are.
    pub fn reload_if_changed(&self) -> Result<bool, KeyFileError> {
        let Some(path) = &self.path else { return Ok(false) };
        if Some(stamp(path)?) == self.held().seen {
            return Ok(false);
        }
        let (keys, seen) = load_stamped(path)?;
        self.hold(Held { keys, seen: Some(seen) });
        Ok(true)
    }

    /// The current keys; if the key `id` is not among them, after one more look at the file. For what names its key:
    /// a PIN's pepper, a challenge's code key, an opening's mark key.
    pub fn with(&self, purpose: Purpose, id: &str) -> Keys {
        let keys = self.current();
        if keys.has(purpose, id) {
            return keys;
        }
        if let Err(error) = self.reload_if_changed() {
            tracing::warn!(error = %error, "a key is missing and the key file can't be read again");
        }
        self.current()
    }

    /// Open what was sealed for `place`, also with a key that another process has just added to the file.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        self.with(Purpose::Field, &sealed.key_id).open(place, sealed)
    }

    /// Open the state of a session, also with a key that another process has just added to the file.
    pub fn open_session(&self, session_key: &[u8], blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        self.with(Purpose::Session, Sealed::key_id_of(blob)?).open_session(session_key, blob)
    }

    /// Take one step of a rotation: from the keys as the file has them now to the file with the new ones, while no other
    /// process does the same.
    pub fn change(
        &self,
        step: impl FnOnce(&Keys) -> Result<Keys, RotationRefused>,
    ) -> Result<Keys, RotationFailed> {
        let Some(path) = &self.path else {
            let keys = step(&self.current())?;
            self.hold(Held { keys: keys.clone(), seen: None });
            return Ok(keys);
        };
        let _locked = lock(path)?;
        let keys = step(&Keys::load(path)?)?;
        keys.save(path)?;
        self.reload_if_changed()?;
        Ok(keys)
    }

    fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, held: Held) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

/// Locks the directory and not the file, since a rename puts another file in its place. Dropping it unlocks.
fn lock(path: &Path) -> Result<File, RotationFailed> {
    let failed = |source| KeyFileError {
        path: path.to_owned(),
        fault: KeyFileFault::Io { doing: "lock its directory", source },
    };
    let dir = fs::canonicalize(path).and_then(|real| File::open(directory(&real))).map_err(failed)?;
    match dir.try_lock() {
        Ok(()) => Ok(dir),
        Err(TryLockError::WouldBlock) => Err(RotationFailed::Busy),
        Err(TryLockError::Error(source)) => Err(failed(source).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::keys::counted_chance;

    const PLACE: Place<'static> = Place { table: "people", column: "national_id", row: b"1" };

    fn new_file() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("keys.toml");
        Keys::create(&path, counted_chance()).unwrap();
        (dir, path)
    }

    /// Chance that differs from what made the file.
    fn later_chance() -> impl FnMut(&mut [u8]) {
        let mut chance = counted_chance();
        (0..20).for_each(|_| chance(&mut [0; 32]));
        chance
    }

    #[test]
    fn a_rotation_by_another_process_is_picked_up() {
        let (_dir, path) = new_file();
        let (ours, theirs) = (KeyRing::load(&path).unwrap(), KeyRing::load(&path).unwrap());
        assert!(!ours.reload_if_changed().unwrap());

        theirs.change(|keys| Ok(keys.with_new_key(Purpose::Field, later_chance()))).unwrap();
        assert_eq!(theirs.current().current_id(Purpose::Field), "f2");
        assert_eq!(ours.current().current_id(Purpose::Field), "f1");
        assert!(ours.reload_if_changed().unwrap());
        assert!(!ours.reload_if_changed().unwrap());
        assert_eq!(ours.current().current_id(Purpose::Field), "f2");
    }

    #[test]
    fn an_unknown_key_is_looked_for_in_the_file_once() {
        let (_dir, path) = new_file();
        let (ours, theirs) = (KeyRing::load(&path).unwrap(), KeyRing::load(&path).unwrap());
        let step = |keys: &Keys| {
            let mut chance = later_chance();
            Ok(keys.with_new_key(Purpose::Field, &mut chance).with_new_key(Purpose::Session, &mut chance))
        };
        let new = theirs.change(step).unwrap();

        let state = new.seal_session(b"session", b"state", [2; 12]);
        assert_eq!(ours.open_session(b"session", &state).unwrap().as_slice(), b"state");
        let mut sealed = new.seal(PLACE, b"28461937", [1; 24]);
        assert_eq!(ours.open(PLACE, &sealed).unwrap().as_slice(), b"28461937");
        sealed.key_id = "f3".to_owned();
        assert_eq!(ours.open(PLACE, &sealed).unwrap_err(), Unsealable::UnknownKey("f3".to_owned()));
    }

    #[test]
    fn keys_stay_when_the_file_is_spoilt_or_gone() {
        let (_dir, path) = new_file();
        let ring = KeyRing::load(&path).unwrap();
        let sealed = ring.current().seal(PLACE, b"28461937", [1; 24]);

        std::fs::write(&path, "[field]\n").unwrap();
        assert!(ring.reload_if_changed().is_err());
        assert!(ring.open(PLACE, &sealed).is_ok());
        std::fs::remove_file(&path).unwrap();
        assert!(ring.reload_if_changed().is_err());
        assert!(!ring.with(Purpose::Field, "f9").has(Purpose::Field, "f9"));
        assert!(ring.open(PLACE, &sealed).is_ok());
    }

    #[test]
    fn a_refused_step_changes_nothing() {
        let (_dir, path) = new_file();
        let before = std::fs::read(&path).unwrap();
        let ring = KeyRing::load(&path).unwrap();
        let failed = ring.change(|keys| keys.retire(Purpose::Field, "f1")).unwrap_err();
        assert!(matches!(failed, RotationFailed::Refused(RotationRefused::InUse { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }

    #[test]
    fn two_rotations_never_run_at_once() {
        let (_dir, path) = new_file();
        let (ours, theirs) = (KeyRing::load(&path).unwrap(), KeyRing::load(&path).unwrap());
        let mut inner = None;
        ours.change(|keys| {
            inner = Some(theirs.change(|keys| Ok(keys.clone())));
            Ok(keys.with_new_key(Purpose::Field, later_chance()))
        })
        .unwrap();
        assert!(matches!(inner, Some(Err(RotationFailed::Busy))));
        theirs.change(|keys| Ok(keys.clone())).unwrap();
        assert_eq!(theirs.current().current_id(Purpose::Field), "f2");
    }

    #[test]
    fn keys_without_a_file_change_in_memory() {
        let ring = KeyRing::fixed(Keys::generate(counted_chance()));
        ring.change(|keys| Ok(keys.with_new_key(Purpose::Pepper, later_chance()))).unwrap();
        assert_eq!(ring.current().current_id(Purpose::Pepper), "p2");
        assert!(!ring.reload_if_changed().unwrap());
        assert!(format!("{ring:?}").contains(r#"pepper: ["p2", "p1"]"#));
    }
}
