//! What makes no sense, method by method: it is refused with the code that the rules have for it, nothing is written, and
//! nothing stays locked. What is refused by single rules too is in `hostile.rs` and `message_hostile.rs`.

use crate::hostile::bad_ids;
use crate::object_support;
use std::ffi::c_void;
use std::ptr;
use std::thread;

use mapi_provider::abi::*;
use mapi_provider::view::{EntryId, EntryList, PropValue, Property};
use mapi_provider_mailbox::database;
use object_support::*;

const HUGE: u32 = u32::MAX;

fn null<T>() -> *mut T {
    ptr::null_mut()
}

/// One object of each kind, with something in each.
struct Bench {
    session: Session,
    store: database::Store,
    folder: IMAPIFolder,
    search: IMAPIFolder,
    message: IMessage,
    attachment: IAttach,
    table: IMAPITable,
}

/// What somebody would see if something had been done.
#[derive(Debug, PartialEq)]
struct Seen {
    last_change: u64,
    message: Vec<Property<'static>>,
    folder: Vec<Property<'static>>,
    position: (u32, u32),
}

impl Bench {
    fn new() -> Self {
        let (session, store) = Session::in_memory();
        let folder = session.raw_folder("Mail");
        let here = folder_id(&entry_id_of(&session, &folder).into());
        deliver(&store, here, "one");
        let message = create_message(&folder);
        set(&session, &message, &[Property::new(PR_SUBJECT_W, "two")]);
        let (mut number, mut out) = (0, null());
        let attachment = unsafe {
            let flags = CreateAttachFlags::empty();
            let status = message.CreateAttach(ptr::null(), flags, &mut number, &mut out);
            assert_eq!(status, S_OK);
            IAttach::from_raw(out)
        };
        save_and_go_on(&attachment);
        save_and_go_on(&message);
        let search = search_folder(&folder);
        let table = contents(&folder);
        let mut sought = 0;
        assert_eq!(unsafe { table.SeekRow(0, 1, &mut sought) }, S_OK);
        Self {
            session,
            store,
            folder,
            search,
            message,
            attachment,
            table,
        }
    }

    fn seen(&self) -> Seen {
        let (mut row, mut numerator, mut of) = (0, 0, 0);
        let table = &self.table;
        let status = unsafe { table.QueryPosition(&mut row, &mut numerator, &mut of) };
        assert_eq!(status, S_OK);
        let store = &self.store;
        Seen {
            last_change: store.read(|reader| reader.last_change()).expect("read"),
            message: get_props(&self.session, &self.message, None),
            folder: get_props(&self.session, &self.folder, None),
            position: (row, of),
        }
    }

    fn id(&self, object: &IMAPIProp) -> Vec<u8> {
        entry_id_of(&self.session, object)
    }

    /// Whatever a call on this thread had left locked, another one would wait for.
    fn close(self) {
        let Self {
            session,
            store,
            folder,
            search,
            message,
            attachment,
            table,
        } = self;
        let objects: Vec<IMAPIProp> = vec![
            folder.into(),
            search.into(),
            message.into(),
            attachment.into(),
            session.store.interface().clone().into(),
        ];
        let others = thread::spawn(move || {
            for object in &objects {
                let mut value = SPropValue {
                    ulPropTag: PropTag::new(0x6600, PT_LONG),
                    dwAlignPad: 0,
                    Value: SPropValueUnion { l: 1 },
                };
                assert_eq!(unsafe { object.SetProps(1, &mut value, null()) }, S_OK);
            }
            let mut count = 0;
            assert_eq!(unsafe { table.GetRowCount(0, &mut count) }, S_OK);
            assert_eq!(count, 2);
            store.write(|tx| tx.queue()).expect("nobody writes");
        });
        others.join().expect("nothing is locked");
        session.close();
    }
}

/// A folder for what is found, without criteria.
fn search_folder(parent: &IMAPIFolder) -> IMAPIFolder {
    let mut name: Vec<u16> = "Found\0".encode_utf16().collect();
    let mut out = null();
    unsafe {
        let (name, flags) = (name.as_mut_ptr().cast(), CreateFolderFlags::MAPI_UNICODE);
        let status = parent.CreateFolder(FOLDER_SEARCH, name, null(), ptr::null(), flags, &mut out);
        assert_eq!(status, S_OK);
        IMAPIFolder::from_raw(out)
    }
}

/// A call: what it was, what it answered, and what it should have.
struct Call(&'static str, HRESULT, Expected);

/// What a call should answer.
enum Expected {
    This(HRESULT),
    /// Any error: more than one code says it well.
    Refused,
}
use Expected::{Refused, This};

#[track_caller]
fn check(calls: Vec<Call>) {
    let is_wrong = |Call(_, status, expected): &Call| match expected {
        This(expected) => status != expected,
        Refused => status.is_ok(),
    };
    let wrong = calls.iter().filter(|call| is_wrong(call));
    let wrong: Vec<String> = wrong
        .map(|Call(name, status, _)| format!("{name}: {status:?}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// All that takes an entry ID, with this one. `message` is what those answer that want one of a message.
fn with_entry_id(bench: &Bench, id: &[u8], expected: HRESULT, message: HRESULT) -> Vec<Call> {
    let mut id = id.to_vec();
    let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
    let store = bench.session.store.interface();
    let logon = bench.session.store.logon().expect("a logon");
    let folder = &bench.folder;
    let (mut kind, mut out) = (0, null());
    let (none, modify) = (ptr::null(), OpenEntryFlags::MAPI_MODIFY);
    let mut status = MessageStatus::empty();
    let open = [
        unsafe { store.OpenEntry(count, bytes, none, modify, &mut kind, &mut out) },
        unsafe { logon.OpenEntry(count, bytes, none, modify, &mut kind, &mut out) },
        unsafe { folder.OpenEntry(count, bytes, none, modify, &mut kind, &mut out) },
    ];
    assert!(out.is_null());
    let calls = unsafe {
        let class = UnicodeFlags::empty();
        let (deletes, copies) = (DeleteFolderFlags::empty(), CopyFolderFlags::empty());
        let to = folder.as_raw();
        [
            Call(
                "SetReceiveFolder",
                store.SetReceiveFolder(null(), class, count, bytes),
                This(expected),
            ),
            Call(
                "DeleteFolder",
                folder.DeleteFolder(count, bytes, 0, null(), deletes),
                This(expected),
            ),
            Call(
                "CopyFolder",
                folder.CopyFolder(count, bytes, none, to, null(), 0, null(), copies),
                This(expected),
            ),
            Call(
                "GetMessageStatus",
                folder.GetMessageStatus(count, bytes, 0, &mut status),
                This(message),
            ),
            Call(
                "SetMessageStatus",
                folder.SetMessageStatus(count, bytes, status, status, &mut status),
                This(message),
            ),
        ]
    };
    let open = open.map(|status| Call("OpenEntry", status, This(expected)));
    open.into_iter().chain(calls).collect()
}

#[test]
fn store_05_entry_ids_of_nothing_are_refused_by_each_method() {
    let bench = Bench::new();
    let before = bench.seen();
    let store = bench.session.store.interface();
    let good = bench.id(&bench.folder);
    for (mut id, expected) in bad_ids(&bench.store) {
        check(with_entry_id(&bench, &id, expected, expected));
        let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
        let mut right = good.clone();
        let (right_count, right) = (right.len() as u32, right.as_mut_ptr().cast::<ENTRYID>());
        let (mut same, mut connection) = (7, 0);
        let compared = unsafe {
            [
                store.CompareEntryIDs(count, bytes, right_count, right, 0, &mut same),
                store.CompareEntryIDs(right_count, right, count, bytes, 0, &mut same),
                store.CompareEntryIDs(count, bytes, count, bytes, 0, &mut same),
            ]
        };
        assert_eq!((compared, same), ([expected; 3], 0), "{id:?}");
        let events = NotificationEvents::fnevObjectModified;
        let sink = store.as_raw();
        let advised = unsafe { store.Advise(count, bytes, events, sink, &mut connection) };
        assert_eq!((advised, connection), (expected, 0), "{id:?}");
        let (aborted, finished) = unsafe {
            (
                store.AbortSubmit(count, bytes, 0),
                store.FinishedMsg(0, count, bytes),
            )
        };
        assert_eq!((aborted, finished), (expected, expected), "{id:?}");
        let list = EntryList(vec![EntryId::from(id.clone())]);
        let list = bench.session.allocators().build(&list).expect("memory");
        let searched = unsafe {
            let flags = SetSearchCriteriaFlags::empty();
            bench.search.SetSearchCriteria(null(), list.as_ptr(), flags)
        };
        assert_eq!(searched, expected, "{id:?}");
        // Of a list, what is nothing is left over.
        let folder = &bench.folder;
        let left = unsafe {
            let (none, read) = (CopyMessagesFlags::empty(), ReadFlags::empty());
            let to = folder.as_raw();
            [
                folder.CopyMessages(list.as_ptr(), ptr::null(), to, 0, null(), none),
                folder.DeleteMessages(list.as_ptr(), 0, null(), DeleteMessagesFlags::empty()),
                folder.SetReadFlags(list.as_ptr(), 0, null(), read),
            ]
        };
        assert_eq!(left, [MAPI_W_PARTIAL_COMPLETION; 3], "{id:?}");
    }
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn store_05_entry_ids_of_what_is_gone_or_of_another_kind_are_told() {
    let bench = Bench::new();
    let before = bench.seen();
    let mut gone = bench.id(&bench.folder);
    gone[30] = 1;
    let calls = with_entry_id(&bench, &gone, MAPI_E_NOT_FOUND, MAPI_E_INVALID_ENTRYID);
    check(calls);
    // A message's number that was never given out; and the kinds the other way round.
    let mut message = bench.id(&bench.message);
    message[30] = 1;
    let store = bench.session.store.interface();
    let folder = &bench.folder;
    let (count, bytes) = (message.len() as u32, message.as_mut_ptr().cast::<ENTRYID>());
    let mut status = MessageStatus::empty();
    check(unsafe {
        let (none, copies) = (ptr::null(), CopyFolderFlags::empty());
        let (class, deletes) = (UnicodeFlags::empty(), DeleteFolderFlags::empty());
        let to = folder.as_raw();
        vec![
            Call(
                "GetMessageStatus",
                folder.GetMessageStatus(count, bytes, 0, &mut status),
                This(MAPI_E_NOT_FOUND),
            ),
            Call(
                "SetMessageStatus",
                folder.SetMessageStatus(count, bytes, status, status, null()),
                This(MAPI_E_NOT_FOUND),
            ),
            Call(
                "AbortSubmit",
                store.AbortSubmit(count, bytes, 0),
                This(MAPI_E_NOT_IN_QUEUE),
            ),
            Call(
                "FinishedMsg",
                store.FinishedMsg(0, count, bytes),
                This(MAPI_E_NOT_IN_QUEUE),
            ),
            Call(
                "SetReceiveFolder",
                store.SetReceiveFolder(null(), class, count, bytes),
                This(MAPI_E_INVALID_ENTRYID),
            ),
            Call(
                "DeleteFolder",
                folder.DeleteFolder(count, bytes, 0, null(), deletes),
                This(MAPI_E_INVALID_ENTRYID),
            ),
            Call(
                "CopyFolder",
                folder.CopyFolder(count, bytes, none, to, null(), 0, null(), copies),
                This(MAPI_E_INVALID_ENTRYID),
            ),
        ]
    });
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn null_and_counts_of_all_bits_are_refused_by_stores_and_folders() {
    let bench = Bench::new();
    let before = bench.seen();
    let store = bench.session.store.interface();
    let folder = &bench.folder;
    let mut byte = [0_u8; 64];
    let bytes = byte.as_mut_ptr().cast::<ENTRYID>();
    let mut lying = SBinaryArray {
        cValues: HUGE,
        lpbin: null(),
    };
    let mut entry = SBinary {
        cb: HUGE,
        lpb: null(),
    };
    let mut lying_entry = SBinaryArray {
        cValues: 1,
        lpbin: &raw mut entry,
    };
    let mut sort = SSortOrderSet {
        cSorts: HUGE,
        cCategories: HUGE,
        cExpanded: HUGE,
        aSort: [SSortOrder {
            ulPropTag: PR_SUBJECT_W,
            ulOrder: HUGE,
        }],
    };
    let (mut out, mut kind, mut same, mut connection) = (null::<c_void>(), 0, 0, 0);
    let (none, open) = (ptr::null(), OpenEntryFlags::empty());
    let (wide, to) = (UnicodeFlags::MAPI_UNICODE, folder.as_raw());
    let events = NotificationEvents::fnevObjectModified;
    let calls = unsafe {
        let criteria = SetSearchCriteriaFlags::empty();
        let (copies, sorts) = (CopyMessagesFlags::empty(), SaveContentsSortFlags::empty());
        let deletes = DeleteMessagesFlags::empty();
        vec![
            Call(
                "OpenEntry",
                store.OpenEntry(HUGE, bytes, none, open, &mut kind, &mut out),
                Refused,
            ),
            Call(
                "OpenEntry, NULL",
                store.OpenEntry(HUGE, null(), none, open, &mut kind, &mut out),
                Refused,
            ),
            Call(
                "OpenEntry, no out",
                store.OpenEntry(0, null(), none, open, &mut kind, null()),
                Refused,
            ),
            Call(
                "folder's OpenEntry",
                folder.OpenEntry(HUGE, bytes, none, open, &mut kind, &mut out),
                Refused,
            ),
            Call(
                "CompareEntryIDs",
                store.CompareEntryIDs(HUGE, bytes, 0, null(), 0, &mut same),
                Refused,
            ),
            Call(
                "CompareEntryIDs, no out",
                store.CompareEntryIDs(0, null(), 0, null(), 0, null()),
                Refused,
            ),
            Call(
                "Advise, no sink",
                store.Advise(0, null(), events, null(), &mut connection),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "Advise, no out",
                store.Advise(0, null(), events, to, null()),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "Advise",
                store.Advise(HUGE, bytes, events, to, &mut connection),
                Refused,
            ),
            Call(
                "Unadvise",
                store.Unadvise(usize::MAX),
                This(MAPI_E_NOT_FOUND),
            ),
            Call(
                "SetReceiveFolder",
                store.SetReceiveFolder(null(), wide, HUGE, bytes),
                Refused,
            ),
            Call(
                "GetReceiveFolder, no outs",
                store.GetReceiveFolder(null(), wide, null(), null(), null()),
                Refused,
            ),
            Call(
                "GetReceiveFolderTable",
                store.GetReceiveFolderTable(GetReceiveFolderTableFlags::empty(), null()),
                Refused,
            ),
            Call(
                "GetOutgoingQueue",
                store.GetOutgoingQueue(0, null()),
                Refused,
            ),
            Call("StoreLogoff", store.StoreLogoff(null()), Refused),
            Call("AbortSubmit", store.AbortSubmit(HUGE, bytes, 0), Refused),
            Call("FinishedMsg", store.FinishedMsg(0, HUGE, bytes), Refused),
            Call(
                "SetLockState",
                store.SetLockState(null(), MSG_LOCKED),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call("NotifyNewMail", store.NotifyNewMail(null()), Refused),
            Call(
                "GetContentsTable",
                folder.GetContentsTable(GetContentsTableFlags::empty(), null()),
                Refused,
            ),
            Call(
                "GetHierarchyTable",
                folder.GetHierarchyTable(GetHierarchyTableFlags::empty(), null()),
                Refused,
            ),
            Call(
                "SetSearchCriteria",
                bench.search.SetSearchCriteria(null(), null(), criteria),
                This(MAPI_E_NOT_INITIALIZED),
            ),
            Call(
                "SetSearchCriteria, folders",
                bench.search.SetSearchCriteria(null(), &mut lying, criteria),
                Refused,
            ),
            Call(
                "SetSearchCriteria, a folder",
                bench
                    .search
                    .SetSearchCriteria(null(), &mut lying_entry, criteria),
                Refused,
            ),
            Call(
                "GetSearchCriteria",
                bench.search.GetSearchCriteria(wide, null(), null(), null()),
                This(MAPI_E_NOT_INITIALIZED),
            ),
            Call(
                "GetSearchCriteria of others",
                folder.GetSearchCriteria(wide, null(), null(), null()),
                This(MAPI_E_NO_SUPPORT),
            ),
            Call(
                "CreateMessage",
                folder.CreateMessage(none, CreateMessageFlags::empty(), null()),
                Refused,
            ),
            Call(
                "CreateMessage in a search folder",
                bench
                    .search
                    .CreateMessage(none, CreateMessageFlags::empty(), &mut out),
                This(MAPI_E_NO_ACCESS),
            ),
            Call(
                "CopyMessages",
                folder.CopyMessages(&mut lying, none, to, 0, null(), copies),
                Refused,
            ),
            Call(
                "CopyMessages, one",
                folder.CopyMessages(&mut lying_entry, none, to, 0, null(), copies),
                Refused,
            ),
            Call(
                "CopyMessages, nowhere",
                folder.CopyMessages(null(), none, null(), 0, null(), copies),
                Refused,
            ),
            Call(
                "DeleteMessages",
                folder.DeleteMessages(&mut lying_entry, 0, null(), deletes),
                Refused,
            ),
            Call(
                "SetReadFlags",
                folder.SetReadFlags(&mut lying_entry, 0, null(), ReadFlags::empty()),
                Refused,
            ),
            Call(
                "CreateFolder",
                folder.CreateFolder(
                    HUGE,
                    null(),
                    null(),
                    none,
                    CreateFolderFlags::empty(),
                    &mut out,
                ),
                Refused,
            ),
            Call(
                "CreateFolder, no out",
                folder.CreateFolder(
                    FOLDER_GENERIC,
                    null(),
                    null(),
                    none,
                    CreateFolderFlags::empty(),
                    null(),
                ),
                Refused,
            ),
            Call(
                "CopyFolder",
                folder.CopyFolder(
                    HUGE,
                    bytes,
                    none,
                    to,
                    null(),
                    0,
                    null(),
                    CopyFolderFlags::empty(),
                ),
                Refused,
            ),
            Call(
                "CopyFolder, NULL",
                folder.CopyFolder(
                    0,
                    null(),
                    none,
                    null(),
                    null(),
                    0,
                    null(),
                    CopyFolderFlags::empty(),
                ),
                Refused,
            ),
            Call(
                "DeleteFolder",
                folder.DeleteFolder(0, null(), 0, null(), DeleteFolderFlags::empty()),
                Refused,
            ),
            Call(
                "GetMessageStatus",
                folder.GetMessageStatus(HUGE, bytes, 0, &mut MessageStatus::empty()),
                Refused,
            ),
            Call(
                "SetMessageStatus",
                folder.SetMessageStatus(
                    0,
                    null(),
                    MessageStatus::empty(),
                    MessageStatus::empty(),
                    null(),
                ),
                Refused,
            ),
            Call(
                "SaveContentsSort",
                folder.SaveContentsSort(&mut sort, sorts),
                Refused,
            ),
        ]
    };
    check(calls);
    assert!(out.is_null());
    assert_eq!((same, connection), (0, 0));
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn null_and_counts_of_all_bits_are_refused_by_tables() {
    let bench = Bench::new();
    let before = bench.seen();
    let table = &bench.table;
    let mut tags = [HUGE, 0];
    let tags = tags.as_mut_ptr().cast::<SPropTagArray>();
    let mut none = [0_u32; 2];
    let none = none.as_mut_ptr().cast::<SPropTagArray>();
    let mut sort = SSortOrderSet {
        cSorts: HUGE,
        cCategories: 0,
        cExpanded: 0,
        aSort: [SSortOrder {
            ulPropTag: PR_SUBJECT_W,
            ulOrder: TABLE_SORT_ASCEND,
        }],
    };
    // More categories than columns, and an order that is none.
    let mut categories = SSortOrderSet {
        cSorts: 1,
        cCategories: HUGE,
        cExpanded: HUGE,
        ..sort
    };
    let mut odd = SSortOrderSet { cSorts: 1, ..sort };
    odd.aSort[0].ulOrder = HUGE;
    let mut key = [9_u8; 32];
    let (size, key) = (key.len() as u32, key.as_mut_ptr());
    let (mut rows, mut count, mut state, mut bookmark) = (null(), 0, null(), 0);
    let (flags, find) = (TableFlags::empty(), FindRowFlags::empty());
    let calls = unsafe {
        vec![
            Call(
                "Advise",
                table.Advise(NotificationEvents::all(), null(), &mut bookmark),
                Refused,
            ),
            Call("Unadvise", table.Unadvise(usize::MAX), Refused),
            Call("GetStatus", table.GetStatus(null(), null()), Refused),
            Call("SetColumns", table.SetColumns(tags, flags), Refused),
            Call(
                "SetColumns, none",
                table.SetColumns(none, flags),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "SetColumns, NULL",
                table.SetColumns(null(), flags),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "QueryColumns",
                table.QueryColumns(QueryColumnsFlags::empty(), null()),
                Refused,
            ),
            Call("GetRowCount", table.GetRowCount(0, null()), Refused),
            Call(
                "SeekRow",
                table.SeekRow(usize::MAX, i32::MIN, null()),
                This(MAPI_E_INVALID_BOOKMARK),
            ),
            Call(
                "SeekRowApprox",
                table.SeekRowApprox(HUGE, 0),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "QueryPosition",
                table.QueryPosition(null(), null(), null()),
                Refused,
            ),
            Call(
                "FindRow",
                table.FindRow(null(), 0, find),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call("CreateBookmark", table.CreateBookmark(null()), Refused),
            Call(
                "FreeBookmark",
                table.FreeBookmark(usize::MAX),
                This(MAPI_E_INVALID_BOOKMARK),
            ),
            Call("SortTable", table.SortTable(&mut sort, flags), Refused),
            Call(
                "SortTable, categories",
                table.SortTable(&mut categories, flags),
                Refused,
            ),
            Call(
                "SortTable, directions",
                table.SortTable(&mut odd, flags),
                Refused,
            ),
            Call("QuerySortOrder", table.QuerySortOrder(null()), Refused),
            Call(
                "QueryRows of none",
                table.QueryRows(0, QueryRowsFlags::empty(), &mut rows),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "QueryRows",
                table.QueryRows(1, QueryRowsFlags::empty(), null()),
                Refused,
            ),
            Call(
                "ExpandRow",
                table.ExpandRow(HUGE, key, 1, 0, &mut rows, &mut count),
                Refused,
            ),
            Call(
                "ExpandRow, garbage",
                table.ExpandRow(size, key, HUGE, 0, &mut rows, &mut count),
                This(MAPI_E_NOT_FOUND),
            ),
            Call(
                "ExpandRow, NULL",
                table.ExpandRow(0, null(), 1, 0, null(), &mut count),
                This(MAPI_E_INVALID_PARAMETER),
            ),
            Call(
                "CollapseRow",
                table.CollapseRow(HUGE, key, 0, &mut count),
                Refused,
            ),
            Call(
                "CollapseRow, garbage",
                table.CollapseRow(size, key, 0, &mut count),
                This(MAPI_E_NOT_FOUND),
            ),
            Call(
                "GetCollapseState",
                table.GetCollapseState(0, HUGE, key, &mut count, &mut state),
                Refused,
            ),
            Call(
                "SetCollapseState",
                table.SetCollapseState(0, HUGE, key, &mut bookmark),
                Refused,
            ),
            Call(
                "SetCollapseState, garbage",
                table.SetCollapseState(0, size, key, &mut bookmark),
                Refused,
            ),
        ]
    };
    check(calls);
    assert!(rows.is_null() && state.is_null());
    assert_eq!((count, bookmark), (0, 0));
    assert_eq!(bench.seen(), before);
    bench.close();
}

/// Restrictions of which each is the only part of the one before.
fn nested(depth: usize, kind: u32) -> Vec<SRestriction> {
    let exists = SRestriction {
        rt: RES_EXIST,
        res: SRestriction_res {
            resExist: SExistRestriction {
                ulReserved1: 0,
                ulPropTag: PR_SUBJECT_W,
                ulReserved2: 0,
            },
        },
    };
    let mut all = vec![exists; depth];
    for at in 1..depth {
        let inner = &raw mut all[at];
        let res = match kind {
            RES_NOT => SRestriction_res {
                resNot: SNotRestriction {
                    ulReserved: 0,
                    lpRes: inner,
                },
            },
            _ => SRestriction_res {
                resAnd: SAndRestriction {
                    cRes: 1,
                    lpRes: inner,
                },
            },
        };
        all[at - 1] = SRestriction { rt: kind, res };
    }
    all
}

#[test]
fn store_15_restrictions_nested_ten_thousand_deep_and_lying_ones_are_refused() {
    let bench = Bench::new();
    let before = bench.seen();
    let mut lying = SPropValue {
        ulPropTag: PR_SUBJECT_W,
        dwAlignPad: 0,
        Value: SPropValueUnion { lpszW: null() },
    };
    let with = |rt, res| vec![SRestriction { rt, res }];
    let cases: Vec<(Vec<SRestriction>, Expected)> = vec![
        (nested(10_000, RES_NOT), This(MAPI_E_TOO_COMPLEX)),
        (nested(10_000, RES_AND), This(MAPI_E_TOO_COMPLEX)),
        (nested(10_000, RES_OR), This(MAPI_E_TOO_COMPLEX)),
        (
            with(
                RES_AND,
                SRestriction_res {
                    resAnd: SAndRestriction {
                        cRes: HUGE,
                        lpRes: null(),
                    },
                },
            ),
            Refused,
        ),
        (
            with(
                RES_PROPERTY,
                SRestriction_res {
                    resProperty: SPropertyRestriction {
                        relop: RELOP_EQ,
                        ulPropTag: PR_SUBJECT_W,
                        lpProp: &raw mut lying,
                    },
                },
            ),
            Refused,
        ),
        (
            with(
                RES_CONTENT,
                SRestriction_res {
                    resContent: SContentRestriction {
                        ulFuzzyLevel: HUGE,
                        ulPropTag: PR_SUBJECT_W,
                        lpProp: null(),
                    },
                },
            ),
            Refused,
        ),
        (
            with(
                HUGE,
                SRestriction_res {
                    resNot: SNotRestriction {
                        ulReserved: 0,
                        lpRes: null(),
                    },
                },
            ),
            This(MAPI_E_TOO_COMPLEX),
        ),
    ];
    let scope = EntryList(vec![EntryId::from(bench.id(&bench.folder))]);
    let scope = bench.session.allocators().build(&scope).expect("memory");
    for (number, (mut all, expected)) in cases.into_iter().enumerate() {
        let restriction = all.as_mut_ptr();
        let statuses = unsafe {
            let (criteria, flags) = (SetSearchCriteriaFlags::empty(), TableFlags::empty());
            let find = FindRowFlags::empty();
            [
                bench.table.Restrict(restriction, flags),
                bench.table.FindRow(restriction, 0, find),
                bench
                    .search
                    .SetSearchCriteria(restriction, scope.as_ptr(), criteria),
            ]
        };
        match expected {
            This(expected) => assert_eq!(statuses, [expected; 3], "case {number}"),
            Refused => assert!(
                statuses.iter().all(|status| status.is_err()),
                "case {number}: {statuses:?}"
            ),
        }
    }
    drop(scope);
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn store_26_values_that_lie_about_their_size_are_problems_of_their_own() {
    let bench = Bench::new();
    let mut few = [7_u8; 4];
    let value = |id: u16, prop_type: u32, value: SPropValueUnion| SPropValue {
        ulPropTag: PropTag::new(id, prop_type),
        dwAlignPad: 0,
        Value: value,
    };
    let mut given = [
        value(
            0x6601,
            PT_BINARY,
            SPropValueUnion {
                bin: SBinary {
                    cb: HUGE,
                    lpb: few.as_mut_ptr(),
                },
            },
        ),
        value(
            0x6602,
            PT_BINARY,
            SPropValueUnion {
                bin: SBinary { cb: 4, lpb: null() },
            },
        ),
        value(
            0x6603,
            PT_MV_LONG,
            SPropValueUnion {
                MVl: SLongArray {
                    cValues: HUGE,
                    lpl: few.as_mut_ptr().cast(),
                },
            },
        ),
        value(
            0x6604,
            PT_MV_BINARY,
            SPropValueUnion {
                MVbin: SBinaryArray {
                    cValues: HUGE,
                    lpbin: null(),
                },
            },
        ),
        value(
            0x6605,
            PT_MV_UNICODE,
            SPropValueUnion {
                MVszW: SWStringArray {
                    cValues: 1,
                    lppszW: null(),
                },
            },
        ),
        value(0x6606, PT_UNICODE, SPropValueUnion { lpszW: null() }),
        value(0x6607, PT_STRING8, SPropValueUnion { lpszA: null() }),
        value(0x6608, PT_CLSID, SPropValueUnion { lpguid: null() }),
        value(0x6609, 0x0FF7, SPropValueUnion { l: 1 }),
        value(0x660A, PT_LONG, SPropValueUnion { l: 7 }),
    ];
    let count = given.len() as u32;
    let last = given.len() - 1;
    let objects: [&IMAPIProp; 4] = [
        bench.session.store.interface(),
        &bench.folder,
        &bench.message,
        &bench.attachment,
    ];
    for object in objects {
        let mut problems = null();
        let problems = unsafe {
            let status = object.SetProps(count, given.as_mut_ptr(), &mut problems);
            assert_eq!(status, S_OK);
            let told = bench.session.allocators().adopt(problems, 1);
            told.expect("each is told")
        };
        let read: mapi_provider::view::PropProblems = problems
            .read(&mapi_provider::view::Limits::default())
            .expect("well-formed");
        let told: Vec<u32> = read.0.iter().map(|one| one.index).collect();
        let expected: Vec<u32> = (0..count - 1).collect();
        assert_eq!(told, expected);
        drop(problems);
        for one in &given[..last] {
            let missing = value_of(&bench, object, one.ulPropTag);
            assert_eq!(missing, PropValue::Error(MAPI_E_NOT_FOUND));
        }
        let good = value_of(&bench, object, given[last].ulPropTag);
        assert_eq!(good, PropValue::Long(7));
    }
    bench.close();
}

fn value_of(bench: &Bench, object: &IMAPIProp, tag: PropTag) -> PropValue<'static> {
    value(&bench.session, object, tag.with_type(PT_UNSPECIFIED))
}

#[test]
fn store_36_messages_of_another_store_are_none_of_the_queue() {
    let bench = Bench::new();
    let other = Bench::new();
    let (before, before_there) = (bench.seen(), other.seen());
    let store = bench.session.store.interface();
    let theirs = other.message.as_raw();
    for state in [MSG_LOCKED, MSG_UNLOCKED, HUGE] {
        let status = unsafe { store.SetLockState(theirs, state) };
        assert_eq!(status, MAPI_E_UNKNOWN_ENTRYID);
    }
    let ours = bench.message.as_raw();
    for (state, expected) in [
        (MSG_UNLOCKED, MAPI_E_NOT_IN_QUEUE),
        (HUGE, MAPI_E_INVALID_PARAMETER),
    ] {
        assert_eq!(unsafe { store.SetLockState(ours, state) }, expected);
    }
    assert_eq!(bench.seen(), before);
    assert_eq!(other.seen(), before_there);
    other.close();
    bench.close();
}
