//! The ANSI code page.

use std::ptr;

use super::api;

/// Text in the ANSI code page as a string.
pub(crate) fn ansi_to_string(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&ansi_to_utf16(bytes))
}

/// Text in the ANSI code page as UTF-16, in memory that has not grown.
pub(crate) fn ansi_to_utf16(bytes: &[u8]) -> Vec<u16> {
    let Ok(length) = i32::try_from(bytes.len()) else {
        return Vec::new();
    };
    if length == 0 {
        return Vec::new();
    }
    let mut wide = vec![0_u16; bytes.len()];
    // SAFETY: the pointers are valid for the counts given; a byte never gives more than one unit.
    let written = unsafe {
        api::MultiByteToWideChar(
            api::CP_ACP,
            0,
            bytes.as_ptr(),
            length,
            wide.as_mut_ptr(),
            length,
        )
    };
    wide.truncate(usize::try_from(written).unwrap_or(0));
    wide
}

/// A string in the ANSI code page; what it has no character for becomes its default character.
pub(crate) fn string_to_ansi(text: &str) -> Vec<u8> {
    let wide: Vec<u16> = text.encode_utf16().collect();
    let Ok(length) = i32::try_from(wide.len()) else {
        return Vec::new();
    };
    if length == 0 {
        return Vec::new();
    }
    let convert = |bytes: *mut u8, count: i32| {
        // SAFETY: the pointers are valid for the counts given.
        unsafe {
            api::WideCharToMultiByte(
                api::CP_ACP,
                0,
                wide.as_ptr(),
                length,
                bytes,
                count,
                ptr::null(),
                ptr::null_mut(),
            )
        }
    };
    let needed = convert(ptr::null_mut(), 0);
    let mut bytes = vec![0; usize::try_from(needed).unwrap_or(0)];
    let written = convert(bytes.as_mut_ptr(), needed);
    bytes.truncate(usize::try_from(written).unwrap_or(0));
    bytes
}
