//! What every generated module may name, ours and those that teams generate from definitions of their own.

use core::fmt;

pub use core::ffi::c_void;

pub use bitflags;
pub use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

pub use crate::object::{
    Chain, Class, Forwardable, Forwards, Object, TearOff, barrier, barrier_plain, clear,
    unknown_vtbl,
};

pub use super::*;
pub use crate::{__assert_layout as assert_layout, __assert_slots as assert_slots};

/// A character of a string whose width a flag tells: `MAPI_UNICODE` in the call's flags makes it UTF-16,
/// else it is in the ANSI code page. Never read it as it is: cast the pointer first.
pub type TCHAR = u8;

/// A slot of which nobody has published what lies in it. Vtables are made by whoever extends an interface, so the slot
/// can be filled from anywhere; nobody can call it, for what it holds is private.
#[repr(transparent)]
#[derive(Clone, Copy)]
pub struct Placeholder(
    /// NULL in tables that others have made.
    #[allow(dead_code, reason = "called by those who know what it is")]
    Option<Unknown>,
);

impl Placeholder {
    /// The slot of a forwarding vtable: method number `METHOD` of the inner object (WRAP-01).
    pub const fn pass_on<T: Forwards<I>, I: Interface, const SLOT: usize, const METHOD: usize>()
    -> Self {
        Self(Some(crate::platform::pass_on::<T, I, SLOT, METHOD>))
    }
}

type Unknown = unsafe extern "system" fn(this: *mut c_void) -> HRESULT;

/// Flags by their names: `SyncFlags(DOWNLOAD_CONTENTS | 0x400)`.
pub fn debug_flags<F: bitflags::Flags<Bits = u32>>(
    name: &str,
    flags: &F,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    write!(f, "{name}(")?;
    bitflags::parser::to_writer(flags, &mut *f)?;
    f.write_str(")")
}

/// What lies in placeholder slots of our objects.
pub const PLACEHOLDER: Placeholder = Placeholder(Some(no_support));

/// A caller that knows the method gets an honest answer on 64 bits; on x86 the callee pops the arguments, of which only
/// `this` is known to be there.
unsafe extern "system" fn no_support(_this: *mut c_void) -> HRESULT {
    MAPI_E_NO_SUPPORT
}
