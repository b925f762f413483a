//! Several processes with one file, and processes that are killed (STORE-43).
//!
//! The other processes are this test program once more, which runs one test and is told by the environment what to do.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use mapi_provider_mailbox::database::{DeleteFolder, Error, Special, Store};
use support::{message, save};

const STORE: &str = "MAILBOX_TEST_STORE";
const WORK: &str = "MAILBOX_TEST_WORK";

fn start(path: &Path, work: &str) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args([
            "works_for_the_others",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(STORE, path)
        .env(WORK, work)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started")
}

/// What the other processes do. By itself it does nothing.
#[test]
fn works_for_the_others() {
    let Ok(path) = std::env::var(STORE) else {
        return;
    };
    let store = Store::open(Path::new(&path)).expect("opened");
    match std::env::var(WORK).as_deref() {
        Ok("add") => {
            let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
            for number in 0..40 {
                save(&store, inbox, &message(&format!("Message {number}"), 1));
            }
        }
        Ok("churn") => churn(&store),
        other => panic!("unknown work {other:?}"),
    }
}

/// Changes the store until it is killed, and says after each commit how many there were.
fn churn(store: &Store) {
    let (inbox, sent) = store
        .read(|r| Ok((r.special(Special::Inbox)?, r.special(Special::SentItems)?)))
        .expect("folders");
    for done in 1_u32.. {
        // One commit: the number of messages in both folders together is the number of commits.
        let id = store.reserve_message().expect("an ID");
        let mut data = message(&format!("Message {done}"), done % 3);
        if done % 7 == 0 {
            let large = vec![1; 200_000];
            data.props.set_tag(mapi_provider_abi::mapi::PR_HTML, large);
        }
        store
            .write(|tx| {
                tx.save_message(&mapi_provider_mailbox::database::Save {
                    id,
                    folder: inbox,
                    associated: false,
                    base: None,
                    force: false,
                    read: done % 2 == 0,
                    keep_time: false,
                    data: &data,
                })?;
                if done % 2 == 0 {
                    tx.move_messages(&[id], sent)?;
                    let copy = tx.copy_messages(&[id], inbox)?.done[0].1;
                    tx.delete_messages(&[copy])?;
                }
                Ok(())
            })
            .expect("written");
        println!("committed {done}");
    }
}

#[test]
fn store_43_two_processes_write_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    // Both find no file: one of them makes it.
    let children: Vec<Child> = (0..2).map(|_| start(&path, "add")).collect();
    for mut child in children {
        let output = child.stdout.take().expect("piped");
        // It must not be kept waiting by a pipe that is full.
        let lines: Vec<_> = BufReader::new(output).lines().collect();
        assert!(child.wait().expect("ended").success(), "{lines:?}");
    }
    let store = Store::open(&path).expect("opened");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let ids = store.read(|r| r.message_ids(inbox)).expect("read");
    assert_eq!(ids.len(), 80);
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
}

#[test]
fn store_43_a_killed_process_leaves_all_that_it_committed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let watcher = Store::open(&path).expect("made");
    let mut feed = watcher.feed().expect("feed");
    let mut before = 0;
    // Long enough between kills that each falls somewhere else.
    for lives in [1, 2, 5, 9, 14, 23, 31, 8] {
        let mut child = start(&path, "churn");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut committed = 0;
        while committed < lives {
            let line = lines.next().expect("it goes on").expect("text");
            if let Some((_, number)) = line.split_once("committed ") {
                committed = number.trim().parse().expect("a number");
            }
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        // What it said last before it died.
        for line in lines.map_while(std::io::Result::ok) {
            if let Some((_, number)) = line.split_once("committed ") {
                committed = number.trim().parse().expect("a number");
            }
        }
        let found: u64 = watcher
            .read(|r| {
                let total = |special| Ok::<_, Error>(r.existing_folder(r.special(special)?)?.total);
                Ok(total(Special::Inbox)? + total(Special::SentItems)?)
            })
            .expect("read");
        let new = found - before;
        assert!(
            (committed..=committed + 1).contains(&new),
            "{committed} were committed, {new} are there"
        );
        before = found;
        let report = watcher.check().expect("readable");
        assert_eq!(report.problems, Vec::<String>::new());
        // No lock is left: somebody else writes at once.
        watcher
            .write(|tx| {
                let inbox = tx.special(Special::Inbox)?;
                tx.set_receive_folder("X", Some(inbox))
            })
            .expect("written");
    }
    assert!(!feed.poll().expect("read").list.is_empty());
    while watcher.maintain().expect("cleaned") {}
    let left = std::fs::read_dir(folder.path()).expect("read").count();
    // The store, its log and index of the log, and the lock of this process.
    assert_eq!(left, 4);
    assert!(
        !Store::open(&path).expect("opened").was_interrupted(),
        "the dead are buried"
    );
    let outbox = watcher
        .read(|r| r.special(Special::Outbox))
        .expect("outbox");
    let refused = watcher.write(|tx| tx.delete_folder(outbox, DeleteFolder::default()));
    assert!(matches!(refused, Err(Error::SpecialFolder)));
}
