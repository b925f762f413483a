//! Where things are copied to: a folder of this store, or one of another.

use std::ffi::c_void;

use mapi_provider_abi::mapi::{HRESULT, IMAPIFolder, MAPI_E_NO_SUPPORT};

use super::fault::Result;
use super::shared::StoreShared;
use crate::database::{FolderId, MessageId};

/// A folder that is copied to.
pub(super) enum Place {
    /// A folder of this store, whoever wraps it.
    Here(FolderId),
    /// Any other.
    Elsewhere(IMAPIFolder),
}

/// The folder at a pointer.
///
/// # Safety
///
/// NULL, or a folder.
pub(super) unsafe fn folder(_shared: &StoreShared, _raw: *mut c_void) -> Result<Place> {
    Err(MAPI_E_NO_SUPPORT.into())
}

/// Copies or moves messages to a folder of another store, one after another: what can't be copied stays. The list has
/// none for what is no message of this store; a message of another folder than `folder` is none of the call's.
pub(super) fn copy_messages(
    _shared: &StoreShared,
    _folder: FolderId,
    _list: &[Option<MessageId>],
    _to: &IMAPIFolder,
    _moves: bool,
) -> Result<HRESULT> {
    Err(MAPI_E_NO_SUPPORT.into())
}
