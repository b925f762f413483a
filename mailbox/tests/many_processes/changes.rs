//! Several processes with one file, and processes that are killed (STORE-43).
//!
//! The other processes are this test program once more, which runs one test and is told by the environment what to do.

use crate::kill_stage::maintain;
use crate::store_support;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use mapi_provider_abi::mapi::PR_HTML;
use mapi_provider_mailbox::database::{FolderId, Save, Special, Store};
use mapi_provider_mailbox::logic::Mailbox;
use store_support::{message, save};

const STORE: &str = "MAILBOX_TEST_STORE";
const WORK: &str = "MAILBOX_TEST_WORK";

fn start(path: &Path, work: &str) -> Child {
    Command::new(std::env::current_exe().expect("this program"))
        .args([
            "changes::works_for_the_others",
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
        Ok("inbox") => client(&store, Special::Inbox),
        Ok("sent") => client(&store, Special::SentItems),
        Ok("sync") => sync(&Mailbox::new(store)),
        other => panic!("unknown work {other:?}"),
    }
}

/// A client: until it is killed, each of its commits leaves one more message in its folder. It says after each how many
/// there were.
fn client(store: &Store, home: Special) {
    let (home, views) = store
        .read(|r| Ok((r.special(home)?, r.special(Special::Views)?)))
        .expect("folders");
    for done in 1_u32.. {
        let id = store.reserve_message().expect("an ID");
        let mut data = message(&format!("Message {done}"), done % 3);
        if done % 7 == 0 {
            data.props.set_tag(PR_HTML, vec![1; 200_000]);
        }
        let save = Save {
            id,
            folder: views,
            associated: false,
            base: None,
            force: false,
            read: done % 2 == 0,
            keep_time: false,
            data: &data,
        };
        let work = store.write(|tx| {
            tx.save_message(&save)?;
            tx.move_messages(&[id], home)?;
            let copy = tx.copy_messages(&[id], views)?.done[0].1;
            tx.delete_messages(&[copy])?;
            tx.set_read(&[id], done % 3 == 0)
        });
        work.expect("written");
        println!("committed {done}");
    }
}

/// How many messages a batch of the logic brings.
const BATCH: u64 = 5;

/// The logic: until it is killed, it goes on where the cursor stands.
fn sync(mailbox: &Mailbox) {
    let folder = mailbox.special(Special::DeletedItems).expect("a folder");
    let mut batches = batches(mailbox.cursor().expect("read"));
    for done in 1_u32.. {
        let mut batch = mailbox.batch();
        for number in 0..BATCH {
            let id = format!("m{}", batches * BATCH + number);
            batch
                .upsert(folder, &id, |draft| draft.subject("From the server"))
                .expect("taken");
        }
        batches += 1;
        batch.commit_with(&batches.to_le_bytes()).expect("written");
        println!("committed {done}");
    }
}

fn batches(cursor: Option<Vec<u8>>) -> u64 {
    let bytes = cursor.map(|bytes| bytes.try_into().expect("8 bytes"));
    bytes.map_or(0, u64::from_le_bytes)
}

/// A process, and what it has said.
struct Worker {
    work: &'static str,
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    committed: u64,
}

impl Worker {
    fn start(path: &Path, work: &'static str) -> Self {
        let mut child = start(path, work);
        let output = child.stdout.take().expect("piped");
        Self {
            work,
            child,
            lines: BufReader::new(output).lines(),
            committed: 0,
        }
    }

    fn hear(&mut self) -> bool {
        let Some(Ok(line)) = self.lines.next() else {
            return false;
        };
        if let Some((_, number)) = line.split_once("committed ") {
            self.committed = number.trim().parse().expect("a number");
        }
        true
    }

    /// Kills it once it has committed so often. Tells how often it says that it has.
    fn kill(mut self, after: u64) -> u64 {
        while self.committed < after {
            assert!(self.hear(), "{} goes on", self.work);
        }
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
        while self.hear() {}
        self.committed
    }
}

/// The file is checked after each of the first kills.
const FIRST: u64 = 9;
/// And then after one in so many.
const EACH: u64 = 50;

fn total(store: &Store, folder: FolderId) -> u64 {
    store
        .read(|r| Ok(r.existing_folder(folder)?.total))
        .expect("read")
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

/// How many processes are killed. `MAILBOX_KILLS=1000` is the long form.
fn kills() -> u64 {
    let told = std::env::var("MAILBOX_KILLS").ok();
    told.map_or(9, |told| told.parse().expect("a number"))
}

#[test]
fn store_43_and_store_45_killed_processes_leave_all_that_they_committed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let watcher = Store::open(&path).expect("made");
    let homes = [Special::Inbox, Special::SentItems, Special::DeletedItems]
        .map(|home| watcher.read(|r| r.special(home)).expect("a folder"));
    let works = ["inbox", "sent", "sync"];
    let mut workers = works.map(|work| Some(Worker::start(&path, work)));
    let mut before = [0; 3];
    for round in 0..kills() {
        // Each time another one, and elsewhere in what it does.
        let which = (round * 7 % 3) as usize;
        let worker = workers[which].take().expect("it works");
        let committed = worker.kill(1 + round * 5 % 11);
        let found = total(&watcher, homes[which]);
        let each = if which == 2 { BATCH } else { 1 };
        let new = (found - before[which]) / each;
        assert!(
            (committed..=committed + 1).contains(&new),
            "{}: {committed} were committed, {new} are there",
            works[which]
        );
        before[which] = found;
        // Cursor and messages are there together, or neither.
        let (cursor, brought) = watcher
            .read(|r| Ok((r.cursor("sync")?, r.existing_folder(homes[2])?.total)))
            .expect("read");
        assert_eq!(batches(cursor) * BATCH, brought);
        // A check reads all of the file, which grows meanwhile: in the long form not each time.
        if round < FIRST || round % EACH == 0 || round + 1 == kills() {
            let report = watcher.check().expect("readable");
            assert_eq!(report.problems, Vec::<String>::new());
        }
        // No lock is left: this process writes, and buries the dead.
        maintain(&watcher);
        workers[which] = Some(Worker::start(&path, works[which]));
    }
    for worker in workers.into_iter().flatten() {
        worker.kill(0);
    }
    // On Windows the locks of a process that was killed go a moment after it.
    let mut left = 0;
    for _ in 0..100 {
        while maintain(&watcher) {}
        left = std::fs::read_dir(folder.path()).expect("read").count();
        if left == 4 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(
        left, 4,
        "the store, its log and the log's index, the lock of this process"
    );
    let mailbox = Mailbox::new(watcher);
    let told = mailbox.local_changes().expect("read").len() as u64;
    let (inbox, sent) = (
        total(mailbox.store(), homes[0]),
        total(mailbox.store(), homes[1]),
    );
    println!(
        "{} kills: {inbox} and {sent} messages of two clients, {} of the logic, none lost",
        kills(),
        total(mailbox.store(), homes[2])
    );
    assert_eq!(
        told,
        inbox + sent,
        "what clients made is told, and nothing of the logic's"
    );
}
