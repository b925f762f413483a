//! Each mistake that an interface definition can have, and what is said about it: `ui-catalogue/<case>.toml`
//! with `ui-catalogue/<case>.stderr` beside it. `BLESS=1 cargo test -p mapi-provider-codegen` writes the latter.

use std::{
    collections::HashSet,
    env, fs,
    path::{Path, PathBuf},
};

use mapi_provider_codegen::{
    catalogue,
    diag::{Code, Report, Source},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui-catalogue")
}

fn cases() -> Vec<PathBuf> {
    let files = fs::read_dir(folder()).expect("tests/ui-catalogue is there");
    let mut cases: Vec<PathBuf> = files
        .map(|file| file.expect("tests/ui-catalogue is readable").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    cases.sort();
    assert!(
        cases.len() > 10,
        "only {} cases: the walk is broken",
        cases.len()
    );
    cases
}

/// What is said of a case, with the definition of IUnknown as the only other file.
fn report(case: &Path) -> Report {
    let text = fs::read_to_string(case).expect("cases are UTF-8");
    let name = case.file_name().and_then(|name| name.to_str());
    let name = name.expect("names are UTF-8");
    let root = Source::new("unknown.toml", include_str!("../interfaces/unknown.toml"));
    let sources = [
        ("unknown".to_owned(), root),
        ("case".to_owned(), Source::new(name, text)),
    ];
    match catalogue::load(sources) {
        Ok(_) => panic!("{name} has no mistake"),
        Err(report) => report,
    }
}

#[test]
fn every_mistake_is_explained() {
    let mut differences = Vec::new();
    for case in cases() {
        let report = format!("{}\n", report(&case));
        let golden = case.with_extension("stderr");
        if env::var_os("BLESS").is_some() {
            fs::write(&golden, &report).expect("tests/ui-catalogue is writable");
        }
        if fs::read_to_string(&golden).unwrap_or_default() != report {
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
fn every_code_has_a_case_of_its_name() {
    let mut seen = HashSet::new();
    for case in cases() {
        let found: HashSet<Code> = report(&case).diagnostics().iter().map(|d| d.code).collect();
        let name = case
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("names are UTF-8");
        let named = Code::ALL.iter().find(|code| code.name() == name);
        assert!(
            named.is_none_or(|code| found.contains(code)),
            "{name} shows {found:?}"
        );
        seen.extend(found);
    }
    let ours = |code: &&Code| **code <= Code::UnknownValue || **code >= Code::DuplicateName;
    let missing: Vec<&Code> = Code::ALL
        .iter()
        .filter(ours)
        .filter(|code| !seen.contains(code))
        .collect();
    assert!(
        missing.is_empty(),
        "no case in tests/ui-catalogue for {missing:?}"
    );
}

#[test]
fn many_mistakes_are_shown_at_once_in_the_order_of_the_file() {
    let report = report(&folder().join("several.toml"));
    let codes: HashSet<Code> = report.diagnostics().iter().map(|d| d.code).collect();
    for diagnostic in report.diagnostics() {
        assert!(
            diagnostic.help.is_some(),
            "nothing on what to do: {}",
            diagnostic.message
        );
    }
    assert!(
        report.diagnostics().len() >= 10 && codes.len() >= 8,
        "{report}"
    );
    let places: Vec<usize> = report
        .diagnostics()
        .iter()
        .map(|d| d.labels[0].span.start)
        .collect();
    assert!(places.is_sorted(), "{report}");
}

#[test]
fn a_file_that_is_not_toml_makes_no_other_mistakes() {
    let broken = Source::new("unknown.toml", "doc = ");
    let other = Source::new("sync.toml", include_str!("../interfaces/sync.toml"));
    let sources = [("unknown".to_owned(), broken), ("sync".to_owned(), other)];
    let report = catalogue::load(sources).expect_err("half of it is not TOML");
    assert!(
        report
            .diagnostics()
            .iter()
            .all(|d| d.code == Code::TomlSyntax),
        "{report}"
    );
}

#[test]
fn a_type_as_long_as_you_like_is_no_crash() {
    let text = format!(
        "doc = ''\n[[struct]]\nname = 'S'\nlayout = {{ x64 = [8, 8], x86 = [4, 4] }}\nfields = [\n  \
         {{ name = 'p', type = '{} u8', at = [0, 0] }},\n]\n",
        "*mut ".repeat(100_000)
    );
    let source = Source::new("long.toml", text);
    let report = catalogue::load([("long".to_owned(), source)]).expect_err("that is no type");
    assert_eq!(report.diagnostics()[0].code, Code::BadType);
}
