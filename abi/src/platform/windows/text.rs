//! The ANSI code page.

use std::ptr;

const CP_ACP: u32 = 0;

#[link(name = "kernel32")]
unsafe extern "system" {
    fn MultiByteToWideChar(
        page: u32,
        flags: u32,
        bytes: *const u8,
        byte_count: i32,
        wide: *mut u16,
        wide_count: i32,
    ) -> i32;
    fn WideCharToMultiByte(
        page: u32,
        flags: u32,
        wide: *const u16,
        wide_count: i32,
        bytes: *mut u8,
        byte_count: i32,
        default: *const u8,
        used_default: *mut i32,
    ) -> i32;
}

/// Text in the ANSI code page as a string.
pub fn ansi_to_string(bytes: &[u8]) -> String {
    String::from_utf16_lossy(&ansi_to_utf16(bytes))
}

/// Text in the ANSI code page as UTF-16, in memory that was not reallocated.
pub fn ansi_to_utf16(bytes: &[u8]) -> Vec<u16> {
    let Ok(length) = i32::try_from(bytes.len()) else {
        return Vec::new();
    };
    if length == 0 {
        return Vec::new();
    }
    let mut wide = vec![0_u16; bytes.len()];
    // SAFETY: the pointers are valid for the counts given; a byte never gives more than one unit.
    let written = unsafe {
        MultiByteToWideChar(CP_ACP, 0, bytes.as_ptr(), length, wide.as_mut_ptr(), length)
    };
    wide.truncate(usize::try_from(written).unwrap_or(0));
    wide
}

/// A string in the ANSI code page, in memory that was not reallocated; characters that it lacks become its default
/// character.
pub fn string_to_ansi(text: &str) -> Vec<u8> {
    // It may be a secret: nothing of it is left behind.
    let mut wide = Vec::with_capacity(text.len());
    wide.extend(text.encode_utf16());
    let bytes = utf16_to_ansi(&wide);
    for unit in &mut wide {
        // SAFETY: a unit of our own. Volatile, because nobody reads it any more, and the write still has to happen.
        unsafe { ptr::write_volatile(unit, 0) };
    }
    bytes
}

fn utf16_to_ansi(wide: &[u16]) -> Vec<u8> {
    let Ok(length) = i32::try_from(wide.len()) else {
        return Vec::new();
    };
    if length == 0 {
        return Vec::new();
    }
    let convert = |bytes: *mut u8, count: i32| {
        // SAFETY: the pointers are valid for the counts given.
        unsafe {
            WideCharToMultiByte(
                CP_ACP,
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
