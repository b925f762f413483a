//! The arrays that AddressTypes gives out (XP-09).

use std::ptr;

use crate::entry::text::to_utf16;
use mapi_provider_abi::mapi::TCHAR;

/// The types of addresses as MAPI reads them: our own memory, which stays where it is for as long as this.
pub(super) struct AddressTypes {
    /// Pointed into.
    _texts: Vec<Vec<u16>>,
    pointers: Vec<*mut TCHAR>,
}

// SAFETY: what the pointers lead to belongs to the value, and nobody writes to it.
unsafe impl Send for AddressTypes {}
// SAFETY: as for Send.
unsafe impl Sync for AddressTypes {}

impl AddressTypes {
    /// These types in their order: none for `*`, which is all, and an empty one for none.
    pub(super) fn new(types: &[&str]) -> Self {
        let types: &[&str] = match types {
            types if types.contains(&"*") => &[],
            [] => &[""],
            types => types,
        };
        let mut texts: Vec<Vec<u16>> = types.iter().map(|text| to_utf16(text)).collect();
        let pointers = texts.iter_mut().map(|text| text.as_mut_ptr().cast());
        let pointers = pointers.collect();
        Self {
            _texts: texts,
            pointers,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.pointers.len() as u32
    }

    /// The array; NULL if there is none.
    pub(super) fn array(&self) -> *mut *mut TCHAR {
        match self.pointers.is_empty() {
            true => ptr::null_mut(),
            false => self.pointers.as_ptr().cast_mut(),
        }
    }
}
