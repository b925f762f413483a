//! The progress callback: `IMAPISyncProgressCallback` as the sync engine knows it.

use windows_core::{HRESULT, IUnknown, Interface};

use super::text::to_utf16;
use crate::log;
use crate::status::Status;
use crate::sync::{Callback, CallerHandle};
use mapi_provider_abi::mapi::IMAPISyncProgressCallback;

/// A caller's callback.
struct ProgressCallback(IMAPISyncProgressCallback);

/// The callback of an object, from QueryInterface on the caller's thread; `None` if it refuses
/// (SYNC-06).
pub(crate) fn of_unknown(unknown: &IUnknown) -> Option<Box<dyn Callback>> {
    match unknown.cast::<IMAPISyncProgressCallback>() {
        Ok(callback) => Some(Box::new(ProgressCallback(callback))),
        Err(error) => {
            log::warn!(status = %Status(error.code()), "no progress callback: the run is silent");
            None
        }
    }
}

impl Callback for ProgressCallback {
    fn progress(&self, text: &str, index: u32, max: u32) -> HRESULT {
        let text = to_utf16(text);
        // SAFETY: the text is terminated, and outlives the call.
        unsafe { self.0.Progress(text.as_ptr(), index, max) }
    }

    fn error(&self, result: HRESULT, text: &str) {
        let text = to_utf16(text);
        // SAFETY: as above.
        let answer = unsafe { self.0.Error(result, text.as_ptr()) };
        note("Error", answer);
    }

    fn done(&self, handle: CallerHandle, result: HRESULT) {
        // SAFETY: the handle is the caller's own, and only passed back to it.
        let answer = unsafe { self.0.Done(handle.as_raw(), result) };
        note("Done", answer);
    }
}

/// SYNC-14: a callback that fails changes nothing but the log.
fn note(method: &str, answer: HRESULT) {
    if answer.is_err() {
        log::warn!(method, status = %Status(answer), "a callback failed; the run goes on");
    }
}
