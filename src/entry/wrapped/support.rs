//! The support object that the inner provider is given (WRAP-04).

use std::ffi::c_void;

use windows_core::{HRESULT, Interface};

use super::super::limits;
use crate::log;
use crate::status::Status;
use mapi_provider_abi::mapi::{
    IMAPISupport, IMAPISupport_Forward, IProfSect, LogoffFlags, MAPI_E_INVALID_PARAMETER, MAPIUID,
    ModifyStatusRowFlags, OpenProfileSectionFlags, PR_NULL, S_OK, SPropValue,
};
use mapi_provider_abi::object::Object;
use mapi_provider_abi::view;

/// What the PST provider calls the section of the profile that it takes for the NST's global one: we give it the service's
/// (W: the sample's `pbNSTGlobalProfileSectionGuid`).
const NST_GLOBAL_SECTION: [u8; 16] = [
    0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21, 0x29, 0x41,
];

/// PR_IDENTITY_DISPLAY, PR_IDENTITY_ENTRYID and PR_IDENTITY_SEARCH_KEY.
const IDENTITY: [u16; 3] = [0x3E00, 0x3E01, 0x3E05];

/// MAPI's support object, as the PST provider sees it: all 41 methods go to it but those that have to be
/// different where the PST provider is wrapped.
///
/// Its identity is its own: the PST provider can't get around it by QueryInterface (WRAP-02).
#[cfg_attr(false, derive(MapiObject), mapi(forwards(IMAPISupport = inner)))]
pub(super) struct WrappedSupport {
    inner: IMAPISupport,
    /// What stands for the NST's global profile section.
    global: IProfSect,
}
include!("objects/support.rs");

impl WrappedSupport {
    pub(super) fn new(inner: IMAPISupport, global: IProfSect) -> Self {
        Self { inner, global }
    }

    /// Asks the transports to leave the store, once for the wrapped store and the inner one (ENTRY-09).
    pub(super) fn store_logoff_transports(&self, mut flags: LogoffFlags) {
        // SAFETY: a live variable.
        let result = unsafe { self.inner.StoreLogoffTransports(&raw mut flags) };
        if result.is_err() {
            log::warn!(status = %Status(result), "StoreLogoffTransports failed");
        }
    }
}

impl IMAPISupport_Forward for WrappedSupport {
    /// The NST's global section is the service's (WRAP-04).
    unsafe fn OpenProfileSection(
        this: &Object<Self>,
        lpUid: *mut MAPIUID,
        ulFlags: OpenProfileSectionFlags,
        lppProfileObj: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: NULL or the caller's; a MAPIUID need not be aligned.
        let is_global = !lpUid.is_null() && unsafe { (*lpUid).ab } == NST_GLOBAL_SECTION;
        if !is_global {
            // SAFETY: the caller answers for the arguments.
            return unsafe { this.inner.OpenProfileSection(lpUid, ulFlags, lppProfileObj) };
        }
        if lppProfileObj.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: not NULL, so the caller's to be written to; the reference goes to the caller.
        unsafe { *lppProfileObj = this.global.clone().into_raw() };
        S_OK
    }

    /// The PST provider claims an identity of Exchange's, which it has not: QueryIdentity would fail with it, and
    /// Outlook could not make contacts any more (WRAP-04).
    unsafe fn ModifyStatusRow(
        this: &Object<Self>,
        cValues: u32,
        lpColumnVals: *mut SPropValue,
        ulFlags: ModifyStatusRowFlags,
    ) -> HRESULT {
        // SAFETY: the caller answers for the columns.
        let columns = unsafe { view::read_array(cValues, lpColumnVals, &limits::properties()) };
        let columns: Vec<mapi_provider_abi::internal::Tagged> = match columns {
            Ok(columns) => columns,
            Err(error) => return error.status(),
        };
        let is_identity = |index: &usize| IDENTITY.contains(&columns[*index].tag.id());
        let blank: Vec<usize> = (0..columns.len()).filter(is_identity).collect();
        // A copy: the columns are the caller's. What they point to is not touched.
        let mut copy: Vec<SPropValue> = (0..columns.len())
            // SAFETY: as many as were read; they need not be aligned.
            .map(|index| unsafe { lpColumnVals.add(index).read_unaligned() })
            .collect();
        for index in blank {
            copy[index].ulPropTag = PR_NULL;
        }
        // SAFETY: a copy of the caller's columns, for whose values it answers.
        unsafe {
            this.inner
                .ModifyStatusRow(cValues, copy.as_mut_ptr(), ulFlags)
        }
    }

    /// Told by the wrapped store, at its own last Release and with the flags that it was logged off with; the inner one
    /// may go at another time (ENTRY-09).
    unsafe fn StoreLogoffTransports(_: &Object<Self>, _lpulFlags: *mut LogoffFlags) -> HRESULT {
        S_OK
    }
}
