//! COM objects: what `#[derive(MapiObject)]` makes of a struct, and what the generated thunks use.
//!
//! An object is one allocation: a vtable pointer for each interface chain, the reference count, the
//! struct. No weak references, no aggregation machinery: the count is one atomic number.

pub(crate) mod barrier;
mod class;
mod identity;
pub(crate) mod placeholder;
mod query;
mod reference;
mod tear_off;
mod unicode;

pub use self::{
    barrier::{barrier, barrier_plain},
    class::{Chain, Class, Forwards, Has, Object},
    identity::unknown_vtbl,
    query::Query,
    reference::ObjectRef,
    tear_off::{Forwardable, TearOff, tear_off},
    unicode::select_unicode,
};

/// Clears an out parameter, if there is one (COM-05). It may be at any address: on 32 bits, C++ aligns a 64-bit
/// number on the stack to four bytes.
///
/// # Safety
///
/// `out` is NULL or, except for its alignment, valid for a write; all zeros is a value of `P`.
#[inline(always)]
pub unsafe fn clear<P>(out: *mut P) {
    if !out.is_null() {
        // SAFETY: not NULL, so valid for a write by the caller's word.
        unsafe { out.cast::<u8>().write_bytes(0, size_of::<P>()) };
    }
}

#[cfg(test)]
mod tests;
