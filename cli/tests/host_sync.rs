//! `cargo mapi host sync` with the probe, and with providers that end badly.

mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use support::library;

/// The library that ends badly, built once.
static BAD: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join(format!("bad_provider.{}", std::env::consts::DLL_EXTENSION));
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

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
}

fn sync(library: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command
        .args(["host", "sync"])
        .arg(library)
        .env_remove("RUST_BACKTRACE");
    command
}

struct Told {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Told {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }
}

fn told(command: &mut Command) -> Told {
    command.output().expect("the command runs").into()
}

/// How a command ended that BAD_PROVIDER tells to end badly.
fn badly(how: &str) -> Told {
    told(sync(&BAD).env("BAD_PROVIDER", how).args(["--timeout", "1"]))
}

#[test]
fn a_run_is_told_in_lines() {
    let told = told(&mut sync(&probe()));
    assert_eq!(told.code, Some(0), "{}", told.err);
    let lines: Vec<&str> = told.out.lines().collect();
    assert_eq!(lines[0], "[0/3] probe: step 1");
    assert!(lines.contains(&"[3/3] probe: finished"), "{}", told.out);
    assert!(
        lines[lines.len() - 2].ends_with("S_OK (0x00000000)"),
        "{}",
        told.out
    );
    assert_eq!(lines[lines.len() - 1], "nothing was left behind");
    assert!(!told.out.contains('\x1b'), "no colours in a pipe");
}

/// What the command says of the probe's crate, and of a file in it. It builds the crate first, by itself and so with other
/// features than for these tests, and cargo replaces the library that lies beside them.
static OF_CRATE: LazyLock<[(&str, Told); 2]> = LazyLock::new(|| {
    ["examples/probe", "examples/probe/provider.toml"]
        .map(|path| (path, told(&mut sync(&workspace().join(path)))))
});

/// The probe's library, which nobody replaces any more.
fn probe() -> PathBuf {
    LazyLock::force(&OF_CRATE);
    library("probe32")
}

#[test]
fn a_crate_is_built_first() {
    for (path, told) in &*OF_CRATE {
        assert_eq!(told.code, Some(0), "{path}: {}", told.err);
        assert!(told.out.contains("S_OK"), "{}", told.out);
    }
}

#[test]
fn json_is_an_object_a_line() {
    let told = told(
        sync(&probe())
            .args(["--json", "--set", "label=x\ny"])
            .env("SYNC_TEST_FAIL", "80040115"),
    );
    assert_eq!(told.code, Some(1));
    let events: Vec<serde_json::Value> = told
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let kinds: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(kinds.first(), Some(&"progress"));
    assert_eq!(
        kinds[kinds.len() - 4..],
        ["error", "done", "report", "failure"]
    );
    assert_eq!(events[0]["text"], "x\ny: step 1");
    assert_eq!(
        (&events[0]["index"], &events[0]["max"]),
        (&0.into(), &3.into())
    );
    let done = events
        .iter()
        .find(|event| event["event"] == "done")
        .expect("done");
    assert_eq!(done["status"], "MAPI_E_NETWORK_ERROR (0x80040115)");
    assert!(done["seconds"].is_number());
}

#[test]
fn a_failed_run_is_a_failure() {
    let told = told(sync(&probe()).env("SYNC_TEST_FAIL", "80040115"));
    assert_eq!(told.code, Some(1));
    assert!(told.out.contains("error: "), "{}", told.out);
    assert!(
        told.err
            .contains("error: the run ended with MAPI_E_NETWORK_ERROR (0x80040115)"),
        "{}",
        told.err
    );
}

#[test]
fn settings_and_scopes_are_checked() {
    let wrong = |arguments: &[&str], expected: &str| {
        let told = told(sync(&probe()).args(arguments));
        assert!(
            told.code == Some(1) || told.code == Some(2),
            "{arguments:?}"
        );
        assert!(told.err.contains(expected), "{}", told.err);
    };
    wrong(&["--set", "lable=x"], "did you mean `label`?");
    wrong(&["--set", "label"], "NAME=VALUE");
    wrong(&["--scope", "downlaod"], "did you mean `download`?");
    wrong(&["--timeout", "soon"], "not a number of seconds");
    wrong(&["--timeout=-1"], "not between 0 and a million seconds");
    wrong(&["--profile", "."], "can't read the profile");
}

#[test]
fn who_leaves_a_setting_out_is_told_how_it_is_given() {
    let told = told(&mut sync(&library("maildir32")));
    assert_eq!(told.code, Some(1), "{}", told.out);
    assert!(
        told.err.contains("MAPI_E_UNCONFIGURED")
            && told
                .err
                .contains("= help: settings are given by `--set NAME=VALUE`"),
        "{}",
        told.err
    );
}

#[test]
fn a_profile_outlives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let first = told(
        sync(&probe())
            .args(["--set", "label=kept", "--profile"])
            .arg(&profile),
    );
    assert_eq!(first.code, Some(0), "{}", first.err);
    let second = told(sync(&probe()).arg("--profile").arg(&profile));
    assert!(second.out.contains("kept: step 1"), "{}", second.out);
    assert!(
        fs::read_to_string(&profile)
            .expect("the profile")
            .contains("kept")
    );
}

#[test]
fn files_that_are_no_providers_are_told_apart() {
    let fails = |path: &Path, expected: &str| {
        let told = told(&mut sync(path));
        assert_eq!(told.code, Some(1));
        assert!(told.err.contains(expected), "{}", told.err);
        let json = crate::told(sync(path).arg("--json")).out;
        assert!(
            json.starts_with("{\"event\":\"failure\"") && json.contains(expected),
            "{json}"
        );
    };
    let folder = tempfile::tempdir().expect("a folder");
    fails(&folder.path().join("gone"), "there is no file");
    fails(folder.path(), "it has no Cargo.toml beside it");
    let file = folder.path().join("text");
    fs::write(&file, "text").expect("written");
    fails(&file, "is not a library");
    // A Windows library for Alpha, which nobody has.
    let mut image = vec![0; 256];
    image[..2].copy_from_slice(b"MZ");
    image[0x3C] = 0x80;
    image[0x80..0x86].copy_from_slice(b"PE\0\0\x84\x01");
    fs::write(&file, image).expect("written");
    fails(&file, "is built for Windows on machine 0x0184");
}

#[test]
fn a_provider_that_refuses_says_so() {
    let told = badly("not at all");
    assert_eq!(told.code, Some(1));
    assert!(
        told.err
            .contains("MSProviderInit failed with MAPI_E_VERSION (0x80040110)"),
        "{}",
        told.err
    );
    assert!(
        told.err.contains("printed by the provider\n"),
        "{}",
        told.err
    );
    assert!(!told.out.contains("printed"), "{}", told.out);
}

#[test]
fn a_provider_that_crashes_is_a_sentence() {
    for how in ["abort", "fault"] {
        let told = badly(how);
        assert_eq!(told.code, Some(1));
        assert!(
            told.err.contains("error: the provider crashed (signal: "),
            "{}",
            told.err
        );
    }
}

#[test]
fn a_provider_that_exits_is_a_sentence() {
    let told = badly("exit");
    assert_eq!(told.code, Some(1));
    assert!(
        told.err
            .contains("error: the provider ended the process it ran in"),
        "{}",
        told.err
    );
}

#[test]
fn a_provider_that_hangs_is_killed_in_the_end() {
    let started = Instant::now();
    // Or prints all the while: then there is always something to hear of it.
    let ends = ["hang", "endless"].map(|how| std::thread::spawn(move || badly(how)));
    for end in ends {
        let told = end.join().expect("it ends");
        assert_eq!(told.code, Some(1));
        assert!(
            told.err
                .ends_with("error: the provider hangs: its process was killed\n")
        );
    }
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[test]
fn a_provider_can_not_say_how_its_run_went() {
    for what in ["sync", "show"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command.args(["host", what]).arg(&*BAD);
        let told = told(command.env("BAD_PROVIDER", "forge"));
        assert_eq!((told.code, told.out.as_str()), (Some(1), ""));
        assert!(
            told.err
                .ends_with("error: the provider ended the process it ran in\n"),
            "{}",
            told.err
        );
        // What it prints is shown, but no terminal obeys it.
        assert!(
            told.err
                .contains(r"SYNC-16   pass\u{1b}[2J\u{202e}\u{9b}2J"),
            "{}",
            told.err
        );
        assert!(!told.err.contains(['\u{1B}', '\u{202E}', '\u{9B}']));
    }
}

#[test]
fn a_run_that_takes_too_long_is_cancelled() {
    let told = told(
        sync(&probe())
            .args(["--timeout", "0.3"])
            .env("SYNC_TEST_STEPS", "100000"),
    );
    assert_eq!(told.code, Some(1));
    assert!(
        told.err
            .contains("error: the run was cancelled: it took longer than 0.3 s"),
        "{}",
        told.err
    );
    assert!(told.out.contains("nothing was left behind"), "{}", told.out);
}

/// Whether a program here can be interrupted from outside as Ctrl-C does it.
fn can_interrupt() -> bool {
    Command::new("kill")
        .arg("-l")
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Starts the command and interrupts it once it has told its first progress.
fn interrupt(command: &mut Command, times: usize) -> (Told, Duration) {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started");
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
    stdout.read_line(&mut first).expect("told");
    let started = Instant::now();
    for _ in 0..times {
        let killed = Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status();
        assert!(killed.expect("kill runs").success());
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut rest).expect("told");
    let output = child.wait_with_output().expect("ended");
    let told = Told {
        out: first + &rest,
        ..output.into()
    };
    (told, started.elapsed())
}

#[test]
fn sync_16_ctrl_c_cancels_and_still_unloads_cleanly() {
    if !can_interrupt() {
        return;
    }
    let (told, took) = interrupt(sync(&probe()).env("SYNC_TEST_STEPS", "100000"), 1);
    assert_eq!(told.code, Some(130), "{} {}", told.out, told.err);
    assert!(
        told.out.contains("MAPI_E_USER_CANCEL (0x80040113)"),
        "{}",
        told.out
    );
    assert!(
        told.out.ends_with("nothing was left behind\n"),
        "{}",
        told.out
    );
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn sync_16_ctrl_c_cancels_a_run_without_progress() {
    if !can_interrupt() {
        return;
    }
    let mut command = sync(&probe());
    command
        .env("SYNC_TEST_STEPS", "2")
        .env("SYNC_TEST_STEP_MS", "600000");
    let (told, took) = interrupt(&mut command, 1);
    assert_eq!(told.code, Some(130), "{} {}", told.out, told.err);
    assert!(told.out.contains("cancelling"), "{}", told.out);
    assert!(
        told.out.contains("MAPI_E_USER_CANCEL (0x80040113)"),
        "{}",
        told.out
    );
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_plan_is_refused_by_logic_that_makes_none_and_nothing_is_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let host = |what: &str, deliver: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command
            .args(["host", what])
            .arg(library("store_probe32"))
            .arg("--profile")
            .arg(&profile)
            .env("STORE_TEST_DIR", folder.path())
            .env("STORE_TEST_DELIVER", deliver)
            .env_remove("RUST_BACKTRACE");
        command
    };
    let run = told(&mut host("sync", "1"));
    assert_eq!(run.code, Some(0), "{}", run.err);
    let state = || {
        let shown = told(host("show", "0").arg("--json"));
        assert_eq!(shown.code, Some(0), "{}", shown.err);
        (shown.out, fs::read(&profile).expect("the profile"))
    };
    let before = state();
    assert!(before.0.contains("\"Message 1\""), "{}", before.0);

    let refused = "only a plan is wanted, and this provider's logic makes none";
    let lines = told(host("sync", "2").arg("--plan"));
    assert_eq!(lines.code, Some(1), "{}", lines.out);
    assert!(lines.out.contains(refused), "{}", lines.out);
    assert!(
        lines
            .err
            .ends_with("error: the run ended with MAPI_E_NO_SUPPORT (0x80040102)\n"),
        "{}",
        lines.err
    );
    let json = told(host("sync", "2").args(["--plan", "--json"]));
    assert_eq!(json.code, Some(1), "{}", json.out);
    assert!(json.out.contains(refused), "{}", json.out);
    assert!(!json.out.contains("\"event\":\"plan\""), "{}", json.out);
    assert_eq!(state(), before, "nothing is changed");

    // Logic that has no use for the store is not called either.
    let none = told(sync(&probe()).arg("--plan"));
    assert_eq!(none.code, Some(1), "{}", none.out);
    assert!(none.out.contains(refused), "{}", none.out);

    // It was there to be fetched.
    let run = told(&mut host("sync", "2"));
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(state().0.contains("\"Message 2\""));
}
