//! A disk that is really full, and one that may only be read (STORE-43).
//!
//! The test runs once more as another process, with a small file system of its own, where the system lets it have one.

use std::path::{Path, PathBuf};
use std::process::Command;

use mapi_provider_abi::mapi::{MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_DISK, PR_HTML};
use mapi_provider_mailbox::database::{Error, MessageData, Save, Special, Store};

const FOLDER: &str = "MAILBOX_TEST_FOLDER";

/// Runs a test of this program with `mount` done before it. Tells whether that could be done at all.
fn run_within(test: &str, folder: &Path, mount: &str) -> bool {
    let program = std::env::current_exe().expect("this program");
    let script = format!(
        "{mount} || exit 99; exec '{}' disks::{test} --exact --nocapture --test-threads=1",
        program.display()
    );
    let run = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .env(FOLDER, folder)
        .status();
    match run {
        Ok(status) if status.success() => true,
        Ok(status) if status.code() == Some(101) => panic!("{test} failed within"),
        other => {
            eprintln!("skipped: no file system of its own can be had here ({other:?})");
            false
        }
    }
}

fn within() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

fn save(store: &Store, bytes: usize) -> Result<(), Error> {
    let mut data = MessageData::default();
    data.props.set_tag(PR_HTML, vec![7; bytes]);
    store.write(|tx| {
        let save = Save {
            id: tx.new_message_id(),
            folder: tx.special(Special::Inbox)?,
            associated: false,
            base: None,
            force: false,
            read: false,
            keep_time: false,
            data: &data,
        };
        tx.save_message(&save).map(drop)
    })
}

/// What is done on the small disk. By itself it does nothing.
#[test]
fn fills_the_disk() {
    let Some(folder) = within() else {
        return;
    };
    let path = folder.join("store.db");
    let store = Store::open(&path).expect("room enough");
    let mut saved = 0;
    let mut sizes = [300_000, 100_000, 30_000, 9_000, 100].into_iter().cycle();
    let mut refused = 0;
    while refused < 40 {
        match save(&store, sizes.next().expect("for ever")) {
            Ok(()) => saved += 1,
            Err(error) => {
                refused += 1;
                assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_DISK, "{error}");
                assert!(error.to_string().contains("full"), "{error}");
            }
        }
        let inbox = store.read(|r| r.existing_folder(r.special(Special::Inbox)?));
        assert_eq!(inbox.expect("readable").total, saved);
    }
    drop(store);
    // Another process has to find a place to begin, or says why not.
    match Store::open(&path) {
        Ok(store) => {
            let report = store.check().expect("readable");
            assert_eq!((report.messages, report.problems), (saved, Vec::new()));
        }
        Err(error) => assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_DISK, "{error}"),
    }
    let ballast = folder.join("ballast");
    std::fs::remove_file(&ballast).expect("there");
    let store = Store::open(&path).expect("room again");
    let report = store.check().expect("readable");
    assert_eq!((report.messages, report.problems), (saved, Vec::new()));
    save(&store, 20_000).expect("room again");
}

#[test]
fn store_43_a_full_disk_is_told_and_room_is_all_that_it_takes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mount = "mount -t tmpfs -o size=6m none \"$MAILBOX_TEST_FOLDER\" \
                 && head -c 2000000 /dev/zero > \"$MAILBOX_TEST_FOLDER/ballast\"";
    run_within("fills_the_disk", folder.path(), mount);
}

/// What is done on the disk that may only be read. By itself it does nothing.
#[test]
fn reads_only() {
    let Some(folder) = within() else {
        return;
    };
    let path = folder.join("store.db");
    let error = Store::open(&path).map(drop).expect_err("read only");
    assert_eq!(error.status(), MAPI_E_NO_ACCESS, "{error}");
    assert!(error.to_string().contains("may only be read"), "{error}");
}

#[test]
fn store_43_a_disk_that_may_only_be_read_is_told_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    save(&Store::open(&path).expect("made"), 100).expect("saved");
    let before = std::fs::read(&path).expect("read");
    let mount = "mount --bind \"$MAILBOX_TEST_FOLDER\" \"$MAILBOX_TEST_FOLDER\" \
                 && mount -o remount,ro,bind \"$MAILBOX_TEST_FOLDER\"";
    run_within("reads_only", folder.path(), mount);
    assert_eq!(std::fs::read(&path).expect("read"), before);
}
