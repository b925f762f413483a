//! Files that are what their name says, and what they look like to others.

use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use crate::platform::trust::refused;

/// Don't follow a link; asm-generic/fcntl.h, and Arm's own.
const O_NOFOLLOW: i32 = if cfg!(any(target_arch = "arm", target_arch = "aarch64")) {
    0o100_000
} else {
    0o400_000
};
/// Don't wait for the other side of a pipe.
const O_NONBLOCK: i32 = 0o4_000;
/// What opening a link returns then.
const ELOOP: i32 = 40;

/// Opens a file that has exactly this name and no other: no link's target, no device, and no file that has a
/// second name somewhere (SYNC-23). Links among its folders are followed. Not for `truncate`, which would come before
/// the checks.
///
/// # Errors
///
/// As [`OpenOptions::open`]; `TooManyLinks` and `InvalidInput` if it is no such file.
pub(crate) fn open_unlinked(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let file = open_itself(path, options)?;
    if file.metadata()?.nlink() > 1 {
        return Err(refused(true));
    }
    Ok(file)
}

/// As [`open_unlinked`], but the file may have other names too: for callers that read it, and put another in its
/// place.
///
/// # Errors
///
/// As for [`open_unlinked`].
pub(crate) fn open_itself(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let mut options = options.clone();
    options.custom_flags(O_NOFOLLOW | O_NONBLOCK);
    let file = options
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(ELOOP) => refused(true),
            _ => error,
        })?;
    if !file.metadata()?.is_file() {
        return Err(refused(false));
    }
    Ok(file)
}

/// Whose a file is, and who may do what with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Looks {
    owner: u32,
    group: u32,
    mode: u32,
}

impl Looks {
    /// Those of an open file.
    ///
    /// # Errors
    ///
    /// The system doesn't tell.
    pub(crate) fn of(file: &File) -> io::Result<Self> {
        let found = file.metadata()?;
        Ok(Self {
            owner: found.uid(),
            group: found.gid(),
            mode: found.mode() & 0o7777,
        })
    }

    /// Makes a new file that will get these looks; until then, only its maker may use it.
    ///
    /// # Errors
    ///
    /// There is one of this name; or as [`OpenOptions::open`].
    pub(crate) fn create(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(path)
    }

    /// Gives a file these looks, all of them or none.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` if it may not be given to that owner or group.
    pub(crate) fn give(&self, file: &File) -> io::Result<()> {
        let now = Self::of(file)?;
        if (now.owner, now.group) != (self.owner, self.group) {
            fchown(file, Some(self.owner), Some(self.group))?;
        }
        // Afterwards, because a new owner takes bits away.
        file.set_permissions(Permissions::from_mode(self.mode))
    }
}

/// Options of a file that only its owner may read, if it is new.
pub(crate) fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// What makes a folder, and those above it, that only their owner may look into.
#[cfg(feature = "transport")]
pub(crate) fn folder_for_owner() -> std::fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt;

    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true).mode(0o700);
    folder
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::ErrorKind;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn sync_23_a_link_is_neither_followed_nor_made_a_file_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let [file, link] = ["file", "link"].map(|name| folder.path().join(name));
        symlink(&file, &link).expect("a link");
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        let open = |path| open_unlinked(path, &options).map_err(|error| error.kind());
        assert!(matches!(open(&link), Err(ErrorKind::TooManyLinks)));
        assert!(!file.exists(), "made where a link led that led nowhere");
        fs::write(&file, "victim").expect("writable");
        assert!(matches!(open(&link), Err(ErrorKind::TooManyLinks)));
        assert!(open(&file).is_ok());
    }

    #[test]
    fn a_device_is_not_waited_for() {
        let error = open_unlinked(Path::new("/dev/null"), OpenOptions::new().read(true));
        let kind = error.map_err(|error| error.kind());
        assert!(matches!(kind, Err(ErrorKind::InvalidInput)), "{kind:?}");
    }

    #[test]
    fn a_file_keeps_its_looks_in_another() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        let one = File::create(&one).expect("writable");
        for mode in [0o640, 0o604, 0o777] {
            one.set_permissions(Permissions::from_mode(mode))
                .expect("ours");
            let looks = Looks::of(&one).expect("it is there");
            assert_eq!(looks.mode, mode);
            let copy = looks.create(&other).expect("writable");
            let private = Looks::of(&copy).expect("it is there").mode;
            assert_eq!(private & 0o077, 0, "others see it before it is whole");
            looks.give(&copy).expect("its owner is the same");
            assert_eq!(Looks::of(&copy).expect("it is there"), looks);
            assert!(looks.create(&other).is_err(), "there is one");
            fs::remove_file(&other).expect("ours");
        }
    }
}
