//! Every status code that the runtime answers is explained, in the manual and by `cargo mapi explain`.

use std::collections::BTreeSet;

use crate::source::{File, rust_files, text_files};
use crate::{report, words};

const PAGE: &str = "docs/manual/status-codes.md";

/// The status codes that a file names in its code.
fn named(file: &File) -> BTreeSet<String> {
    let words = words::without_tests(&words::of(file));
    let is_code = |word: &String| {
        ["MAPI_E_", "MAPI_W_", "E_"]
            .iter()
            .any(|prefix| word.starts_with(prefix))
    };
    words.into_iter().filter(is_code).collect()
}

#[test]
fn every_status_code_that_the_runtime_names_has_its_section() {
    let runtime = rust_files().into_iter().filter(|file| {
        file.is_in(&["src", "abi/src"]) && !file.is_in(&["abi/src/generated"]) && !file.is_test()
    });
    let named: BTreeSet<String> = runtime.flat_map(|file| named(&file)).collect();
    assert!(named.len() > 20, "the walk is broken: {named:?}");
    let pages = text_files();
    let page = pages
        .iter()
        .find(|page| page.path == PAGE)
        .expect("the page");
    let sections: BTreeSet<String> = page
        .text()
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(str::to_owned)
        .collect();
    let missing: Vec<String> = named.difference(&sections).cloned().collect();
    report(
        "Each status code that the runtime answers has its section in docs/manual/status-codes.md. Missing:",
        &missing,
    );
}
