//! A store, and the command at work on it.

use std::fs;
use std::mem;
use std::path::PathBuf;
use std::process::Command;

use mapi_provider::store::Store;
use mapi_provider_host::{Host, InnerLibrary, Profile, ProviderLibrary};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::support::library as library_of;

/// A message with all that mail may have.
pub(crate) const LUNCH: &str = "\
From: Ada Example <ada@example.com>
To: Bo <bo@example.org>, cy@example.org
Cc: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>
Subject: Lunch?
Date: Fri, 6 Mar 2026 08:12:44 +0000
Message-ID: <1@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=utf-8

At noon.
--y
Content-Type: text/html; charset=utf-8

<p>At <b>noon</b>.</p>
--y--
--x
Content-Type: text/csv
Content-Disposition: attachment; filename=\"../list.csv\"

a,b
--x--
";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// A store of the wrapped probe's, with a file of mail beside it.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) provider: PathBuf,
    pub(crate) settings: Vec<String>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::of("wrapped_probe32", Vec::new())
    }

    pub(crate) fn of(provider: &str, settings: Vec<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("lunch.eml"), LUNCH).expect("written");
        Self {
            folder,
            provider: library_of(provider),
            settings,
        }
    }

    pub(crate) fn command(&self, what: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command
            .args(["host", what])
            .arg(&self.provider)
            .args(["--profile", "profile"])
            .args(self.settings.iter().flat_map(|set| ["--set", set]))
            .args(args)
            .current_dir(self.folder.path())
            .env("SYNC_TEST_STEP_MS", "0")
            .env("STORE_TEST_DIR", self.folder.path())
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// What is said on standard output, and on standard error, after this exit code.
    #[track_caller]
    pub(crate) fn ended(&self, code: i32, what: &str, args: &[&str]) -> (String, String) {
        let output = self.command(what, args).output().expect("starts");
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{said}\n{complained}");
        (said, complained)
    }

    #[track_caller]
    pub(crate) fn well(&self, args: &[&str]) -> String {
        self.ended(0, "edit", args).0
    }

    #[track_caller]
    pub(crate) fn badly(&self, args: &[&str]) -> (String, String) {
        self.ended(1, "edit", args)
    }

    /// Some messages, each with its own subject, in a folder "Mail".
    pub(crate) fn filled(subjects: &[&str]) -> Self {
        let stage = Self::new();
        let mut args = vec!["--new-folder", "Mail"];
        for (number, subject) in subjects.iter().enumerate() {
            let name = format!("{number}.eml");
            let mail = format!("From: ada@example.com\nSubject: {subject}\n\nHello\n");
            fs::write(stage.folder.path().join(&name), mail).expect("written");
            args.extend(["--new", name.leak(), "--folder", "Mail"]);
        }
        stage.well(&args);
        stage
    }

    #[track_caller]
    pub(crate) fn shown(&self) -> Json {
        let (said, _) = self.ended(0, "show", &["--json"]);
        serde_json::from_str(&said).expect("JSON")
    }

    /// The messages of a folder.
    #[track_caller]
    pub(crate) fn messages(&self, folder: &str) -> Vec<Json> {
        let shown = self.shown();
        let mut folders = shown["folders"].as_array().expect("folders").iter();
        let found = folders.find(|one| one["name"] == folder);
        let found = found.unwrap_or_else(|| panic!("no folder {folder}: {shown}"));
        found["messages"].as_array().expect("messages").clone()
    }

    #[track_caller]
    pub(crate) fn subjects(&self, folder: &str) -> Vec<String> {
        let messages = self.messages(folder).into_iter();
        let mut subjects: Vec<String> = messages
            .map(|one| one["subject"].as_str().expect("a subject").to_owned())
            .collect();
        subjects.sort();
        subjects
    }

    /// The names of all folders.
    pub(crate) fn folders(&self) -> Vec<String> {
        let shown = self.shown();
        let folders = shown["folders"].as_array().expect("folders").iter();
        let name = |one: &Json| one["name"].as_str().expect("a name").to_owned();
        folders.map(name).collect()
    }

    /// Looks into the store itself.
    pub(crate) fn look(&self, look: impl FnOnce(&Store)) {
        // They stay: a thread of the test ends after that, and would call what they have registered.
        mem::forget(InnerLibrary::load(library_of("mspst32")).expect("loaded"));
        mem::forget(ProviderLibrary::load(&self.provider).expect("loaded"));
        let library = ProviderLibrary::load(&self.provider).expect("loaded");
        let profile = Profile::open(self.folder.path().join("profile")).expect("opened");
        let host = Host::new(library, profile).expect("a host");
        let provider = host.init().expect("begun");
        let store = provider.logon().expect("logged on");
        look(&store.client());
        store.logoff();
        provider.shutdown().expect("shut down");
        host.finish();
    }
}
