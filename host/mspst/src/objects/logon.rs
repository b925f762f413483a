//! The logon object: IMSLogon.

use mapi_provider::MapiObject;
use mapi_provider::abi::{HRESULT, IMSLogon, IMSLogon_Forward};
use mapi_provider::object::Object;

use crate::record::note;

/// The engine's logon. Its end is recorded.
#[derive(MapiObject)]
#[mapi(forwards(IMSLogon = inner))]
pub(super) struct LogonObject {
    pub(super) inner: IMSLogon,
}

impl IMSLogon_Forward for LogonObject {
    unsafe fn Logoff(this: &Object<Self>, lpulFlags: *mut u32) -> HRESULT {
        note(format_args!("Logoff"));
        // SAFETY: the caller answers for the arguments.
        unsafe { this.inner.Logoff(lpulFlags) }
    }
}
