//! Objects by `#[derive(MapiObject)]`: a store, and one that forwards to another.

use std::mem::offset_of;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ENTRYID, IMAPIProp_Impl, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl,
    IMAPIProviderShutdown_Vtbl, IMsgStore, IMsgStore_Forward, IMsgStore_Impl, IMsgStore_Vtbl, S_OK,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::HRESULT;

use crate::tally::Tally;

/// The slot of `IMAPIProviderShutdown::QueryFastShutdown`.
pub const QUERY_FAST_SHUTDOWN: usize =
    offset_of!(IMAPIProviderShutdown_Vtbl, QueryFastShutdown) / size_of::<usize>();
/// The slot of `IMAPIProviderShutdown::NotifyProcessShutdown`.
pub const NOTIFY_PROCESS_SHUTDOWN: usize =
    offset_of!(IMAPIProviderShutdown_Vtbl, NotifyProcessShutdown) / size_of::<usize>();
/// The slot of `IMsgStore::Unadvise`.
pub const UNADVISE: usize = offset_of!(IMsgStore_Vtbl, Unadvise) / size_of::<usize>();
/// The slot of `IMsgStore::CompareEntryIDs`.
pub const COMPARE_ENTRY_IDS: usize =
    offset_of!(IMsgStore_Vtbl, CompareEntryIDs) / size_of::<usize>();

/// Two chains, as a store has them.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMAPIProviderShutdown))]
struct Store {
    tally: Tally,
}

impl IMAPIProp_Impl for Store {}

impl IMsgStore_Impl for Store {
    unsafe fn Unadvise(this: &Object<Self>, ulConnection: usize) -> HRESULT {
        this.tally.add(ulConnection as u32);
        S_OK
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        cbEntryID1: u32,
        _: *mut ENTRYID,
        cbEntryID2: u32,
        _: *mut ENTRYID,
        _: u32,
        lpulResult: *mut u32,
    ) -> HRESULT {
        this.tally.add(1);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpulResult = u32::from(cbEntryID1 == cbEntryID2) };
        S_OK
    }
}

impl IMAPIProviderShutdown_Impl for Store {
    unsafe fn QueryFastShutdown(this: &Object<Self>) -> HRESULT {
        this.tally.add(1);
        S_OK
    }

    unsafe fn NotifyProcessShutdown(this: &Object<Self>) -> HRESULT {
        this.tally.add_by_call(1);
        S_OK
    }
}

/// Forwards every method of a store.
#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner))]
struct Wrapper {
    inner: IMsgStore,
}

impl IMsgStore_Forward for Wrapper {}

/// A new store.
#[inline(never)]
pub fn store() -> IMsgStore {
    ObjectRef::new(Store {
        tally: Tally::new(),
    })
    .into_interface()
}

/// A new store, by its second interface.
#[inline(never)]
pub fn shutdown() -> IMAPIProviderShutdown {
    ObjectRef::new(Store {
        tally: Tally::new(),
    })
    .into_interface()
}

/// A store that forwards to `inner`.
#[inline(never)]
pub fn wrapper(inner: IMsgStore) -> IMsgStore {
    ObjectRef::new(Wrapper { inner }).into_interface()
}
