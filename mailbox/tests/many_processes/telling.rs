//! What another process does is told here, and so is its end (STORE-35, STORE-36, STORE-41).
//!
//! The other process is this test program once more, which runs one test and is told by the environment what to do.

use crate::object_support;
use crate::search_stage;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::PropValue;
use mapi_provider_abi::view::FileTime;
use mapi_provider_mailbox::database::{LOCKED, Options, Special, Store};
use object_support::*;
use search_stage::*;

const STORE: &str = "MAILBOX_TEST_TOLD";

/// Has a message come, and locks what waits to be sent until it is killed. By itself it does nothing.
#[test]
fn locks_for_the_others() {
    let Ok(path) = std::env::var(STORE) else {
        return;
    };
    let store = Store::open(Path::new(&path)).expect("opened");
    deliver(
        &store,
        special(&store, Special::Inbox),
        "from another process",
    );
    let queue = store.read(|r| r.queue()).expect("read");
    store
        .write(|tx| tx.lock_queued(queue[0].message))
        .expect("locked");
    println!("locked");
    loop {
        std::thread::park();
    }
}

/// Another process, which ends with this however the test ends.
struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A process that has done its work, and lives.
fn start(path: &Path) -> Other {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "telling::locks_for_the_others",
            "--exact",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(STORE, path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let output = child.stdout.take().expect("piped");
    let child = Other(child);
    let mut lines = BufReader::new(output).lines();
    let mut next = || lines.next().expect("it says more").expect("text");
    while !next().contains("locked") {}
    child
}

#[test]
fn store_35_store_36_and_store_41_another_process_and_its_end_are_told() {
    let (_folder, path) = place();
    let store = Store::open_with(&path, Options::new()).expect("made");
    let session = Session::open(Where::Open(store.clone()));
    let waiting = deliver(&store, special(&store, Special::Outbox), "sent soon");
    store
        .write_durably(|tx| tx.submit(waiting, FileTime::from_ticks(7), 0))
        .expect("queued");
    let mut out = ptr::null_mut();
    // SAFETY: a live variable, and what the method has just answered.
    let queue = unsafe {
        let client = session.store.interface();
        assert_eq!(client.GetOutgoingQueue(0, &mut out), S_OK);
        IMAPITable::from_raw(out)
    };
    let queue = LiveTable::of(&session, queue);
    let number = special(&store, Special::Inbox).number().to_le_bytes();
    let inbox = EntryId::from([&[0; 4][..], &store.uid(), &[1, 1, 0, 0], &number].concat());
    let inbox = contents(&raw_folder(&session, &inbox));
    let inbox = LiveTable::of(&session, inbox);
    let objects = hear_objects(&session, NotificationEvents::fnevObjectCreated);
    let flags = || {
        let rows = query_all(&session, &queue.table, &[PR_SUBMIT_FLAGS]);
        rows[0].get(PR_SUBMIT_FLAGS).and_then(PropValue::as_long)
    };

    let other = start(&path);
    objects.next();
    inbox.heard.next();
    queue.heard.next();
    assert_eq!(flags(), Some(LOCKED.cast_signed()));
    assert_eq!(queue.heard.take(), 0);
    // Its lock ends with it, and that is told before anybody tidies up.
    drop(other);
    queue.heard.next();
    assert_eq!(flags(), Some(0));
    let queued = store.read(|r| r.queued(waiting)).expect("read");
    assert_eq!(queued.map(|one| one.flags), Some(0));
    drop((queue, inbox, objects));
    session.close();
}
