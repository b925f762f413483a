//! `cargo mapi host sync` and `show` with a wrapped store.

mod support;

use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::library;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

fn host(what: &str, provider: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command
        .args(["host", what])
        .arg(provider)
        .env("SYNC_TEST_STEP_MS", "0")
        .env("SYNC_TEST_STORE", "1")
        .env_remove("RUST_BACKTRACE");
    command
}

#[track_caller]
fn well(command: &mut Command) -> String {
    let output = command.output().expect("starts");
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    said
}

#[track_caller]
fn badly(command: &mut Command) -> String {
    let output: Output = command.output().expect("starts");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn what_a_run_puts_into_the_store_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let probe = library("wrapped_probe32");
    let said = well(
        host("sync", &probe)
            .args(["--set", "label=hello", "--profile"])
            .arg(&profile),
    );
    assert!(
        said.contains("[3/3] hello: finished\n") && said.ends_with("nothing was left behind\n")
    );
    assert!(
        folder.path().join("profile.nst").is_file(),
        "beside the profile"
    );
    let said = well(host("show", &probe).arg("--profile").arg(&profile));
    assert!(said.contains("  Probe  (1, 1 unread)\n"), "{said}");
    let mut show = host("show", &probe);
    show.arg("--profile").arg(&profile);
    let said = well(show.args(["--read", "hello", "--flag", "hello", "--json"]));
    assert!(
        said.contains(r#""flagged":true"#) && said.contains(r#""unread":false"#),
        "{said}"
    );
    let said = badly(show.args(["--delete", "what?"]));
    assert_eq!(said, "error: there is no message `what?`\n");
}

#[test]
fn without_a_profile_the_store_is_for_one_run() {
    let probe = library("wrapped_probe32");
    for _ in 0..2 {
        let said = well(&mut host("sync", &probe));
        assert!(said.contains("S_OK"), "{said}");
    }
    let said = well(&mut host("show", &probe));
    assert!(!said.contains("Probe"), "{said}");
}

#[test]
fn the_provider_inside_can_be_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder
        .path()
        .join("provider")
        .with_extension(&DLL_SUFFIX[1..]);
    fs::copy(library("wrapped_probe32"), &copy).expect("copied");
    let inner = library("mspst32");
    let said = well(host("sync", &copy).arg("--inner").arg(&inner));
    assert!(said.contains("S_OK"), "{said}");
    let renamed = folder.path().join("inner").with_extension(&DLL_SUFFIX[1..]);
    fs::copy(&inner, &renamed).expect("copied");
    let said = badly(host("sync", &copy).arg("--inner").arg(&renamed));
    assert!(
        said.contains("can't be the provider inside: it is looked for as"),
        "{said}"
    );
    let said = badly(host("sync", &copy).args(["--inner", "no/such/file"]));
    assert!(said.contains("there is no file"), "{said}");
}

#[test]
fn a_store_is_filled_from_a_pst_file_or_the_file_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.pst");
    fs::write(&file, "no PST file").expect("written");
    let probe = library("wrapped_probe32");
    let said = badly(host("sync", &probe).arg("--pst").arg(&file));
    assert!(said.contains("a.pst"), "{said}");
    // Real ones lie beside the checkout where there are any.
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/pst/empty.pst");
    if real.is_file() {
        let said = well(host("sync", &probe).arg("--pst").arg(&real));
        assert!(said.starts_with("filled: "), "{said}");
    }
}

#[test]
fn a_provider_that_wraps_nothing_needs_none_of_it() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("there");
    for option in ["--inner", "--store"] {
        let said = badly(host("sync", &workspace.join("examples/probe")).args([option, "x"]));
        assert!(said.contains("are for wrapped stores"), "{said}");
    }
}
