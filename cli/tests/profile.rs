//! `cargo mapi profile`, from the outside. On Windows it asks a stand-in for the MAPI that is installed, which lies beside a
//! copy of the command; elsewhere there is none, and it says what to do instead.

mod support;

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mapi_provider_host::{Profiles, SectionUid, Value};
use support::library;
use tempfile::TempDir;

const MANIFEST: &str = include_str!("../../examples/probe/provider.toml");

/// The probe's setting.
const LABEL: u16 = 0x6601;

/// Whether there are profiles of MAPI's where this runs.
const HAS_PROFILES: bool = !EXE_SUFFIX.is_empty();

/// A folder with the command, the stand-in, a manifest, and the profile "Outlook".
struct User {
    folder: TempDir,
    program: PathBuf,
}

impl User {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name);
        fs::write(place("provider.toml"), MANIFEST).expect("writable");
        fs::write(place("mapisvc.inf"), "[Services]\r\n").expect("writable");
        let mut program = PathBuf::from(env!("CARGO_BIN_EXE_cargo-mapi"));
        if HAS_PROFILES {
            // What lies beside a program is loaded before the system's own.
            let copy = place("cargo-mapi.exe");
            fs::copy(&program, &copy).expect("copied");
            fs::copy(library("mapi_stand_in"), place("mapi32.dll"))
                .expect("built beside this program");
            program = copy;
        }
        let user = Profiles::open(folder.path()).expect("readable");
        user.create("Outlook").expect("made");
        User { folder, program }
    }

    /// With the probe installed, as MAPI knows it.
    fn with_probe() -> Self {
        let user = Self::new();
        if !HAS_PROFILES {
            return user;
        }
        let dll = library("probe32").canonicalize().expect("built");
        let dll = dll.display().to_string();
        let dll = dll.strip_prefix(r"\\?\").unwrap_or(&dll);
        let installed = user.run(&[
            "install",
            "--inf",
            "mapisvc.inf",
            "provider.toml",
            "--dll",
            dll,
        ]);
        assert!(installed.status.success(), "{}", said(&installed));
        user
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(self.path())
            .args(args)
            .env("MAPI_STAND_IN", self.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("it runs")
    }

    /// What it prints.
    fn ok(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", said(&output));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// What is wrong.
    fn wrong(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", said(&output));
        said(&output)
    }

    /// The labels that the services of a profile have.
    fn labels(&self, profile: &str) -> Vec<Value> {
        let user = Profiles::open(self.path()).expect("readable");
        let profile = user.profile(profile).expect("there");
        let sections = profile.sections().into_iter();
        sections
            .filter_map(|uid: SectionUid| profile.get(uid, LABEL))
            .collect()
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What every command that asks MAPI says where there is none.
fn assert_not_here(user: &User, args: &[&str]) {
    let text = user.wrong(args);
    assert!(text.contains("MAPI has profiles on Windows only"), "{text}");
    assert!(
        text.contains("cargo mapi host sync . --profile FILE"),
        "{text}"
    );
}

#[test]
fn profiles_are_listed_and_made() {
    let user = User::new();
    if !HAS_PROFILES {
        assert_not_here(&user, &["profile", "list"]);
        assert_not_here(&user, &["profile", "create", "Contoso"]);
        return;
    }
    assert_eq!(user.ok(&["profile", "list"]), "Outlook  (default)\n");
    let made = user.ok(&["profile", "create", "Zoo"]);
    assert_eq!(made, "the profile Zoo is made\n");
    assert_eq!(user.ok(&["profile", "list"]), "Outlook  (default)\nZoo\n");
    let text = user.wrong(&["profile", "create", "zoo"]);
    assert!(text.contains("there is a profile `zoo` already"), "{text}");
}

#[test]
fn a_service_is_added_configured_and_removed() {
    let user = User::with_probe();
    let add = [
        "profile",
        "add",
        "provider.toml",
        "Outlook",
        "--set",
        "label=a b",
    ];
    if !HAS_PROFILES {
        assert_not_here(&user, &add);
        assert_not_here(&user, &["profile", "remove", "provider.toml", "Outlook"]);
        return;
    }
    let added = user.ok(&add);
    assert!(
        added.starts_with("Sync Probe (") && added.ends_with(") is added\n"),
        "{added}"
    );
    assert_eq!(user.labels("Outlook"), [Value::from("a b")]);
    let uid = added.split(['(', ')']).nth(1).expect("a uid");
    let listed = user.ok(&["profile", "list", "Outlook"]);
    assert_eq!(listed, format!("{uid}  probe  Sync Probe\n"));
    assert!(user.ok(&add).ends_with("is configured\n"));

    let configure = [
        "profile",
        "configure",
        "provider.toml",
        "Outlook",
        "--uid",
        uid,
    ];
    let from_stdin = [&configure[..], &["--set-stdin", "label"]].concat();
    let mut command = user.command(&from_stdin);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("piped");
    std::io::Write::write_all(&mut stdin, b"from stdin\r\nnot this\n").expect("written");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    assert_eq!(user.labels("Outlook"), [Value::from("from stdin")]);

    let from_environment = [&configure[..], &["--set-env", "label=LABEL"]].concat();
    let mut command = user.command(&from_environment);
    let done = command.env("LABEL", "from env").status();
    assert!(done.expect("it runs").success());
    assert_eq!(user.labels("Outlook"), [Value::from("from env")]);

    let removed = user.ok(&["profile", "remove", "provider.toml", "Outlook"]);
    assert_eq!(removed, format!("Sync Probe ({uid}) is removed\n"));
    assert_eq!(user.labels("Outlook"), []);
}

#[test]
fn what_mapi_refuses_ends_with_a_sentence_and_nothing_done() {
    let user = User::new();
    let add = ["profile", "add", "provider.toml", "Outlook"];
    if !HAS_PROFILES {
        assert_not_here(&user, &add);
        return;
    }
    let text = user.wrong(&add);
    assert!(text.contains("MAPI knows no service `probe`"), "{text}");
    assert!(
        text.contains("= help: install the provider first"),
        "{text}"
    );
    let text = user.wrong(&["profile", "remove", "provider.toml", "Outlook"]);
    assert!(
        text.contains("the profile `Outlook` has no service `probe`"),
        "{text}"
    );
    let text = user.wrong(&["profile", "list", "Outlok"]);
    assert!(text.contains("there is no profile `Outlok`"), "{text}");
    assert!(
        text.contains("= help: the profiles of this user: Outlook"),
        "{text}"
    );
    let user = User::new();
    let mut command = user.command(&["profile", "list"]);
    let output = command
        .env_remove("MAPI_STAND_IN")
        .output()
        .expect("it runs");
    assert!(
        said(&output).contains("the MAPI that is installed doesn't start"),
        "{}",
        said(&output)
    );
    assert!(
        said(&output).contains("start Outlook once"),
        "{}",
        said(&output)
    );
}

/// Before MAPI is asked, and so the same everywhere.
#[test]
fn values_are_checked_before_anything_is_asked() {
    let user = User::new();
    let add = ["profile", "add", "provider.toml", "Outlook"];
    for (options, expected) in [
        (
            &["--set", "lable=x"][..],
            "the provider has no setting `lable`; did you mean `label`?",
        ),
        (&["--set", "hunter2"], "`--set` needs NAME=VALUE"),
        (
            &["--set", "label=a", "--set", "label=b"],
            "the setting `label` is set twice",
        ),
        (&["--set-env", "label"], "`--set-env` wants NAME=VARIABLE"),
        (
            &["--set-env", "label=NO_SUCH_VARIABLE"],
            "no environment variable `NO_SUCH_VARIABLE`",
        ),
        (
            &["--set-stdin", "label"],
            "standard input has no line for `label`",
        ),
        (
            &["--set-stdin", "lable"],
            "the provider has no setting `lable`",
        ),
    ] {
        let text = user.wrong(&[&add[..], options].concat());
        assert!(text.contains(expected), "{options:?}: {text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    let text = user.wrong(&["profile", "add", "missing.toml", "Outlook"]);
    assert!(text.contains("missing.toml"), "{text}");
    let remove = [
        "profile",
        "remove",
        "provider.toml",
        "Outlook",
        "--uid",
        "12",
    ];
    assert_eq!(user.run(&remove).status.code(), Some(2));
}
