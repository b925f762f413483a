//! One process after the other.

use std::io;
use std::path::Path;
use std::ptr;

use windows_core::w;

use super::api;

/// How long a turn is waited for. One takes some milliseconds; a process that is halted in a debugger longer.
const PATIENCE_MS: u32 = 20_000;

/// The right to change files while others that ask for it wait, whatever the folder is: a mutex of the machine's. It
/// ends on drop, and with the process however that ends.
pub(crate) struct Turn(api::Handle);

impl Turn {
    /// Waits for it.
    pub(crate) fn take(_folder: &Path) -> io::Result<Self> {
        let name = w!(r"Global\mapi-provider-install");
        // SAFETY: the name has its NUL; no attributes.
        let mutex = unsafe { api::CreateMutexW(ptr::null(), 0, name.as_ptr()) };
        if mutex.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: an open handle of ours.
        match unsafe { api::WaitForSingleObject(mutex, PATIENCE_MS) } {
            // Abandoned: its last owner was killed. What it was doing is whole or undone.
            api::WAIT_OBJECT_0 | api::WAIT_ABANDONED => Ok(Self(mutex)),
            _ => {
                // SAFETY: ours, and not used any more.
                unsafe { api::CloseHandle(mutex) };
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // SAFETY: ours; it was taken on this thread, for a `Turn` is not `Send`.
        unsafe {
            api::ReleaseMutex(self.0);
            api::CloseHandle(self.0);
        }
    }
}
