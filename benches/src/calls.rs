//! Loops of calls through vtables.
//!
//! Each loop is one function for both sides, and takes the slot as a number: so the calling machine code is
//! the same, wherever it happens to be. The vtable pointer and the slot are read for every call, as in a
//! client, because the compiler must assume that the previous call changed them.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::ENTRYID;
use windows_core::{GUID, HRESULT};

type Plain = unsafe extern "system" fn(*mut c_void) -> HRESULT;
type WithNumber = unsafe extern "system" fn(*mut c_void, usize) -> HRESULT;
type Compare = unsafe extern "system" fn(
    *mut c_void,
    u32,
    *mut ENTRYID,
    u32,
    *mut ENTRYID,
    u32,
    *mut u32,
) -> HRESULT;
type Count = unsafe extern "system" fn(*mut c_void) -> u32;
type Query = unsafe extern "system" fn(*mut c_void, *const GUID, *mut *mut c_void) -> HRESULT;

/// The function in a slot.
///
/// # Safety
///
/// `this` is an interface pointer, and the slot holds an `F`.
#[inline(always)]
unsafe fn method<F: Copy>(this: *mut c_void, slot: usize) -> F {
    // SAFETY: the caller's word.
    unsafe { *(*this.cast::<*const F>()).add(slot) }
}

/// Calls a method without parameters.
///
/// # Safety
///
/// `this` is an interface pointer, and the slot holds such a method.
#[inline(never)]
pub(crate) unsafe fn plain(this: *mut c_void, slot: usize, times: u32) {
    for _ in 0..times {
        // SAFETY: the caller's word.
        let result = unsafe { method::<Plain>(this, slot)(this) };
        assert!(result.is_ok(), "{result:?}");
    }
}

/// Calls a method with a number.
///
/// # Safety
///
/// As for [`plain`].
#[inline(never)]
pub(crate) unsafe fn with_number(this: *mut c_void, slot: usize, times: u32) {
    for _ in 0..times {
        // SAFETY: the caller's word.
        let result = unsafe { method::<WithNumber>(this, slot)(this, 1) };
        assert!(result.is_ok(), "{result:?}");
    }
}

/// Calls a `CompareEntryIDs`, which has an out parameter.
///
/// # Safety
///
/// As for [`plain`].
#[inline(never)]
pub(crate) unsafe fn compare(this: *mut c_void, slot: usize, times: u32) {
    let mut same = 0;
    for _ in 0..times {
        // SAFETY: the caller's word; the place is a local.
        let result = unsafe {
            method::<Compare>(this, slot)(
                this,
                8,
                ptr::null_mut(),
                8,
                ptr::null_mut(),
                0,
                &mut same,
            )
        };
        assert!(result.is_ok() && same == 1, "{result:?}");
    }
}

/// AddRef and Release.
///
/// # Safety
///
/// `this` is an interface pointer.
#[inline(never)]
pub(crate) unsafe fn count(this: *mut c_void, times: u32) {
    for _ in 0..times {
        // SAFETY: the caller's word; in balance.
        let left = unsafe {
            method::<Count>(this, 1)(this);
            method::<Count>(this, 2)(this)
        };
        assert!(left == 1);
    }
}

/// QueryInterface, and Release of what it gave.
///
/// # Safety
///
/// `this` is an interface pointer.
#[inline(never)]
pub(crate) unsafe fn query(this: *mut c_void, iid: &GUID, times: u32) {
    let mut found = ptr::null_mut();
    for _ in 0..times {
        // SAFETY: the caller's word; in balance.
        let left = unsafe {
            let result = method::<Query>(this, 0)(this, iid, &mut found);
            assert!(result.is_ok(), "{result:?}");
            method::<Count>(found, 2)(found)
        };
        assert!(left == 1);
    }
}
