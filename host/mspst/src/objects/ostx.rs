//! The replication object: IOSTX, always in the idle state.

use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ENTRYID, HRESULT, IOSTX, IOSTX_Impl, Interface, MAPI_E_CALL_FAILED, MAPI_E_NO_SUPPORT,
    MAPIERROR, S_OK, SyncFlags,
};
use mapi_provider::object::{Object, ObjectRef};

use crate::record::note;

/// The replication of a store. Nothing ever begins, so it stays in the state `LR_SYNC_IDLE`.
#[derive(MapiObject)]
#[mapi(implements(IOSTX))]
struct OstxObject {
    /// Whether `InitSync` has come.
    is_ready: AtomicBool,
}

/// The replication object of a store, as its interface.
pub(super) fn open() -> *mut c_void {
    let object = ObjectRef::new(OstxObject {
        is_ready: AtomicBool::default(),
    });
    object.into_interface::<IOSTX>().into_raw()
}

impl IOSTX_Impl for OstxObject {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _hResult: HRESULT,
        _ulFlags: u32,
        _lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn InitSync(this: &Object<Self>, ulFlags: SyncFlags) -> HRESULT {
        note(format_args!("InitSync flags=0x{:X}", ulFlags.bits()));
        this.is_ready.store(true, Ordering::Relaxed);
        S_OK
    }

    /// Only `LR_SYNC` leads on from the idle state, after `InitSync`, and it is not supported.
    unsafe fn SyncBeg(this: &Object<Self>, uiSync: u32, _ppv: *mut *mut c_void) -> HRESULT {
        note(format_args!("SyncBeg {uiSync}"));
        let is_edge = uiSync == mapi_provider::abi::LR_SYNC;
        if is_edge && this.is_ready.load(Ordering::Relaxed) {
            MAPI_E_NO_SUPPORT
        } else {
            MAPI_E_CALL_FAILED
        }
    }

    unsafe fn SyncEnd(_: &Object<Self>) -> HRESULT {
        note(format_args!("SyncEnd"));
        MAPI_E_CALL_FAILED // Nothing was begun.
    }

    unsafe fn SyncHdrBeg(
        _: &Object<Self>,
        _cbeid: u32,
        _lpeid: *mut ENTRYID,
        _ppv: *mut *mut c_void,
    ) -> HRESULT {
        note(format_args!("SyncHdrBeg"));
        MAPI_E_NO_SUPPORT
    }

    unsafe fn SyncHdrEnd(_: &Object<Self>, _pprog: *mut c_void) -> HRESULT {
        note(format_args!("SyncHdrEnd"));
        MAPI_E_CALL_FAILED
    }

    unsafe fn SetSyncResult(_: &Object<Self>, hrSync: HRESULT) -> HRESULT {
        note(format_args!("SetSyncResult 0x{:08X}", hrSync.0));
        MAPI_E_CALL_FAILED
    }
}
