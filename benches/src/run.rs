//! A provider whose runs do nothing, so only the cost of starting one is left.

use mapi_provider::abi::{IMAPISyncProgressCallback, IMAPISyncProgressCallback_Impl, S_OK};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::{BackgroundSync, LogonError, MapiObject, MapiSync, SyncError, SyncJob};
use windows_core::HRESULT;

use crate::Settings;

/// Sync logic that has nothing to do.
#[derive(Debug, MapiSync)]
pub struct Nothing;

impl BackgroundSync for Nothing {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}

/// A callback that doesn't care.
#[derive(MapiObject)]
#[mapi(implements(IMAPISyncProgressCallback))]
struct Silent;

impl IMAPISyncProgressCallback_Impl for Silent {
    unsafe fn Done(_: &Object<Self>, _: *mut std::ffi::c_void, _: HRESULT) -> HRESULT {
        S_OK
    }
}

/// A new callback.
pub fn callback() -> IMAPISyncProgressCallback {
    ObjectRef::new(Silent).into_interface()
}
