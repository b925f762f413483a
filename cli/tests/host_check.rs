//! `cargo mapi host check`: the contract, against providers of ours and against some that end badly. (`cargo xtask
//! windows conformance` handles the one in C++ and its mistakes.)

mod support;

use std::env::consts::DLL_EXTENSION;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use mapi_provider_host::conformance::SCENARIOS;
use serde_json::Value as Json;

use support::library;

/// The library that ends badly, built once.
static BAD: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join(format!("checked_bad_provider.{DLL_EXTENSION}"));
    let status = Command::new("rustc")
        .args([
            "--edition=2024",
            "--crate-type=cdylib",
            "--crate-name=bad_provider",
            "-o",
        ])
        .arg(&library)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad_provider/lib.rs"))
        .status()
        .expect("rustc runs");
    assert!(status.success());
    library
});

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

fn check(provider: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command
        .args(["host", "check"])
        .arg(provider)
        // Steps that take no time, so that the runs are many and short.
        .env("SYNC_TEST_STEPS", "20")
        .env("SYNC_TEST_STEP_MS", "2")
        .env_remove("RUST_BACKTRACE");
    command
}

/// Exit code, standard output, standard error.
fn told(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("starts");
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

/// The verdicts of a provider that keeps every rule, as JSON.
#[track_caller]
fn kept(command: &mut Command) -> Json {
    let (code, out, err) = told(command.arg("--json"));
    assert_eq!(code, Some(0), "{out}\n{err}");
    serde_json::from_str(&out).expect("one object")
}

fn verdict<'a>(results: &'a Json, rule: &str) -> &'a str {
    let rules = results["rules"].as_array().expect("rules");
    let found = rules.iter().find(|result| result["rule"] == rule);
    found.map_or("not there", |found| {
        found["verdict"].as_str().expect("a word")
    })
}

#[test]
fn the_probe_keeps_the_contract() {
    let results = kept(&mut check(&library("probe32")));
    assert_eq!(results["failed"], 0);
    for rule in [
        "SYNC-01", "SYNC-16", "SYNC-17", "SYNC-18", "COM-01", "COM-03", "ENTRY-09",
    ] {
        assert_eq!(verdict(&results, rule), "pass", "{rule}");
    }
    for rule in ["COM-04", "ENTRY-11"] {
        assert_eq!(verdict(&results, rule), "not applicable", "{rule}");
    }
    // It shows no mail.
    assert_eq!(verdict(&results, "STORE-01"), "not applicable");
    // Rules of wrapped stores are for those.
    assert_eq!(verdict(&results, "WRAP-02"), "not there");
}

#[test]
fn a_wrapped_store_keeps_the_contract() {
    let mut command = check(&library("wrapped_probe32"));
    let results = kept(command.arg("--inner").arg(library("mspst32")));
    for rule in ["SYNC-16", "SYNC-18", "WRAP-02", "COM-07"] {
        assert_eq!(verdict(&results, rule), "pass", "{rule}");
    }
    // Who wraps a store doesn't answer for what is inside.
    assert_eq!(verdict(&results, "STORE-03"), "not applicable");
}

#[test]
fn the_mail_of_a_wrapped_store_is_checked_where_that_is_asked_for() {
    let mut command = check(&library("wrapped_probe32"));
    command.arg("--inner").arg(library("mspst32"));
    let results = kept(command.args(["--only", "STORE"]));
    let rules = results["rules"].as_array().expect("rules");
    assert!(rules.len() > 40, "{results}");
    for result in rules {
        let rule = result["rule"].as_str().expect("an id");
        // The runs of the wrapped probe bring no mail.
        let expected = match rule {
            "STORE-45" => "not applicable",
            _ => "pass",
        };
        if shown_by_scenarios().any(|shown| shown == rule) {
            assert_eq!(verdict(&results, rule), expected, "{rule}");
        }
    }
}

/// The rules that a scenario shows: of the others the check says why none does.
fn shown_by_scenarios() -> impl Iterator<Item = &'static str> {
    SCENARIOS
        .iter()
        .flat_map(|scenario| scenario.rules)
        .copied()
}

#[test]
fn an_example_keeps_it_where_runs_fail_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    for part in ["server", "server/new", "server/cur", "server/tmp"] {
        fs::create_dir(path(part)).expect("a folder");
    }
    let results = kept(
        check(&library("maildir32"))
            .args(["--set", &format!("server={}", path("server"))])
            .args(["--set", &format!("local={}", path("local"))])
            .args(["--failing", &format!("server={}", path("gone"))])
            .args(["--only", "SYNC-12,COM-08,ENTRY-06,ENTRY-07"]),
    );
    for rule in ["SYNC-12", "COM-08", "ENTRY-06", "ENTRY-07"] {
        assert_eq!(verdict(&results, rule), "pass", "{rule}");
    }
    assert_eq!(
        verdict(&results, "SYNC-01"),
        "not there",
        "only what was asked for"
    );
}

#[test]
fn results_are_a_table_and_a_file_for_ci() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("results.xml");
    let mut command = check(&library("probe32"));
    command
        .args(["--only", "SYNC-01,COM-04", "--junit"])
        .arg(&file);
    let (code, out, err) = told(&mut command);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "SYNC-01   pass            NULL for MAPISIB is refused",
            "COM-04    not applicable  a panic never leaves a method",
            "          nothing outside the provider can make its logic panic",
        ]
    );
    assert!(
        lines[3].starts_with("1 passed, 0 failed, 1 not applicable ("),
        "{out}"
    );
    let xml = fs::read_to_string(file).expect("written");
    assert!(
        xml.contains("tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\""),
        "{xml}"
    );
}

#[test]
fn a_provider_that_can_not_be_started_stops_the_check() {
    for (how, said) in [
        ("abort", "it crashed"),
        ("fault", "it crashed"),
        ("exit", "it ended the process that it ran in"),
        (
            "refuse",
            "MSProviderInit failed with MAPI_E_VERSION (0x80040110)",
        ),
    ] {
        let (code, out, err) = told(check(&BAD).env("BAD_PROVIDER", how));
        assert_eq!(code, Some(1), "{how}");
        assert!(
            out.contains("stopped: ") && out.contains(said),
            "{how}: {out}"
        );
        // Its last words help.
        assert!(out.contains("| printed by the provider"), "{how}: {out}");
        assert!(
            err.starts_with("error: the provider could not be checked"),
            "{err}"
        );
    }
}

#[test]
fn a_provider_that_hangs_is_a_finding() {
    let (code, out, _) = told(
        check(&BAD)
            .env("BAD_PROVIDER", "hang")
            .args(["--timeout", "1"]),
    );
    assert_eq!(code, Some(1));
    let finding = "MSProviderInit, ServiceEntry and Logon: it hung, and was killed";
    assert!(out.contains(finding), "{out}");
}

#[test]
fn a_scenario_that_nobody_listens_to_ends_by_itself() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    let mut child = command
        .args(["host", "scenario", "basics"])
        .arg(&*BAD)
        .env("BAD_PROVIDER", "hang")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let job = r#"{"settings":[],"failing":[],"stores":null,"inner":null,"timeout":500,"only":[]}"#;
    let mut stdin = child.stdin.take().expect("a pipe");
    let seal = "0123456789abcdef".repeat(2);
    writeln!(stdin, "{seal}\n{job}").expect("it listens");
    assert!(!child.wait().expect("it ends").success());
}

#[test]
fn a_library_that_prints_without_end_is_killed() {
    for how in ["flood", "endless"] {
        let mut command = check(&BAD);
        command.env("BAD_PROVIDER", how).args(["--timeout", "1"]);
        let (code, out, _) = told(&mut command);
        assert_eq!(code, Some(1));
        assert!(out.contains("it hung, and was killed"), "{out}");
        assert!(out.len() < 100_000, "{how}: {} bytes", out.len());
    }
}

#[test]
fn a_provider_can_not_say_that_it_keeps_a_rule() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut command = check(&BAD);
    command
        .env("BAD_PROVIDER", "forge")
        .arg("--junit")
        .arg(file.path());
    let (code, out, err) = told(&mut command);
    assert_eq!(code, Some(1));
    assert!(out.contains("0 passed, 1 failed"), "{out}");
    assert!(out.contains("it ended the process that it ran in"), "{out}");
    let (_, json, _) = told(command.arg("--json"));
    let results: Json = serde_json::from_str(&json).expect("one object");
    assert_eq!(results["passed"], 0, "{json}");
    let xml = fs::read_to_string(file.path()).expect("written");
    for text in [out, err, json, xml] {
        let harmful = |letter| matches!(letter, '\u{1B}' | '\u{202E}' | '\u{9B}' | '\u{1}');
        assert!(!text.contains(harmful), "{text:?}");
    }
}

#[test]
fn a_secret_that_the_provider_prints_is_a_finding_and_is_not_shown() {
    let mut command = check(&BAD);
    command
        .env("BAD_PROVIDER", "refuse")
        .args(["--set", "0x67F0001F=printed by"]);
    let (code, out, err) = told(&mut command);
    assert_eq!(code, Some(1));
    assert!(out.contains("a secret was printed (basics)"), "{out}");
    assert!(
        !out.contains("printed by") && !err.contains("printed by"),
        "{out}{err}"
    );
}

#[test]
fn a_short_time_limit_breaks_no_rule() {
    let mut command = check(&library("probe32"));
    let results = kept(command.args(["--only", "SYNC-16", "--timeout", "6"]));
    assert_eq!(verdict(&results, "SYNC-16"), "pass");
}

#[test]
fn what_makes_no_sense_is_refused_first() {
    let (code, _, err) = told(&mut check(Path::new("nowhere.dll")));
    assert_eq!(
        (code, err.as_str()),
        (Some(1), "error: there is no file nowhere.dll\n")
    );
    let (code, _, err) = told(check(&library("probe32")).args(["--only", "SYNC-99"]));
    assert_eq!(code, Some(2));
    assert!(err.contains("there is no rule `SYNC-99`"), "{err}");
    let (code, _, err) = told(check(&library("probe32")).args(["--set", "serverr=x"]));
    assert_eq!(code, Some(1));
    assert!(
        err.contains("the provider has no setting `serverr`"),
        "{err}"
    );
    let (code, _, err) = told(check(&BAD).args(["--set", "server=x"]));
    assert_eq!(code, Some(1));
    assert!(
        err.contains("may give their tags, as in `--set 0x6601001F=VALUE`"),
        "{err}"
    );
}

#[test]
fn scenarios_are_listed_with_their_rules() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    let (code, out, _) = told(command.args(["host", "check", "--list"]));
    assert_eq!(code, Some(0));
    assert!(
        out.lines()
            .any(|line| line.split_whitespace().eq(["sizes", "SYNC-02,", "SYNC-03"])),
        "{out}"
    );
}
