//! A scenario's process crashes at once, without asking anybody.

/// `SetErrorMode`
type SetErrorMode = unsafe extern "system" fn(u32) -> u32;

/// `SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX`
const NO_DIALOGS: u32 = 0x0001 | 0x0002;

/// Makes a crash end this process. If the system showed a dialog first, and waited for somebody to close it, the crash
/// would be taken for a hang.
pub(super) fn without_dialogs() {
    // SAFETY: a system library, which every process has already loaded, if there is such a system.
    let Ok(kernel) = (unsafe { libloading::Library::new("kernel32.dll") }) else {
        return; // This system shows none.
    };
    // SAFETY: the function's type, as its page has it; it takes a number and looks at nothing else.
    unsafe {
        if let Ok(set) = kernel.get::<SetErrorMode>("SetErrorMode") {
            set(NO_DIALOGS);
        }
    }
}
