//! Logon and SpoolerLogon as MAPI calls them: what is asked for, and where the results go. The two differ in the
//! credentials alone.

use std::ffi::c_void;
use std::ptr;

use windows_core::{GUID, HRESULT, Interface};

use super::failure::Failure;
use crate::error::LogonError;
use crate::log;
use crate::status::Status;
use mapi_provider_abi::mapi::{ENTRYID, IMSLogon, MAPIERROR, StoreLogonFlags, TCHAR, UnicodeFlags};
use mapi_provider_abi::view::Allocators;

/// What MAPI asks for.
pub(super) struct Arguments {
    pub(super) support: *mut c_void,
    pub(super) window: usize,
    pub(super) profile: *mut TCHAR,
    /// Count and bytes.
    pub(super) entry_id: (u32, *mut ENTRYID),
    pub(super) flags: StoreLogonFlags,
    pub(super) interface: *const GUID,
    pub(super) security: Security,
}

/// The credentials that the spooler logs on with: what Logon gives to MAPI, SpoolerLogon gets back.
#[derive(Clone, Copy)]
pub(super) enum Security {
    Wanted(*mut u32, *mut *mut u8),
    Given(u32, *mut u8),
}

impl Arguments {
    pub(super) fn new(
        support: *mut c_void,
        (window, profile): (usize, *mut TCHAR),
        entry_id: (u32, *mut ENTRYID),
        flags: StoreLogonFlags,
        interface: *const GUID,
        security: Security,
    ) -> Self {
        Self {
            support,
            window,
            profile,
            entry_id,
            flags,
            interface,
            security,
        }
    }

    /// Whether it is SpoolerLogon.
    pub(super) fn is_spooler(&self) -> bool {
        matches!(self.security, Security::Given(..))
    }
}

/// Where the results go. `store` and `logon` are not NULL.
pub(super) struct Outs {
    pub(super) error: *mut *mut MAPIERROR,
    pub(super) logon: *mut *mut c_void,
    pub(super) store: *mut *mut c_void,
}

/// A store as it goes to MAPI, and the logon if it is new.
pub(super) struct Opened {
    pub(super) store: *mut c_void,
    pub(super) logon: Option<IMSLogon>,
}

impl Outs {
    pub(super) fn new(
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> Self {
        Self {
            error,
            logon,
            store,
        }
    }

    /// # Safety
    ///
    /// The places for store and logon are not NULL, and the caller's to be written to.
    pub(super) unsafe fn give(&self, opened: Opened) {
        // SAFETY: the caller's word.
        unsafe {
            *self.store = opened.store;
            *self.logon = opened.logon.map_or(ptr::null_mut(), Interface::into_raw);
        }
    }

    /// The real error goes into the MAPIERROR, its code as the low-level error; the result is one of the four
    /// that don't disable the service (ENTRY-06).
    ///
    /// # Safety
    ///
    /// The place for the error is NULL or the caller's to be written to.
    pub(super) unsafe fn fail(
        &self,
        error: &LogonError,
        component: &'static str,
        allocators: Allocators,
        flags: StoreLogonFlags,
    ) -> HRESULT {
        log::warn!(status = %Status(error.code()), text = error.text(), "the logon failed");
        let failure = Failure {
            result: error.code(),
            component,
            text: error.text().to_owned(),
        };
        let width = UnicodeFlags::from_bits_retain(flags.bits());
        if !self.error.is_null()
            && let Ok(described) = failure.to_mapi(allocators, width)
        {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *self.error = described };
        }
        error.answer()
    }
}
