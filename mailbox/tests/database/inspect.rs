//! A file that is looked at from outside, and one that is opened without anything being made.

use crate::store_support;
use std::fs;
use std::path::{Path, PathBuf};

use mapi_provider_mailbox::database::{Error, Options, Special, Store, StoreFile};
use store_support::{message, save};
use tempfile::TempDir;

/// A store with some messages that nobody has open.
fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    for number in 0..5 {
        save(&store, inbox, &message(&format!("Message {number}"), 1));
    }
    (folder, path)
}

/// What is in a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(folder).expect("there");
    let mut files: Vec<_> = files.map(|file| file.expect("readable").path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| (path.clone(), fs::read(path).expect("readable")))
        .collect()
}

fn tamper(path: &Path, sql: &str) {
    let other = rusqlite::Connection::open(path).expect("opened");
    let sql = format!("PRAGMA foreign_keys = OFF; {sql}");
    other.execute_batch(&sql).expect("changed");
}

#[test]
fn a_file_that_is_looked_at_stays_as_it_is() {
    let (folder, path) = file();
    let before = contents(folder.path());
    let file = StoreFile::open(&path).expect("opened");
    let found = file.check().expect("checked");
    assert_eq!(found.problems, Vec::<String>::new());
    assert_eq!(found.schema, Store::schema());
    assert_eq!(found.messages, Some(5));
    assert_eq!(file.users().expect("read"), 0);
    let sizes = file.sizes().expect("read");
    assert_eq!(sizes.file, fs::metadata(&path).expect("there").len());
    drop(file);
    assert!(before == contents(folder.path()));
}

#[test]
fn a_log_that_was_left_behind_is_read_and_stays() {
    let (folder, path) = file();
    let other = tempfile::tempdir().expect("a folder");
    let store = Store::open(&path).expect("opened");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    save(&store, inbox, &message("Late", 0));
    // As it is where the process dies now.
    for name in ["store.db", "store.db-wal"] {
        fs::copy(folder.path().join(name), other.path().join(name)).expect("copied");
    }
    let left = other.path().join("store.db");
    let file = StoreFile::open(&left).expect("opened");
    assert_eq!(file.check().expect("checked").messages, Some(6));
    assert!(file.sizes().expect("read").log > 0);
    drop(file);
    for name in ["store.db", "store.db-wal"] {
        let [left, now] = [&folder, &other].map(|folder| fs::read(folder.path().join(name)));
        assert!(left.expect("there") == now.expect("there"), "{name}");
    }
}

#[test]
fn those_who_have_it_open_are_counted() {
    let (_folder, path) = file();
    let file = StoreFile::open(&path).expect("opened");
    let one = Store::open(&path).expect("opened");
    assert_eq!(file.users().expect("read"), 1);
    assert_eq!(one.others().expect("read"), 0);
    let other = Store::open_existing(&path).expect("opened");
    assert_eq!(file.users().expect("read"), 2);
    assert_eq!(one.others().expect("read"), 1);
    drop((one, other));
    assert_eq!(file.users().expect("read"), 0);
}

#[test]
fn what_is_wrong_is_told() {
    for (sql, problem) in [
        (
            "UPDATE folder SET total = 77 WHERE role = 2",
            "1 folders have wrong counts",
        ),
        (
            "DELETE FROM folder WHERE role = 2",
            "5 rows of `message` refer to a `folder` that is not there",
        ),
        (
            "DELETE FROM rest WHERE id = (SELECT min(id) FROM message)",
            "1 messages have no properties",
        ),
    ] {
        let (_folder, path) = file();
        tamper(&path, sql);
        let found = StoreFile::open(&path).expect("opened").check();
        let problems = found.expect("checked").problems;
        assert!(
            problems.iter().any(|one| one == problem),
            "{sql}: {problems:?}"
        );
    }
}

#[test]
fn damage_is_told_and_what_is_no_store_refused() {
    let (folder, path) = file();
    let mut bytes = fs::read(&path).expect("read");
    let length = bytes.len();
    for byte in &mut bytes[length / 2..] {
        *byte ^= 0xA5;
    }
    fs::write(&path, &bytes).expect("written");
    let found = StoreFile::open(&path).and_then(|file| file.check());
    match found {
        Ok(found) => assert_ne!(found.problems, Vec::<String>::new()),
        Err(error) => assert!(matches!(error, Error::Corrupt(_)), "{error}"),
    }

    let other = folder.path().join("other");
    for (bytes, says) in [
        (&b""[..], "shorter"),
        (b"SQLite", "shorter"),
        (b"From: somebody else entirely", "no SQLite database"),
    ] {
        fs::write(&other, bytes).expect("written");
        let error = StoreFile::open(&other).expect_err("no store");
        assert!(matches!(error, Error::NoStore(_)), "{error}");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(fs::read(&other).expect("there"), bytes);
    }
    fs::remove_file(&other).expect("there");
    tamper(&other, "CREATE TABLE x (y)");
    let error = StoreFile::open(&other).expect_err("no store");
    assert!(error.to_string().contains("another program's"), "{error}");
    let error = StoreFile::open(folder.path()).expect_err("a folder");
    assert!(matches!(error, Error::CantOpen(..)), "{error}");
}

#[test]
fn store_43_opening_what_is_there_makes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let Err(error) = Store::open_existing(&path) else {
        panic!("there is none");
    };
    assert!(matches!(error, Error::CantOpen(..)), "{error}");
    fs::write(&path, "").expect("written");
    assert!(matches!(
        Store::open_existing(&path),
        Err(Error::NoStore(_))
    ));
    assert_eq!(fs::read(&path).expect("there"), b"");

    // What is kept for the logic is so still.
    fs::remove_file(&path).expect("there");
    for track in [true, false] {
        let options = Options::new().track_local_changes(track);
        drop(Store::open_with(&path, options).expect("opened"));
        drop(Store::open_existing(&path).expect("opened"));
        let other = rusqlite::Connection::open(&path).expect("opened");
        let tracked: bool = other
            .query_row("SELECT tracked FROM clock", [], |row| row.get(0))
            .expect("read");
        assert_eq!(tracked, track);
    }
}

#[test]
fn store_43_a_newer_version_is_not_looked_at() {
    let (_folder, path) = file();
    tamper(&path, "PRAGMA user_version = 99");
    for error in [
        StoreFile::open(&path).err(),
        Store::open_existing(&path).err(),
    ] {
        let error = error.expect("newer");
        assert!(
            matches!(error, Error::NewerVersion { found: 99, .. }),
            "{error}"
        );
    }
}

#[test]
fn what_can_not_be_read_is_told_and_all_else_taken_elsewhere() {
    let (_folder, path) = file();
    tamper(
        &path,
        "UPDATE rest SET props = x'FFFFFFFF' WHERE id = (SELECT min(id) FROM message)",
    );
    let store = Store::open_existing(&path).expect("opened");
    let (good, bad): (Vec<_>, Vec<_>) = store.export().expect("begun").partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (4, 1));
    let unreadable = bad.into_iter().next().and_then(Result::err).expect("one");
    assert!(unreadable.message.is_some());
    assert_eq!(unreadable.path, ["Top of Outlook data file", "Inbox"]);
}
