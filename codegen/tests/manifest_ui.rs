//! Each mistake that a manifest can have, and what is said about it: `ui/<case>.toml` with
//! `ui/<case>.stderr` beside it. `BLESS=1 cargo test -p mapi-provider-codegen` writes the latter.

use std::{
    collections::HashSet,
    env, fs,
    path::{Path, PathBuf},
};

use mapi_provider_codegen::{
    diag::{Code, Source},
    manifest,
};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let files = fs::read_dir(folder).expect("tests/ui is there");
    let mut cases: Vec<PathBuf> = files
        .map(|file| file.expect("tests/ui is readable").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    cases.sort();
    cases
}

fn load(case: &Path) -> Source {
    let name = case
        .file_name()
        .and_then(|name| name.to_str())
        .expect("names are UTF-8");
    Source::new(name, fs::read_to_string(case).expect("cases are UTF-8"))
}

#[test]
fn every_mistake_is_explained() {
    let mut differences = Vec::new();
    for case in cases() {
        let report = match manifest::load(&load(&case)) {
            Ok(_) => panic!("{} has no mistake", case.display()),
            Err(report) => format!("{report}\n"),
        };
        let golden = case.with_extension("stderr");
        if env::var_os("BLESS").is_some() {
            fs::write(&golden, &report).expect("tests/ui is writable");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if expected != report {
            differences.push(format!("{}:\n{report}", case.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "these say something else now (BLESS=1 accepts it):\n\n{}",
        differences.join("\n")
    );
}

#[test]
fn every_code_has_a_case_and_every_diagnostic_a_help() {
    let mut seen = HashSet::new();
    for case in cases() {
        let Err(report) = manifest::load(&load(&case)) else {
            continue;
        };
        for diagnostic in report.diagnostics() {
            seen.insert(diagnostic.code);
            assert!(
                diagnostic.help.is_some(),
                "{}: {} says nothing of what to do",
                case.display(),
                diagnostic.message
            );
        }
    }
    // Those of the interface catalogue follow, and have tests of their own.
    let missing: Vec<&Code> = Code::ALL
        .iter()
        .filter(|code| **code < Code::DuplicateName && !seen.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case in tests/ui for {missing:?}");
}

#[test]
fn several_mistakes_are_shown_at_once() {
    let report = manifest::load(&load(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui/several.toml"),
    ))
    .expect_err("it is full of mistakes");
    assert!(report.diagnostics().len() >= 6, "{report}");
    let places: Vec<usize> = report
        .diagnostics()
        .iter()
        .map(|d| d.labels[0].span.start)
        .collect();
    assert!(places.is_sorted(), "{report}");
}
