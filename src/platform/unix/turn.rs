//! One process after the other.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::open_unlinked;

/// The right to change something, while others that ask for it wait: a lock on a file that is there for it, and is
/// its maker's alone. It ends on drop, and with the process however that ends; only then the file stays, and is
/// taken by the next.
pub(crate) struct Turn {
    path: PathBuf,
    _file: File,
}

impl Turn {
    /// Takes it; none where another has it just now.
    ///
    /// # Errors
    ///
    /// The file can't be made, or is none.
    pub(crate) fn attempt(path: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).mode(0o600);
        let file = open_unlinked(path, &options)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // Who had it before removes the file before anybody else can lock it. What has no name any more is no lock.
        let ours = file.metadata()?;
        let named = fs::symlink_metadata(path);
        let is_named =
            named.is_ok_and(|found| (found.dev(), found.ino()) == (ours.dev(), ours.ino()));
        let path = path.to_owned();
        Ok(is_named.then_some(Self { path, _file: file }))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // While it is locked, so that it is the one that was locked. Where it can't be removed the next one takes it.
        let _ = fs::remove_file(&self.path);
    }
}
