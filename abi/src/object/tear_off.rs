//! Interfaces that only an inner object has, as part of the wrapper's identity (WRAP-02).

use std::ffi::c_void;
use std::mem::offset_of;

use windows_core::{GUID, IUnknown, Interface};

use super::class::{Class, Forwards, Has, Object};
use super::reference::ObjectRef;

/// An interface that can be torn off an inner object: every free-threaded one. Implemented by generated code.
///
/// # Safety
///
/// `VTABLE` is the vtable made by `forward::<TearOff<Self>, 0>()`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be torn off",
    note = "a tear-off is part of an object that any thread may call, so its interface must be free-threaded"
)]
pub unsafe trait Forwardable: Interface + 'static {
    /// The vtable of a tear-off.
    const VTABLE: *const c_void;
}

/// An interface of an inner object, handed out by the object that wraps it: calls go to the inner one,
/// QueryInterface to the wrapper, so there is one identity, and the wrapper's overrides can't be bypassed.
///
/// Each QueryInterface makes one, as COM allows for all interfaces but IUnknown.
pub struct TearOff<I: Interface> {
    outer: IUnknown,
    inner: I,
}

// SAFETY: interfaces that can be torn off are free-threaded, and so is the wrapper's identity: a `Class` is.
unsafe impl<I: Forwardable> Send for TearOff<I> {}
// SAFETY: as for Send.
unsafe impl<I: Forwardable> Sync for TearOff<I> {}

/// What `#[mapi(tear_offs(…))]` hands out: the interface of `inner` as part of the identity of `outer`; `None` if
/// `inner` doesn't have it. `outer` is one of our objects, and not any `IUnknown`, which might be bound to its
/// thread.
pub fn tear_off<I: Forwardable>(outer: &Object<impl Class>, inner: &impl Interface) -> Option<I> {
    let inner = inner.cast::<I>().ok()?;
    let outer = outer.to_unknown();
    Some(ObjectRef::new(TearOff { outer, inner }).into_interface())
}

// SAFETY: the one vtable is made for this type and for the first place; `find` is never called, because the
// object has no identity of its own.
unsafe impl<I: Forwardable> Class for TearOff<I> {
    type Vtables = [*const c_void; 1];

    const VTABLES: Self::Vtables = [I::VTABLE];

    fn find(_: &GUID) -> Option<usize> {
        None
    }

    fn outer(this: &Object<Self>) -> Option<&IUnknown> {
        Some(&this.outer)
    }
}

// SAFETY: the only chain is that of the interface.
unsafe impl<I: Forwardable> Has<I> for TearOff<I> {
    const SLOT: usize = 0;
}

// SAFETY: the offset is that of the field that `inner` returns.
unsafe impl<I: Forwardable> Forwards<I> for TearOff<I> {
    const INNER: usize = Object::<Self>::VALUE + offset_of!(Self, inner);

    #[inline]
    fn inner(this: &Object<Self>) -> &I {
        &this.inner
    }
}
