//! Tables of the store: which there are, and how they are opened.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::MAPI_E_NO_SUPPORT;
use mapi_provider_abi::view::SortOrderSet;

use super::fault::Result;
use super::shared::StoreShared;
use crate::database::FolderId;

/// What a table of the store is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// The messages of a folder, or its associated messages.
    Contents {
        /// The folder.
        folder: FolderId,
        /// Which of its messages.
        associated: bool,
    },
    /// The folders in a folder.
    Hierarchy {
        /// The folder.
        folder: FolderId,
        /// With all folders below those (`CONVENIENT_DEPTH`).
        deep: bool,
    },
    /// Receive folders.
    Receive,
    /// What waits to be sent.
    Outgoing,
    /// Nothing: what a store never has, such as messages that were deleted softly.
    Empty,
}

/// A table, as its interface.
pub(super) fn open(
    _shared: &Arc<StoreShared>,
    _which: Which,
    _unicode: bool,
) -> Result<*mut c_void> {
    Err(MAPI_E_NO_SUPPORT.into())
}

/// Refuses an order that tables don't have.
pub(super) fn check_order(_order: &SortOrderSet) -> Result<()> {
    Ok(())
}
