//! Files that are what their name says.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
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
/// What opening a link answers then.
const ELOOP: i32 = 40;

/// Opens a file that lies under this very name and no other: no link's target, no device, and no file that has a
/// second name somewhere (SYNC-23). Links among its folders are followed. Not for `truncate`, which would come before
/// the checks.
///
/// # Errors
///
/// As [`OpenOptions::open`]; `TooManyLinks` and `InvalidInput` where it is no such file.
pub(crate) fn open_unlinked(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let mut options = options.clone();
    options.custom_flags(O_NOFOLLOW | O_NONBLOCK);
    let file = options
        .open(path)
        .map_err(|error| match error.raw_os_error() {
            Some(ELOOP) => refused(true),
            _ => error,
        })?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(refused(false));
    }
    if found.nlink() > 1 {
        return Err(refused(true));
    }
    Ok(file)
}

/// Options of a file that, where it is made, its owner alone may read.
pub(crate) fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
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
    fn sync_23_a_new_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        let mut options = OpenOptions::new();
        let file = open_unlinked(&path, for_owner(options.append(true).create(true)));
        let found = file.and_then(|file| file.metadata()).expect("it is made");
        assert_eq!(found.permissions().mode() & 0o777, 0o600);
    }
}
