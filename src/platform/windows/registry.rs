//! The registry, as far as the machine's own software writes it.

use std::ffi::OsString;
use std::os::windows::ffi::OsStringExt;
use std::ptr;

use super::api;
use super::trust::is_privileged;

/// The longest text that is read, in UTF-16 units: that of a path.
const LONGEST: usize = 0x8000;

/// A text of the machine's, `HKEY_LOCAL_MACHINE`, with its variables replaced; an empty name is the key's own value. None
/// where there is no such text.
pub(super) fn machine_text(key: &str, name: &str) -> Option<OsString> {
    let [key, name] = [key, name].map(|text| text.encode_utf16().chain([0]).collect::<Vec<u16>>());
    let mut text = vec![0_u16; LONGEST];
    let mut size = u32::try_from(size_of_val(text.as_slice())).ok()?;
    // A handle that stands for a key is a number with its sign.
    let machine = api::HKEY_LOCAL_MACHINE as u32 as i32 as isize;
    // A text with variables counts as a text once they are replaced, by those of this process: in one with privileges the
    // environment decides nothing, and there is no such text (SYNC-23).
    let variables = if is_privileged() {
        api::RRF_NOEXPAND
    } else {
        0
    };
    // SAFETY: terminated names, and as much room as is said.
    let result = unsafe {
        api::RegGetValueW(
            ptr::without_provenance_mut(machine as usize),
            key.as_ptr(),
            name.as_ptr(),
            api::RRF_RT_REG_SZ | variables,
            ptr::null_mut(),
            text.as_mut_ptr().cast(),
            &raw mut size,
        )
    };
    if result != 0 {
        return None;
    }
    let length = text.iter().take_while(|unit| **unit != 0).count();
    (length > 0).then(|| OsString::from_wide(text.get(..length).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_the_machine_is_read_and_what_is_none_is_not() {
        const KEY: &str = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion";
        assert!(machine_text(KEY, "CurrentVersion").is_some());
        assert_eq!(machine_text(KEY, "NoSuchValue"), None);
        assert_eq!(machine_text(r"SOFTWARE\NoSuchKey", ""), None);
    }
}
