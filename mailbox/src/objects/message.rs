//! The message object: IMessage.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::MAPI_E_NO_SUPPORT;

use super::fault::Result;
use super::open_entry::Access;
use super::shared::StoreShared;
use crate::database::{FolderId, MessageId};

/// A message that was saved, as its interface.
pub(super) fn open(
    _shared: &Arc<StoreShared>,
    _id: MessageId,
    _access: Access,
) -> Result<*mut c_void> {
    Err(MAPI_E_NO_SUPPORT.into())
}

/// A new message, as its interface. It is in the folder once it is saved.
pub(super) fn create(
    _shared: &Arc<StoreShared>,
    _folder: FolderId,
    _associated: bool,
) -> Result<*mut c_void> {
    Err(MAPI_E_NO_SUPPORT.into())
}
