//! The parts of an object.

use std::ffi::c_void;
use std::fmt;
use std::mem::offset_of;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::sync::atomic::AtomicU32;

use windows_core::{GUID, IUnknown, Interface};

use super::query::Query;

/// A struct that can be a COM object. Implemented by `#[derive(MapiObject)]`.
///
/// # Safety
///
/// `VTABLES` holds, for each chain number `SLOT`, the vtable made by `new::<Self, SLOT>()` or
/// `forward::<Self, SLOT>()` of the chain's interface, and `find` returns only numbers of chains whose vtable begins
/// with that of the requested interface.
pub unsafe trait Class: Sized + Send + Sync + 'static {
    /// `[*const c_void; N]` for `N` chains, at least one.
    type Vtables: Copy;

    /// A vtable for each chain.
    const VTABLES: Self::Vtables;

    /// The chain that answers an IID other than that of `IUnknown`.
    fn find(iid: &GUID) -> Option<usize>;

    /// Answers, if it can, what no chain does.
    fn query(this: &Object<Self>, query: &mut Query<'_>) {
        let _ = (this, query);
    }

    /// The object whose identity this one is part of, if it has none of its own: then its QueryInterface is that
    /// object's (COM-01).
    fn outer(this: &Object<Self>) -> Option<&IUnknown> {
        let _ = this;
        None
    }
}

/// An interface as the last link of a chain of bases. Implemented by generated code.
///
/// # Safety
///
/// `answers` holds for the interface's own IID and those of its bases, whose vtables it begins with.
pub unsafe trait Chain: Interface {
    /// Whether a pointer to this interface is also a pointer to the interface with this IID, except `IUnknown`.
    fn answers(iid: &GUID) -> bool;
}

/// A class that has an interface. Implemented by `#[derive(MapiObject)]`.
///
/// # Safety
///
/// `SLOT` is the number of the chain that ends in `I`.
pub unsafe trait Has<I: Interface>: Class {
    /// The number of the chain.
    const SLOT: usize;
}

/// A class that forwards an interface to an inner object. Implemented by `#[derive(MapiObject)]`.
///
/// # Safety
///
/// `INNER` is the offset of the field that `inner` returns.
pub unsafe trait Forwards<I: Interface>: Class {
    /// The offset in bytes of the inner object's interface pointer in the `Object<Self>`, because calls to slots of
    /// unknown signature are passed on without Rust.
    const INNER: usize;

    /// The inner object.
    fn inner(this: &Object<Self>) -> &I;
}

/// A COM object: vtable pointers, reference count, and the struct that it derefs to.
///
/// Objects exist only behind an [`ObjectRef`](super::ObjectRef) or an interface pointer, so a `&Object<T>` always
/// refers to the whole allocation.
#[repr(C)]
pub struct Object<T: Class> {
    pub(super) vtables: T::Vtables,
    pub(super) count: AtomicU32,
    pub(super) value: T,
}

impl<T: Class> Object<T> {
    /// The offset of the struct in the object, in bytes.
    #[doc(hidden)]
    pub const VALUE: usize = offset_of!(Self, value);

    /// The object to which chain number `SLOT` belongs.
    ///
    /// # Safety
    ///
    /// `this` points to vtable pointer number `SLOT` of a live `Object<T>`.
    #[inline(always)]
    pub unsafe fn from_slot<'a, const SLOT: usize>(this: *mut c_void) -> &'a Self {
        // SAFETY: the caller's word.
        unsafe { &*Self::place_of::<SLOT>(this) }
    }

    /// The address of the object to which chain number `SLOT` belongs. No reference is made, because code that may
    /// free the object must not have one.
    ///
    /// # Safety
    ///
    /// As for [`from_slot`](Self::from_slot).
    #[inline(always)]
    pub(super) unsafe fn place_of<const SLOT: usize>(this: *mut c_void) -> *mut Self {
        // SAFETY: the vtable pointers come first and are each as large as a pointer.
        unsafe { this.cast::<*const c_void>().sub(SLOT).cast() }
    }

    /// The address of an object's struct. Nothing is read.
    #[doc(hidden)]
    pub fn value_at(object: NonNull<Self>) -> *const T {
        object
            .as_ptr()
            .cast_const()
            .cast::<u8>()
            .wrapping_add(Self::VALUE)
            .cast()
    }

    /// The interface pointer of a chain, not counted.
    ///
    /// Its last Release frees the object, which is not allowed through a pointer derived from `&self`, so it is
    /// made from the pointer that `ObjectRef::new` exposed.
    #[inline(always)]
    pub(super) fn slot(&self, slot: usize) -> *mut c_void {
        let first = (&raw const *self).addr();
        ptr::with_exposed_provenance_mut(first + slot * size_of::<*const c_void>())
    }

    /// One of the object's interfaces, counted.
    pub fn to_interface<I: Interface>(&self) -> I
    where
        T: Has<I>,
    {
        self.add_ref();
        // SAFETY: the chain's vtable is that of `I`, and the reference has just been counted.
        unsafe { I::from_raw(self.slot(T::SLOT)) }
    }

    /// The object's `IUnknown`, its identity, counted (COM-01).
    pub fn to_unknown(&self) -> IUnknown {
        self.add_ref();
        // SAFETY: every vtable begins with that of IUnknown, and the reference has just been counted.
        unsafe { IUnknown::from_raw(self.slot(0)) }
    }
}

impl<T: Class> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T: Class + fmt::Debug> fmt::Debug for Object<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Object").field(&self.value).finish()
    }
}
