//! The stream of a property: what it holds until it becomes the value (STORE-30).

use std::ffi::c_void;
use std::sync::{Arc, Mutex, Weak};

use mapi_provider_abi::mapi::{
    GUID, IID_IStreamDocfile, ISequentialStream, IStream, Interface, MAPI_E_COMPUTED,
    MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND,
    OpenPropertyFlags, PR_ACL_TABLE, PR_ATTACH_DATA_OBJ, PT_BINARY, PT_OBJECT, PT_STRING8,
    PT_UNICODE, PropTag, STGM_TRANSACTED,
};

use super::fault::{Fault, Result};
use super::shared::{StoreShared, lock};
use super::storage;
use super::stream_bytes::Bytes;
use super::stream_object;
use crate::database::{Property, Store};

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

    /// Makes what a stream holds the value of a property. No lock of the stream is held.
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

/// `OpenProperty` of a string or binary property, by IStream; of the data of an attachment also by IStreamDocfile and
/// IStorage.
///
/// # Errors
///
/// The property has no such interface, is not there, or can't be written to; or it is one of permissions, which are not
/// promised.
pub(super) fn open(
    owner: Arc<dyn Owner>,
    tag: PropTag,
    iid: &GUID,
    options: u32,
    flags: OpenPropertyFlags,
) -> Result<*mut c_void> {
    if tag.id() == PR_ACL_TABLE.id() {
        let text = "there are no permissions here: everybody has every right";
        return Err(Fault::new(MAPI_E_NO_SUPPORT, text)); // STORE-44
    }
    let is_data = tag.id() == PR_ATTACH_DATA_OBJ.id();
    let is_stream = [IStream::IID, ISequentialStream::IID].contains(iid);
    let is_docfile = *iid == IID_IStreamDocfile;
    match tag.prop_type() {
        PT_STRING8 | PT_UNICODE | PT_BINARY if is_stream => {}
        PT_BINARY | PT_OBJECT if is_docfile && is_data => {}
        PT_OBJECT if is_data && *iid == storage::IID => return storage::open(owner, tag, flags),
        _ => {
            let text = format!("the property {tag} has no interface {iid:?}");
            return Err(Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text));
        }
    }
    let state = StreamState::open(owner, tag, options & STGM_TRANSACTED != 0, flags)?;
    Ok(stream_object::new(state).into_raw())
}

/// What a stream and its clones share.
pub(super) struct StreamState {
    owner: Arc<dyn Owner>,
    id: u16,
    /// That of the stream, which may be another than that of the value.
    prop_type: u32,
    pub(super) is_writable: bool,
    /// Only `Commit` writes back.
    pub(super) is_transacted: bool,
    pub(super) content: Mutex<Content>,
}

/// What a stream holds, and how much of it is the value of the property already.
pub(super) struct Content {
    pub(super) bytes: Bytes,
    /// What `Revert` goes back to.
    base: Property,
    /// How many changes there have been.
    changes: u64,
    /// How many of them the value of the property has.
    put: u64,
}

impl Content {
    /// The bytes have changed.
    pub(super) fn changed(&mut self) {
        self.changes += 1;
    }
}

impl StreamState {
    /// A stream of a property. With `MAPI_CREATE` the value is empty at once.
    ///
    /// # Errors
    ///
    /// The property is not there or no string or binary, or can't be written to. It is as it was then.
    fn open(
        owner: Arc<dyn Owner>,
        tag: PropTag,
        is_transacted: bool,
        flags: OpenPropertyFlags,
    ) -> Result<Arc<Self>> {
        let state = Self::begin(owner, tag, is_transacted, flags)?;
        state.write_back().inspect_err(|_| state.forget())?;
        Ok(state)
    }

    /// The same, but with `MAPI_CREATE` the value stays until the stream is written back: where it is not sure yet that
    /// there will be one.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub(super) fn begin(
        owner: Arc<dyn Owner>,
        tag: PropTag,
        is_transacted: bool,
        flags: OpenPropertyFlags,
    ) -> Result<Arc<Self>> {
        let id = tag.id();
        let creates = flags.contains(OpenPropertyFlags::MAPI_CREATE);
        let writes = creates || flags.contains(OpenPropertyFlags::MAPI_MODIFY);
        if writes && owner.is_computed(id) {
            return Err(Fault::new(MAPI_E_COMPUTED, "the property is computed"));
        }
        if writes && !owner.is_writable() {
            let text = "the object is open for reading only";
            return Err(Fault::new(MAPI_E_NO_ACCESS, text));
        }
        let store = owner.shared().store().clone();
        let base = if creates {
            Bytes::Here(Vec::new()).property(&store, tag.prop_type())?
        } else {
            let missing = || Fault::new(MAPI_E_NOT_FOUND, "the property has no value");
            let mut property = owner.property(id)?.ok_or_else(missing)?;
            store.pin_property(&mut property);
            property
        };
        let bytes = Bytes::of(&store, &base, tag.prop_type())?;
        // What an object has stays an object's, whatever it is opened as.
        let is_object = base.prop_type() == PT_OBJECT;
        let state = Arc::new(Self {
            owner,
            id,
            prop_type: if is_object {
                PT_OBJECT
            } else {
                tag.prop_type()
            },
            is_writable: writes,
            is_transacted,
            content: Mutex::new(Content {
                bytes,
                base,
                // An empty value is one that nobody has yet.
                changes: u64::from(creates),
                put: 0,
            }),
        });
        if writes && !is_transacted {
            let pending: Arc<dyn Pending> = state.clone();
            state.owner.add_pending(Arc::downgrade(&pending));
        }
        Ok(state)
    }

    pub(super) fn store(&self) -> &Store {
        self.owner.shared().store()
    }

    /// Makes the bytes the value of the property, if they have changed.
    ///
    /// # Errors
    ///
    /// The object does not take them, or the store can't be written. Then they are still to be written back.
    pub(super) fn write_back(&self) -> Result<()> {
        while let Some((change, property)) = self.take()? {
            // Sinks are told: nothing is locked.
            self.owner.put(self.id, property.clone())?;
            let mut content = lock(&self.content);
            // Another thread may have been here meanwhile, with something newer that is overwritten now.
            let is_newest = content.put <= change;
            content.put = change;
            if is_newest {
                content.base = property;
                break;
            }
        }
        Ok(())
    }

    /// What is to be written back, and which change it is.
    fn take(&self) -> Result<Option<(u64, Property)>> {
        let mut content = lock(&self.content);
        if content.changes == content.put {
            return Ok(None);
        }
        let property = content.bytes.property(self.store(), self.prop_type)?;
        if self.is_transacted {
            content.bytes.settle(&property, self.prop_type);
        }
        Ok(Some((content.changes, property)))
    }

    /// Forgets what was not committed. Of a stream that is not transacted nothing can be forgotten.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn revert(&self) -> Result<()> {
        if !self.is_transacted {
            return Ok(());
        }
        let mut content = lock(&self.content);
        content.bytes = Bytes::of(self.store(), &content.base, self.prop_type)?;
        content.put = content.changes;
        Ok(())
    }

    /// What was not written back never is: the stream is one that nobody gets.
    pub(super) fn forget(&self) {
        let mut content = lock(&self.content);
        content.put = content.changes;
    }
}

impl Pending for StreamState {
    fn flush(&self) -> Result<()> {
        if self.is_transacted {
            return Ok(());
        }
        self.write_back()
    }
}

impl Drop for StreamState {
    fn drop(&mut self) {
        if self.is_writable {
            // Nobody hears of a failure any more: who wants to must commit.
            let _ = self.flush();
        }
    }
}
