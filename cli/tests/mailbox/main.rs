//! `cargo mapi mailbox`, from outside, with files that the mailbox's own crate makes.

mod export;
mod stage;

use std::fs;
use std::process::Stdio;

use mapi_provider::abi::PR_BODY_W;
use mapi_provider_mailbox::database::Special;
use serde_json::json;

use stage::{Stage, message, save, special};

#[test]
fn a_sound_mailbox_is_told_to_be_sound() {
    let stage = Stage::filled(3);
    let before = stage.files(".");
    let (said, complained) = stage.ended(0, "check", &["mail.db"]);
    let found = stage.json(0, "check", &["mail.db"]);
    let begin = format!(
        "File:      mail.db\nFormat:    {}\nFolders:   9\nMessages:  3\n",
        found["newest_format"]
    );
    assert!(said.starts_with(&begin), "{said}");
    assert!(
        said.ends_with("Open:      by no program\nNothing is wrong with it.\n"),
        "{said}"
    );
    assert_eq!(complained, "");
    assert_eq!(found["messages"], 3);
    assert_eq!(found["format"], found["newest_format"]);
    assert_eq!(found["problems"], json!([]));
    assert_eq!(
        found["size"]["file"],
        fs::metadata(stage.path()).expect("there").len()
    );
    assert!(stage.files(".") == before, "a check changes nothing");
}

#[test]
fn who_has_it_open_is_counted() {
    let stage = Stage::filled(1);
    let store = stage.open();
    let (said, _) = stage.ended(0, "check", &["mail.db"]);
    assert!(said.contains("Open:      by 1 program\n"), "{said}");
    drop(store);
}

#[test]
fn what_is_wrong_is_told_with_an_exit_code() {
    let stage = Stage::filled(3);
    stage.tamper("UPDATE folder SET unread = 77 WHERE role = 2");
    let (said, complained) = stage.ended(1, "check", &["mail.db"]);
    assert!(
        said.contains("\nwrong: 1 folders have wrong counts\n"),
        "{said}"
    );
    assert!(
        complained.starts_with("error: mail.db: 1 problem\n  = help: "),
        "{complained}"
    );
    stage.tamper("DELETE FROM folder WHERE role = 2");
    let found = stage.json(1, "check", &["mail.db"]);
    let problems = found["problems"].as_array().expect("a list");
    let dangling = "3 rows of `message` refer to a `folder` that is not there";
    assert!(problems.iter().any(|one| one == dangling), "{problems:?}");
}

/// All commands, with what they need besides.
const COMMANDS: [(&str, &[&str]); 3] = [
    ("check", &["mail.db"]),
    ("compact", &["mail.db"]),
    ("export", &["mail.db", "saved"]),
];

/// None of the commands takes the file, or changes or makes anything.
#[track_caller]
fn refused(stage: &Stage, says: &[&str]) {
    let before = stage.files(".");
    for (what, args) in COMMANDS {
        let (said, complained) = stage.ended(1, what, args);
        assert_eq!(said, "", "{what}");
        for says in says {
            assert!(complained.contains(says), "{what}: {complained}");
        }
        assert!(stage.files(".") == before, "{what} changes nothing");
        assert!(!stage.folder.path().join("saved").exists(), "{what}");
    }
}

#[test]
fn what_is_no_mailbox_is_refused() {
    let stage = Stage::empty();
    let path = stage.path();
    fs::remove_file(&path).expect("there");
    refused(&stage, &["error: mail.db: ", "can't be opened"]);
    fs::write(&path, "").expect("written");
    refused(
        &stage,
        &[
            "the file is no store: it is shorter than any database",
            "= help: ",
        ],
    );
    fs::write(&path, "From: ada@example.com\nSubject: Hello\n\nHello\n").expect("written");
    refused(
        &stage,
        &[
            "the file is no store: it is no SQLite database",
            "`[store] path`",
        ],
    );
    fs::remove_file(&path).expect("there");
    stage.tamper("CREATE TABLE x (y)");
    refused(&stage, &["another program's database"]);
    fs::remove_file(&path).expect("there");
    fs::create_dir(&path).expect("made");
    refused(&stage, &["it is no file"]);
}

#[test]
fn a_newer_mailbox_is_refused() {
    let stage = Stage::filled(1);
    stage.tamper("PRAGMA user_version = 99");
    refused(&stage, &["newer version (format 99"]);
}

#[test]
fn damage_is_told() {
    let stage = Stage::filled(300);
    drop(stage.open().compact());
    let mut bytes = fs::read(stage.path()).expect("read");
    let half = bytes.len() / 2;
    for byte in &mut bytes[half..] {
        *byte ^= 0xA5;
    }
    fs::write(stage.path(), &bytes).expect("written");
    let (_, complained) = stage.ended(1, "check", &["mail.db"]);
    assert!(
        complained.contains("problem") || complained.contains("damaged"),
        "{complained}"
    );
    let (_, complained) = stage.ended(1, "compact", &["mail.db"]);
    assert!(complained.contains("damaged"), "{complained}");
    assert!(
        fs::read(stage.path()).expect("read").len() >= bytes.len(),
        "nothing is thrown away"
    );
}

/// A store from which most was deleted.
fn holey() -> Stage {
    let stage = Stage::filled(0);
    let store = stage.open();
    let inbox = special(&store, Special::Inbox);
    for number in 0..200 {
        let mut data = message(&format!("Message {number}"));
        data.props.set_tag(PR_BODY_W, "x".repeat(3_000).as_str());
        save(&store, inbox, &data);
    }
    let ids = store
        .read(|reader| reader.message_ids(inbox))
        .expect("read");
    store
        .write(|tx| tx.delete_messages(&ids[2..]))
        .expect("deleted");
    drop(store);
    stage
}

#[test]
fn a_mailbox_is_made_smaller() {
    let stage = holey();
    let size = || fs::metadata(stage.path()).expect("there").len();
    let before = size();
    let (said, _) = stage.ended(0, "compact", &["mail.db"]);
    assert!(
        said.starts_with("mail.db: ") && said.contains(" before, "),
        "{said}"
    );
    assert!(size() < before / 2, "{before} {}", size());
    let again = stage.json(0, "compact", &["mail.db"]);
    assert_eq!(again["after"], size());
    assert_eq!(stage.json(0, "check", &["mail.db"])["messages"], 2);
}

#[test]
fn a_mailbox_that_is_in_use_is_not_compacted_before_it_is_free() {
    let stage = holey();
    let size = || fs::metadata(stage.path()).expect("there").len();
    let store = stage.open();
    let before = size();
    let (_, complained) = stage.ended(1, "compact", &["mail.db"]);
    assert!(
        complained.starts_with("error: mail.db: a program has it open\n  = help: "),
        "{complained}"
    );
    assert_eq!(size(), before);

    let mut waiting = stage.command("compact", &["mail.db", "--wait", "600"]);
    let waiting = waiting
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut waiting = waiting.expect("starts");
    let mut complaints = std::io::BufReader::new(waiting.stderr.take().expect("piped"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut complaints, &mut line).expect("readable");
    assert_eq!(line.trim_end(), "a program has it open; waiting");
    drop(store);
    let output = waiting.wait_with_output().expect("ends");
    assert!(output.status.success());
    assert!(size() < before / 2);
}

#[test]
fn a_mailbox_that_another_program_holds_is_told() {
    let stage = holey();
    let other = rusqlite::Connection::open(stage.path()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    // It waits for five seconds first.
    let (_, complained) = stage.ended(1, "compact", &["mail.db"]);
    assert!(
        complained.contains("another program has held the store's file"),
        "{complained}"
    );
    other.execute_batch("ROLLBACK").expect("ended");
    // Who only reads is no hindrance to a check.
    other
        .execute_batch("BEGIN; SELECT count(*) FROM message")
        .expect("begun");
    stage.ended(0, "check", &["mail.db"]);
}
