//! `cargo mapi explain`, from the outside.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use mapi_provider_codegen::diag::Code;
use serde_json::Value as Json;

fn explain(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .arg("explain")
        .args(args)
        .output()
        .expect("it runs")
}

/// What is said of a code that there is.
fn said(code: &str) -> String {
    let out = explain(&[code]);
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{code}: {error}");
    assert!(error.is_empty(), "{error}");
    String::from_utf8(out.stdout).expect("UTF-8")
}

/// What is said of a code that there is not.
fn refused(code: &str) -> String {
    let out = explain(&[code]);
    assert_eq!(out.status.code(), Some(1), "{code}");
    assert!(out.stdout.is_empty(), "{code}");
    String::from_utf8(out.stderr).expect("UTF-8")
}

/// The codes of a kind that `--list` has.
fn listed(kind: &str) -> Vec<String> {
    let out = explain(&["--list", "--json"]);
    assert_eq!(out.status.code(), Some(0));
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let topics = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).expect("an object a line"));
    topics
        .filter(|topic| topic["kind"] == kind)
        .map(|topic| topic["code"].as_str().expect("a code").to_owned())
        .collect()
}

/// The root of the workspace, when the test runs.
fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let parent = Path::new(&package).parent();
    parent.expect("it lies in the workspace").to_owned()
}

/// What all golden files of a folder say.
fn messages(folder: &str) -> String {
    let files = fs::read_dir(root().join(folder)).expect("the folder is there");
    let files = files.map(|file| file.expect("readable").path());
    let messages = files.filter(|path| path.extension().is_some_and(|end| end == "stderr"));
    messages
        .map(|path| fs::read_to_string(path).expect("UTF-8"))
        .collect()
}

#[test]
fn codes_sections_explanations_and_cases_are_the_same_list() {
    let codes: Vec<String> = Code::ALL
        .iter()
        .map(|code| code.name().to_owned())
        .collect();
    assert_eq!(listed("diagnostic"), codes, "in the same order, too");

    let page = fs::read_to_string(root().join("docs/diagnostics.md")).expect("the page");
    let sections = page.lines().filter_map(|line| line.strip_prefix("## "));
    assert_eq!(sections.collect::<Vec<_>>(), codes);

    let cases = ["ui", "ui-catalogue", "ui-catalogue/own"];
    let cases = cases.map(|folder| messages(&format!("codegen/tests/{folder}")));
    let cases = cases.concat();
    let shown: BTreeSet<&str> = cases
        .split("error[")
        .skip(1)
        .filter_map(|rest| rest.split(']').next())
        .collect();
    assert_eq!(shown, codes.iter().map(String::as_str).collect());
}

#[test]
fn each_diagnostic_has_a_page_with_something_on_it() {
    for code in Code::ALL {
        let page = said(code.name());
        assert!(
            page.starts_with(&format!("error[{code}]\n\n")) && page.len() > 60,
            "{page}"
        );
    }
}

#[test]
fn a_status_code_is_found_by_whatever_people_have_of_it() {
    let page = said("MAPI_E_USER_CANCEL");
    assert!(
        page.starts_with("MAPI_E_USER_CANCEL = 0x80040113 = -2147221229\n\nThe user cancelled.\n"),
        "{page}"
    );
    // What to do, and the rules behind it.
    assert!(page.contains("Save the cursor as you go"), "{page}");
    assert!(page.contains("SYNC-16"), "{page}");
    for other in [
        "0x80040113",
        "80040113",
        "2147746067",
        "-2147221229",
        "mapi_e_user_cancel",
        "user_cancel",
        " 0x80040113 ",
    ] {
        assert_eq!(said(other), page, "{other}");
    }
}

#[test]
fn status_codes_that_the_runtime_never_answers_have_their_line() {
    let page = said("MAPI_E_UNABLE_TO_ABORT");
    assert!(page.contains("can’t be cancelled any more"), "{page}");
    let page = said("0x80070020");
    assert!(page.contains("number 32"), "{page}");
}

#[test]
fn every_status_code_of_the_catalogue_is_listed() {
    let text = fs::read_to_string(root().join("codegen/interfaces/status.toml")).expect("there");
    let names = text.lines().filter_map(|line| {
        let rest = line.trim().strip_prefix("{ name = \"")?;
        rest.split('"').next()
    });
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 90);
    assert_eq!(listed("status"), names);
}

#[test]
fn a_rule_is_found_by_its_id() {
    let page = said("SYNC-08");
    assert!(page.contains("manual-reset event"), "{page}");
    assert!(page.contains("it is our choice"), "{page}");
    for other in ["sync-8", "sync_08", "Sync-08"] {
        assert_eq!(said(other), page, "{other}");
    }
    assert!(!said("COM-01").contains("our choice"));
    let families: BTreeSet<String> = listed("rule")
        .iter()
        .filter_map(|rule| Some(rule.split_once('-')?.0.to_owned()))
        .collect();
    let families: Vec<&str> = families.iter().map(String::as_str).collect();
    let all = [
        "AB", "COM", "ENTRY", "REPL", "STORE", "SYNC", "TWOWAY", "WRAP", "XP",
    ];
    assert_eq!(families, all);
}

#[test]
fn what_was_copied_from_a_message_will_do() {
    let page = said("unknown-key");
    for other in [
        "error[unknown-key]",
        "[unknown-key]",
        "unknown_key",
        "UNKNOWN-KEY",
    ] {
        assert_eq!(said(other), page, "{other}");
    }
}

#[test]
fn a_code_that_there_is_not_has_a_suggestion() {
    assert_eq!(
        refused("unknwon-key"),
        "error: there is no code `unknwon-key`: did you mean `unknown-key`?\n"
    );
    assert!(refused("MAPI_E_USER_CANCELED").contains("did you mean `MAPI_E_USER_CANCEL`?"));
    assert!(refused("SYNC-99").contains("did you mean `SYNC-"));
    assert!(refused("5").contains("did you mean `0x80070005`?"));
    assert!(refused("0x80041234").contains("begin with 0x8004"));
    assert!(refused("zzz").contains("--list"));
    assert!(refused("").contains("there is no code ``"));
    let escaped = refused("\u{1b}[31m");
    assert!(!escaped.contains('\u{1b}'), "{escaped:?}");
}

#[test]
fn programs_get_an_object() {
    let object = |code: &str| -> Json {
        let out = explain(&[code, "--json"]);
        serde_json::from_slice(&out.stdout).expect("an object")
    };
    let status = object("0x8004010B");
    assert_eq!(status["code"], "MAPI_E_BUSY");
    assert_eq!(status["value"], 0x8004_010B_u32);
    assert_eq!(
        status["rules"],
        serde_json::json!(["SYNC-15", "XP-05", "XP-06", "XP-14"])
    );
    let unknown = object("unknwon-key");
    assert_eq!(unknown["kind"], "unknown");
    assert_eq!(unknown["suggestion"], "unknown-key");
    assert_eq!(object("SYNC-01")["kind"], "rule");
}
