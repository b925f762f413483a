//! What has been called since the library was loaded: for tests.

use std::fmt::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

static RECORD: Mutex<String> = Mutex::new(String::new());

/// Notes a call: one line.
pub(crate) fn note(line: std::fmt::Arguments<'_>) {
    let mut record = lock();
    // Writing to a string does not fail.
    let _ = writeln!(record, "{line}");
}

/// All lines.
pub(crate) fn text() -> String {
    lock().clone()
}

/// Forgets all lines.
pub(crate) fn reset() {
    lock().clear();
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn lock() -> MutexGuard<'static, String> {
    RECORD.lock().unwrap_or_else(PoisonError::into_inner)
}
