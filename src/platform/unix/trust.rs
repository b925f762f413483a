//! Whether the process has more rights than whoever may have written its environment.

use std::ffi::c_ulong;

unsafe extern "C" {
    fn getauxval(kind: c_ulong) -> c_ulong;
}

/// The system has given the program more rights than its caller had: another user's, a group's, a capability.
const AT_SECURE: c_ulong = 23;

/// Has the process rights that its caller hasn't (SYNC-23)?
pub(crate) fn is_privileged() -> bool {
    // SAFETY: a number for a number.
    unsafe { getauxval(AT_SECURE) != 0 }
}
