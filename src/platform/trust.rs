//! Which parts of the surroundings are trusted: the environment, and the names of files.

use std::env;
use std::ffi::OsString;
use std::io;

use super::system;

/// A variable of the environment; `None` if it isn't set. In an elevated or a service's process, which has more rights
/// than those who may have set it, it is `None`, or what the system itself says if it knows the folder of that name
/// (SYNC-23). The only place in this crate that reads the environment.
pub(crate) fn trusted_variable(name: &str) -> Option<OsString> {
    trusted_variable_in(false, name)
}

/// The same if MAPI says whether the process is a service: its word counts too, because a service's program may run in
/// a user's session with a token that looks like the user's.
pub(crate) fn trusted_variable_in(is_service: bool, name: &str) -> Option<OsString> {
    let is_privileged = || is_service || system::is_privileged();
    variable(name, is_privileged, system::known_folder)
}

fn variable(
    name: &str,
    is_privileged: impl FnOnce() -> bool,
    known_folder: impl FnOnce(&str) -> Option<OsString>,
) -> Option<OsString> {
    // SYNC-23
    if is_privileged() {
        return known_folder(name);
    }
    env::var_os(name)
}

/// The error of a file that is not opened because of what it is: the kind is `TooManyLinks` for a link, else
/// `InvalidInput`.
pub(crate) fn refused(is_link: bool) -> io::Error {
    if is_link {
        let text = "it is a link, or a file with several names: name the file itself";
        io::Error::new(io::ErrorKind::TooManyLinks, text)
    } else {
        io::Error::new(io::ErrorKind::InvalidInput, "it is not a file")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sync_23_the_environment_decides_nothing_in_a_privileged_process() {
        // Cargo sets it for each test.
        let name = "CARGO_MANIFEST_DIR";
        let none = |_: &str| None;
        assert_eq!(variable(name, || false, none), env::var_os(name));
        assert_eq!(variable(name, || true, none), None);
        assert_eq!(variable("NO_SUCH_VARIABLE_HERE", || false, none), None);
        let folder = |_: &str| Some("the system's".into());
        assert_eq!(variable(name, || true, folder), Some("the system's".into()));
        assert_eq!(variable(name, || false, folder), env::var_os(name));
    }

    #[test]
    fn sync_23_the_environment_decides_nothing_where_mapi_says_that_it_is_a_service() {
        let name = "CARGO_MANIFEST_DIR";
        assert_eq!(trusted_variable_in(true, name), None);
        assert_eq!(trusted_variable_in(false, name), env::var_os(name));
        assert!(trusted_variable(name).is_some());
    }

    #[test]
    fn what_is_no_folder_is_not_known() {
        for name in ["MAPI_PROVIDER_INF", "MAPI_PROVIDER_LOG", "PATH", ""] {
            assert_eq!(system::known_folder(name), None, "{name}");
        }
    }

    #[test]
    fn a_test_has_no_more_rights_than_its_caller() {
        assert!(!system::is_privileged());
    }
}
