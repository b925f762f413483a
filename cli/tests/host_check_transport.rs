//! `cargo mapi host check` of transports: alone, and beside a store in one library.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mapi_provider_host::conformance::SCENARIOS;
use serde_json::Value as Json;

use support::library;

const MAIL: &str = "From: Bob <bob@example.org>\r\nTo: Probe <probe@example.org>\r\nSubject: Hello\r\n\r\nHow are you?\r\n";

/// A folder with a queue and with messages that wait to come in.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let inbox = folder.path().join("inbox");
    fs::create_dir(&inbox).expect("a folder");
    for number in 0..3 {
        fs::write(inbox.join(format!("{number}.eml")), MAIL).expect("written");
    }
    folder
}

fn check(provider: &Path, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command
        .args(["host", "check"])
        .arg(provider)
        .arg("--json")
        .env("XP_TEST_DIR", folder)
        .env("STORE_TEST_DIR", folder)
        .env("XP_TEST_INBOX", folder.join("inbox"))
        .env("XP_TEST_REFUSE", "refused@example.org")
        // So long that the spooler must be yielded to.
        .env("XP_TEST_SEND_MS", "600")
        .env("SYNC_TEST_STEPS", "20")
        .env("SYNC_TEST_STEP_MS", "2")
        .env_remove("RUST_BACKTRACE");
    command
}

/// Tells it to whom it may send.
fn with_addresses(command: &mut Command) -> &mut Command {
    command.args(["--to", "ann@example.org", "--to", "bob@example.org"]);
    command.args(["--refused", "refused@example.org"])
}

/// The verdicts of a provider that keeps every rule.
#[track_caller]
fn kept(command: &mut Command) -> Json {
    let output = command.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{error}");
    serde_json::from_str(&text).expect("one object")
}

fn verdict<'a>(results: &'a Json, rule: &str) -> &'a str {
    let rules = results["rules"].as_array().expect("rules");
    let found = rules.iter().find(|result| result["rule"] == rule);
    found.map_or("not there", |found| {
        found["verdict"].as_str().expect("a word")
    })
}

/// All rules of transports that scenarios show.
fn shown() -> impl Iterator<Item = &'static str> {
    let rules = SCENARIOS.iter().flat_map(|scenario| scenario.rules);
    rules.copied().filter(|rule| rule.starts_with("XP-"))
}

fn probes() -> [PathBuf; 2] {
    [
        library("transport_probe32"),
        library("transport_probe_wait32"),
    ]
}

#[test]
fn our_transports_keep_the_contract() {
    for probe in probes() {
        let folder = folder();
        let results = kept(with_addresses(&mut check(&probe, folder.path())));
        for rule in shown() {
            // The probes have no settings with which sending fails.
            let expected = match rule {
                "XP-19" => "not applicable",
                _ => "pass",
            };
            assert_eq!(verdict(&results, rule), expected, "{rule} {results}");
        }
        // There is no store to say anything of.
        assert_eq!(verdict(&results, "SYNC-01"), "not there");
        assert_eq!(verdict(&results, "STORE-01"), "not there");
        for rule in ["ENTRY-01", "ENTRY-02", "ENTRY-03"] {
            assert_eq!(verdict(&results, rule), "pass", "{rule}");
        }
    }
}

#[test]
fn without_an_address_nothing_is_sent() {
    let folder = folder();
    let sent = folder.path().join("sent");
    let [_, probe] = probes();
    let mut command = check(&probe, folder.path());
    let results = kept(command.env("XP_TEST_SENT", &sent));
    assert!(!sent.exists());
    assert_eq!(verdict(&results, "XP-17"), "not applicable");
    assert_eq!(verdict(&results, "XP-07"), "pass");
}

#[test]
fn of_a_library_with_a_store_and_a_transport_both_are_checked() {
    let folder = folder();
    let probe = library("several_probe32");
    let mut command = check(&probe, folder.path());
    let results =
        kept(with_addresses(&mut command).args(["--only", "XP,SYNC-01,STORE-01,STORE-21"]));
    for rule in [
        "SYNC-01", "STORE-01", "STORE-21", "XP-07", "XP-16", "XP-18", "XP-33", "XP-34",
    ] {
        assert_eq!(verdict(&results, rule), "pass", "{rule} {results}");
    }
}
