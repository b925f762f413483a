//! QueryInterface, AddRef and Release.

use std::alloc::{Layout, dealloc};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::atomic::Ordering;

use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

use super::barrier::{barrier, panicked};
use super::class::{Class, Object};
use super::query::Query;
use crate::mapi::{E_NOINTERFACE, MAPI_E_INVALID_PARAMETER, S_OK};

/// From here on, a count is treated as overflowed: safe code can cause that, by forgetting clones. Such an
/// object is never freed, because nobody knows how many references there are (COM-04: no abort, unlike
/// `Arc`).
const LIMIT: u32 = 1 << 31;

/// The value to which a count that reached the limit is set, again and again: as far as possible from
/// both ends of its range, so no number of threads can reach an end between two settings.
const PINNED: u32 = 3 << 30;

/// The count of an object that is being dropped. Foreign code called from a drop may count up and down
/// as it likes, and the object is not dropped again.
const DYING: u32 = LIMIT + (1 << 28);

/// How far foreign code may count away from [`DYING`].
const LEEWAY: u32 = 1 << 27;

/// The `IUnknown` part of the vtable of chain number `SLOT`.
pub const fn unknown_vtbl<T: Class, const SLOT: usize>() -> IUnknown_Vtbl {
    IUnknown_Vtbl {
        QueryInterface: query_interface::<T, SLOT>,
        AddRef: add_ref::<T, SLOT>,
        Release: release::<T, SLOT>,
    }
}

unsafe extern "system" fn query_interface<T: Class, const SLOT: usize>(
    this: *mut c_void,
    iid: *const GUID,
    out: *mut *mut c_void,
) -> HRESULT {
    // SAFETY: the vtable is chain SLOT of an Object<T>, and the caller has a reference.
    let object = unsafe { Object::<T>::from_slot::<SLOT>(this) };
    // COM-02: NULL is refused.
    if out.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    if iid.is_null() {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *out = ptr::null_mut() };
        return MAPI_E_INVALID_PARAMETER;
    }
    // SAFETY: not NULL, so a GUID.
    let iid = unsafe { &*iid };
    if let Some(outer) = T::outer(object) {
        // SAFETY: the arguments have been checked; the identity is the outer object's (COM-01).
        return unsafe { outer.query(iid, out) };
    }
    if let Some(slot) = find::<T>(iid) {
        object.add_ref();
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *out = object.slot(slot) };
        return S_OK;
    }
    // SAFETY: as above.
    unsafe { query_hook(object, iid, out) }
}

/// COM-01: IUnknown is always the first chain, whichever chain is asked.
#[inline(always)]
fn find<T: Class>(iid: &GUID) -> Option<usize> {
    T::find(iid).or_else(|| (*iid == IUnknown::IID).then_some(0))
}

/// Asks the class's own hook, which is user code.
///
/// # Safety
///
/// `out` is valid for a write.
#[cold]
unsafe fn query_hook<T: Class>(object: &Object<T>, iid: &GUID, out: *mut *mut c_void) -> HRESULT {
    // SAFETY: the caller's word.
    unsafe { *out = ptr::null_mut() };
    barrier(|| {
        let mut query = Query::new(iid);
        T::query(object, &mut query);
        match query.into_answer() {
            Some(found) => {
                // SAFETY: as above; the reference goes to the caller.
                unsafe { *out = found.into_raw() };
                S_OK
            }
            None => E_NOINTERFACE, // COM-02
        }
    })
}

unsafe extern "system" fn add_ref<T: Class, const SLOT: usize>(this: *mut c_void) -> u32 {
    // SAFETY: the vtable is chain SLOT of an Object<T>, and the caller has a reference.
    unsafe { Object::<T>::from_slot::<SLOT>(this) }.add_ref()
}

unsafe extern "system" fn release<T: Class, const SLOT: usize>(this: *mut c_void) -> u32 {
    // SAFETY: the vtable is chain SLOT of an Object<T>, and the caller gives up a reference of its own.
    unsafe { Object::<T>::release(Object::<T>::place_of::<SLOT>(this)) }
}

impl<T: Class> Object<T> {
    /// COM-03: adds one and returns the new count.
    #[inline(always)]
    pub(super) fn add_ref(&self) -> u32 {
        // A new reference is made from an existing one, so nothing needs to be ordered.
        let count = self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        if count >= LIMIT {
            self.pin(count);
        }
        count
    }

    /// Adds one unless the object is being dropped.
    ///
    /// # Safety
    ///
    /// `object` points to an `Object<T>` whose memory has not been freed.
    pub(crate) unsafe fn try_add_ref(object: *const Self) -> bool {
        // SAFETY: the caller's word.
        let count = unsafe { &(*object).count };
        let alive = |count: u32| match count {
            0 => None,
            count if is_dying(count) => None,
            count if count >= LIMIT - 1 => Some(PINNED),
            count => Some(count + 1),
        };
        count
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, alive)
            .is_ok()
    }

    /// COM-03: subtracts one and returns the new count; the last one frees the object.
    ///
    /// # Safety
    ///
    /// The caller has a reference, and gives it up.
    #[inline(always)]
    pub(super) unsafe fn release(object: *const Self) -> u32 {
        // SAFETY: the caller has a reference, so the object is there.
        let left = unsafe { &(*object).count }
            .fetch_sub(1, Ordering::Release)
            .wrapping_sub(1);
        // One comparison for both ends: none left, or an overflow.
        if left.wrapping_sub(1) >= LIMIT - 1 {
            // SAFETY: as above; if none is left, that was the last reference.
            unsafe { Self::release_rare(object, left) };
        }
        left
    }

    /// The rare work of a release.
    ///
    /// # Safety
    ///
    /// The object exists, and if no count is left, nobody has a reference.
    #[cold]
    unsafe fn release_rare(object: *const Self, left: u32) {
        // SAFETY: the caller's word.
        let count = unsafe { &(*object).count };
        if left == 0 {
            // Everything that other threads did with the object happens before it is dropped. A load
            // instead of a fence, because ThreadSanitizer does not understand fences.
            count.load(Ordering::Acquire);
            // SAFETY: that was the last reference.
            unsafe { Self::destroy(object.cast_mut()) };
        } else if !is_dying(left) {
            count.store(PINNED, Ordering::Relaxed);
        }
    }

    /// Keeps an overflowed count where it can neither come down nor wrap around.
    #[cold]
    fn pin(&self, count: u32) {
        if !is_dying(count) {
            self.count.store(PINNED, Ordering::Relaxed);
        }
    }

    /// Drops the struct and frees the memory.
    ///
    /// # Safety
    ///
    /// There is no reference left.
    #[cold]
    unsafe fn destroy(object: *mut Self) {
        // SAFETY: no reference is left, so this is the only access.
        unsafe { &(*object).count }.store(DYING, Ordering::Relaxed);
        // COM-04: the drop is user code.
        // SAFETY: the struct is dropped here and nowhere else.
        let dropped = catch_unwind(AssertUnwindSafe(|| unsafe {
            ptr::drop_in_place(&raw mut (*object).value)
        }));
        if let Err(payload) = dropped {
            panicked(payload);
        }
        // SAFETY: allocated by ObjectRef::new as a Box of this type.
        unsafe { dealloc(object.cast(), Layout::new::<Self>()) };
    }
}

/// Whether a count belongs to an object that is being dropped.
fn is_dying(count: u32) -> bool {
    count.abs_diff(DYING) < LEEWAY
}
