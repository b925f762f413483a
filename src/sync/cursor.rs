//! The cursor: where a run left off, kept in the profile section.

use std::sync::Arc;

use super::ports::Section;
use crate::error::SyncError;
use crate::log;
use crate::status::Status;
use mapi_provider_abi::mapi::{MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG};

/// The most bytes that a cursor has.
pub(crate) const MAX_CURSOR: usize = 16 << 10;

/// Where the cursor of one store lies.
pub(crate) struct CursorStore {
    section: Option<Arc<dyn Section>>,
    tag: u16,
}

impl CursorStore {
    /// The cursor in a profile section; without one, there is nowhere to keep it.
    pub(crate) fn new(section: Option<Arc<dyn Section>>, tag: u16) -> Self {
        Self { section, tag }
    }

    /// The section of the profile, where the settings are too.
    pub(super) fn section(&self) -> Option<&Arc<dyn Section>> {
        self.section.as_ref()
    }

    /// The cursor, if there is one. One that can't be read is logged and counts as none: the run then
    /// starts from the beginning.
    pub(super) fn load(&self) -> Option<Vec<u8>> {
        let section = self.section.as_ref()?;
        section.load(self.tag).unwrap_or_else(|status| {
            log::warn!(status = %Status(status), "the cursor can't be read");
            None
        })
    }

    /// Keeps a cursor; if that fails, the old one is intact.
    pub(super) fn save(&self, cursor: &[u8]) -> Result<(), SyncError> {
        check_size(cursor)?;
        let Some(section) = &self.section else {
            return Err(nowhere());
        };
        section.save(self.tag, cursor).map_err(|status| {
            SyncError::new(
                status,
                format!("the cursor can't be saved: {}", Status(status)),
            )
        })
    }
}

/// Whether a cursor can be kept at all.
pub(super) fn check_size(cursor: &[u8]) -> Result<(), SyncError> {
    if cursor.len() > MAX_CURSOR {
        let text = format!(
            "the cursor has {} bytes; {MAX_CURSOR} are the most",
            cursor.len()
        );
        return Err(SyncError::new(MAPI_E_TOO_BIG, text));
    }
    Ok(())
}

/// There is no place for a cursor.
pub(super) fn nowhere() -> SyncError {
    let text = "there is no profile section to keep the cursor in";
    SyncError::new(MAPI_E_NO_ACCESS, text)
}
