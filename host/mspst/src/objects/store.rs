//! The store object: IMsgStore and the replication interfaces.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    HRESULT, IMsgStore, IMsgStore_Forward, IPSTX_Impl, IPSTX2_Impl, IPSTX3_Impl, IPSTX4_Impl,
    IPSTX5_Impl, IPSTX6, IPSTX6_Impl, LogoffFlags, MAPI_E_INVALID_PARAMETER, MAPIERROR, S_OK,
};
use mapi_provider::object::Object;

use super::ostx;
use super::registry::Registry;
use crate::record::note;

/// The engine's store, with the replication interfaces.
#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner), implements(IPSTX6))]
pub(super) struct StoreObject {
    inner: IMsgStore,
    registry: Arc<Registry>,
}

impl StoreObject {
    pub(super) fn new(inner: IMsgStore, registry: Arc<Registry>) -> Self {
        Self { inner, registry }
    }
}

impl Drop for StoreObject {
    fn drop(&mut self) {
        self.registry.remove(self);
    }
}

impl IMsgStore_Forward for StoreObject {
    unsafe fn StoreLogoff(this: &Object<Self>, lpulFlags: *mut LogoffFlags) -> HRESULT {
        // SAFETY: NULL, or the caller's.
        let flags = unsafe { lpulFlags.as_ref() }.copied().unwrap_or_default();
        note(format_args!("StoreLogoff flags=0x{:X}", flags.bits()));
        // SAFETY: the caller answers for the arguments.
        unsafe { this.inner.StoreLogoff(lpulFlags) }
    }
}

impl IPSTX_Impl for StoreObject {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _hResult: HRESULT,
        _ulFlags: u32,
        _lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetSyncObject(_: &Object<Self>, ppostx: *mut *mut c_void) -> HRESULT {
        note(format_args!("GetSyncObject"));
        if ppostx.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *ppostx = ostx::open() };
        S_OK
    }

    unsafe fn EmulateSpooler(_: &Object<Self>, fEmulate: i32) -> HRESULT {
        note(format_args!("EmulateSpooler {fEmulate}"));
        S_OK
    }
}

impl IPSTX2_Impl for StoreObject {
    unsafe fn SetSpoolSuspendState(_: &Object<Self>, ulState: u32) {
        note(format_args!("SetSpoolSuspendState {ulState}"));
    }
}

impl IPSTX3_Impl for StoreObject {}

impl IPSTX4_Impl for StoreObject {}

impl IPSTX5_Impl for StoreObject {}

impl IPSTX6_Impl for StoreObject {
    unsafe fn DisconnectStore(_: &Object<Self>, ulFlags: u32) -> HRESULT {
        note(format_args!("DisconnectStore flags=0x{ulFlags:X}"));
        S_OK
    }
}
