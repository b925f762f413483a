//! `cargo mapi host resolve`, and `host show` of an address book, with the one for tests.

mod support;

use std::process::{Command, Output};
use std::{fs, str};

use serde_json::{Value as Json, json};
use support::library;
use tempfile::TempDir;

const BOOK: &str = r#"{
    "containers": [{"key": "all", "name": "Everybody"}, {"key": "w", "name": "West", "parent": "all"}],
    "entries": [
        {"key": "1", "name": "Ann Lee", "address": "ann@example.org", "alias": "al", "kind": "user", "container": "all"},
        {"key": "2", "name": "Ann Smith", "address": "/o=x/cn=ann", "type": "EX", "kind": "user", "container": "all"},
        {"key": "3", "name": "Team", "kind": "list", "container": "w", "members": ["1"]}
    ]
}"#;

fn command(name: &str, told: &[(&str, &str)], arguments: &[&str]) -> (Output, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("book.json");
    fs::write(&file, BOOK).expect("writable");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command
        .args(["host", name])
        .arg(library("book_probe32"))
        .args(arguments)
        .env("AB_TEST_FILE", file)
        .envs(told.iter().copied())
        .env_remove("RUST_BACKTRACE");
    (command.output().expect("the command runs"), folder)
}

fn out(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("UTF-8")
}

fn err(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("UTF-8")
}

#[test]
fn names_resolve_or_say_whom_they_may_mean() {
    let (output, _folder) = command("resolve", &[], &["al", "ann", "zoe", "team"]);
    assert_eq!(output.status.code(), Some(1));
    let expected = "\
al    Ann Lee <ann@example.org>
ann   2: somebody has to choose
        Ann Lee <ann@example.org>
        Ann Smith <EX:/o=x/cn=ann>
zoe   nobody
team  Team (list)
";
    assert_eq!(out(&output), expected);
    assert!(
        err(&output).contains("2 of 4 names do not resolve"),
        "{}",
        err(&output)
    );
}

#[test]
fn one_name_is_a_success() {
    let (output, _folder) = command("resolve", &[], &["smith", "--json"]);
    assert!(output.status.success(), "{}", err(&output));
    let json: Json = serde_json::from_slice(&output.stdout).expect("one object");
    let name = &json["names"][0];
    assert_eq!(
        (&name["name"], &name["outcome"]),
        (&json!("smith"), &json!("one"))
    );
    let entry = &name["entries"][0];
    assert_eq!(entry["kind"], "user");
    assert_eq!(entry["address_type"], "EX");
    assert_eq!(entry["address"], "/o=x/cn=ann");
    let id = entry["entry_id"].as_str().expect("a text");
    assert!(id.starts_with("00000000F65F49B1"), "{id}");
    assert!(name["milliseconds"].is_number());
}

#[test]
fn a_server_that_fails_resolves_nothing() {
    let (output, _folder) = command("resolve", &[("AB_TEST_ERROR", "1")], &["al"]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(out(&output), "al  nobody\n");
    assert!(
        err(&output).contains("the name does not resolve"),
        "{}",
        err(&output)
    );
}

#[test]
fn an_address_book_is_shown() {
    let (output, _folder) = command("show", &[], &[]);
    assert!(output.status.success(), "{}", err(&output));
    let expected = "\
Everybody  (2)
  Ann Lee <ann@example.org>
  Ann Smith <EX:/o=x/cn=ann>
  West  (1)
    Team (list)
";
    assert_eq!(out(&output), expected);
    let (output, _folder) = command("show", &[], &["--json"]);
    let json: Json = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(json["containers"][1]["depth"], 1);
    assert_eq!(json["containers"][1]["entries"][0]["kind"], "list");
}

#[test]
fn an_address_book_has_no_messages() {
    let (output, _folder) = command("show", &[], &["Hello"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("has no messages"), "{}", err(&output));
    let (output, _folder) = command("send", &[], &["nothing.eml"]);
    assert!(!output.status.success());
}

#[test]
fn what_is_no_address_book_says_so() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    let library = library("probe32");
    let output = command.args(["host", "resolve"]).arg(library).arg("ann");
    let output = output.output().expect("the command runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("no address book"), "{}", err(&output));
}

#[test]
fn an_address_book_is_not_checked_and_says_so() {
    let (output, _folder) = command("check", &[], &[]);
    assert_ne!(output.status.code(), Some(0));
    let said = out(&output);
    assert!(
        said.contains("stopped: loading the library: it is an address book"),
        "{said}"
    );
}
