//! A lock that other processes see, and that dies with its owner.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::file::information;
use super::{api, default_folder, open_unlinked};
use crate::platform::trust::refused;

/// Held until it is dropped, or the process ends.
///
/// A file and not a named object: object names belong to the whole session, and anybody may take one first.
#[derive(Debug)]
pub(crate) struct ProcessLock(#[allow(dead_code, reason = "held")] File);

impl ProcessLock {
    /// Takes the lock of a name, which is letters, digits and dashes; `None` if another process has it.
    ///
    /// # Errors
    ///
    /// There is no place for it.
    pub(crate) fn try_take(name: &str) -> io::Result<Option<Self>> {
        // In its default place: a program with fewer rights may have set another.
        let local = default_folder("LOCALAPPDATA").ok_or(io::ErrorKind::NotFound)?;
        Self::try_take_in(Path::new(&local), name)
    }

    /// A program with fewer rights can put links there, so that a process with more would make files where it likes.
    /// None of them is followed.
    fn try_take_in(local: &Path, name: &str) -> io::Result<Option<Self>> {
        let outer = Folder::make(local.join("mapi-provider"))?;
        let folder = Folder::make(outer.path.join("locks"))?;
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        let file = open_unlinked(&folder.path.join(name), &options)?;
        // An empty folder can be made a link while it is open; now that the file is in it, it is not empty.
        folder.check()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A folder that is not a link. While it is open, nobody can rename or remove it.
struct Folder {
    path: PathBuf,
    open: File,
}

impl Folder {
    /// Opens it, and makes it if there is none.
    fn make(path: PathBuf) -> io::Result<Self> {
        match fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        // The right to list it is requested, because a folder that is open for less can still be renamed.
        let open = OpenOptions::new()
            .read(true)
            .share_mode(api::FILE_SHARE_READ | api::FILE_SHARE_WRITE)
            .custom_flags(api::FILE_FLAG_BACKUP_SEMANTICS | api::FILE_FLAG_OPEN_REPARSE_POINT)
            .open(&path)?;
        let folder = Self { path, open };
        folder.check()?;
        Ok(folder)
    }

    /// Whether it is still a folder, and not a link.
    fn check(&self) -> io::Result<()> {
        is_plain_folder(information(&self.open)?.attributes)
    }
}

fn is_plain_folder(attributes: u32) -> io::Result<()> {
    let is = |attribute| attributes & attribute != 0;
    // A junction is a folder too.
    if is(api::FILE_ATTRIBUTE_REPARSE_POINT) {
        return Err(refused(true));
    }
    if !is(api::FILE_ATTRIBUTE_DIRECTORY) {
        return Err(refused(false));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;
    use std::process::{Command, Stdio};

    use super::*;

    /// Makes a junction; false if the system can't, as Wine can't.
    fn junction(from: &Path, to: &Path) -> bool {
        let made = Command::new("cmd")
            .args(["/d", "/c", "mklink", "/j"])
            .args([from, to])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        made.is_ok_and(|status| status.success()) && from.symlink_metadata().is_ok()
    }

    fn kind(taken: io::Result<Option<ProcessLock>>) -> ErrorKind {
        taken.expect_err("it is none of ours").kind()
    }

    #[test]
    fn sync_15_a_junction_in_the_place_of_a_locks_folder_is_refused() {
        for name in ["mapi-provider", r"mapi-provider\locks"] {
            let [local, theirs] = [(), ()].map(|()| tempfile::tempdir().expect("a folder"));
            let link = local.path().join(name);
            fs::create_dir_all(link.parent().expect("a folder")).expect("ours");
            if !junction(&link, theirs.path()) {
                return;
            }
            let taken = ProcessLock::try_take_in(local.path(), "lock");
            assert_eq!(kind(taken), ErrorKind::TooManyLinks, "{name}");
            let made = fs::read_dir(theirs.path()).expect("a folder").count();
            assert_eq!(made, 0, "something was made where a junction leads");
        }
    }

    #[test]
    fn sync_15_a_folder_is_one_that_leads_nowhere_else() {
        let folder = api::FILE_ATTRIBUTE_DIRECTORY;
        let kind = |attributes| is_plain_folder(attributes).map_err(|error| error.kind());
        assert_eq!(kind(folder), Ok(()));
        assert_eq!(kind(folder | api::FILE_ATTRIBUTE_HIDDEN), Ok(()));
        let junction = folder | api::FILE_ATTRIBUTE_REPARSE_POINT;
        assert_eq!(kind(junction), Err(ErrorKind::TooManyLinks));
        let link = api::FILE_ATTRIBUTE_REPARSE_POINT;
        assert_eq!(kind(link), Err(ErrorKind::TooManyLinks));
        assert_eq!(
            kind(api::FILE_ATTRIBUTE_ARCHIVE),
            Err(ErrorKind::InvalidInput)
        );
    }

    #[test]
    fn sync_15_what_is_in_the_place_of_a_lock_or_its_folder_is_refused() {
        let local = tempfile::tempdir().expect("a folder");
        let held = ProcessLock::try_take_in(local.path(), "lock").expect("a place for it");
        assert!(held.is_some());
        let again = ProcessLock::try_take_in(local.path(), "lock").expect("a place for it");
        assert!(again.is_none(), "one at a time");
        let folder = local.path().join("mapi-provider").join("locks");
        let victim = local.path().join("victim");
        fs::write(&victim, "precious").expect("writable");
        fs::hard_link(&victim, folder.join("linked")).expect("a second name");
        let taken = ProcessLock::try_take_in(local.path(), "linked");
        assert_eq!(kind(taken), ErrorKind::TooManyLinks);
        fs::create_dir(folder.join("folder")).expect("ours");
        assert!(ProcessLock::try_take_in(local.path(), "folder").is_err());

        let other = tempfile::tempdir().expect("a folder");
        fs::write(other.path().join("mapi-provider"), "").expect("writable");
        let taken = ProcessLock::try_take_in(other.path(), "lock");
        assert_eq!(kind(taken), ErrorKind::InvalidInput);
    }

    #[test]
    fn sync_15_a_folder_that_is_open_stays_where_it_is() {
        let local = tempfile::tempdir().expect("a folder");
        let folder = Folder::make(local.path().join("mapi-provider")).expect("a folder");
        let elsewhere = local.path().join("elsewhere");
        assert!(fs::rename(&folder.path, &elsewhere).is_err());
        assert!(fs::remove_dir(&folder.path).is_err());
        let path = folder.path.clone();
        drop(folder);
        fs::rename(path, elsewhere).expect("nobody has it open");
    }
}
