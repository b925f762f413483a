//! `cargo mapi install` and `uninstall`, from the outside.

mod support;

use std::{
    env,
    fs::{self, Permissions},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Instant,
};

use support::library;
use tempfile::TempDir;

const MANIFEST: &str = r#"[provider]
kind  = "wrapped-store"
name  = "Contoso Büro"
id    = "contoso"
uid   = "7b3f0d5c41e84c0a9d2b6a1f0c5e7d91"
flags = ["no-primary-identity"]

[sync]
logic = "crate::Contoso"
"#;

const BEFORE: &[u8] = b"; MAPI's own\r\n[Services]\r\nMSPST MS=Outlook Data File (B\xFCro)\r\n\r\n\
                        [MSPST MS]\r\nProviders=MSPST MSP\r\n";

/// A folder with a manifest and a file in it.
struct Folder(TempDir);

impl Folder {
    fn new(inf: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("provider.toml"), MANIFEST).expect("writable");
        fs::write(folder.path().join("mapisvc.inf"), inf).expect("writable");
        Folder(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn inf(&self) -> PathBuf {
        self.path().join("mapisvc.inf")
    }

    fn text(&self) -> Vec<u8> {
        fs::read(self.inf()).expect("readable")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command.current_dir(self.path()).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("it runs")
    }

    /// Runs a command that succeeds; what it says.
    fn said(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        assert!(out.stderr.is_empty(), "{}", text(&out.stderr));
        text(&out.stdout)
    }

    /// Runs a command that fails, and changes nothing; what it says.
    fn refusal(&self, args: &[&str]) -> String {
        let before = self.everything();
        let out = self.run(args);
        assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
        assert!(out.stdout.is_empty(), "{}", text(&out.stdout));
        assert_eq!(self.everything(), before, "nothing is half done");
        // The folder's name is another one each time.
        let folder = self.path().to_string_lossy();
        text(&out.stderr).replace(&*folder, "FOLDER")
    }

    /// All that is in the folder.
    fn everything(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let files = fs::read_dir(self.path()).expect("readable");
        let paths = files.map(|file| file.expect("readable").path());
        let mut all: Vec<_> = paths
            .map(|path| (path.clone(), fs::read(path).ok()))
            .collect();
        all.sort();
        all
    }
}

const INSTALL: &[&str] = &["install", "--inf", "mapisvc.inf", "provider.toml"];
const UNINSTALL: &[&str] = &["uninstall", "--inf", "mapisvc.inf", "provider.toml"];

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn what_changes_is_said_and_the_second_time_there_is_nothing_to_do() {
    let folder = Folder::new(BEFORE);
    insta::assert_snapshot!("installed", folder.said(INSTALL));
    let after = folder.text();
    let line = b"\r\ncontoso=Contoso B\xFCro\r\n";
    assert!(after.windows(line.len()).any(|window| window == line));
    let nothing = "mapisvc.inf: nothing to do, Contoso Büro is installed\n";
    assert_eq!(folder.said(INSTALL), nothing);
    assert_eq!(folder.text(), after);
    insta::assert_snapshot!("uninstalled", folder.said(UNINSTALL));
    assert_eq!(folder.text(), BEFORE);
    let nothing = "mapisvc.inf: nothing to do, Contoso Büro is uninstalled\n";
    assert_eq!(folder.said(UNINSTALL), nothing);
    assert_eq!(folder.everything().len(), 2);
}

#[test]
fn what_inf_prints_is_what_install_writes() {
    let folder = Folder::new(b"");
    folder.said(INSTALL);
    let printed = folder.run(&["inf", "provider.toml"]).stdout;
    let lines = |bytes: &[u8]| {
        let mut lines: Vec<Vec<u8>> = bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        lines.retain(|line| !line.starts_with(b";") && !line.trim_ascii().is_empty());
        lines.sort();
        lines
    };
    assert_eq!(lines(&folder.text()), lines(&printed));
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let folder = Folder::new(BEFORE);
    let mut dry = INSTALL.to_vec();
    dry.push("--dry-run");
    let said = folder.said(&dry);
    assert!(
        said.starts_with("mapisvc.inf: these lines would change\n+    4  contoso=Contoso Büro\n"),
        "{said}"
    );
    assert_eq!(folder.text(), BEFORE);
    folder.said(INSTALL);
    let installed = folder.text();
    folder.said(&[
        "uninstall",
        "--inf",
        "mapisvc.inf",
        "--dry-run",
        "provider.toml",
    ]);
    assert_eq!(folder.text(), installed);
}

#[test]
fn the_dlls_path_is_written_without_the_32_and_a_new_one_replaces_it() {
    let folder = Folder::new(BEFORE);
    folder.said(INSTALL);
    let mut args = INSTALL.to_vec();
    args.extend(["--dll", r"C:\Program Files\Contoso\contoso32.dll"]);
    insta::assert_snapshot!("moved", folder.said(&args));
}

#[test]
fn a_library_is_as_good_as_its_manifest() {
    let folder = Folder::new(BEFORE);
    let library = library("probe32");
    let library = library.to_str().expect("Unicode");
    let said = folder.said(&["install", "--inf", "mapisvc.inf", library]);
    assert!(said.contains("PR_SERVICE_DLL_NAME=probe.dll"), "{said}");
    folder.said(&["uninstall", "--inf", "mapisvc.inf", library]);
    assert_eq!(folder.text(), BEFORE);
    let refusal = folder.refusal(&["install", "--inf", "mapisvc.inf", "mapisvc.inf"]);
    insta::assert_snapshot!("not-a-library", refusal);
}

#[test]
fn every_kind_of_line_end_stays() {
    for before in [
        &b"[Services]\nA=B\r\n\r\n; c\rd\n[x]\r\n"[..],
        b"[Services]\nA=B",
        b"\r\r\n\n[Services]",
        b"\r",
        b"",
    ] {
        let folder = Folder::new(before);
        folder.said(INSTALL);
        assert_ne!(folder.text(), before);
        folder.said(UNINSTALL);
        assert_eq!(folder.text(), before);
    }
}

#[test]
fn a_missing_file_is_made_where_that_is_asked_for() {
    let folder = Folder::new(BEFORE);
    fs::remove_file(folder.inf()).expect("ours");
    insta::assert_snapshot!("missing", folder.refusal(INSTALL));
    insta::assert_snapshot!("missing-uninstall", folder.refusal(UNINSTALL));
    let mut create = INSTALL.to_vec();
    create.push("--create");
    folder.said(&create);
    folder.said(UNINSTALL);
    assert_eq!(folder.text(), b"");
}

#[test]
fn a_read_only_file_stays_as_it_is_and_keeps_its_permissions() {
    let folder = Folder::new(BEFORE);
    let old = fs::metadata(folder.inf()).expect("there").permissions();
    set_read_only(&folder.inf(), true);
    let said = folder.refusal(INSTALL);
    let now = fs::metadata(folder.inf()).expect("there").permissions();
    fs::set_permissions(folder.inf(), old).expect("ours");
    insta::assert_snapshot!("read-only", said);
    assert!(now.readonly());
}

fn set_read_only(path: &Path, yes: bool) {
    let mut permissions: Permissions = fs::metadata(path).expect("there").permissions();
    permissions.set_readonly(yes);
    fs::set_permissions(path, permissions).expect("ours");
}

#[test]
fn what_is_no_file_is_refused() {
    let folder = Folder::new(BEFORE);
    insta::assert_snapshot!(
        "folder",
        folder.refusal(&["install", "--inf", ".", "provider.toml"])
    );
    let nowhere = &[
        "install",
        "--inf",
        "gone/mapisvc.inf",
        "--create",
        "provider.toml",
    ];
    assert!(
        folder
            .refusal(nowhere)
            .starts_with("error: can't write gone/mapisvc.inf: ")
    );
}

#[test]
fn files_in_other_encodings_are_refused() {
    let wide = |mark: &str| -> Vec<u8> {
        let text = format!("{mark}[Services]\r\n");
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    insta::assert_snapshot!("utf-16", Folder::new(&wide("\u{FEFF}")).refusal(INSTALL));
    insta::assert_snapshot!("nul", Folder::new(&wide("")).refusal(INSTALL));
    let marked = "\u{FEFF}[Services]\r\n".as_bytes();
    insta::assert_snapshot!("utf-8-mark", Folder::new(marked).refusal(UNINSTALL));
}

#[test]
fn sections_that_are_there_twice_are_refused() {
    let services = Folder::new(b"[Services]\r\n[x]\n[SERVICES]\r\n");
    insta::assert_snapshot!("services-twice", services.refusal(INSTALL));
    let own = Folder::new(b"[Services]\r\n[contoso_store]\n\n[Contoso_Store]\r\n");
    insta::assert_snapshot!("own-twice", own.refusal(UNINSTALL));
}

#[test]
fn sections_of_another_provider_are_taken_over_by_force_alone() {
    let folder = Folder::new(
        b"[Services]\r\ncontoso=Fabrikam\r\n[contoso]\r\nPR_SERVICE_DLL_NAME=fabrikam.dll\r\n",
    );
    insta::assert_snapshot!("foreign", folder.refusal(INSTALL));
    folder.refusal(UNINSTALL);
    let mut force = INSTALL.to_vec();
    force.push("--force");
    insta::assert_snapshot!("forced", folder.said(&force));
    folder.said(UNINSTALL);
    assert_eq!(folder.text(), b"[Services]\r\n");
}

#[test]
fn what_does_not_say_whose_it_is_is_taken_over_by_force_alone() {
    for (name, before) in [
        ("taken-key", &b"[Services]\r\ncontoso=Another Mail\r\n"[..]),
        (
            "unmarked",
            b"[Services]\r\n\r\n[contoso]\r\nPR_DISPLAY_NAME=Somebody\r\n",
        ),
    ] {
        let folder = Folder::new(before);
        let refusal = folder.refusal(INSTALL);
        assert_eq!(folder.refusal(UNINSTALL), refusal);
        insta::assert_snapshot!(name, refusal);
        let mut force = INSTALL.to_vec();
        force.push("--force");
        folder.said(&force);
        folder.said(UNINSTALL);
        assert!(folder.text().starts_with(b"[Services]\r\n"));
    }
}

#[test]
fn a_path_where_mapi_would_not_find_the_dll_is_refused() {
    let folder = Folder::new(BEFORE);
    let refusal = |path: &str| {
        let mut args = INSTALL.to_vec();
        args.extend(["--dll", path]);
        folder.refusal(&args)
    };
    insta::assert_snapshot!("dll-period", refusal(r"C:\Contoso 2.0\contoso32.dll"));
    insta::assert_snapshot!("dll-name", refusal(r"C:\Contoso\contoso.dll"));
    insta::assert_snapshot!("dll-not-full", refusal(r"Contoso\contoso32.dll"));
    insta::assert_snapshot!("dll-ansi", refusal(r"C:\メール\contoso32.dll"));
    insta::assert_snapshot!(
        "dll-long",
        refusal(&format!(r"C:\{}\contoso32.dll", "a".repeat(260)))
    );
}

#[test]
fn a_manifest_that_is_wrong_installs_nothing() {
    let folder = Folder::new(BEFORE);
    let wrong = MANIFEST.replace("wrapped-store", "wrapped");
    fs::write(folder.path().join("provider.toml"), wrong).expect("writable");
    assert!(folder.refusal(INSTALL).contains("error[unknown-kind]"));
    assert!(
        folder
            .refusal(&["install", "--inf", "mapisvc.inf", "gone.toml"])
            .starts_with("error: can't read gone.toml")
    );
}

/// Two installers and no order: each finds what the other has written.
#[test]
fn programs_that_install_at_once_both_arrive() {
    let folder = Folder::new(BEFORE);
    let other = MANIFEST.replace("\"contoso\"", "\"fabrikam\"");
    fs::write(folder.path().join("other.toml"), other).expect("writable");
    let start = |work: &str, manifest: &str| {
        let args = [work, "--inf", "mapisvc.inf", manifest];
        let mut command = folder.command(&args);
        command.stdout(Stdio::null()).spawn().expect("it starts")
    };
    for _ in 0..20 {
        for (work, there) in [("install", true), ("uninstall", false)] {
            let both = [start(work, "provider.toml"), start(work, "other.toml")];
            for mut one in both {
                assert!(one.wait().expect("it ends").success());
            }
            let now = text(&folder.text());
            for line in ["[contoso]", "contoso=", "[fabrikam]", "fabrikam="] {
                assert_eq!(now.contains(line), there, "{line}: {now}");
            }
        }
        assert_eq!(folder.text(), BEFORE);
    }
}

/// Where killing is sure to interrupt: its temporary file is there, and not yet in the place of the old one.
#[test]
fn a_killed_installation_leaves_the_old_file_or_the_new_one() {
    let folder = Folder::new(BEFORE);
    folder.said(INSTALL);
    let after = folder.text();
    let mut interrupted = 0;
    for _ in 0..200 {
        let is_installed = folder.text() == after;
        let args = if is_installed { UNINSTALL } else { INSTALL };
        let temporary = folder.path().join("mapisvc.inf.mapi-provider-new");
        // One that was left is taken away by the next; here it would be taken for its own.
        let _ = fs::remove_file(&temporary);
        let mut command = folder.command(args);
        let mut child = command.stdout(Stdio::null()).spawn().expect("it starts");
        while child.try_wait().expect("it is ours").is_none() {
            if temporary.exists() {
                // It may have ended by itself just now.
                let _ = child.kill();
                child.wait().expect("it ends");
                break;
            }
        }
        let now = folder.text();
        assert!(now == BEFORE || now == after, "half a file: {}", text(&now));
        interrupted += u32::from(temporary.exists());
    }
    assert!(interrupted > 0, "not one was killed in time");
    // And the next one is not kept from its work by what is left, and takes it away.
    folder.said(INSTALL);
    folder.said(UNINSTALL);
    assert_eq!(folder.text(), BEFORE);
    assert_eq!(folder.everything().len(), 2, "something is left");
}

/// At any moment of the program's life, from before its first line until after its last.
#[test]
fn a_program_killed_at_any_moment_leaves_the_old_file_or_the_new_one() {
    let folder = Folder::new(BEFORE);
    let start = Instant::now();
    folder.said(INSTALL);
    let life = start.elapsed();
    let after = folder.text();
    for round in 0..60 {
        let is_installed = folder.text() == after;
        let args = if is_installed { UNINSTALL } else { INSTALL };
        let mut command = folder.command(args);
        let mut child = command.stdout(Stdio::null()).spawn().expect("it starts");
        thread::sleep(life * round / 50);
        // It may have ended by itself.
        let _ = child.kill();
        child.wait().expect("it ends");
        let now = folder.text();
        assert!(now == BEFORE || now == after, "half a file: {}", text(&now));
    }
}
