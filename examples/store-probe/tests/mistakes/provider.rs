//! The provider: its store has the mistake.

use std::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use super::{Mistake, store};

#[derive(MapiObject)]
#[mapi(forwards(IMSProvider = inner), tear_offs(IMAPIProviderShutdown = inner))]
struct Provider {
    inner: IMSProvider,
    mistake: Mistake,
}

/// Wraps the provider that is in this place.
pub(crate) unsafe fn wrap(out: *mut *mut c_void, mistake: Mistake) {
    unsafe {
        let inner = IMSProvider::from_raw(*out);
        let wrapper = ObjectRef::new(Provider { inner, mistake });
        *out = wrapper.into_interface::<IMSProvider>().into_raw();
    }
}

impl IMSProvider_Forward for Provider {
    unsafe fn Logon(
        this: &Object<Self>,
        support: *mut c_void,
        window: usize,
        profile: *mut TCHAR,
        count: u32,
        entry_id: *mut ENTRYID,
        flags: StoreLogonFlags,
        interface: *const GUID,
        security_count: *mut u32,
        security: *mut *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let status = this.inner.Logon(
                support,
                window,
                profile,
                count,
                entry_id,
                flags,
                interface,
                security_count,
                security,
                error,
                logon,
                out,
            );
            if status.is_ok() {
                store::wrap(out, this.mistake);
            }
            status
        }
    }

    unsafe fn SpoolerLogon(
        this: &Object<Self>,
        support: *mut c_void,
        window: usize,
        profile: *mut TCHAR,
        count: u32,
        entry_id: *mut ENTRYID,
        flags: StoreLogonFlags,
        interface: *const GUID,
        security_count: u32,
        security: *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let status = this.inner.SpoolerLogon(
                support,
                window,
                profile,
                count,
                entry_id,
                flags,
                interface,
                security_count,
                security,
                error,
                logon,
                out,
            );
            if status.is_ok() {
                store::wrap(out, this.mistake);
            }
            status
        }
    }
}
