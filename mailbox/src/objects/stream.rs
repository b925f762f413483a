//! The stream object: IStream over the bytes of a property.

use std::ffi::c_void;
use std::sync::{Arc, Weak};

use mapi_provider_abi::mapi::{GUID, MAPI_E_NO_SUPPORT, OpenPropertyFlags, PropTag};

use super::fault::Result;
use super::shared::StoreShared;
use crate::database::Property;

/// An object whose properties are opened as streams.
pub(super) trait Owner: Send + Sync {
    /// The store that it is in.
    fn shared(&self) -> &Arc<StoreShared>;

    /// A property, worked out or stored.
    fn property(&self, id: u16) -> Result<Option<Property>>;

    /// Whether a property is worked out.
    fn is_computed(&self, id: u16) -> bool;

    /// Whether the object may be changed.
    fn is_writable(&self) -> bool;

    /// Makes what a stream holds the value of a property.
    fn put(&self, id: u16, property: Property) -> Result<()>;

    /// Has a stream written back before the object is saved.
    fn add_pending(&self, stream: Weak<dyn Pending>) {
        let _ = stream;
    }
}

/// Changes that lie elsewhere until the object is saved: those of streams.
pub(super) trait Pending: Send + Sync {
    /// Brings them into the object.
    fn flush(&self) -> Result<()>;
}

/// `OpenProperty` of a string or binary property, by IStream.
pub(super) fn open(
    _owner: Arc<dyn Owner>,
    _tag: PropTag,
    _iid: &GUID,
    _options: u32,
    _flags: OpenPropertyFlags,
) -> Result<*mut c_void> {
    Err(MAPI_E_NO_SUPPORT.into())
}
