//! The storage of an attachment: IStorage, which MAPI lays over a stream of ours.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider_abi::mapi::{GUID, MAPI_E_NO_SUPPORT, OpenPropertyFlags, PropTag, StorageFlags};

use super::fault::{Fault, Result};
use super::stream::{Owner, StreamState};
use super::stream_object;

/// The IID of `IStorage`.
pub(super) const IID: GUID = GUID::from_u128(0x0000000B_0000_0000_C000_000000000046);

/// A storage over the bytes of a property. What is committed in it goes into the stream, and becomes the value as that
/// of a stream does which is not transacted.
///
/// # Errors
///
/// Those of a stream, and those of MAPI; the store is closed.
pub(super) fn open(
    owner: Arc<dyn Owner>,
    tag: PropTag,
    flags: OpenPropertyFlags,
) -> Result<*mut c_void> {
    let closed = || Fault::new(MAPI_E_NO_SUPPORT, "the store is closed");
    let support = owner.shared().support().ok_or_else(closed)?;
    let creates = flags.contains(OpenPropertyFlags::MAPI_CREATE);
    let writes = creates || flags.contains(OpenPropertyFlags::MAPI_MODIFY);
    let state = StreamState::open(owner, tag, false, flags)?;
    let mut how = StorageFlags::empty();
    how.set(StorageFlags::STGSTRM_CREATE, creates);
    how.set(StorageFlags::STGSTRM_MODIFY, writes);
    let stream = stream_object::new(state);
    support.storage_from_stream(&stream, how)
}
