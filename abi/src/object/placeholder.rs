//! Slots whose signatures nobody has published.

use std::ffi::c_void;
use std::marker::PhantomData;

use windows_core::{HRESULT, Interface};

use super::class::Forwards;
use crate::mapi::MAPI_E_NO_SUPPORT;
use crate::platform::{PassesOn, pass_on};

/// A slot whose signature nobody has published. Vtables are made by whoever extends an interface, so the slot can be
/// filled from anywhere; nobody can call it, because its content is private.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Placeholder(
    /// NULL in tables made by others.
    #[allow(dead_code, reason = "called by those who know what it is")]
    Option<Unknown>,
);

impl Placeholder {
    /// The slot of a forwarding vtable: method number `METHOD` of the inner object (WRAP-01).
    pub const fn pass_on<T: Forwards<I>, I: Interface, const SLOT: usize, const METHOD: usize>()
    -> Self {
        Self(Some(pass_on::<Chained<T, I, SLOT>, METHOD>))
    }
}

/// Vtable pointer number `SLOT` of an `Object<T>`, as the platform knows it.
struct Chained<T, I, const SLOT: usize>(PhantomData<(T, I)>);

impl<T: Forwards<I>, I: Interface, const SLOT: usize> PassesOn for Chained<T, I, SLOT> {
    const INNER: usize = T::INNER - SLOT * size_of::<usize>();
}

type Unknown = unsafe extern "system" fn(this: *mut c_void) -> HRESULT;

/// The content of placeholder slots of our objects.
pub const PLACEHOLDER: Placeholder = Placeholder(Some(no_support));

/// A caller that knows the method gets an honest answer on 64 bits; on x86 the callee pops the arguments, and only
/// `this` is known to be there.
unsafe extern "system" fn no_support(_this: *mut c_void) -> HRESULT {
    MAPI_E_NO_SUPPORT
}
