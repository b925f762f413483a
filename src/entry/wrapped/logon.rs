//! The logon object of a wrapped store.

use std::sync::Arc;

use windows_core::HRESULT;

use super::super::attachment::Attachment;
use super::super::synchronize::MapiSync;
use mapi_provider_abi::mapi::{IMSLogon, IMSLogon_Forward};
use mapi_provider_abi::object::Object;

/// The inner logon, and the end of our runs. It never holds the store (ENTRY-05).
#[cfg_attr(false, derive(MapiObject), mapi(forwards(IMSLogon = inner)))]
pub(super) struct WrappedLogon<L: MapiSync> {
    pub(super) inner: IMSLogon,
    pub(super) attachment: Arc<Attachment<L>>,
}
include!("objects/logon.rs");

impl<L: MapiSync> IMSLogon_Forward for WrappedLogon<L> {
    unsafe fn Logoff(this: &Object<Self>, lpulFlags: *mut u32) -> HRESULT {
        // SYNC-16, before the inner provider closes what a run may be using.
        this.attachment.log_off();
        // SAFETY: the caller answers for the arguments.
        unsafe { this.inner.Logoff(lpulFlags) }
    }
}
