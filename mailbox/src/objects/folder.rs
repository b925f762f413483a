//! The folder object: IMAPIFolder.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::MAPI_E_NO_SUPPORT;

use super::fault::Result;
use super::shared::StoreShared;
use crate::database::FolderId;

/// A folder, as its interface.
pub(super) fn open(
    _shared: &Arc<StoreShared>,
    _id: FolderId,
    _writable: bool,
) -> Result<*mut c_void> {
    Err(MAPI_E_NO_SUPPORT.into())
}
