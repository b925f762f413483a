//! What every generated module may use, ours and those that teams generate from their own definitions.

pub use core::ffi::c_void;

pub use bitflags::{self, Flag};
pub use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

pub use crate::object::placeholder::{PLACEHOLDER, Placeholder};
pub use crate::object::{
    Chain, Class, Forwardable, Forwards, Object, TearOff, barrier, barrier_plain, clear,
    unknown_vtbl,
};

pub use crate::flag_set::debug_flags;
pub use crate::mapi::*;
pub use crate::{__assert_layout as assert_layout, __assert_slots as assert_slots};
