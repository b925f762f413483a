//! The logon object: the half of a store that MAPI itself calls.

use std::sync::Arc;

use windows_core::HRESULT;

use super::attachment::Attachment;
use super::synchronize::MapiSync;
use mapi_provider_abi::mapi::{IMSLogon, IMSLogon_Impl, MAPIERROR, S_OK, UnicodeFlags};
use mapi_provider_abi::object::Object;

/// The logon of a store. It never holds the store: that would be a cycle (ENTRY-05).
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMSLogon)))]
pub(super) struct LogonObject<L: MapiSync> {
    pub(super) attachment: Arc<Attachment<L>>,
}
include!("objects/logon.rs");

impl<L: MapiSync> IMSLogon_Impl for LogonObject<L> {
    unsafe fn GetLastError(
        _this: &Object<Self>,
        _hResult: HRESULT,
        _ulFlags: UnicodeFlags,
        _lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // COM-08: no method of this object has more to say about a failure than its result; the
        // thunk has set the MAPIERROR to NULL.
        S_OK
    }

    unsafe fn Logoff(this: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        this.attachment.log_off();
        S_OK
    }
}
