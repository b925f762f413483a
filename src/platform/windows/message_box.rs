//! A box with an error in it.

use std::ptr;

use super::api;

/// Shows an error to the user, and waits until it is read. Where there is no user, in the session of the services, it does
/// nothing: nobody would ever close the box.
pub(crate) fn show_error(title: &str, text: &str) {
    let mut session = 0;
    // SAFETY: a live variable.
    let known = unsafe { api::ProcessIdToSessionId(api::GetCurrentProcessId(), &raw mut session) };
    if known == 0 || session == 0 {
        return;
    }
    let [title, text] =
        [title, text].map(|text| text.encode_utf16().chain([0]).collect::<Vec<u16>>());
    // SAFETY: terminated texts; no window owns the box.
    unsafe {
        api::MessageBoxW(
            ptr::null_mut(),
            text.as_ptr(),
            title.as_ptr(),
            api::MB_ICONERROR | api::MB_SETFOREGROUND,
        )
    };
}
