//! Each mistake that a manifest can have, and what is said about it: `ui/<case>.toml` with
//! `ui/<case>.stderr` beside it. `BLESS=1 cargo test -p mapi-provider-codegen` writes the latter. The files with
//! interfaces that cases name are in `ui/interfaces`.

mod support;

use std::{collections::HashSet, fs, path::Path};

use mapi_provider_codegen::{
    diag::{Code, Report},
    manifest::{self, LoadError},
};
use support::{cases, file_name, folder, stem};

/// A case's first line may say what cargo calls the library.
fn library(case: &Path) -> Option<String> {
    let text = fs::read(case).expect("it is readable");
    let text = String::from_utf8_lossy(&text);
    let name = text.lines().next()?.strip_prefix("# library: ")?;
    Some(name.to_owned())
}

fn report(case: &Path) -> Report {
    match manifest::load_file_of(case, file_name(case), library(case).as_deref()) {
        Ok(_) => panic!("{} has no mistake", case.display()),
        Err(LoadError::Wrong(report)) => report,
        Err(unreadable) => panic!("{unreadable}"),
    }
}

#[test]
fn every_mistake_is_explained() {
    support::every_mistake_is_explained("ui", report);
    support::every_message_has_its_case("ui");
}

#[test]
fn every_code_has_a_case_and_every_diagnostic_a_help() {
    let mut seen = HashSet::new();
    for case in cases("ui") {
        let report = report(&case);
        support::in_order_and_helpful(&report);
        let found: HashSet<Code> = report.diagnostics().iter().map(|d| d.code).collect();
        let named = Code::ALL.iter().find(|code| code.name() == stem(&case));
        assert!(
            named.is_none_or(|code| found.contains(code)),
            "{} shows {found:?}",
            case.display()
        );
        seen.extend(found);
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
    let report = report(&folder("ui").join("several.toml"));
    assert!(report.diagnostics().len() >= 6, "{report}");
}

#[test]
fn mistakes_of_the_manifest_and_of_its_files_are_shown_together() {
    let report = report(&folder("ui").join("interfaces-and-manifest.toml"));
    assert_eq!(
        report.files(),
        ["interfaces-and-manifest.toml", "interfaces/wrong.toml"]
    );
}
