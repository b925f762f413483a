//! Strings and bytes behind pointers.

use std::slice;

/// The UTF-16 text at a pointer, up to its NUL; none for NULL.
///
/// # Safety
///
/// The pointer is NULL or to a string that ends in NUL.
pub(crate) unsafe fn wide_text(text: *const u16) -> Option<String> {
    if text.is_null() {
        return None;
    }
    let mut units = Vec::new();
    // SAFETY: the string goes on until its NUL.
    while let unit @ 1.. = unsafe { text.add(units.len()).read_unaligned() } {
        units.push(unit);
    }
    Some(String::from_utf16_lossy(&units))
}

/// The bytes at a pointer, up to a NUL; none for NULL.
///
/// # Safety
///
/// The pointer is NULL or to a string that ends in NUL.
pub(crate) unsafe fn bytes_until_nul(text: *const u8) -> Option<Vec<u8>> {
    if text.is_null() {
        return None;
    }
    let mut bytes = Vec::new();
    // SAFETY: the string goes on until its NUL.
    while let byte @ 1.. = unsafe { text.add(bytes.len()).read() } {
        bytes.push(byte);
    }
    Some(bytes)
}

/// The bytes at a pointer; none for NULL.
///
/// # Safety
///
/// The pointer is NULL or to that many bytes.
pub(super) unsafe fn bytes(start: *const u8, count: usize) -> Vec<u8> {
    if start.is_null() {
        return Vec::new();
    }
    // SAFETY: the caller's word.
    unsafe { slice::from_raw_parts(start, count) }.to_vec()
}
