//! `cargo mapi host configure`: the settings dialog, answered from the command line (ENTRY-14).

mod support;

use std::path::Path;
use std::process::{Command, Output};

use support::library;

fn configure(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command.args(["host", "configure"]).arg(library("probe32"));
    command.args(arguments).env_remove("RUST_BACKTRACE");
    command.output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the command says where all goes well.
#[track_caller]
fn said(arguments: &[&str]) -> String {
    let output = configure(arguments);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout)
}

fn path(file: &Path) -> &str {
    file.to_str().expect("Unicode")
}

#[test]
fn entry_14_the_sheet_is_printed_and_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("probe.profile");
    let profile = path(&profile);
    assert_eq!(
        said(&["--profile", profile, "--answer", "label=first"]),
        "Sync Probe\n  Sync Probe\n    Label  [probe]\n\nconfigured\n"
    );
    // It is kept.
    assert_eq!(
        said(&["--profile", profile, "--cancel"]),
        "Sync Probe\n  Sync Probe\n    Label  [first]\n\ncancelled: nothing was written\n"
    );
    let shown = said(&["--profile", profile, "--read-only", "--answer", "label=x"]);
    assert_eq!(
        shown,
        "Sync Probe\n  Sync Probe\n    Label  [first]  read-only\n\nnothing was changed\n"
    );
    assert!(said(&["--profile", profile]).contains("[first]"));
}

#[test]
fn what_can_not_be_answered_is_told() {
    let output = configure(&["--answer", "lable=x"]);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("no setting `lable`"), "{told}");
    assert!(told.contains("did you mean `label`?"), "{told}");
    let output = configure(&["--cancel", "--answer", "label=x"]);
    assert_eq!(output.status.code(), Some(2), "one or the other");
}
