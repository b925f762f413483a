//! Which tests run where, besides on the developer's machine: under a sanitizer, on Windows.
//!
//! A test program of a package that is named here runs in all of these places, unless it is spared one for a reason.

use crate::workspace::{Package, packages};

/// A place where tests run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Under AddressSanitizer.
    Address,
    /// Under ThreadSanitizer.
    Thread,
    /// On Windows, 64 bits.
    X64,
    /// On Windows, 32 bits.
    X86,
}

use Place::{Address, Thread, X64, X86};

/// The packages whose tests run elsewhere, and where. Their unit tests run there with them.
const PACKAGES: [(&str, &[Place]); 4] = [
    ("mapi-provider", &[Address, Thread, X64, X86]),
    // On 32 bits the contract tests play this host, and what it does for itself has no width.
    ("mapi-provider-host", &[Address, Thread, X64]),
    ("mspst", &[Address, Thread, X64]),
    ("wrapped_maildir", &[Address, Thread, X64]),
];

/// Test programs that are spared a place, with the reason.
const SPARED: &[(&str, &str, &[Place], &str)] = &[
    (
        "mapi-provider",
        "install",
        &[Thread],
        "one thread edits a file",
    ),
    (
        "mapi-provider",
        "interfaces",
        &[Thread],
        "one thread makes all calls",
    ),
    (
        "mapi-provider",
        "scarcity",
        &[X64, X86],
        "it is for Unix, whose processes can be given too little",
    ),
    (
        "mapi-provider",
        "secrets",
        &[Address, Thread, X86],
        "it reads a log file",
    ),
    (
        "mapi-provider",
        "views",
        &[Thread],
        "values belong to one thread",
    ),
    (
        "mapi-provider-host",
        "conformance",
        &[Address, Thread, X64],
        "it compares two lists of rules",
    ),
    (
        "mapi-provider-host",
        "objects",
        &[Thread],
        "one thread makes all calls",
    ),
    (
        "mapi-provider-host",
        "pst_file",
        &[Address, Thread, X64],
        "without the feature `pst` it is empty",
    ),
    (
        "mspst",
        "copies",
        &[Address, Thread],
        "one thread, and the calls of `messages` and `folders`",
    ),
    ("mspst", "folders", &[Thread], "one thread makes all calls"),
    (
        "mspst",
        "full_disk",
        &[Address, Thread],
        "safe code writes a file",
    ),
    (
        "mspst",
        "keeping",
        &[Address, Thread],
        "safe code writes a file",
    ),
    ("mspst", "logon", &[Thread], "one thread makes all calls"),
    ("mspst", "messages", &[Thread], "one thread makes all calls"),
    ("mspst", "streams", &[Thread], "one thread makes all calls"),
    ("mspst", "tables", &[Thread], "one thread makes all calls"),
    (
        "wrapped_maildir",
        "promises",
        &[Address, Thread, X64],
        "it reads its own source",
    ),
    (
        "wrapped_maildir",
        "random",
        &[Address, Thread],
        "safe code; `sync` makes the calls",
    ),
    (
        "wrapped_maildir",
        "store",
        &[Thread],
        "one thread; processes are killed, and no thread of them is left to watch",
    ),
];

/// The arguments for `cargo test` that choose the tests of a place.
pub(crate) fn arguments(place: Place) -> Result<Vec<String>, String> {
    let packages = packages()?;
    let mut arguments = vec!["--lib".to_owned()];
    for package in packages.iter().filter(|package| runs(&package.name, place)) {
        arguments.extend(["--package".to_owned(), package.name.clone()]);
        for test in tests(package, place) {
            arguments.extend(["--test".to_owned(), test.to_owned()]);
        }
    }
    Ok(arguments)
}

fn runs(package: &str, place: Place) -> bool {
    PACKAGES
        .iter()
        .any(|(name, places)| *name == package && places.contains(&place))
}

fn tests(package: &Package, place: Place) -> impl Iterator<Item = &str> {
    let is_spared = move |test: &&String| {
        SPARED.iter().any(|(of, name, places, _)| {
            *of == package.name && *name == **test && places.contains(&place)
        })
    };
    let tests = package.tests.iter().filter(move |test| !is_spared(test));
    tests.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(place: Place) -> Vec<String> {
        let arguments = arguments(place).expect("cargo tells the packages");
        let pairs = arguments.iter().zip(arguments.iter().skip(1));
        let tests = pairs.filter(|(option, _)| *option == "--test");
        tests.map(|(_, name)| name.clone()).collect()
    }

    #[test]
    fn a_place_has_the_tests_that_are_not_spared_it() {
        for place in [Address, Thread, X64, X86] {
            let tests = chosen(place);
            assert!(tests.iter().any(|test| test == "contract"), "{place:?}");
            assert!(!tests.iter().any(|test| test == "pst_file"), "{place:?}");
        }
        assert!(chosen(X86).iter().any(|test| test == "views"));
        assert!(!chosen(Thread).iter().any(|test| test == "views"));
    }

    #[test]
    fn what_is_spared_is_there_and_would_run() {
        let packages = packages().expect("cargo tells the packages");
        for (of, name, places, why) in SPARED {
            let package = packages.iter().find(|package| package.name == *of);
            let package = package.unwrap_or_else(|| panic!("{of} is no package"));
            assert!(
                package.tests.iter().any(|test| test == name),
                "{of} has no test `{name}`"
            );
            assert!(
                places.iter().all(|place| runs(of, *place)),
                "{of} {name}: {why}"
            );
        }
    }
}
