//! `cargo mapi host sync` and `show` with a wrapped store.

mod support;

use std::env::consts::{DLL_SUFFIX, EXE_SUFFIX};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use support::library as library_of;
use tempfile::TempDir;

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
    let probe = library_of("wrapped_probe32");
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
    assert!(
        said.starts_with("error: there is no message `what?`: "),
        "{said}"
    );
}

#[test]
fn a_mailbox_has_its_file_beside_the_profile_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let probe = library_of("store_probe32");
    let said = well(
        host("sync", &probe)
            .env("STORE_TEST_DELIVER", "2")
            .arg("--profile")
            .arg(&profile),
    );
    assert!(said.ends_with("nothing was left behind\n"), "{said}");
    assert!(folder.path().join("profile.db").is_file());
    let said = well(host("show", &probe).arg("--profile").arg(&profile));
    assert!(said.contains("  Inbox  (2, 2 unread)\n"), "{said}");
    let said = badly(host("sync", &probe).args(["--inner", "x"]));
    assert!(said.contains("for wrapped stores"), "{said}");
}

#[test]
fn one_message_is_shown_in_full() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    let probe = library_of("wrapped_probe32");
    let sync = |what: &str| {
        let mut sync = host("sync", &probe);
        sync.env("SYNC_TEST_STORE", what)
            .arg("--profile")
            .arg(&profile);
        well(sync.args(["--set", "label=Tea?"]));
    };
    let show = |args: &[&str]| {
        let mut show = host("show", &probe);
        show.args(args).arg("--profile").arg(&profile);
        show
    };
    sync("mail");
    let said = well(&mut show(&["Tea?"]));
    let (head, entry_id) = said.split_once("Entry ID:     ").expect("it has one");
    assert_eq!(
        head,
        "\
Subject:      Tea?
From:         Ada Example <ada@example.com>
To:           Bo <bo@example.org>
Cc:           cy@example.org
Sent:         6 Mar 2026 08:12 UTC
Received:     6 Mar 2026 08:12 UTC
Folder:       Probe
Marks:        unread
Message-ID:   <1@example.com>
"
    );
    let (entry_id, rest) = entry_id.split_once('\n').expect("and more");
    assert!(
        rest.starts_with(
            "Attachments:  list.txt, text/plain, 10 bytes\n              Before, a message"
        ),
        "{rest}"
    );
    assert!(rest.ends_with("\n\nTea & cake\nAda\n"), "{rest}");

    // By its entry ID, for programs; the list has that too.
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&well(&mut show(args))).expect("JSON")
    };
    let one = json(&[&entry_id.to_uppercase(), "--json"]);
    let list = json(&["--json"]);
    let listed = list["folders"].as_array().expect("folders").iter();
    let listed = listed.flat_map(|folder| folder["messages"].as_array().expect("messages"));
    for message in listed.chain([&one]) {
        assert_eq!(message["entry_id"], entry_id);
        assert_eq!(message["date"], "2026-03-06T08:12:44Z");
    }
    assert_eq!(one["headers"], "Subject: probe\r\n");
    assert_eq!(one["body"], "Tea & cake\nAda");
    assert_eq!(one["body_format"], "html");
    assert_eq!(one["attached"][0]["size"], 10);
    assert_eq!(one["attached"][1]["message"], true);

    // Two of one subject: neither is meant, whatever is asked for.
    sync("1");
    for args in [&["Tea?"][..], &["--read", "Tea?"]] {
        let said = badly(&mut show(args));
        assert_eq!(
            said,
            "error: 2 messages have the subject `Tea?`: name one by the `entry_id` that `--json` shows\n"
        );
    }
    let said = well(&mut show(&[entry_id, "--delete", entry_id]));
    assert!(said.contains("\nFolder:       Deleted Items\n"), "{said}");
}

#[test]
fn without_a_profile_the_store_is_for_one_run() {
    let probe = library_of("wrapped_probe32");
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
    fs::copy(library_of("wrapped_probe32"), &copy).expect("copied");
    let inner = library_of("mspst32");
    let said = well(host("sync", &copy).arg("--inner").arg(&inner));
    assert!(said.contains("S_OK"), "{said}");
    let renamed = folder.path().join("inner").with_extension(&DLL_SUFFIX[1..]);
    fs::copy(&inner, &renamed).expect("copied");
    let said = badly(host("sync", &copy).arg("--inner").arg(&renamed));
    assert!(
        said.contains("can't be the inner provider: that is looked for as"),
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
    let probe = library_of("wrapped_probe32");
    let said = badly(host("sync", &probe).arg("--pst").arg(&file));
    assert!(said.contains("a.pst is not a PST file"), "{said}");
    fs::write(&file, "!BDN\0\0\0\0SO\x24\0").expect("written");
    let said = badly(host("sync", &probe).arg("--pst").arg(&file));
    assert!(said.contains("a.pst is an OST file"), "{said}");
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
        assert!(said.contains("for wrapped stores"), "{said}");
    }
}

/// The program that stands in for cargo, built once.
static FAKE_CARGO: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fake_cargo{EXE_SUFFIX}"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake_cargo/main.rs");
    let mut rustc = Command::new("rustc");
    let status = rustc
        .arg("--edition=2024")
        .arg("-o")
        .arg(&program)
        .arg(source);
    assert!(status.status().expect("rustc runs").success());
    program
});

/// A crate of a wrapped store as cargo tells of it: with the simulated PST provider among the dependencies of its tests.
struct Crate {
    folder: TempDir,
    library: PathBuf,
}

impl Crate {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("Cargo.toml"), "").expect("written");
        // Beside it there is no other library.
        let library = folder.path().join("built").with_extension(&DLL_SUFFIX[1..]);
        fs::copy(library_of("wrapped_probe32"), &library).expect("copied");
        Self { folder, library }
    }

    /// `host sync` of the crate; cargo can build it or can't.
    fn sync(&self, builds: bool) -> Command {
        let manifest = self.folder.path().join("Cargo.toml");
        let manifest = manifest.canonicalize().expect("there");
        let dependency = serde_json::json!({"name": "mspst", "kind": "dev"});
        let package = serde_json::json!({"manifest_path": manifest, "dependencies": [dependency]});
        let artifact = |manifest: &Path, library: &Path| {
            serde_json::json!({
                "reason": "compiler-artifact",
                "manifest_path": manifest,
                "target": {"crate_types": ["cdylib", "rlib"]},
                "filenames": [library],
            })
        };
        let built = [
            artifact(
                Path::new("/somewhere/mspst/Cargo.toml"),
                &library_of("mspst32"),
            ),
            artifact(&manifest, &self.library),
        ];
        let mut command = host("sync", self.folder.path());
        command
            .env("CARGO", &*FAKE_CARGO)
            .env("FAKE_CARGO_LOG", self.log())
            .env(
                "FAKE_CARGO_METADATA",
                serde_json::json!({"packages": [package]}).to_string(),
            );
        if builds {
            command.env(
                "FAKE_CARGO_BUILD",
                built.map(|line| line.to_string()).join("\n"),
            );
        }
        command
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The builds that cargo was asked for.
    fn builds(&self) -> Vec<String> {
        let log = fs::read_to_string(self.log()).expect("something was asked");
        let builds = log.lines().filter(|line| line.starts_with("build "));
        builds.map(str::to_owned).collect()
    }
}

#[test]
fn a_crate_and_the_provider_inside_are_built_at_once() {
    let wrapped = Crate::new();
    let said = well(&mut wrapped.sync(true));
    assert!(said.contains("S_OK"), "{said}");
    let builds = wrapped.builds();
    assert_eq!(builds.len(), 1, "{builds:?}");
    assert!(builds[0].ends_with(" --lib --tests"), "{builds:?}");
}

#[test]
fn where_another_provider_is_named_the_tests_are_not_built() {
    let wrapped = Crate::new();
    let mut sync = wrapped.sync(true);
    let said = well(sync.arg("--inner").arg(library_of("mspst32")));
    assert!(said.contains("S_OK"), "{said}");
    let builds = wrapped.builds();
    assert!(
        builds.len() == 1 && !builds[0].contains("--tests"),
        "{builds:?}"
    );
}

#[test]
fn a_build_that_fails_is_what_is_told() {
    let said = badly(&mut Crate::new().sync(false));
    assert!(said.starts_with("error: cargo's own words\n"), "{said}");
    assert!(said.contains("could not be built with its tests"), "{said}");
    assert!(said.contains("`--inner FILE`"), "{said}");
}

/// Packages as those of a wrapped provider: what its tests need asks for more of what it needs itself.
fn write_packages(folder: &Path) {
    let package = |name: &str, rest: &str| {
        let source = folder.join(name).join("src");
        fs::create_dir_all(&source).expect("made");
        fs::write(source.join("lib.rs"), "").expect("written");
        let text = format!(
            "[workspace]\n[package]\nname = \"{name}\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n{rest}"
        );
        fs::write(folder.join(name).join("Cargo.toml"), text).expect("written");
    };
    package("shared", "[features]\nmore = []\n");
    package(
        "mspst",
        "[dependencies]\nshared = { path = \"../shared\", features = [\"more\"] }\n",
    );
    package(
        "contoso",
        "[dependencies]\nshared = { path = \"../shared\" }\n[dev-dependencies]\nmspst = { path = \"../mspst\" }\n",
    );
    fs::create_dir(folder.join("contoso/tests")).expect("made");
    fs::write(folder.join("contoso/tests/sync.rs"), "").expect("written");
}

#[test]
fn no_call_builds_anew_what_another_has_built() {
    let folder = tempfile::tempdir().expect("a folder");
    write_packages(folder.path());
    let contoso = folder.path().join("contoso");
    // The libraries that were built, each with whether that was needed.
    let built = |program: &Path, args: &[&OsStr]| {
        let log = folder.path().join("log");
        let _ = fs::remove_file(&log);
        let output = Command::new(program)
            .args(args)
            .env("CARGO", &*FAKE_CARGO)
            .env("CARGO_TARGET_DIR", folder.path().join("target"))
            .env("FAKE_CARGO_LOG", &log)
            .env("FAKE_CARGO_REAL", env!("CARGO"))
            .current_dir(&contoso)
            .output()
            .expect("starts");
        let messages = fs::read_to_string(&log).expect("cargo was asked");
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let built: Vec<bool> = messages
            .filter(|message| message["reason"] == "compiler-artifact")
            .map(|message| message["fresh"] == false)
            .collect();
        assert!(!built.is_empty(), "{}", text(&output.stderr));
        built
    };
    let program = Path::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    let words = |line: &'static str| line.split(' ').map(OsStr::new).collect::<Vec<_>>();
    assert!(built(program, &words("host sync .")).contains(&true));
    for line in [
        "host sync .",
        "host show . --inner other",
        "host show provider.toml",
        "host check . --inner other",
        "host sync . --inner other",
    ] {
        fs::write(contoso.join("provider.toml"), "").expect("written");
        let built = built(program, &words(line));
        assert!(!built.contains(&true), "{line}: {built:?}");
    }
    // Nor does what a team does itself all day.
    let test = words("test --no-run --message-format=json");
    assert!(!built(&FAKE_CARGO, &test).contains(&true));
}
