//! Sinks that call back into everything: nothing is locked, and all that they did is there.

use crate::object_support;
use crate::search_stage;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::store::EntryId;
use mapi_provider::view::{
    AddressList, Allocators, EntryList, Limits, MapiBuffer, PropTags, Property, SortDirection,
    SortOrder,
};
use mapi_provider_mailbox::database::{self, FolderId, MessageId};
use object_support::*;
use search_stage::*;

type Work = Box<dyn Fn(usize) + Send>;

/// A sink that does all that can be done, from inside.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Meddler {
    work: Mutex<Option<Work>>,
    depth: AtomicUsize,
    heard: AtomicUsize,
}

impl IMAPIAdviseSink_Impl for Meddler {
    unsafe fn OnNotify(this: &Object<Self>, _: u32, _: *mut NOTIFICATION) -> u32 {
        let number = this.heard.fetch_add(1, Ordering::SeqCst);
        // What it does makes it be told again, perhaps at once: it does it a few times only.
        if number < 4 {
            this.depth.fetch_add(1, Ordering::SeqCst);
            let work = this.work.lock().expect("sound").take();
            if let Some(work) = work {
                work(number);
                *this.work.lock().expect("sound") = Some(work);
            }
        }
        0
    }
}

/// Pointers that another thread may use: free-threaded objects, each with a reference of its own.
struct Shared<T>(T);
unsafe impl<T> Send for Shared<T> {}

#[test]
fn sync_19_and_store_39_a_sink_may_call_back_into_everything() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail").entry_id().expect("an ID");
    let here = folder_id(&mail);
    deliver(&store, here, "lunch 0");
    let search = SearchFolder::new(&session, "Found");
    let folder = raw_folder(&session, &mail);
    let table = contents(&folder);
    let objects = Shared(Objects {
        interface: session.store.interface().clone(),
        folder: folder.clone(),
        here,
        id: mail.as_bytes().to_vec(),
        found: raw_folder(&session, &search.id),
        table: table.clone(),
        store: store.clone(),
        allocators: session.allocators(),
    });
    let meddler = ObjectRef::new(Meddler {
        work: Mutex::new(Some(Box::new(move |number| {
            let objects = &objects;
            objects.0.meddle(number);
        }))),
        depth: AtomicUsize::new(0),
        heard: AtomicUsize::new(0),
    });
    let sink: IMAPIAdviseSink = meddler.to_interface();
    let mut connections = [0; 2];
    unsafe {
        let events = NotificationEvents::fnevObjectCreated
            | NotificationEvents::fnevObjectModified
            | NotificationEvents::fnevObjectDeleted
            | NotificationEvents::fnevObjectCopied
            | NotificationEvents::fnevObjectMoved
            | NotificationEvents::fnevSearchComplete;
        let interface = session.store.interface();
        let advised = interface.Advise(
            0,
            ptr::null_mut(),
            events,
            sink.as_raw(),
            &mut connections[0],
        );
        assert_eq!(advised, S_OK);
        let events = NotificationEvents::fnevTableModified;
        assert_eq!(
            table.Advise(events, sink.as_raw(), &mut connections[1]),
            S_OK
        );
    }
    let live = search.table();
    let complete = search.hear_complete();
    let scope = [mail.clone()];
    let flags = SetSearchCriteriaFlags::empty();
    assert_eq!(
        search.set(Some(&contains("lunch")), Some(&scope), flags),
        S_OK
    );
    complete.next();
    // A change of this process, and what follows from it.
    let object: IMAPIProp = folder.cast().expect("properties");
    let set = set_props(
        &session,
        &object,
        &[mapi_provider::view::Property::new(PR_COMMENT_W, "x")],
    );
    assert_eq!(set, (S_OK, vec![]));
    // Whoever is telling at that moment tells this too: perhaps another thread.
    let has_meddled = || (meddler.depth.load(Ordering::SeqCst) > 0).then_some(());
    in_the_end(has_meddled, "it has meddled");
    unsafe {
        assert_eq!(table.Unadvise(connections[1]), S_OK);
        assert_eq!(session.store.interface().Unadvise(connections[0]), S_OK);
    }
    // A call that had begun on another thread has the work until it ends. The work has references to all objects.
    let work = in_the_end(|| meddler.work.lock().expect("sound").take(), "it ends");
    drop(work);
    // All that it made is there, and in every view of it.
    let made: Vec<MessageId> = store.read(|r| r.message_ids(here)).expect("read");
    assert!(made.len() > 1);
    live.until_it(|shown| {
        let made = store.read(|r| r.message_ids(here)).expect("read");
        shown.len() == made.len()
    });
    let made: Vec<MessageId> = store.read(|r| r.message_ids(here)).expect("read");
    let fresh = contents(&folder);
    assert_eq!(
        texts(&session, &fresh, PR_SUBJECT_W).len(),
        made.len(),
        "nothing is locked"
    );
    let problems = store.check().expect("readable").problems;
    assert_eq!(problems, Vec::<String>::new());
    drop((
        search, live, complete, folder, table, object, fresh, sink, meddler,
    ));
    session.close();
}

/// What comes in the end, though perhaps on another thread.
fn in_the_end<T>(come: impl Fn() -> Option<T>, what: &str) -> T {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(come) = come() {
            return come;
        }
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// What the sink works with.
struct Objects {
    interface: IMsgStore,
    /// The folder that it hears of.
    folder: IMAPIFolder,
    here: FolderId,
    id: Vec<u8>,
    /// A search folder that looks into it.
    found: IMAPIFolder,
    table: IMAPITable,
    store: database::Store,
    allocators: Allocators,
}

impl Objects {
    /// Does all that there is to do. It is done for the `number`th time.
    fn meddle(&self, number: usize) {
        deliver(
            &self.store,
            self.here,
            &format!("lunch of the sink {number}"),
        );
        self.read();
        self.search();
        let saved = self.saved(&format!("lunch, saved {number}"));
        self.mark(&saved);
        let sent = self.sent(&format!("lunch, sent {number}"));
        self.take_back(&sent);
        self.copy_and_delete(&saved);
        self.folders(number);
    }

    /// Reads, sorts, opens and subscribes.
    fn read(&self) {
        let allocators = self.allocators;
        unsafe {
            let (mut count, mut values) = (0, ptr::null_mut());
            let flags = UnicodeFlags::MAPI_UNICODE;
            let object: IMAPIProp = self.interface.cast().expect("properties");
            let read = object.GetProps(ptr::null_mut(), flags, &mut count, &mut values);
            assert!(read.is_ok());
            drop(allocators.adopt(values, count));

            let order = mapi_provider::view::SortOrderSet {
                orders: vec![SortOrder {
                    tag: PR_SUBJECT_W,
                    direction: SortDirection::Descend,
                }],
                ..Default::default()
            };
            let order = allocators.build(&order).expect("memory");
            let table = &self.table;
            assert_eq!(table.SortTable(order.as_ptr(), TableFlags::empty()), S_OK);
            let (flags, mut rows) = (QueryRowsFlags::empty(), ptr::null_mut());
            assert_eq!(table.QueryRows(10, flags, &mut rows), S_OK);
            drop(allocators.adopt(rows, 1));

            let (sink, mut connection) = (Deaf::sink(), 0);
            let events = NotificationEvents::fnevTableModified;
            assert_eq!(table.Advise(events, sink.as_raw(), &mut connection), S_OK);
            assert_eq!(table.Unadvise(connection), S_OK);
        }
        drop(self.open(&self.id));
    }

    fn search(&self) {
        let restriction = self.allocators.build(&contains("lunch")).expect("memory");
        let restart = SetSearchCriteriaFlags::RESTART_SEARCH;
        let scope = self.list(&self.id);
        let set = unsafe {
            let (restriction, scope) = (restriction.as_ptr(), scope.as_ptr());
            self.found.SetSearchCriteria(restriction, scope, restart)
        };
        assert_eq!(set, S_OK);
    }

    /// A new message with a subject, not saved.
    fn message(&self, subject: &str) -> IMessage {
        let message = create_message(&self.folder);
        let subject = Property::new(PR_SUBJECT_W, subject).into_owned();
        let built = self.allocators.build(&[subject][..]).expect("memory");
        let set = unsafe { message.SetProps(1, built.as_ptr(), ptr::null_mut()) };
        assert_eq!(set, S_OK);
        message
    }

    /// One that is saved, twice, with an attachment; its entry ID.
    fn saved(&self, subject: &str) -> Vec<u8> {
        let message = self.message(subject);
        save_and_go_on(&message);
        let (mut number, mut out) = (0, ptr::null_mut());
        unsafe {
            let flags = CreateAttachFlags::empty();
            let made = message.CreateAttach(ptr::null(), flags, &mut number, &mut out);
            assert_eq!(made, S_OK);
            save_and_go_on(&IAttach::from_raw(out));
        }
        save_and_go_on(&message);
        self.entry_id_of(&message)
    }

    fn mark(&self, id: &[u8]) {
        let list = self.list(id);
        let (folder, none) = (&self.folder, ptr::null_mut());
        for flags in [ReadFlags::empty(), ReadFlags::CLEAR_READ_FLAG] {
            let marked = unsafe { folder.SetReadFlags(list.as_ptr(), 0, none, flags) };
            assert_eq!(marked, S_OK);
        }
    }

    /// One that waits to be sent; its entry ID.
    fn sent(&self, subject: &str) -> Vec<u8> {
        let message = self.message(subject);
        let to = Property::new(PR_DISPLAY_NAME_W, "Ann");
        let to = AddressList(vec![vec![to].into()]);
        let to = self.allocators.build(&to).expect("memory");
        unsafe {
            let add = ModifyRecipientsFlags::MODRECIP_ADD;
            assert_eq!(message.ModifyRecipients(add, to.as_ptr()), S_OK);
            let flags = SubmitMessageFlags::empty();
            assert_eq!(message.SubmitMessage(flags), S_OK);
        }
        self.entry_id_of(&message)
    }

    fn take_back(&self, id: &[u8]) {
        let mut id = id.to_vec();
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        assert_eq!(unsafe { self.interface.AbortSubmit(count, id, 0) }, S_OK);
    }

    /// Copies a message into its own folder, moves it to where it is, and deletes it.
    fn copy_and_delete(&self, id: &[u8]) {
        let (list, folder, none) = (self.list(id), &self.folder, ptr::null_mut());
        let (copies, moves) = (CopyMessagesFlags::empty(), CopyMessagesFlags::MESSAGE_MOVE);
        unsafe {
            let (list, to) = (list.as_ptr(), folder.as_raw());
            for flags in [copies, moves] {
                let copied = folder.CopyMessages(list, ptr::null(), to, 0, none, flags);
                assert_eq!(copied, S_OK);
            }
            let flags = DeleteMessagesFlags::empty();
            assert_eq!(folder.DeleteMessages(list, 0, none, flags), S_OK);
        }
    }

    /// Makes folders, copies one with what is in it, and deletes one, which sinks hear of too.
    fn folders(&self, number: usize) {
        let kept = self.make_folder(&format!("By the sink {number}"));
        let gone = self.make_folder(&format!("Not for long {number}"));
        let inside = create_message(&gone);
        save_and_go_on(&inside);
        let id = self.entry_id_of(&gone);
        let (mut bytes, none) = (id.clone(), ptr::null_mut());
        unsafe {
            let (count, bytes) = (id.len() as u32, bytes.as_mut_ptr().cast());
            let deep = CopyFolderFlags::COPY_SUBFOLDERS;
            let (to, name) = (kept.as_raw(), ptr::null_mut());
            let folder = &self.folder;
            let copied = folder.CopyFolder(count, bytes, ptr::null(), to, name, 0, none, deep);
            assert_eq!(copied, S_OK);
            let all = DeleteFolderFlags::DEL_MESSAGES | DeleteFolderFlags::DEL_FOLDERS;
            assert_eq!(folder.DeleteFolder(count, bytes, 0, none, all), S_OK);
            let emptied = kept.EmptyFolder(0, none, EmptyFolderFlags::empty());
            assert_eq!(emptied, S_OK);
        }
    }

    fn make_folder(&self, name: &str) -> IMAPIFolder {
        let mut name: Vec<u16> = name.encode_utf16().chain([0]).collect();
        let mut out = ptr::null_mut();
        unsafe {
            let made = self.folder.CreateFolder(
                FOLDER_GENERIC,
                name.as_mut_ptr().cast(),
                ptr::null_mut(),
                ptr::null(),
                CreateFolderFlags::MAPI_UNICODE,
                &mut out,
            );
            assert_eq!(made, S_OK);
            IMAPIFolder::from_raw(out)
        }
    }

    fn open(&self, id: &[u8]) -> IUnknown {
        let mut id = id.to_vec();
        let (mut kind, mut out) = (0, ptr::null_mut());
        unsafe {
            let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
            let flags = OpenEntryFlags::MAPI_BEST_ACCESS;
            let interface = &self.interface;
            let opened = interface.OpenEntry(count, id, ptr::null(), flags, &mut kind, &mut out);
            assert_eq!(opened, S_OK);
            IUnknown::from_raw(out)
        }
    }

    fn entry_id_of(&self, object: &IMAPIProp) -> Vec<u8> {
        let tags = PropTags::from(&[PR_ENTRYID][..]);
        let tags = self.allocators.build(&tags).expect("memory");
        let (mut count, mut values) = (0, ptr::null_mut());
        let values = unsafe {
            let flags = UnicodeFlags::MAPI_UNICODE;
            let read = object.GetProps(tags.as_ptr(), flags, &mut count, &mut values);
            assert_eq!(read, S_OK);
            self.allocators.adopt(values, count).expect("an answer")
        };
        let read: Vec<Property<'_>> = values.read_all(&Limits::default()).expect("well-formed");
        read[0].value.as_binary().expect("an entry ID").to_vec()
    }

    fn list(&self, id: &[u8]) -> MapiBuffer<SBinaryArray> {
        let list = EntryList(vec![EntryId::from(id.to_vec())]);
        self.allocators.build(&list).expect("memory")
    }
}

/// A sink that does nothing.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Deaf;

impl Deaf {
    fn sink() -> IMAPIAdviseSink {
        ObjectRef::new(Self).into_interface()
    }
}

impl IMAPIAdviseSink_Impl for Deaf {
    unsafe fn OnNotify(_: &Object<Self>, _: u32, _: *mut NOTIFICATION) -> u32 {
        0
    }
}
