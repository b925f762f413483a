//! The limit of atomic counting: an object whose AddRef and Release are one locked instruction each, and that is never
//! freed. Counting through a vtable can't be cheaper.

use std::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

use mapi_provider::abi::S_OK;

#[repr(C)]
struct Limit {
    vtable: &'static IUnknown_Vtbl,
    count: AtomicU32,
}

static VTABLE: IUnknown_Vtbl = IUnknown_Vtbl {
    QueryInterface: query,
    AddRef: add_ref,
    Release: release,
};

/// The count of the object at an interface pointer.
///
/// # Safety
///
/// It is one of ours.
#[inline(always)]
unsafe fn count<'a>(this: *mut c_void) -> &'a AtomicU32 {
    // SAFETY: the caller's word; the object is never freed.
    unsafe { &(*this.cast::<Limit>()).count }
}

unsafe extern "system" fn query(
    this: *mut c_void,
    _iid: *const GUID,
    out: *mut *mut c_void,
) -> HRESULT {
    // SAFETY: the caller's pointers, in a benchmark that gives good ones.
    unsafe {
        count(this).fetch_add(1, Ordering::Relaxed);
        *out = this;
    }
    S_OK
}

unsafe extern "system" fn add_ref(this: *mut c_void) -> u32 {
    // SAFETY: as above.
    unsafe { count(this) }.fetch_add(1, Ordering::Relaxed) + 1
}

unsafe extern "system" fn release(this: *mut c_void) -> u32 {
    // SAFETY: as above.
    unsafe { count(this) }.fetch_sub(1, Ordering::Release) - 1
}

/// Such an object.
pub fn object() -> IUnknown {
    let object = Box::leak(Box::new(Limit {
        vtable: &VTABLE,
        count: AtomicU32::new(1),
    }));
    // Only looked at through the interface.
    let _ = object.vtable;
    // SAFETY: its first field is a vtable of IUnknown's, and the reference goes to the caller.
    unsafe { IUnknown::from_raw(std::ptr::from_mut(object).cast()) }
}
