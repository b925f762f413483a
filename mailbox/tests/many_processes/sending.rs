//! Processes that are killed while they send (STORE-34, STORE-36).
//!
//! The other processes are this test program once more, which runs one test and is told by the environment what to do.

use crate::kill_stage::{dice, maintain};
use crate::object_support;
use crate::store_support;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use mapi_provider::abi::*;
use mapi_provider::view::{FileTime, Property};
use mapi_provider_mailbox::database::{Error, LOCKED, MessageId, Special, Store};
use object_support::*;

const STORE: &str = "MAILBOX_TEST_STORE";
const WORK: &str = "MAILBOX_TEST_WORK";

/// What the other processes do until they are killed. By itself it does nothing.
#[test]
fn works_for_the_others() {
    let (Ok(path), Ok(work)) = (std::env::var(STORE), std::env::var(WORK)) else {
        return;
    };
    match &*work {
        "submit" => submits(Path::new(&path)),
        "lock" => {
            let store = Store::open(Path::new(&path)).expect("opened");
            let queue = store.read(|reader| reader.queue()).expect("read");
            let locked = store.write(|tx| tx.lock_queued(queue[0].message));
            locked.expect("it was free");
            println!("said locked");
            loop {
                std::thread::sleep(Duration::from_secs(60));
            }
        }
        other => panic!("unknown work {other}"),
    }
}

/// A client that sends one message after another, none of which was saved before.
fn submits(path: &Path) {
    let session = Session::open(file(path));
    let outbox = session.client().receive_folder("").expect("a folder");
    let id = outbox.entry_id().expect("an ID").into_owned();
    let folder = raw_folder(&session, &id);
    for number in 0.. {
        let message = create_message(&folder);
        let subject = Property::new(PR_SUBJECT_W, format!("{number}").as_str()).into_owned();
        set(&session, &message, &[subject]);
        add_recipients(&session, &message, &[(MAPI_TO, "Ann")]);
        // SAFETY: it takes nothing but a number.
        let status = unsafe { message.SubmitMessage(SubmitMessageFlags::empty()) };
        match status {
            S_OK => println!("said {number}"),
            // On a machine with much else to do.
            status => assert_eq!(status, MAPI_E_TIMEOUT),
        }
    }
}

struct Worker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Worker {
    fn start(path: &Path, work: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args([
                "sending::works_for_the_others",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(STORE, path)
            .env(WORK, work)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let output = child.stdout.take().expect("piped");
        let lines = BufReader::new(output).lines();
        Self { child, lines }
    }

    /// Waits until it says something more.
    fn hear(&mut self) {
        let line = self.lines.find(|line| {
            let line = line.as_ref().expect("text");
            line.contains("said ")
        });
        assert!(line.is_some(), "it has ended");
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

#[test]
fn store_34_whoever_is_killed_has_saved_and_queued_a_message_or_neither() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("there");
    for round in 0..50 {
        let roll = dice(round, 34);
        let mut worker = Worker::start(&path, "submit");
        for _ in 0..1 + roll % 4 {
            worker.hear();
        }
        std::thread::sleep(Duration::from_micros(roll >> 8 & 0xFFF));
        worker.kill();
        // All of a moment.
        let (saved, mut queued) = store
            .read(|reader| Ok((reader.message_ids(inbox)?, reader.queue()?)))
            .expect("read");
        queued.sort_by_key(|one| one.message);
        let queued: Vec<MessageId> = queued.into_iter().map(|one| one.message).collect();
        assert_eq!(saved, queued, "after kill {round}");
        maintain(&store);
    }
}

#[test]
fn store_36_a_lock_ends_with_the_process_that_is_killed() {
    let (_folder, path) = place();
    let store = Store::open(&path).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("there");
    let id = store_support::save(&store, inbox, &store_support::message("one", 1));
    let id = id.info.id;
    let submitted = store.write_durably(|tx| tx.submit(id, FileTime::from_ticks(10), 0));
    submitted.expect("queued");
    let session = Session::open(file(&path));
    let spooler = session.provider.spooler_logon().expect("a logon");
    let open = || {
        let entry_id = entry_id(&store, id);
        let modify = OpenEntryFlags::MAPI_MODIFY;
        open_for(&session, spooler.interface(), &entry_id, modify).map(drop)
    };
    assert_eq!(open(), Ok(()));
    let mut worker = Worker::start(&path, "lock");
    worker.hear();
    let seen = || {
        store
            .read(|reader| reader.queued(id))
            .expect("read")
            .expect("queued")
    };
    assert_eq!(seen().flags, LOCKED);
    assert!(
        seen()
            .locked_by
            .is_some_and(|owner| owner != store.session())
    );
    assert!(matches!(
        store.write(|tx| tx.lock_queued(id)),
        Err(Error::Locked)
    ));
    assert_eq!(open(), Err(MAPI_E_NO_ACCESS), "another process's spooler");
    worker.kill();
    // At once: nobody has to bury the dead first.
    assert_eq!((seen().flags, seen().locked_by), (0, None));
    assert_eq!(open(), Ok(()));
    store.write(|tx| tx.lock_queued(id)).expect("it is free");
    spooler.logoff();
    session.close();
}
