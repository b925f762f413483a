//! `cargo mapi doctor`, from the outside. What it says of machines of all kinds is tested inside.

use std::process::{Command, Output};

use serde_json::Value as Json;

/// Doctor on a machine on whose path there is nothing.
fn on_a_bare_machine(args: &[&str]) -> Output {
    let empty = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .arg("doctor")
        .args(args)
        .env("PATH", empty.path())
        .output()
        .expect("it runs")
}

#[test]
fn what_is_missing_is_said_with_how_to_get_it() {
    let out = on_a_bare_machine(&[]);
    assert_eq!(out.status.code(), Some(1));
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(text.contains("rustc is missing. To get it:"), "{text}");
    assert!(text.contains("https://rustup.rs"), "{text}");
    assert!(!text.contains('\x1b'), "no colours in a pipe: {text:?}");
    let error = String::from_utf8_lossy(&out.stderr);
    assert_eq!(error, "error: missing: rust, x64, x86\n");
}

#[test]
fn what_is_needed_is_what_was_asked_for() {
    let out = on_a_bare_machine(&["--arch", "arm64", "--json"]);
    assert_eq!(out.status.code(), Some(1));
    let json: Json = serde_json::from_slice(&out.stdout).expect("an object");
    assert_eq!(json["ok"], false);
    let goals = json["goals"].as_array().expect("goals");
    let needed = goals.iter().filter(|goal| goal["needed"] == true);
    let names: Vec<&str> = needed.filter_map(|goal| goal["name"].as_str()).collect();
    assert_eq!(names, ["rust", "arm64"]);
}

#[test]
fn the_rust_that_tests_this_will_do() {
    let out = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .args(["doctor", "--json"])
        .output()
        .expect("it runs");
    let json: Json = serde_json::from_slice(&out.stdout).expect("an object");
    assert_eq!(json["goals"][0]["name"], "rust");
    assert_eq!(json["goals"][0]["ok"], true, "{json}");
    // The exit code is of what is needed, and of that alone.
    let missing = json["goals"].as_array().expect("goals").iter();
    let missing = missing.filter(|goal| goal["needed"] == true && goal["ok"] == false);
    assert_eq!(out.status.code(), Some(i32::from(missing.count() > 0)));
}
