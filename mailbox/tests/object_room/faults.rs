//! Memory that runs out at any moment, and sinks that call back into everything: a defined answer, and nothing is lost,
//! leaked or locked.

use crate::object_support;
use crate::search_stage;
use std::ffi::c_void;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::store::EntryId;
use mapi_provider::view::{Allocators, MapiBuffer, PropTags, SortDirection, SortOrder};
use mapi_provider_mailbox::database::{self, FolderId, MessageId};
use object_support::*;
use search_stage::*;

/// Makes a call with each of its allocations failing in turn, until none does. Each failure must be told as such, with
/// nothing given out; then the call succeeds.
pub(crate) fn with_each_failure(
    session: &Session,
    name: &str,
    call: impl Fn() -> (HRESULT, *mut c_void),
) {
    let memory = session.host.allocators();
    for n in 1..1000 {
        let before = memory.requests();
        memory.fail_nth(n);
        let (status, out) = call();
        let asked = memory.requests() - before;
        if asked < n {
            // It asked for less than that, so it did not fail.
            assert!(status.is_ok(), "{name}: {status:?}");
            free(memory.for_views(), out);
            // What would fail next is no call of the provider's.
            memory.fail_nth(u64::MAX / 2);
            assert!(n > 1, "{name} needs no memory");
            return;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "{name}, allocation {n}");
        assert!(out.is_null(), "{name}, allocation {n}");
    }
    panic!("{name} never ends");
}

fn free(allocators: Allocators, out: *mut c_void) {
    let buffer: Option<MapiBuffer<SPropValue>> =
        unsafe { allocators.adopt(out.cast::<SPropValue>(), 0) };
    drop(buffer);
}

#[test]
fn com_07_and_store_42_any_allocation_may_fail() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail").entry_id().expect("an ID");
    for number in 0..5 {
        deliver(&store, folder_id(&mail), &format!("lunch {number}"));
    }
    let search = SearchFolder::new(&session, "Found");
    let live = search.table();
    let scope = [mail.clone()];
    let flags = SetSearchCriteriaFlags::empty();
    assert_eq!(
        search.set(Some(&contains("lunch")), Some(&scope), flags),
        S_OK
    );
    live.until_it(|shown| shown.len() == 5);
    // Nobody of ours asks for memory meanwhile: what was found has been told.
    drop(live);
    let folder = raw_folder(&session, &mail);
    let found = raw_folder(&session, &search.id);
    let object: IMAPIProp = folder.cast().expect("properties");
    let interface = session.store.interface();
    let table = contents(&folder);

    with_each_failure(&session, "GetProps", || unsafe {
        let (mut count, mut out) = (0, ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(ptr::null_mut(), flags, &mut count, &mut out);
        // Some are too large or objects, which is a warning.
        (status, out.cast())
    });
    with_each_failure(&session, "GetPropList", || unsafe {
        let mut out = ptr::null_mut();
        let status = object.GetPropList(UnicodeFlags::MAPI_UNICODE, &mut out);
        (status, out.cast())
    });
    with_each_failure(&session, "QueryColumns", || unsafe {
        let mut out = ptr::null_mut();
        let flags = QueryColumnsFlags::empty();
        (table.QueryColumns(flags, &mut out), out.cast())
    });
    with_each_failure(&session, "GetSearchCriteria, the restriction", || unsafe {
        let mut out = ptr::null_mut();
        let flags = UnicodeFlags::empty();
        let status = found.GetSearchCriteria(flags, &mut out, ptr::null_mut(), ptr::null_mut());
        (status, out.cast())
    });
    with_each_failure(&session, "GetSearchCriteria, the folders", || unsafe {
        let mut out = ptr::null_mut();
        let flags = UnicodeFlags::empty();
        let status = found.GetSearchCriteria(flags, ptr::null_mut(), &mut out, ptr::null_mut());
        (status, out.cast())
    });
    // Both, or neither.
    with_each_failure(&session, "GetSearchCriteria", || unsafe {
        let (mut restriction, mut scope) = (ptr::null_mut(), ptr::null_mut());
        let mut state = SearchState::empty();
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = found.GetSearchCriteria(flags, &mut restriction, &mut scope, &mut state);
        assert_eq!(restriction.is_null(), scope.is_null());
        assert_eq!(state.is_empty(), status.is_err());
        free(session.allocators(), scope.cast());
        (status, restriction.cast())
    });
    with_each_failure(&session, "GetReceiveFolder", || unsafe {
        let (mut class, mut count) = ([0_u16; 1], 0);
        let (mut out, mut explicit) = (ptr::null_mut(), ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = interface.GetReceiveFolder(
            class.as_mut_ptr().cast(),
            flags,
            &mut count,
            &mut out,
            &mut explicit,
        );
        assert_eq!(explicit.is_null(), status.is_err());
        free(session.allocators(), explicit.cast());
        (status, out.cast())
    });
    with_each_failure(&session, "QuerySortOrder", || unsafe {
        let mut out = ptr::null_mut();
        (table.QuerySortOrder(&mut out), out.cast())
    });
    query_rows_with_each_failure(&session, &table);
    let rows = query_all(&session, &table, &[PR_SUBJECT_W]);
    assert_eq!(rows.len(), 5, "all are there");
    drop((search, folder, found, object, table));
    session.close();
}

/// The same of `QueryRows`, whose rows are roots of their own.
fn query_rows_with_each_failure(session: &Session, table: &IMAPITable) {
    let memory = session.host.allocators();
    let columns = PropTags::from(&[PR_SUBJECT_W, PR_ENTRYID][..]);
    let columns = session.allocators().build(&columns).expect("memory");
    for n in 1.. {
        unsafe {
            let mut sought = 0;
            let flags = TableFlags::empty();
            assert_eq!(table.SetColumns(columns.as_ptr(), flags), S_OK);
            let start = BOOKMARK_BEGINNING as usize;
            assert_eq!(table.SeekRow(start, 0, &mut sought), S_OK);
        }
        let before = memory.requests();
        memory.fail_nth(n);
        let mut rows = ptr::null_mut();
        let status = unsafe { table.QueryRows(50, QueryRowsFlags::empty(), &mut rows) };
        let asked = memory.requests() - before;
        memory.fail_nth(u64::MAX / 2);
        if asked < n {
            assert_eq!(status, S_OK);
            drop(unsafe { session.allocators().adopt(rows, 1) });
            return;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "allocation {n}");
        assert!(rows.is_null());
        // The cursor has not moved (STORE-13).
        assert_eq!(query(session, table, 50).len(), 5, "allocation {n}");
    }
}

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
    let objects = Shared((
        session.store.interface().clone(),
        folder.clone(),
        raw_folder(&session, &search.id),
        table.clone(),
        store.clone(),
        session.allocators(),
    ));
    let id = mail.as_bytes().to_vec();
    let meddler = ObjectRef::new(Meddler {
        work: Mutex::new(Some(Box::new(move |number| {
            let objects = &objects;
            meddle(&objects.0, &id, here, number);
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

type Objects = (
    IMsgStore,
    IMAPIFolder,
    IMAPIFolder,
    IMAPITable,
    database::Store,
    Allocators,
);

/// Reads, writes, makes, deletes, sorts, searches, subscribes and opens.
fn meddle(
    (interface, folder, found, table, store, allocators): &Objects,
    id: &[u8],
    here: FolderId,
    number: usize,
) {
    deliver(store, here, &format!("lunch of the sink {number}"));
    unsafe {
        let (mut count, mut values) = (0, ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let object: IMAPIProp = interface.cast().expect("properties");
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
        assert_eq!(table.SortTable(order.as_ptr(), TableFlags::empty()), S_OK);
        let mut rows = ptr::null_mut();
        assert_eq!(
            table.QueryRows(10, QueryRowsFlags::empty(), &mut rows),
            S_OK
        );
        drop(allocators.adopt(rows, 1));

        let mut name: Vec<u16> = format!("By the sink {number}")
            .encode_utf16()
            .chain([0])
            .collect();
        let mut out = ptr::null_mut();
        let made = folder.CreateFolder(
            FOLDER_GENERIC,
            name.as_mut_ptr().cast(),
            ptr::null_mut(),
            ptr::null(),
            CreateFolderFlags::MAPI_UNICODE,
            &mut out,
        );
        assert_eq!(made, S_OK);
        drop(IMAPIFolder::from_raw(out));

        let restriction = allocators.build(&contains("lunch")).expect("memory");
        let restart = SetSearchCriteriaFlags::RESTART_SEARCH;
        let scope = mapi_provider::view::EntryList(vec![EntryId::from(id.to_vec())]);
        let scope = allocators.build(&scope).expect("memory");
        let set = found.SetSearchCriteria(restriction.as_ptr(), scope.as_ptr(), restart);
        assert_eq!(set, S_OK);

        let mut id = id.to_vec();
        let (mut kind, mut opened) = (0, ptr::null_mut());
        let status = interface.OpenEntry(
            id.len() as u32,
            id.as_mut_ptr().cast(),
            ptr::null(),
            OpenEntryFlags::MAPI_BEST_ACCESS,
            &mut kind,
            &mut opened,
        );
        assert_eq!(status, S_OK);
        drop(IUnknown::from_raw(opened));
    }
}
