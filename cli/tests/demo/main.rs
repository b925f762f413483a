//! `cargo mapi demo`: all of it, and what can go wrong.

mod picture;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn demo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    command.arg("demo").env("CARGO", env!("CARGO"));
    // Where the tests themselves are built: most of what the demonstrations need is there.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    command.env("CARGO_TARGET_DIR", target.expect("it lies there"));
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// What a command that must fail says.
fn failure(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    text(&output.stderr)
}

fn count(folder: &Path) -> usize {
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn mail_arrives_in_a_folder_that_stays() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("not there yet");
    let output = demo().arg("--dir").arg(&folder).output().expect("starts");
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");

    let headings: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with(|letter: char| letter.is_ascii_digit()))
        .collect();
    assert_eq!(headings.len(), 5, "{said}");
    for expected in [
        "[0/11] Downloading: Lunch on Friday?\n",
        "[11/11] Finished\n",
        "Marking: Lunch on Friday?\n",
        "Downloading: Undelivered Mail Returned to Sender\n",
        "Deleting on the server: This week: fog, foghorns – and a quiz\n",
        "   FS      6 Mar 09:12  Ada Example             Lunch on Friday?\n",
        "   11 messages here, the same 11 on the server",
        "S_OK (0x00000000)\n",
        &format!("All of it is in {}\n", folder.display()),
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    assert!(!said.contains('\x1b'), "a pipe has no colours: {said}");
    assert!(folder.join("provider/provider.toml").is_file());
    assert_eq!(
        count(&folder.join("local/new")) + count(&folder.join("local/cur")),
        11
    );
    picture::check(&said, &folder);
}

#[test]
fn mail_arrives_in_a_wrapped_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("demo");
    let output = demo()
        .args(["--wrapped", "--dir"])
        .arg(&folder)
        .output()
        .expect("starts");
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    for expected in [
        "Microsoft's sample of a wrapped store has 2,827\n",
        "[wrapped_maildir_store]\n",
        "[0/11] 0 of 11 items\n",
        "  Inbox  (11, 11 unread)\n",
        "[4/4] 4 of 4 items\n",
        "  Deleted Items  (1, 1 unread)\n",
        "     F       6 Mar 08:12  Ada Example             Lunch on Friday?\n",
        "   11 messages in the store, the same 11 on the server",
    ] {
        assert!(said.contains(expected), "{expected} is not in:\n{said}");
    }
    assert!(folder.join("mapisvc.inf").is_file() && folder.join("mail.nst").is_file());
    assert_eq!(
        count(&folder.join("server/new")) + count(&folder.join("server/cur")),
        11
    );
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine"), "").expect("writable");
    let output = demo()
        .arg("--dir")
        .arg(folder.path())
        .output()
        .expect("starts");
    let said = failure(&output);
    assert!(
        said.starts_with("error: the folder ") && said.ends_with(" is not empty\n"),
        "{said}"
    );
    assert_eq!(count(folder.path()), 1);
}

#[test]
fn without_cargo_there_is_a_sentence_and_nothing_is_left() {
    let temporary = tempfile::tempdir().expect("a folder");
    let output = demo()
        .env("CARGO", "no-such-cargo")
        .env("TMPDIR", temporary.path())
        .env("TEMP", temporary.path())
        .env("TMP", temporary.path())
        .output()
        .expect("starts");
    let said = failure(&output);
    assert!(said.contains("there is no cargo"), "{said}");
    assert_eq!(count(temporary.path()), 0);
}

#[test]
fn a_build_that_fails_shows_what_cargo_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = demo()
        .args(["--keep", "--dir"])
        .arg(folder.path())
        .env("RUSTC", "no-such-rustc")
        .output()
        .expect("starts");
    let said = failure(&output);
    assert!(
        said.contains("no-such-rustc")
            && said.ends_with("error: cargo could not build the provider\n"),
        "{said}"
    );
}
