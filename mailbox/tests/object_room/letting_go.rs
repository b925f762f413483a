//! Sinks that let go of what they are told of, while they are told: the last reference to a table, to a message, to the store.

use crate::object_support;
use crate::parts_support::{attachment_table, create_attachment};
use std::path::Path;
use std::ptr;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::Property;
use object_support::*;

/// Something that other threads may let go of: objects are free-threaded.
struct Held<T>(Mutex<Option<T>>);
unsafe impl<T> Send for Held<T> {}
unsafe impl<T> Sync for Held<T> {}

impl<T: 'static> Held<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(None)))
    }

    fn put(&self, held: T) {
        *self.0.lock().expect("sound") = Some(held);
    }

    fn take(&self) -> Option<T> {
        self.0.lock().expect("sound").take()
    }
}

/// A sink that does something when it is told something, and says so.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Sink(Box<dyn Fn() + Send + Sync>);

impl IMAPIAdviseSink_Impl for Sink {
    unsafe fn OnNotify(this: &Object<Self>, _: u32, _: *mut NOTIFICATION) -> u32 {
        (this.0)();
        0
    }
}

fn sink_that(then: impl Fn() + Send + Sync + 'static) -> (IMAPIAdviseSink, Receiver<()>) {
    let (done, is_done) = mpsc::channel();
    let done = Mutex::new(done);
    let sink = ObjectRef::new(Sink(Box::new(move || {
        then();
        let _ = done.lock().expect("sound").send(());
    })));
    (sink.into_interface(), is_done)
}

fn follow(table: &IMAPITable, sink: &IMAPIAdviseSink) -> usize {
    let mut connection = 0;
    let events = NotificationEvents::fnevTableModified;
    let status = unsafe { table.Advise(events, sink.as_raw(), &mut connection) };
    assert_eq!(status, S_OK);
    connection
}

#[test]
fn sync_19_a_sink_may_let_go_of_its_table_and_end_its_subscription() {
    for ends_first in [false, true] {
        let (session, _store) = Session::in_memory();
        let folder = session.raw_folder("Mail");
        let held: Arc<Held<(IMAPITable, usize)>> = Held::new();
        let to_let_go = Arc::clone(&held);
        let (sink, heard) = sink_that(move || {
            let Some((table, connection)) = to_let_go.take() else {
                return;
            };
            if ends_first {
                assert_eq!(unsafe { table.Unadvise(connection) }, S_OK);
            }
            drop(table);
        });
        let table = contents(&folder);
        let connection = follow(&table, &sink);
        held.put((table, connection));
        for subject in ["one", "two"] {
            let message = create_message(&folder);
            set(&session, &message, &[Property::new(PR_SUBJECT_W, subject)]);
            assert_eq!(save_changes(&message, SaveChangesFlags::empty()), S_OK);
        }
        assert_eq!(heard.try_iter().count(), 1, "it hears no more");
        assert!(held.take().is_none());
        drop((folder, sink));
        session.close();
    }
}

#[test]
fn sync_19_a_sink_may_let_go_of_a_message_that_another_object_of_it_changes() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let held: Arc<Held<(IMessage, IMAPITable, IAttach)>> = Held::new();
    let to_let_go = Arc::clone(&held);
    let (sink, heard) = sink_that(move || drop(to_let_go.take()));
    let (_, attachment) = create_attachment(&message);
    let (_, other) = create_attachment(&message);
    save_and_go_on(&other);
    let table = attachment_table(&message);
    follow(&table, &sink);
    // The attachment alone keeps the message from now on, and it is let go of as well.
    let outer = message.clone();
    held.put((message, table, attachment));
    save_and_go_on(&outer);
    assert_eq!(heard.try_iter().count(), 1);
    assert!(held.take().is_none());
    drop((folder, outer, other, sink));
    session.close();
}

/// Whether a process says in a folder that it has the store open.
fn is_in_use(folder: &Path) -> bool {
    let known = ["store.db", "store.db-wal", "store.db-shm"];
    let files = std::fs::read_dir(folder).expect("read");
    let mut names = files.map(|file| file.expect("read").file_name());
    names.any(|name| !known.iter().any(|known| name == *known))
}

#[test]
fn sync_19_a_sink_may_log_off_on_the_thread_that_tells_of_other_processes() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    let Session {
        host,
        provider,
        store,
    } = session;
    let held = Held::new();
    let to_let_go = Arc::clone(&held);
    let (sink, heard) = sink_that(move || {
        if let Some(store) = to_let_go.take() {
            let store: mapi_provider_host::Store = store;
            assert_eq!(store.logoff().support.logoff_transports.len(), 1);
        }
    });
    let (mut connection, events) = (0, NotificationEvents::fnevObjectCreated);
    unsafe {
        let status =
            store
                .interface()
                .Advise(0, ptr::null_mut(), events, sink.as_raw(), &mut connection);
        assert_eq!(status, S_OK);
    }
    held.put(store);
    // What this does is told to nobody by itself, as if it were done by another process.
    let other = mapi_provider_mailbox::database::Store::open(&path).expect("opened");
    let inbox =
        other.read(|reader| reader.special(mapi_provider_mailbox::database::Special::Inbox));
    deliver(&other, inbox.expect("there"), "new");
    let told = heard.recv_timeout(Duration::from_secs(60));
    assert_eq!(told, Ok(()));
    drop((other, sink));
    // Who tells has the last reference, and lets go of the file with it: then nothing is left that says that a process has it.
    let begun = Instant::now();
    while path.parent().is_some_and(is_in_use) {
        assert!(begun.elapsed() < Duration::from_secs(60), "it is kept");
        thread::yield_now();
    }
    provider.shutdown().expect("a shutdown");
    drop(provider);
    host.finish().assert_clean();
}
