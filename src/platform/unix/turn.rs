//! One process after the other.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::open_unlinked;

/// The right to change something while others that want it wait: a lock on a file made for this, which only its maker
/// may use. It ends on drop, and with the process however that ends; in that case the file stays, and the next one
/// takes it.
pub(crate) struct Turn {
    path: PathBuf,
    _file: File,
}

impl Turn {
    /// Takes it; `None` if another has it just now.
    ///
    /// # Errors
    ///
    /// The file can't be made, or is not a file.
    pub(crate) fn attempt(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600);
        Self::of(path, open_unlinked(path, &options)?)
    }

    /// Takes it by the file that was open under this name.
    fn of(path: &Path, file: File) -> io::Result<Option<Self>> {
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The previous holder removes the file before anybody else can lock it. A file that has no name any more is
        // no lock.
        let ours = file.metadata()?;
        let named = fs::symlink_metadata(path);
        let is_named =
            named.is_ok_and(|found| (found.dev(), found.ino()) == (ours.dev(), ours.ino()));
        // Not a turn that is dropped at once: it would take the name from the file of the one who has it.
        if !is_named {
            return Ok(None);
        }
        Ok(Some(Self {
            path: path.to_owned(),
            _file: file,
        }))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // While it is locked, so that it is the one that was locked. If it can't be removed, the next holder takes
        // it.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_locks_a_file_without_a_name_leaves_the_one_that_has_it_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let gone = File::create(&path).expect("writable");
        fs::remove_file(&path).expect("it is there");
        let turn = Turn::attempt(&path).expect("writable").expect("free");
        assert!(Turn::of(&path, gone).expect("lockable").is_none());
        assert!(path.exists(), "the other's lock file");
        assert!(Turn::attempt(&path).expect("readable").is_none());
        drop(turn);
        assert!(!path.exists());
    }
}
