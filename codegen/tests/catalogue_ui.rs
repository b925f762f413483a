//! Each mistake that an interface definition can have, and what is said about it: `ui-catalogue/<case>.toml`
//! with `ui-catalogue/<case>.stderr` beside it. `BLESS=1 cargo test -p mapi-provider-codegen` writes the latter.

mod support;

use std::{collections::HashSet, fs, path::Path};

use mapi_provider_codegen::{
    catalogue,
    diag::{Code, Report, Source},
};
use support::{cases, file_name, folder, stem};

/// What is said of a case, with the definition of IUnknown as the only other file.
fn report(case: &Path) -> Report {
    let root = Source::new("unknown.toml", include_str!("../interfaces/unknown.toml"));
    let sources = [
        ("unknown".to_owned(), root),
        ("case".to_owned(), source(case)),
    ];
    match catalogue::load(sources) {
        Ok(_) => panic!("{} has no mistake", case.display()),
        Err(report) => report,
    }
}

/// What is said of a team's own file, on top of all that we ship.
fn own_report(case: &Path) -> Report {
    match catalogue::load_own([("case".to_owned(), source(case))]) {
        Ok(_) => panic!("{} has no mistake", case.display()),
        Err(report) => report,
    }
}

fn source(case: &Path) -> Source {
    let text = fs::read_to_string(case).expect("cases are UTF-8");
    Source::new(file_name(case), text)
}

#[test]
fn every_mistake_is_explained() {
    support::every_mistake_is_explained("ui-catalogue", report);
    support::every_message_has_its_case("ui-catalogue");
}

#[test]
fn every_mistake_in_a_file_on_top_of_ours_is_explained() {
    support::every_mistake_is_explained("ui-catalogue/own", own_report);
    support::every_message_has_its_case("ui-catalogue/own");
    for case in cases("ui-catalogue/own") {
        support::in_order_and_helpful(&own_report(&case));
    }
}

#[test]
fn every_code_has_a_case_of_its_name() {
    let mut seen = HashSet::new();
    for case in cases("ui-catalogue") {
        let found: HashSet<Code> = report(&case).diagnostics().iter().map(|d| d.code).collect();
        let named = Code::ALL.iter().find(|code| code.name() == stem(&case));
        assert!(
            named.is_none_or(|code| found.contains(code)),
            "{} shows {found:?}",
            case.display()
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
    let report = report(&folder("ui-catalogue").join("several.toml"));
    support::in_order_and_helpful(&report);
    let codes: HashSet<Code> = report.diagnostics().iter().map(|d| d.code).collect();
    assert!(
        report.diagnostics().len() >= 20 && codes.len() >= 15,
        "{} codes: {report}",
        codes.len()
    );
}

#[test]
fn a_name_of_ours_may_be_defined_anew() {
    let text = include_str!("../../tests/interfaces/proxy.toml");
    let source = Source::new("proxy.toml", text);
    let catalogue = catalogue::load_own([("proxy".to_owned(), source)]);
    let catalogue = catalogue.unwrap_or_else(|report| panic!("{report}"));
    let hidden = |name: &str| {
        let all = catalogue.interfaces().filter(|i| i.name == name);
        all.count()
    };
    assert_eq!(hidden("IProxyStoreObject"), 2);
    let found = catalogue
        .interface("IProxyStoreObject")
        .expect("it is there");
    assert_eq!(found.docs.more, None, "theirs is found, not ours");
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
