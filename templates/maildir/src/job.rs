//! What the logic needs from a run, as a trait: tests have their own runs.

use mapi_provider::{SyncError, SyncJob};

/// What the logic needs from a run: [`SyncJob`], or a test's own.
pub trait Job {
    /// Whether the server may be changed.
    fn uploads(&self) -> bool;
    /// Whether the local folder may be changed.
    fn downloads(&self) -> bool;
    /// Whether headers are enough.
    fn headers_only(&self) -> bool;
    /// Reports how far the run has got; an error ends it.
    fn progress(&self, text: &str, done: usize, total: usize) -> Result<(), SyncError>;
    /// Reports something that is left out.
    fn warn(&self, text: &str);
    /// What the last run saved.
    fn cursor(&self) -> Option<&[u8]>;
    /// Saves something for the next run.
    fn save_cursor(&self, cursor: &[u8]) -> Result<(), SyncError>;
}

impl Job for SyncJob<'_> {
    fn uploads(&self) -> bool {
        self.uploads()
    }
    fn downloads(&self) -> bool {
        self.downloads()
    }
    fn headers_only(&self) -> bool {
        self.headers_only()
    }
    fn progress(&self, text: &str, done: usize, total: usize) -> Result<(), SyncError> {
        self.progress(text, done, total)
    }
    fn warn(&self, text: &str) {
        self.warn(text);
    }
    fn cursor(&self) -> Option<&[u8]> {
        self.cursor()
    }
    fn save_cursor(&self, cursor: &[u8]) -> Result<(), SyncError> {
        self.save_cursor(cursor)
    }
}
