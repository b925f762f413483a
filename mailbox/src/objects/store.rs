//! The store object: IMsgStore.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use mapi_provider_abi::mapi::{
    ENTRYID, GUID, GetReceiveFolderTableFlags, HRESULT, IMsgStore, IMsgStore_Impl, LogoffFlags,
    NOTIFICATION, NotificationEvents, OpenEntryFlags, S_OK, TCHAR, UnicodeFlags,
};
use mapi_provider_abi::object::Object;

use super::fault::LastFault;
use super::new_mail;
use super::open_entry::{self, read_message};
use super::provider::ProviderShared;
use super::receive;
use super::sending;
use super::shared::{StoreShared, lock};
use super::tables::{self, Which};

/// A store that is open.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMsgStore)))]
pub(super) struct StoreObject {
    provider: Arc<ProviderShared>,
    pub(super) shared: Arc<StoreShared>,
    /// Tells the store in the registry from all others.
    number: u64,
    logoff_flags: Mutex<Option<LogoffFlags>>,
    /// Nobody has ever had it: it goes without a word.
    is_discarded: AtomicBool,
    pub(super) last: LastFault,
}
include!("objects/store.rs");

impl StoreObject {
    pub(super) fn new(
        provider: Arc<ProviderShared>,
        shared: Arc<StoreShared>,
        number: u64,
    ) -> Self {
        Self {
            provider,
            shared,
            number,
            logoff_flags: Mutex::default(),
            is_discarded: AtomicBool::new(false),
            last: LastFault::default(),
        }
    }

    /// A number that no other store has.
    pub(super) fn new_number() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// The store is not needed, and has never been given to anybody.
    pub(super) fn discard(&self) {
        self.is_discarded.store(true, Ordering::Relaxed);
    }
}

impl Drop for StoreObject {
    fn drop(&mut self) {
        self.provider.registry.remove(self.number);
        let Some(support) = self.shared.take_support() else {
            return;
        };
        if !*self.is_discarded.get_mut() {
            // ENTRY-09: here and nowhere else, with what StoreLogoff said; then the support object goes, and
            // with it the logon.
            let flags = lock(&self.logoff_flags).unwrap_or(LogoffFlags::LOGOFF_ABORT);
            support.store_logoff_transports(flags);
        }
    }
}

impl IMsgStore_Impl for StoreObject {
    unsafe fn Advise(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        ulEventMask: NotificationEvents,
        lpAdviseSink: *mut c_void,
        lpulConnection: *mut usize,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last.answer(unsafe {
            open_entry::advise(
                &this.shared,
                (cbEntryID, lpEntryID),
                ulEventMask,
                lpAdviseSink,
                lpulConnection,
            )
        })
    }

    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        this.last
            .answer(this.shared.unsubscribe(ulConnection).map(|()| S_OK))
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        cbEntryID1: u32,
        lpEntryID1: *mut ENTRYID,
        cbEntryID2: u32,
        lpEntryID2: *mut ENTRYID,
        _ulFlags: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the result; the rest is the caller's word.
        this.last.answer(unsafe {
            open_entry::compare(
                &this.shared,
                (cbEntryID1, lpEntryID1),
                (cbEntryID2, lpEntryID2),
                lpulResult,
            )
        })
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        lpInterface: *const GUID,
        ulFlags: OpenEntryFlags,
        lpulObjType: *mut u32,
        lppUnk: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            open_entry::open(
                &this.shared,
                (cbEntryID, lpEntryID),
                lpInterface,
                ulFlags,
                lpulObjType,
                lppUnk,
            )
        })
    }

    unsafe fn SetReceiveFolder(
        this: &Object<Self>,
        lpszMessageClass: *mut TCHAR,
        ulFlags: UnicodeFlags,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last.answer(unsafe {
            receive::set(
                &this.shared,
                lpszMessageClass,
                ulFlags,
                (cbEntryID, lpEntryID),
            )
        })
    }

    unsafe fn GetReceiveFolder(
        this: &Object<Self>,
        lpszMessageClass: *mut TCHAR,
        ulFlags: UnicodeFlags,
        lpcbEntryID: *mut u32,
        lppEntryID: *mut *mut ENTRYID,
        lppszExplicitClass: *mut *mut TCHAR,
    ) -> HRESULT {
        // SAFETY: the thunk has checked the required ones; the rest is the caller's word.
        this.last.answer(unsafe {
            receive::get(
                &this.shared,
                lpszMessageClass,
                ulFlags,
                lpcbEntryID,
                lppEntryID,
                lppszExplicitClass,
            )
        })
    }

    unsafe fn GetReceiveFolderTable(
        this: &Object<Self>,
        ulFlags: GetReceiveFolderTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let unicode = ulFlags.contains(GetReceiveFolderTableFlags::MAPI_UNICODE);
        let table = tables::receive(&this.shared, unicode);
        this.last.answer(table.map(|table| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppTable = table };
            S_OK
        }))
    }

    unsafe fn StoreLogoff(this: &Object<Self>, lpulFlags: *mut LogoffFlags) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        let flags = unsafe { *lpulFlags };
        *lock(&this.logoff_flags) = Some(flags);
        // SAFETY: as above.
        unsafe { *lpulFlags = LogoffFlags::LOGOFF_COMPLETE };
        S_OK
    }

    unsafe fn AbortSubmit(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        _ulFlags: u32,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let id = unsafe { read_message(&this.shared, (cbEntryID, lpEntryID)) };
        this.last
            .answer(id.and_then(|id| sending::abort_submit(&this.shared, id)))
    }

    unsafe fn GetOutgoingQueue(
        this: &Object<Self>,
        _ulFlags: u32,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        let table = tables::open(&this.shared, Which::Outgoing, true);
        this.last.answer(table.map(|table| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lppTable = table };
            S_OK
        }))
    }

    unsafe fn SetLockState(
        this: &Object<Self>,
        lpMessage: *mut c_void,
        ulLockState: u32,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        this.last
            .answer(unsafe { sending::set_lock_state(&this.shared, lpMessage, ulLockState) })
    }

    unsafe fn FinishedMsg(
        this: &Object<Self>,
        _ulFlags: u32,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
    ) -> HRESULT {
        // SAFETY: the caller's word.
        let id = unsafe { read_message(&this.shared, (cbEntryID, lpEntryID)) };
        this.last
            .answer(id.and_then(|id| sending::finished(&this.shared, id)))
    }

    unsafe fn NotifyNewMail(this: &Object<Self>, lpNotification: *mut NOTIFICATION) -> HRESULT {
        // SAFETY: the caller's word.
        this.last
            .answer(unsafe { new_mail::pass_on(&this.shared, lpNotification) })
    }
}
