//! Objects of `#[derive(MapiObject)]`, called through their interfaces.

use std::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ENTRYID, HRESULT, IMAPIAdviseSink, IMAPIProp_Impl, IMAPITable, IMAPITable_Impl, IMsgStore,
    IMsgStore_Impl, Interface, LogoffFlags, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS,
    MAPI_E_NO_SUPPORT, MAPI_W_NO_SERVICE, NOTIFICATION, NotificationEvents, S_OK,
};
use mapi_provider::object::{Object, ObjectRef};
use outlook_mapi_sys::Microsoft::Office::Outlook::MAPI::Win32 as theirs;
use windows_core::{IUnknown, implement};

use crate::log::{Log, word, words};

/// A store that notes what it is called with, and has a table to give away.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore))]
struct Store {
    log: Log,
}

impl IMAPIProp_Impl for Store {}

impl IMsgStore_Impl for Store {
    unsafe fn Advise(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulEventMask: NotificationEvents,
        lpAdviseSink: *mut c_void,
        lpulConnection: *mut usize,
    ) -> HRESULT {
        this.log.note(
            "Advise",
            words![cbEntryID, lpEntryID, ulEventMask, lpulConnection],
        );
        // SAFETY: the caller lends a sink and a place for a number.
        unsafe {
            *lpulConnection = 77;
            notify(IMAPIAdviseSink::from_raw_borrowed(&lpAdviseSink).expect("a sink"));
        }
        S_OK
    }

    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        this.log.note("Unadvise", words![ulConnection]);
        MAPI_E_NO_ACCESS
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        cbEntryID1: u32,
        lpEntryID1: *mut ENTRYID,
        cbEntryID2: u32,
        lpEntryID2: *mut ENTRYID,
        ulFlags: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        let arguments = words![
            cbEntryID1, lpEntryID1, cbEntryID2, lpEntryID2, ulFlags, lpulResult
        ];
        this.log.note("CompareEntryIDs", arguments);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpulResult = 1 };
        S_OK
    }

    unsafe fn GetOutgoingQueue(
        this: &Object<Self>,
        ulFlags: u32,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        this.log.note("GetOutgoingQueue", words![ulFlags]);
        let table: IMAPITable = ObjectRef::new(Table {
            log: this.log.clone(),
        })
        .into_interface();
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lppTable = table.into_raw() };
        S_OK
    }

    unsafe fn StoreLogoff(_: &Object<Self>, _: *mut LogoffFlags) -> HRESULT {
        MAPI_W_NO_SERVICE
    }

    unsafe fn SetLockState(
        this: &Object<Self>,
        lpMessage: *mut c_void,
        ulLockState: u32,
    ) -> HRESULT {
        this.log
            .note("SetLockState", words![lpMessage, ulLockState]);
        S_OK
    }

    unsafe fn FinishedMsg(
        this: &Object<Self>,
        ulFlags: u32,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
    ) -> HRESULT {
        this.log
            .note("FinishedMsg", words![ulFlags, cbEntryID, lpEntryID]);
        S_OK
    }
}

/// Tells a sink of a new message, in our structure.
///
/// # Safety
///
/// The sink's object is alive.
unsafe fn notify(sink: &IMAPIAdviseSink) {
    // SAFETY: it consists of numbers and pointers, which may be 0.
    let mut notification: NOTIFICATION = unsafe { std::mem::zeroed() };
    notification.ulEventType = flags(2);
    notification.info.newmail.cbEntryID = 5;
    notification.info.newmail.lpEntryID = 0x50 as *mut ENTRYID;
    notification.info.newmail.cbParentID = 6;
    notification.info.newmail.ulMessageFlags = flags(9);
    // SAFETY: the sink reads one notification and keeps nothing.
    let answer = unsafe { sink.OnNotify(1, &raw mut notification) };
    assert_eq!(answer, 4711);
}

/// A number as a type around a number, whichever it is.
fn flags<T>(bits: u32) -> T {
    assert_eq!(size_of::<T>(), size_of::<u32>());
    // SAFETY: the catalogue's flags are transparent, and any bits are theirs.
    unsafe { std::mem::transmute_copy(&bits) }
}

/// A table that knows how many rows it has.
#[derive(MapiObject)]
#[mapi(implements(IMAPITable))]
struct Table {
    log: Log,
}

impl IMAPITable_Impl for Table {
    unsafe fn SeekRow(
        this: &Object<Self>,
        bkOrigin: usize,
        lRowCount: i32,
        lplRowsSought: *mut i32,
    ) -> HRESULT {
        this.log.note("SeekRow", words![bkOrigin, lRowCount]);
        // SAFETY: the caller gives a place for a number.
        unsafe { *lplRowsSought = -2 };
        S_OK
    }
}

/// A sink by their traits, which reads their structure.
#[implement(theirs::IMAPIAdviseSink)]
struct Sink {
    log: Log,
}

impl theirs::IMAPIAdviseSink_Impl for Sink_Impl {
    fn OnNotify(&self, count: u32, notifications: *mut theirs::NOTIFICATION) -> u32 {
        // SAFETY: the caller gives as many as it says, and says in the type which one it is.
        let (event, mail) =
            unsafe { ((*notifications).ulEventType, (*notifications).info.newmail) };
        let arguments = words![
            count,
            event,
            mail.cbEntryID,
            mail.lpEntryID,
            mail.cbParentID,
            mail.ulMessageFlags
        ];
        self.log.note("OnNotify", arguments);
        4711
    }
}

/// A new store, seen through their interface.
fn store(log: &Log) -> theirs::IMsgStore {
    let ours: IMsgStore = ObjectRef::new(Store { log: log.clone() }).into_interface();
    ours.cast().expect("a store answers to the IID")
}

fn id(address: usize) -> *mut theirs::ENTRYID {
    address as *mut theirs::ENTRYID
}

#[test]
fn arguments_arrive_and_results_return() {
    let log = Log::default();
    let store = store(&log);
    let mut result = 0;
    // SAFETY: the entry IDs are only noted.
    unsafe { store.CompareEntryIDs(3, id(0x30), 4, id(0x40), 5, &raw mut result) }
        .expect("success");
    log.expect(
        "CompareEntryIDs",
        words![3, 0x30, 4, 0x40, 5, &raw mut result],
    );
    assert_eq!(result, 1);
    // SAFETY: the same.
    unsafe { store.FinishedMsg(6, 7, id(0x70)) }.expect("success");
    log.expect("FinishedMsg", words![6, 7, 0x70]);
}

#[test]
fn a_failure_arrives_as_one() {
    let log = Log::default();
    let store = store(&log);
    // SAFETY: a number alone.
    let refused = unsafe { store.Unadvise(12) }.expect_err("refused");
    assert_eq!(refused.code(), MAPI_E_NO_ACCESS);
    log.expect("Unadvise", words![12]);
    // SAFETY: the same.
    let unwritten = unsafe { store.SaveChanges(0) }.expect_err("nobody wrote it");
    assert_eq!(unwritten.code(), MAPI_E_NO_SUPPORT);
}

#[test]
fn their_sink_hears_of_our_notification() {
    let log = Log::default();
    let heard = Log::default();
    let sink: theirs::IMAPIAdviseSink = Sink { log: heard.clone() }.into();
    let mut connection = 0;
    // SAFETY: the entry ID is only noted.
    unsafe { store(&log).Advise(3, id(0x30), 4, &sink, &raw mut connection) }.expect("success");
    log.expect("Advise", words![3, 0x30, 4, &raw mut connection]);
    heard.expect("OnNotify", words![1, 2, 5, 0x50, 6, 9]);
    assert_eq!(connection, 77);
    drop(sink);
    assert_eq!(
        (log.holders(), heard.holders()),
        (1, 1),
        "an object is left"
    );
}

#[test]
fn an_object_that_ours_gives_away_is_theirs_to_release() {
    let log = Log::default();
    // SAFETY: a number alone.
    let table: theirs::IMAPITable = unsafe { store(&log).GetOutgoingQueue(8) }.expect("a table");
    log.expect("GetOutgoingQueue", words![8]);
    assert_eq!(log.holders(), 2, "the table alone is left");
    let mut sought = 0;
    // SAFETY: a place for a number.
    unsafe { table.SeekRow(1, -9, &raw mut sought) }.expect("success");
    log.expect("SeekRow", words![1_usize, -9_i32]);
    assert_eq!(sought, -2);
    drop(table);
    assert_eq!(log.holders(), 1, "the table is left");
}

#[test]
fn an_interface_argument_is_lent() {
    let log = Log::default();
    let store = store(&log);
    let sink: theirs::IMAPIAdviseSink = Sink {
        log: Log::default(),
    }
    .into();
    // SAFETY: any object serves as a message that nobody calls.
    let message = unsafe { theirs::IMessage::from_raw(sink.into_raw()) };
    // SAFETY: the message is only noted.
    unsafe { store.SetLockState(&message, 2) }.expect("success");
    log.expect("SetLockState", words![message.as_raw(), 2]);
    // SAFETY: it is the sink.
    drop(unsafe { theirs::IMAPIAdviseSink::from_raw(message.into_raw()) });
}

#[test]
fn an_interface_that_is_required_and_missing_is_refused() {
    let log = Log::default();
    // SAFETY: none is a message that nobody calls.
    let refused = unsafe { store(&log).SetLockState(None, 1) }.expect_err("refused");
    assert_eq!(refused.code(), MAPI_E_INVALID_PARAMETER);
    assert_eq!(log.take(), []);
}

/// Theirs has no place for a status that is neither success nor failure. Ours has.
#[test]
fn a_warning_is_lost_on_their_side_alone() {
    let log = Log::default();
    let theirs = store(&log);
    let ours: IMsgStore = theirs.cast().expect("our interface");
    let mut bits = 0;
    // SAFETY: a place for a number.
    unsafe { theirs.StoreLogoff(&raw mut bits) }.expect("no failure");
    // SAFETY: the same; flags are a number.
    let status = unsafe { ours.StoreLogoff((&raw mut bits).cast()) };
    assert_eq!(status, MAPI_W_NO_SERVICE);
}

#[test]
fn an_object_keeps_its_identity() {
    let log = Log::default();
    let theirs = store(&log);
    let ours: IMsgStore = theirs.cast().expect("our interface");
    let base: theirs::IMAPIProp = ours.cast().expect("their base");
    let identity = |unknown: IUnknown| word(&unknown.as_raw());
    assert_eq!(
        identity(theirs.cast().expect("IUnknown")),
        identity(base.cast().expect("IUnknown"))
    );
    assert!(
        theirs.cast::<theirs::IMAPITable>().is_err(),
        "a store is no table"
    );
    drop((theirs, ours, base));
    assert_eq!(log.holders(), 1, "the store is left");
}
