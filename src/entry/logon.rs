//! The logon object: the half of a store that MAPI itself calls.

use std::sync::Arc;

use windows_core::HRESULT;

use super::attachment::Attachment;
use super::failure::LastFailure;
use super::provider::ProviderShared;
use crate::MapiObject;
use crate::abi::{IMSLogon, IMSLogon_Impl, MAPIERROR, S_OK};
use crate::object::Object;
use crate::sync::MapiSync;

/// The logon of a store. It never holds the store: that would be a cycle (ENTRY-05).
#[derive(MapiObject)]
#[mapi(implements(IMSLogon))]
pub(super) struct LogonObject<L: MapiSync> {
    pub(super) provider: Arc<ProviderShared<L>>,
    pub(super) attachment: Arc<Attachment<L>>,
    pub(super) failure: LastFailure,
}

impl<L: MapiSync> IMSLogon_Impl for LogonObject<L> {
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: u32,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe {
            this.failure
                .get(hResult, ulFlags, this.provider.allocators, lppMAPIError)
        }
    }

    unsafe fn Logoff(this: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        this.attachment.log_off();
        S_OK
    }
}
