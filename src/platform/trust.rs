//! What of the surroundings is believed: the environment, and the names of files.

use std::env;
use std::ffi::OsString;
use std::io;

use super::system;

/// A variable of the environment; none where it isn't set, and in an elevated or a service's process, which stands
/// above those who may have set it (SYNC-23). The one place of this crate that asks the environment.
pub(crate) fn trusted_variable(name: &str) -> Option<OsString> {
    variable(name, system::is_privileged)
}

fn variable(name: &str, is_privileged: impl FnOnce() -> bool) -> Option<OsString> {
    // SYNC-23
    if is_privileged() {
        return None;
    }
    env::var_os(name)
}

/// Where a file is not opened because of what it is: the kind is `TooManyLinks` for a link, else `InvalidInput`.
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
        assert_eq!(variable(name, || false), env::var_os(name));
        assert_eq!(variable(name, || true), None);
        assert_eq!(variable("NO_SUCH_VARIABLE_HERE", || false), None);
    }

    #[test]
    fn a_test_has_no_more_rights_than_its_caller() {
        assert!(!system::is_privileged());
    }
}
