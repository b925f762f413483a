//! What the library exports.

#![allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signatures are MAPI's"
)]

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, CURRENT_SPI_VERSION, FREEBUFFER, HRESULT, Interface,
    MAPI_E_INVALID_PARAMETER, MAPI_E_VERSION, MAPIERROR, S_OK, SPropValue,
};
use mapi_provider::object::{barrier, barrier_plain, clear};
use mapi_provider::view::Allocators;
use mapi_provider_mailbox::database::set_quota;

use crate::objects;
use crate::profile::Flavour;
use crate::record;
use crate::service::{self, ServiceCall};

/// Where MAPI begins: makes a provider object.
///
/// # Safety
///
/// Only for MAPI to call, or a wrapper in its place: every pointer is NULL or valid for what MAPI documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn MSProviderInit(
    hInstance: *mut c_void,
    _lpMalloc: *mut c_void,
    lpAllocateBuffer: Option<ALLOCATEBUFFER>,
    lpAllocateMore: Option<ALLOCATEMORE>,
    lpFreeBuffer: Option<FREEBUFFER>,
    ulFlags: u32,
    ulMAPIVer: u32,
    lpulProviderVer: *mut u32,
    lppMSProvider: *mut *mut c_void,
) -> HRESULT {
    if !lpulProviderVer.is_null() {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *lpulProviderVer = CURRENT_SPI_VERSION };
    }
    // SAFETY: NULL or the caller's to be written to.
    unsafe { clear(lppMSProvider) };
    if lppMSProvider.is_null() || lpulProviderVer.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    barrier(|| {
        record::note(format_args!(
            "MSProviderInit hInstance=0x{:X} flags=0x{ulFlags:X} version=0x{ulMAPIVer:X}",
            hInstance as usize
        ));
        if ulMAPIVer < CURRENT_SPI_VERSION {
            return MAPI_E_VERSION;
        }
        // SAFETY: MAPI's own functions, which stay for as long as the provider.
        let allocators = unsafe { Allocators::new(lpAllocateBuffer, lpAllocateMore, lpFreeBuffer) };
        let Some(allocators) = allocators else {
            return MAPI_E_INVALID_PARAMETER;
        };
        // SAFETY: as above; the reference goes to the caller.
        unsafe { *lppMSProvider = objects::new_provider(allocators).into_raw() };
        S_OK
    })
}

/// Where MAPI configures a PST of its own.
///
/// # Safety
///
/// Only for MAPI to call: every pointer is NULL or valid for what MAPI documents.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn ServiceEntry(
    hInstance: *mut c_void,
    _lpMalloc: *mut c_void,
    lpMAPISup: *mut c_void,
    _ulUIParam: usize,
    ulFlags: u32,
    ulContext: u32,
    cValues: u32,
    lpProps: *mut SPropValue,
    lpProviderAdmin: *mut c_void,
    lppMapiError: *mut *mut MAPIERROR,
) -> HRESULT {
    let call = ServiceCall {
        instance: hInstance,
        support: lpMAPISup,
        flags: ulFlags,
        context: ulContext,
        count: cValues,
        properties: lpProps,
        admin: lpProviderAdmin,
        error: lppMapiError,
    };
    // SAFETY: the caller's word.
    unsafe {
        clear(lppMapiError);
        barrier(|| service::call(Flavour::Pst, &call))
    }
}

/// Where a wrapper configures the store that it wraps.
///
/// # Safety
///
/// Only for the service entry of a wrapper to call, with what MAPI gave it.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn NSTServiceEntry(
    hInstance: *mut c_void,
    _lpMalloc: *mut c_void,
    lpMAPISup: *mut c_void,
    _ulUIParam: usize,
    ulFlags: u32,
    ulContext: u32,
    cValues: u32,
    lpProps: *mut SPropValue,
    lpProviderAdmin: *mut c_void,
    lppMapiError: *mut *mut MAPIERROR,
) -> HRESULT {
    let call = ServiceCall {
        instance: hInstance,
        support: lpMAPISup,
        flags: ulFlags,
        context: ulContext,
        count: cValues,
        properties: lpProps,
        admin: lpProviderAdmin,
        error: lppMapiError,
    };
    // SAFETY: the caller's word.
    unsafe {
        clear(lppMapiError);
        barrier(|| service::call(Flavour::Nst, &call))
    }
}

/// For tests: all calls since the library was loaded, as UTF-8 text, one a line. Copies as much as there is
/// room for, and returns how many bytes there are in all.
///
/// # Safety
///
/// The buffer is NULL, or has room for `size` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn MspstRecord(buffer: *mut u8, size: usize) -> usize {
    barrier_plain(|| {
        let text = record::text();
        if !buffer.is_null() {
            let count = text.len().min(size);
            // SAFETY: the caller's word.
            unsafe { ptr::copy_nonoverlapping(text.as_ptr(), buffer, count) };
        }
        text.len()
    })
}

/// For tests: forgets all calls.
#[unsafe(no_mangle)]
pub extern "system" fn MspstReset() {
    barrier_plain(record::reset);
}

/// For tests: from now on nothing is written to a store whose file has this many bytes, as if the disk were full. The
/// largest number ends that.
#[unsafe(no_mangle)]
pub extern "system" fn MspstSetQuota(bytes: u64) {
    set_quota(bytes);
}
