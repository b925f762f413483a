//! `IMAPISync`: a MAPISIB becomes a request (SYNC-01 to SYNC-09).

use std::mem::{self, offset_of};
use std::ptr;

use windows_core::{HRESULT, IUnknown, Interface};

use super::callback;
use crate::log;
use crate::platform::{Event, RawHandle};
use crate::sync::{BackgroundSync, CallerHandle, Refusal, Request, SyncEngine};
use mapi_provider_abi::mapi::{
    IMAPISession, IMAPISync, IMAPISync_Impl, MAPI_E_BUSY, MAPI_E_INVALID_OBJECT,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_RESOURCES, MAPISIB, S_OK,
};
use mapi_provider_abi::object::{Class, Object, ObjectRef};

/// Sync logic with its `IMAPISync`. Derived: `#[derive(MapiSync)]`. By hand: `impl MapiSync for Contoso {}`, which is all
/// that a crate without the feature `macros` needs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sync logic yet: it has no `#[derive(MapiSync)]`",
    label = "the logic of this provider",
    note = "write `#[derive(MapiSync)]` on `{Self}`, and `impl BackgroundSync for {Self}` with what it does"
)]
pub trait MapiSync: BackgroundSync {
    /// The `IMAPISync` of an engine, as part of the identity of a store.
    ///
    /// The stores that `provider!` opens hook it into their QueryInterface, one of your own that the manifest names
    /// ([`OwnStore`](crate::OwnStore)) included. A store whose logon is your own code too makes its engine by
    /// [`SyncEngine::new`] and does the same with `#[mapi(query_interface = …)]`.
    fn sync_interface(engine: &SyncEngine<Self>, store: &Object<impl Class>) -> IMAPISync {
        sync_interface(engine, store)
    }
}

/// The `IMAPISync` of a store: a tear-off that is part of the store's identity, and keeps it alive.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPISync), outer = store))]
struct SyncInterface<L: BackgroundSync> {
    store: IdentityOf,
    engine: SyncEngine<L>,
}
include!("objects/synchronize.rs");

/// The object whose identity a tear-off is part of.
struct IdentityOf(IUnknown);

// SAFETY: it is that of a `Class`, which is free-threaded, so it may be used from any thread.
unsafe impl Send for IdentityOf {}
// SAFETY: as for Send.
unsafe impl Sync for IdentityOf {}

impl std::ops::Deref for IdentityOf {
    type Target = IUnknown;

    fn deref(&self) -> &IUnknown {
        &self.0
    }
}

/// Makes the `IMAPISync` of an engine as part of the identity of a store. It takes an object of ours, and not any
/// `IUnknown`, which might be bound to its thread.
pub fn sync_interface<L: BackgroundSync>(
    engine: &SyncEngine<L>,
    store: &Object<impl Class>,
) -> IMAPISync {
    let tear_off = SyncInterface {
        store: IdentityOf(store.to_unknown()),
        engine: engine.clone(),
    };
    ObjectRef::new(tear_off).into_interface()
}

impl<L: BackgroundSync> IMAPISync_Impl for SyncInterface<L> {
    unsafe fn SynchronizeInBackground(this: &Object<Self>, psibpb: *mut MAPISIB) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL (SYNC-01); the rest is the caller's word.
        unsafe { synchronize(&this.engine, psibpb) }
    }
}

/// # Safety
///
/// `block` points to a MAPISIB, or to as much of one as its `ulSize` says.
unsafe fn synchronize<L: BackgroundSync>(engine: &SyncEngine<L>, block: *mut MAPISIB) -> HRESULT {
    // SAFETY: every MAPISIB has a size; it need not be aligned.
    let size = unsafe { ptr::read_unaligned(&raw const (*block).ulSize) } as usize;
    let out = if size >= offset_of!(MAPISIB, phSyncDoneEvent) + size_of::<*mut RawHandle>() {
        // SAFETY: the size covers the field.
        unsafe { ptr::read_unaligned(&raw const (*block).phSyncDoneEvent) }
    } else {
        ptr::null_mut()
    };
    if !out.is_null() {
        // SYNC-03: NULL on any failure.
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *out = ptr::null_mut() };
    }
    // SYNC-02: smaller than what we read is refused, larger is fine.
    if size < size_of::<MAPISIB>() || out.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    // SAFETY: the size covers all fields. From here on the structure is not looked at (SYNC-07).
    let block = unsafe { ptr::read_unaligned(block) };
    // SAFETY: the fields are what a caller puts there.
    let (handle, request) = match unsafe { request(&block) } {
        Ok(request) => request,
        Err(result) => return result,
    };
    // Before the worker can call Done: a caller may compare the two.
    // SAFETY: `out` is not NULL, so the caller's to be written to as long as the call goes on.
    let shown = unsafe { Shown::new(out, handle) };
    match engine.submit(request) {
        Ok(()) => {
            shown.keep();
            S_OK
        }
        Err(Refusal::Busy) => MAPI_E_BUSY, // SYNC-15
        Err(Refusal::NoResources) => MAPI_E_NOT_ENOUGH_RESOURCES, // SYNC-17
        Err(Refusal::LoggedOff) => MAPI_E_INVALID_OBJECT,
    }
}

/// The event's handle, in the caller's variable. It is taken back and closed unless it is kept, however the call ends
/// (SYNC-03).
struct Shown {
    out: *mut RawHandle,
    handle: CallerHandle,
}

impl Shown {
    /// # Safety
    ///
    /// `out` may be written to as long as the value lives, and nobody else closes the handle unless it is kept.
    unsafe fn new(out: *mut RawHandle, handle: CallerHandle) -> Self {
        // SAFETY: the caller's word.
        unsafe { *out = handle.as_raw() };
        Self { out, handle }
    }

    /// The handle is the caller's now.
    fn keep(self) {
        mem::forget(self);
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        // SAFETY: the word of whoever made the value.
        unsafe {
            *self.out = ptr::null_mut();
            drop(Event::from_raw(self.handle.as_raw()));
        }
    }
}

/// Takes over everything in a MAPISIB.
///
/// # Safety
///
/// The interface pointers are NULL or valid.
unsafe fn request(block: &MAPISIB) -> Result<(CallerHandle, Request), HRESULT> {
    let (handle, event) = events()?;
    // SYNC-05: counted, or NULL.
    // SAFETY: the caller's word.
    let session = unsafe { IMAPISession::from_raw_borrowed(&block.psesSync) }.cloned();
    // SAFETY: the caller's word.
    let unknown = unsafe { IUnknown::from_raw_borrowed(&block.punkCallBack) };
    // SYNC-06: on this thread.
    let callback = unknown.and_then(callback::of_unknown);
    let flags = block.ulFlags; // SYNC-04: unknown bits are kept
    Ok((
        handle,
        Request::new(flags, session, callback, handle, event),
    ))
}

/// SYNC-08: an event for the caller, and our own handle of it.
fn events() -> Result<(CallerHandle, Event), HRESULT> {
    let pair = Event::create().and_then(|event| Ok((event.duplicate()?, event)));
    match pair {
        Ok((ours, theirs)) => Ok((CallerHandle::new(theirs.into_raw()), ours)),
        Err(error) => {
            log::error!(%error, "no event could be made");
            Err(MAPI_E_NOT_ENOUGH_RESOURCES) // SYNC-17
        }
    }
}
