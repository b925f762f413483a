//! Which tests run where, besides on the developer's machine: under a sanitizer, on Windows.
//!
//! A test program of a package that is named here runs in all places of the package, unless it is spared one for a
//! reason. With `--all`, the commands also run what is spared. `tests/README.md` has the same list.

use std::env;
use std::process::Command;

use crate::command;
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

impl Place {
    /// What people call it.
    #[cfg(test)]
    fn name(self) -> &'static str {
        match self {
            Address => "address",
            Thread => "thread",
            X64 => "x64",
            X86 => "x86",
        }
    }
}

/// The packages whose tests run elsewhere, and where. Their unit tests run there with them.
const PACKAGES: [(&str, &[Place]); 13] = [
    ("mapi-provider-abi", &[Address, Thread, X64, X86]),
    ("mapi-provider", &[Address, Thread, X64, X86]),
    ("mapi-provider-mailbox", &[Address, Thread, X64, X86]),
    ("mapi-provider-table", &[Address, Thread, X64, X86]),
    // What these do does not depend on the width, and on 32 bits the tests of the runtime use two of them.
    ("mapi-provider-host", &[Address, Thread, X64]),
    ("mspst", &[Address, Thread, X64]),
    // What it does itself is safe code that writes files.
    ("wrapped_maildir", &[X64]),
    ("several_probe", &[X64, X86]),
    // Entry IDs have the same bytes on both widths.
    ("book_probe", &[Address, Thread, X64, X86]),
    // What they do does not depend on the width: `several_probe` has the same tests.
    ("transport_probe", &[Address, Thread, X64]),
    ("transport_probe_wait", &[Address, Thread, X64]),
    // One life of each with a real server.
    ("imap", &[X64]),
    ("imap_wrapped", &[X64]),
];

/// Test programs that are spared some places, for one reason.
struct Spared(
    &'static str,
    &'static [&'static str],
    &'static [Place],
    &'static str,
);

/// All of them: package, programs, places, reason.
const SPARED: &[Spared] = &[
    Spared(
        "mapi-provider",
        &["secret_copies"],
        &[Address],
        "it has an allocator of its own, which hides what is still held",
    ),
    Spared(
        "mapi-provider",
        &["install"],
        &[Thread],
        "one thread edits a file",
    ),
    Spared(
        "mapi-provider",
        &["interfaces"],
        &[Thread],
        "one thread makes all calls",
    ),
    Spared(
        "mapi-provider",
        &["scarcity"],
        &[X64, X86],
        "it is for Unix, where a process can be given too few resources",
    ),
    Spared(
        "mapi-provider",
        &["secrets"],
        &[Address, Thread, X86],
        "it reads a log file",
    ),
    Spared(
        "mapi-provider",
        &["views"],
        &[Thread],
        "one thread owns all values",
    ),
    Spared(
        "mapi-provider-host",
        &["conformance"],
        &[Address, Thread, X64],
        "it compares two lists of rules",
    ),
    Spared(
        "mapi-provider-host",
        &["host_objects"],
        &[Thread],
        "one thread makes all calls",
    ),
    Spared(
        "mapi-provider-host",
        &["pst_file"],
        &[Address, Thread, X64],
        "it is empty without the feature `pst`",
    ),
    Spared(
        "mspst",
        &["full_disk"],
        &[Address, Thread],
        "safe code writes a file",
    ),
    Spared(
        "mapi-provider",
        &["twoway"],
        &[Address, Thread, X64, X86],
        "safe code calls SQLite; on Windows the wrapped Maildir's tests run it in a whole provider",
    ),
    Spared(
        "mspst",
        &["pst_calls"],
        &[Thread],
        "one thread makes all calls",
    ),
    Spared(
        "wrapped_maildir",
        &["promises"],
        &[X64],
        "it reads source code",
    ),
    Spared(
        "several_probe",
        &["several_store"],
        &[X64, X86],
        "what the store does has its tests without a transport",
    ),
    Spared(
        "transport_probe",
        &["kills"],
        &[Address, Thread, X64],
        "what a dead process leaves in a file does not depend on the place",
    ),
    Spared(
        "imap",
        &["imap"],
        &[X64],
        "each test has a server of its own, which Windows has not; a whole provider has one life with a server beside it",
    ),
    Spared(
        "mapi-provider-mailbox",
        &["database"],
        &[Address, Thread],
        "safe code calls SQLite; the objects make the same calls",
    ),
    Spared(
        "mapi-provider-mailbox",
        &["two_way"],
        &[Address, Thread, X64, X86],
        "safe code calls SQLite; on Windows the IMAP provider has a whole life",
    ),
    Spared(
        "mapi-provider-mailbox",
        &["many_processes"],
        &[Address, Thread],
        "what several processes do to a file does not depend on what a sanitizer sees",
    ),
    Spared(
        "mapi-provider-mailbox",
        &["two_gigabytes"],
        &[Address, Thread, X64],
        "it is about addresses of 32 bits, and a sanitizer takes more of them than that",
    ),
    Spared(
        "mapi-provider-mailbox",
        &["faults"],
        &[Address, Thread, X64, X86],
        "safe code reads damaged files, and file systems that a test may mount on Linux only",
    ),
    Spared(
        "mapi-provider-mailbox",
        &["object_stream_memory"],
        &[Address, Thread, X64, X86],
        "it has an allocator of its own, and counts bytes, which are the same everywhere",
    ),
];

/// Test programs that run elsewhere without the others of their package: package and program. Each is a run of cargo's own,
/// because others have programs of the same names.
const ALONE: [(&str, &str, &[Place]); 1] = [
    // It asks a MAPI for profiles, which only Windows has. To build the command for it takes long.
    ("cargo-mapi", "profile", &[X64, X86]),
];

/// The arguments for `cargo test` that choose such a test program, for each that a place has.
pub(crate) fn alone(place: Place) -> impl Iterator<Item = [&'static str; 4]> {
    let here = ALONE
        .iter()
        .filter(move |(_, _, places)| places.contains(&place));
    here.map(|(package, test, _)| ["--package", package, "--test", test])
}

/// The arguments for `cargo test` that choose the tests of a place, or with `all` every test that could run there.
pub(crate) fn arguments(place: Place, all: bool) -> Result<Vec<String>, String> {
    let packages = packages()?;
    let chosen = packages
        .iter()
        .filter(|package| runs(&package.name, place, all));
    let mut arguments = vec!["--lib".to_owned()];
    for package in chosen {
        arguments.extend(["--package".to_owned(), package.name.clone()]);
        for test in package
            .tests
            .iter()
            .filter(|test| all || !is_spared(package, test, place))
        {
            arguments.extend(["--test".to_owned(), test.clone()]);
        }
    }
    Ok(arguments)
}

/// Has property tests make few cases, unless `PROPTEST_CASES` says otherwise: what holds for any input is shown on the
/// developer's machine, and here each line of the code has to be gone through.
pub(crate) fn few_cases(tests: &mut Command) {
    if env::var_os("PROPTEST_CASES").is_none() {
        tests.env("PROPTEST_CASES", "32");
    }
}

/// Says which tests a place is spared, and why.
pub(crate) fn say_spared(place: Place) {
    for Spared(package, names, places, why) in SPARED {
        if places.contains(&place) {
            command::say(&format!("without {} of {package}: {why}", quoted(names)));
        }
    }
}

fn runs(package: &str, place: Place, all: bool) -> bool {
    PACKAGES
        .iter()
        .any(|(name, places)| *name == package && (all || places.contains(&place)))
}

fn is_spared(package: &Package, test: &str, place: Place) -> bool {
    SPARED.iter().any(|Spared(of, names, places, _)| {
        *of == package.name && names.contains(&test) && places.contains(&place)
    })
}

/// `a`, `b`
fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

impl Spared {
    /// Its row in `tests/README.md`.
    #[cfg(test)]
    fn row(&self) -> String {
        let Self(package, names, places, why) = self;
        let places: Vec<&str> = places.iter().map(|place| place.name()).collect();
        format!(
            "| {} of `{package}` | {} | {why} |",
            quoted(names),
            places.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::root;

    fn chosen(place: Place) -> Vec<String> {
        let arguments = arguments(place, false).expect("cargo tells the packages");
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
    fn all_is_everything() {
        let all = arguments(X86, true).expect("cargo tells the packages");
        assert!(
            ["promises", "pst_threads"]
                .iter()
                .all(|name| all.iter().any(|test| test == name))
        );
    }

    #[test]
    fn what_is_spared_is_there_would_run_and_has_a_row_in_the_readme() {
        let packages = packages().expect("cargo tells the packages");
        let readme = std::fs::read_to_string(root().join("tests/README.md")).expect("readable");
        for spared in SPARED {
            let Spared(of, names, places, _) = spared;
            let package = packages.iter().find(|package| package.name == *of);
            let package = package.unwrap_or_else(|| panic!("{of} is no package"));
            for name in *names {
                assert!(
                    package.tests.iter().any(|test| test == name),
                    "{of} has no test `{name}`"
                );
            }
            assert!(
                places.iter().all(|place| runs(of, *place, false)),
                "{of} {names:?}"
            );
            assert!(readme.contains(&spared.row()), "{}", spared.row());
        }
    }

    #[test]
    fn what_is_spared_does_not_run_because_another_package_has_a_test_of_this_name() {
        for Spared(of, names, places, _) in SPARED {
            for place in *places {
                let chosen = chosen(*place);
                let runs = |name: &&&str| chosen.iter().any(|test| test == **name);
                assert_eq!(names.iter().find(runs), None, "of {of}, {place:?}");
            }
        }
    }
}
