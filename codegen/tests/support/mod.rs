//! What the tests of diagnostics share: a folder of `<case>.toml`, each with `<case>.stderr` beside it.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use mapi_provider_codegen::diag::Report;

/// A folder of `tests`.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// The cases of a folder, sorted.
pub(crate) fn cases(name: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder(name)).expect("the folder is there");
    let files = files.map(|file| file.expect("it is readable").path());
    let is_case = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    };
    let mut cases: Vec<PathBuf> = files.filter(is_case).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {name}: the walk is broken");
    cases
}

/// The name of a case's file.
pub(crate) fn file_name(case: &Path) -> &str {
    let name = case.file_name().and_then(|name| name.to_str());
    name.expect("names are UTF-8")
}

/// The name of a case.
pub(crate) fn stem(case: &Path) -> &str {
    let name = case.file_stem().and_then(|name| name.to_str());
    name.expect("names are UTF-8")
}

/// What is said of each case is the text beside it; `BLESS=1` writes it.
pub(crate) fn every_mistake_is_explained(name: &str, report: impl Fn(&Path) -> Report) {
    let mut differences = Vec::new();
    for case in cases(name) {
        let said = format!("{}\n", report(&case));
        let golden = case.with_extension("stderr");
        if env::var_os("BLESS").is_some() {
            fs::write(&golden, &said).expect("the folder is writable");
        }
        if fs::read_to_string(&golden).unwrap_or_default() != said {
            differences.push(format!("{}:\n{said}", case.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "these say something else now (BLESS=1 accepts it):\n\n{}",
        differences.join("\n")
    );
}

/// No message without its case.
pub(crate) fn every_message_has_its_case(name: &str) {
    let files = fs::read_dir(folder(name)).expect("the folder is there");
    let files = files.map(|file| file.expect("it is readable").path());
    let messages = files.filter(|path| path.extension().is_some_and(|end| end == "stderr"));
    let alone: Vec<PathBuf> = messages
        .filter(|path| !path.with_extension("toml").exists())
        .collect();
    assert!(alone.is_empty(), "no case for {alone:?}");
}

/// The mistakes come in the order of the file, and each says what to do.
pub(crate) fn in_order_and_helpful(report: &Report) {
    let mistakes = report.diagnostics();
    for mistake in mistakes {
        assert!(
            mistake.help.is_some(),
            "nothing on what to do: {}",
            mistake.message
        );
    }
    let places = mistakes.iter().map(|mistake| {
        let first = &mistake.labels[0];
        (first.source.path(), first.span.start)
    });
    assert!(places.is_sorted(), "{report}");
}
