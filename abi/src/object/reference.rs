//! A counted reference to an object whose class is known.

use std::fmt;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU32;

use windows_core::{IUnknown, Interface};

use super::class::{Class, Has, Object};

/// A counted reference to an `Object<T>`: the owner's side of a COM object.
pub struct ObjectRef<T: Class>(NonNull<Object<T>>);

// SAFETY: a class is Send and Sync, and the count is atomic.
unsafe impl<T: Class> Send for ObjectRef<T> {}
// SAFETY: as for Send.
unsafe impl<T: Class> Sync for ObjectRef<T> {}

impl<T: Class> ObjectRef<T> {
    /// Makes a COM object of a struct; its count is 1.
    pub fn new(value: T) -> Self {
        let object = Object {
            vtables: T::VTABLES,
            count: AtomicU32::new(1),
            value,
        };
        let object = Box::into_raw(Box::new(object));
        // Interface pointers are made from it, because the last Release of any of them frees
        // the object.
        object.expose_provenance();
        // SAFETY: a box is not NULL.
        Self(unsafe { NonNull::new_unchecked(object) })
    }

    /// A reference to an object that may be about to be dropped; `None` if it is.
    ///
    /// # Safety
    ///
    /// `object` points to an `Object<T>` whose memory has not been freed.
    pub unsafe fn upgrade(object: NonNull<Object<T>>) -> Option<Self> {
        // SAFETY: the caller's word.
        let counted = unsafe { Object::try_add_ref(object.as_ptr()) };
        // Lazily, because an unused value would give up a reference that was never counted.
        counted.then(|| Self(object))
    }

    /// The object's address, not counted.
    pub fn as_ptr(&self) -> NonNull<Object<T>> {
        self.0
    }

    /// The reference as one to an interface of the object.
    pub fn into_interface<I: Interface>(self) -> I
    where
        T: Has<I>,
    {
        self.to_interface()
    }

    /// The reference as one to the object's identity.
    pub fn into_unknown(self) -> IUnknown {
        self.to_unknown()
    }
}

impl<T: Class> Deref for ObjectRef<T> {
    type Target = Object<T>;

    fn deref(&self) -> &Object<T> {
        // SAFETY: the reference is counted, so the object is there.
        unsafe { self.0.as_ref() }
    }
}

impl<T: Class> Clone for ObjectRef<T> {
    fn clone(&self) -> Self {
        self.add_ref();
        Self(self.0)
    }
}

impl<T: Class> Drop for ObjectRef<T> {
    fn drop(&mut self) {
        // SAFETY: the reference is ours, and given up.
        unsafe { Object::release(self.0.as_ptr()) };
    }
}

impl<T: Class + fmt::Debug> fmt::Debug for ObjectRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
