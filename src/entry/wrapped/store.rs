//! The store object of a wrapped store.

use std::sync::{Arc, Mutex, PoisonError};

use windows_core::HRESULT;

use super::super::attachment::Attachment;
use super::super::failure::Failure;
use super::super::synchronize::MapiSync;
use super::shared::WrappedShared;
use super::support::WrappedSupport;
use crate::log;
use mapi_provider_abi::mapi::{
    IMAPISync, IMsgStore, IMsgStore_Forward, IPSTX, IPSTX2, IPSTX3, IPSTX4, IPSTX5, IPSTX6,
    LogoffFlags, MAPIERROR, S_OK, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef, Query};

/// The PST provider's store, and IMAPISync. What it has of the replication interfaces is part of our identity; no
/// other interface of its own is (WRAP-02).
#[cfg_attr(false, derive(MapiObject), mapi(
    forwards(IMsgStore = inner),
    tear_offs(
        IPSTX = inner,
        IPSTX2 = inner,
        IPSTX3 = inner,
        IPSTX4 = inner,
        IPSTX5 = inner,
        IPSTX6 = inner
    ),
    query_interface = query_sync
))]
pub(super) struct WrappedStore<L: MapiSync> {
    pub(super) inner: IMsgStore,
    pub(super) attachment: Arc<Attachment<L>>,
    /// The chain is store → support → logon (ENTRY-05).
    pub(super) support: ObjectRef<WrappedSupport>,
    /// The mark of SpoolerLogon: the store is the spooler's.
    pub(super) spooler: bool,
    pub(super) logoff_flags: Mutex<Option<LogoffFlags>>,
    pub(super) provider: Arc<WrappedShared<L>>,
}
include!("objects/store.rs");

/// The store's IMAPISync.
fn query_sync<L: MapiSync>(this: &Object<WrappedStore<L>>, query: &mut Query<'_>) {
    let engine = this.attachment.engine();
    query.answer::<IMAPISync>(|| Some(L::sync_interface(engine, this)));
}

impl<L: MapiSync> IMsgStore_Forward for WrappedStore<L> {
    /// What the inner store says of its own failure; else what the last run said, if it failed with this result
    /// (COM-08).
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the caller answers for the arguments.
        let result = unsafe { this.inner.GetLastError(hResult, ulFlags, lppMAPIError) };
        // SAFETY: not NULL, so the caller's, which the inner store has just written to.
        let has_said =
            result.is_ok() && !lppMAPIError.is_null() && unsafe { !(*lppMAPIError).is_null() };
        if has_said || lppMAPIError.is_null() {
            return result;
        }
        let Some(text) = this.attachment.engine().last_failure(hResult) else {
            return result;
        };
        let failure = Failure {
            result: hResult,
            component: this.provider.manifest.name,
            text,
        };
        match failure.to_mapi(this.provider.allocators, ulFlags) {
            Ok(described) => {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *lppMAPIError = described };
                S_OK
            }
            Err(_) => result,
        }
    }

    unsafe fn StoreLogoff(this: &Object<Self>, lpulFlags: *mut LogoffFlags) -> HRESULT {
        if !lpulFlags.is_null() {
            let mut flags = lock(&this.logoff_flags);
            // SAFETY: not NULL, so the caller's.
            *flags = Some(unsafe { *lpulFlags });
        }
        this.attachment.cancel(); // SYNC-16
        // SAFETY: the caller answers for the arguments.
        unsafe { this.inner.StoreLogoff(lpulFlags) }
    }
}

impl<L: MapiSync> Drop for WrappedStore<L> {
    fn drop(&mut self) {
        // Before all that could panic: nobody may find what is going.
        self.provider.registry.remove(self);
        // The run holds the inner store: where it can be waited for, that one goes with ours (SYNC-16).
        self.attachment.log_off();
        log::info!(spooler = self.spooler, "the store is closed");
        // ENTRY-09: here and nowhere else, with what StoreLogoff said.
        let flags = lock(&self.logoff_flags).unwrap_or(LogoffFlags::LOGOFF_ABORT);
        self.support.store_logoff_transports(flags);
    }
}

fn lock(flags: &Mutex<Option<LogoffFlags>>) -> std::sync::MutexGuard<'_, Option<LogoffFlags>> {
    flags.lock().unwrap_or_else(PoisonError::into_inner)
}
