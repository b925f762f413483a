//! What every generated module may name.

pub(crate) use core::ffi::c_void;

pub(crate) use windows_core::{GUID, HRESULT, IUnknown, IUnknown_Vtbl, Interface};

pub(crate) use crate::object::{
    Chain, Class, Forwards, Object, barrier, barrier_plain, clear, unknown_vtbl,
};

pub(crate) use super::*;

/// A character of a string whose width a flag tells: `MAPI_UNICODE` in the call's flags makes it UTF-16,
/// else it is in the ANSI code page. Never read it as it is: cast the pointer first.
pub type TCHAR = u8;
