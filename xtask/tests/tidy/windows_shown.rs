//! ENTRY-08: who may show a window.

use crate::report;
use crate::source::{File, rust_files};

/// What shows one, and the only places that may name it. MAPI calls none of them: `rundll32` calls what is in the last.
const SHOWS: &str = "show_error";
const MAY: [&str; 3] = [
    "src/platform",
    "src/entry/profiles/exports.rs",
    "xtask/tests/tidy",
];

fn shows(file: &File) -> bool {
    file.text().contains(SHOWS) && !file.is_in(&MAY)
}

#[test]
fn entry_08_only_what_rundll32_calls_shows_a_window() {
    let files = rust_files();
    let known = files.iter().filter(|file| file.text().contains(SHOWS));
    assert!(known.count() >= MAY.len(), "`{SHOWS}` has another name now");
    let problems: Vec<String> = files
        .iter()
        .filter(|file| shows(file))
        .map(|file| file.path.clone())
        .collect();
    report(
        "MAPI may be in a service, where nobody can close a window (ENTRY-08). Return the error instead:",
        &problems,
    );
}

#[test]
fn a_window_of_the_service_is_found() {
    let file = File {
        path: "src/entry/service.rs".to_owned(),
        bytes: b"platform::show_error(name, text);".to_vec(),
    };
    assert!(shows(&file));
}
