//! The same store by `windows-core`: interfaces of the same shape by `#[interface]`, the object by
//! `#[implement]`. Its vtables are shorter, because only the methods that are called are declared.

use std::mem::offset_of;

use mapi_provider::abi::{ENTRYID, S_OK};
use windows_core::{HRESULT, IUnknown, IUnknown_Vtbl, implement, interface};

use crate::tally::Tally;

/// The slot of `IShutdown::QueryFastShutdown`.
pub const QUERY_FAST_SHUTDOWN: usize =
    offset_of!(IShutdown_Vtbl, QueryFastShutdown) / size_of::<usize>();
/// The slot of `IShutdown::NotifyProcessShutdown`.
pub const NOTIFY_PROCESS_SHUTDOWN: usize =
    offset_of!(IShutdown_Vtbl, NotifyProcessShutdown) / size_of::<usize>();
/// The slot of `IStore::CompareEntryIDs`.
pub const COMPARE_ENTRY_IDS: usize = offset_of!(IStore_Vtbl, CompareEntryIDs) / size_of::<usize>();

pub use self::declared::{IProp, IShutdown, IStore};
use self::declared::{IProp_Impl, IShutdown_Impl, IShutdown_Vtbl, IStore_Impl, IStore_Vtbl};

/// What `#[interface]` makes is public and has no docs.
#[allow(missing_docs, clippy::missing_safety_doc, reason = "generated")]
mod declared {
    use super::{ENTRYID, HRESULT, IUnknown, IUnknown_Vtbl, interface};

    #[interface("00020303-0000-0000-c000-0000000000b1")]
    pub unsafe trait IProp: IUnknown {
        pub unsafe fn SaveChanges(&self, ulFlags: u32) -> HRESULT;
    }

    #[interface("00020306-0000-0000-c000-0000000000b2")]
    pub unsafe trait IStore: IProp {
        pub unsafe fn CompareEntryIDs(
            &self,
            cbEntryID1: u32,
            lpEntryID1: *mut ENTRYID,
            cbEntryID2: u32,
            lpEntryID2: *mut ENTRYID,
            ulFlags: u32,
            lpulResult: *mut u32,
        ) -> HRESULT;
    }

    #[interface("00020309-0000-0000-c000-0000000000b3")]
    pub unsafe trait IShutdown: IUnknown {
        pub unsafe fn QueryFastShutdown(&self) -> HRESULT;
        pub unsafe fn NotifyProcessShutdown(&self) -> HRESULT;
    }
}

#[implement(IStore, IShutdown)]
struct Store {
    tally: Tally,
}

impl IProp_Impl for Store_Impl {
    unsafe fn SaveChanges(&self, ulFlags: u32) -> HRESULT {
        self.tally.add(ulFlags);
        S_OK
    }
}

impl IStore_Impl for Store_Impl {
    unsafe fn CompareEntryIDs(
        &self,
        cbEntryID1: u32,
        _: *mut ENTRYID,
        cbEntryID2: u32,
        _: *mut ENTRYID,
        _: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        self.tally.add(1);
        // SAFETY: the caller's word. Nothing is checked and nothing cleared: this side is as bare as can be.
        unsafe { *lpulResult = u32::from(cbEntryID1 == cbEntryID2) };
        S_OK
    }
}

impl IShutdown_Impl for Store_Impl {
    unsafe fn QueryFastShutdown(&self) -> HRESULT {
        self.tally.add(1);
        S_OK
    }

    unsafe fn NotifyProcessShutdown(&self) -> HRESULT {
        self.tally.add_by_call(1);
        S_OK
    }
}

/// A new store.
#[inline(never)]
pub fn store() -> IStore {
    Store {
        tally: Tally::new(),
    }
    .into()
}

/// A new store, by its second interface.
#[inline(never)]
pub fn shutdown() -> IShutdown {
    Store {
        tally: Tally::new(),
    }
    .into()
}
