//! `CopyTo` and `CopyProps`: to whatever object has the interfaces, of this store or another.

use std::ffi::c_void;

use mapi_provider_abi::mapi::{
    CopyFlags, GUID, HRESULT, MAPI_E_NO_SUPPORT, SPropProblemArray, SPropTagArray,
};

use super::fault::Result;
use super::shared::StoreShared;
use crate::database::{Attachment, MessageData, PropertySet};

/// What is copied.
#[derive(Clone, Copy)]
pub(super) enum From<'a> {
    /// A message, with recipients and attachments.
    Message(&'a MessageData),
    /// An attachment.
    Attachment(&'a Attachment),
    /// A folder's or store's: properties only.
    Properties(&'a PropertySet),
}

/// What the arguments of `CopyTo` say.
pub(super) struct CopyTo {
    /// How many interfaces are excluded.
    pub(super) interface_count: u32,
    /// The interfaces.
    pub(super) interfaces: *const GUID,
    /// The properties that are excluded.
    pub(super) excluded: *const SPropTagArray,
    /// The destination, by some interface that has IMAPIProp's methods.
    pub(super) destination: *mut c_void,
    /// How.
    pub(super) flags: CopyFlags,
    /// Where problems go.
    pub(super) problems: *mut *mut SPropProblemArray,
}

/// What the arguments of `CopyProps` say.
pub(super) struct CopyProps {
    /// The properties that are copied.
    pub(super) included: *const SPropTagArray,
    /// As in [`CopyTo`].
    pub(super) destination: *mut c_void,
    /// How.
    pub(super) flags: CopyFlags,
    /// Where problems go.
    pub(super) problems: *mut *mut SPropProblemArray,
}

/// `CopyTo`.
///
/// # Safety
///
/// The pointers are as MAPI's page says.
pub(super) unsafe fn copy_to(
    _shared: &StoreShared,
    _from: From<'_>,
    _arguments: &CopyTo,
) -> Result<HRESULT> {
    Err(MAPI_E_NO_SUPPORT.into())
}

/// `CopyProps`.
///
/// # Safety
///
/// As [`copy_to`].
pub(super) unsafe fn copy_props(
    _shared: &StoreShared,
    _from: From<'_>,
    _arguments: &CopyProps,
) -> Result<HRESULT> {
    Err(MAPI_E_NO_SUPPORT.into())
}
