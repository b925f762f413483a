//! A lock that other processes see, and that dies with its owner.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::open_unlinked;

/// Held until it is dropped, or the process ends.
#[derive(Debug)]
pub(crate) struct ProcessLock(#[allow(dead_code, reason = "held")] File);

unsafe extern "C" {
    fn geteuid() -> u32;
}

/// The user that the process acts for.
fn user() -> u32 {
    // SAFETY: a call without parameters.
    unsafe { geteuid() }
}

impl ProcessLock {
    /// Takes the lock of a name, which is letters, digits and dashes; `None` if another process has it.
    ///
    /// # Errors
    ///
    /// There is no place for it.
    pub(crate) fn try_take(name: &str) -> io::Result<Option<Self>> {
        let folder = PathBuf::from(format!("/tmp/mapi-provider-{}", user()));
        Self::try_take_in(&folder, name)
    }

    fn try_take_in(folder: &Path, name: &str) -> io::Result<Option<Self>> {
        make_own(folder)?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).mode(0o600);
        let file = open_unlinked(&folder.join(name), &options)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Makes a folder for this user alone, if there is none, and refuses whatever else anybody has put in its place.
fn make_own(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = folder.symlink_metadata()?;
    if found.is_dir() && found.uid() == user() && found.mode() & 0o077 == 0 {
        Ok(())
    } else {
        let text = format!("{} is not a folder of this user's alone", folder.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::io::ErrorKind;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    fn refused(folder: &Path) -> ErrorKind {
        let taken = ProcessLock::try_take_in(folder, "lock");
        taken.expect_err("it is none of ours").kind()
    }

    #[test]
    fn sync_15_the_locks_folder_is_the_users_alone_and_no_link() {
        let outer = tempfile::tempdir().expect("a folder");
        let [folder, other] = ["locks", "other"].map(|name| outer.path().join(name));
        let held = ProcessLock::try_take_in(&folder, "lock").expect("a place for it");
        assert!(held.is_some());
        for mode in [0o770, 0o707, 0o711] {
            fs::set_permissions(&folder, Permissions::from_mode(mode)).expect("ours");
            assert_eq!(refused(&folder), ErrorKind::PermissionDenied, "{mode:o}");
        }
        fs::create_dir(&other).expect("a folder");
        fs::set_permissions(&other, Permissions::from_mode(0o700)).expect("ours");
        let link = outer.path().join("link");
        symlink(&other, &link).expect("a link");
        assert_eq!(refused(&link), ErrorKind::PermissionDenied);
        let made = fs::read_dir(&other).expect("a folder").count();
        assert_eq!(made, 0, "a file was made where a link leads");
    }

    #[test]
    fn sync_15_a_link_in_the_locks_place_is_not_followed() {
        let outer = tempfile::tempdir().expect("a folder");
        let folder = outer.path().join("locks");
        make_own(&folder).expect("a folder");
        let [victim, lock] = [outer.path().join("victim"), folder.join("lock")];
        symlink(&victim, &lock).expect("a link");
        assert_eq!(refused(&folder), ErrorKind::TooManyLinks);
        assert!(!victim.exists(), "made where a link led");
        fs::remove_file(&lock).expect("ours");
        fs::write(&victim, "precious").expect("writable");
        fs::hard_link(&victim, &lock).expect("a second name");
        assert_eq!(refused(&folder), ErrorKind::TooManyLinks);
        fs::remove_file(&lock).expect("ours");
        fs::create_dir(&lock).expect("a folder");
        assert!(ProcessLock::try_take_in(&folder, "lock").is_err());
    }
}
