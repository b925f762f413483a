//! MAPI's support object.

use std::ffi::c_void;
use std::ptr;

use mapi_provider_abi::mapi::{
    HRESULT, IMAPIProgress, IMAPISupport, IStream, Interface, LogoffFlags, MAPI_E_CALL_FAILED,
    MAPIUID, ModifyStatusRowFlags, NOTIFICATION, NOTIFKEY, NotificationEvents, NotifyFlags,
    ProgressFlags, StorageFlags, SubscribeFlags,
};
use mapi_provider_abi::view::{Allocators, EntryId, Limits, MapiBuffer, Notification, Property};

use super::fault::Result;
use super::identity::Identity;
use super::shared::StoreShared;
use super::status::status_row;

/// MAPI's support object.
#[derive(Clone)]
pub(super) struct Support(IMAPISupport);

impl Support {
    /// The support object at a pointer, counted; none for NULL.
    ///
    /// # Safety
    ///
    /// NULL or a support object.
    pub(super) unsafe fn from_raw(raw: *mut c_void) -> Option<Self> {
        // SAFETY: the caller's word.
        unsafe { IMAPISupport::from_raw_borrowed(&raw) }
            .cloned()
            .map(Self)
    }

    pub(super) fn interface(&self) -> &IMAPISupport {
        &self.0
    }

    /// STORE-05: tells MAPI which entry IDs are ours.
    pub(super) fn set_provider_uid(&self, identity: &Identity) -> Result<()> {
        let mut uid = MAPIUID { ab: identity.uid };
        // SAFETY: a live structure.
        checked(unsafe { self.0.SetProviderUID(&mut uid, 0) })
    }

    /// The row of the store in the status table, with what only this provider says.
    pub(super) fn add_status_row(
        &self,
        shared: &StoreShared,
        more: Vec<Property<'_>>,
    ) -> Result<()> {
        let row: Vec<Property<'_>> = status_row(shared).into_iter().chain(more).collect();
        let row = shared.allocators.build(&row[..])?;
        let flags = ModifyStatusRowFlags::empty();
        // SAFETY: as many properties as there are.
        checked(unsafe { self.0.ModifyStatusRow(row.count(), row.as_ptr(), flags) })
    }

    /// What clients see as the entry ID of the store: MAPI's wrapping of ours, or ours.
    pub(super) fn wrap(&self, own: Vec<u8>, allocators: Allocators) -> Vec<u8> {
        let mut bytes = own.clone();
        let (mut count, mut wrapped) = (0, ptr::null_mut());
        // SAFETY: an entry ID of that length, and live variables.
        let status = unsafe {
            let entry_id = bytes.as_mut_ptr().cast();
            self.0
                .WrapStoreEntryID(bytes.len() as u32, entry_id, &mut count, &mut wrapped)
        };
        if status.is_err() {
            return own;
        }
        // SAFETY: NULL, or an entry ID of that length which is ours to free.
        let wrapped = unsafe {
            let buffer = allocators.adopt(wrapped, count);
            buffer.map(|buffer| {
                let id = EntryId::read(count, buffer.as_ptr(), &Limits::default());
                id.map(|id| id.as_bytes().to_vec())
            })
        };
        match wrapped {
            Some(Ok(wrapped)) => wrapped,
            _ => own,
        }
    }

    /// Asks the transports to leave the store.
    pub(super) fn store_logoff_transports(&self, mut flags: LogoffFlags) {
        // SAFETY: a live variable. Nothing depends on what it answers.
        let _ = unsafe { self.0.StoreLogoffTransports(&mut flags) };
    }

    /// Subscribes a sink to the events of a key.
    ///
    /// # Safety
    ///
    /// `sink` is an advise sink.
    pub(super) unsafe fn subscribe(
        &self,
        key: &[u8],
        events: NotificationEvents,
        sink: *mut c_void,
    ) -> Result<usize> {
        let mut key = notification_key(key);
        let mut connection = 0;
        // SAFETY: a key, the caller's sink, a live variable.
        let status = unsafe {
            let flags = SubscribeFlags::empty();
            self.0.Subscribe(
                key.as_mut_ptr().cast(),
                events,
                flags,
                sink,
                &mut connection,
            )
        };
        checked(status).map(|()| connection)
    }

    /// Ends a subscription.
    pub(super) fn unsubscribe(&self, connection: usize) -> Result<()> {
        // SAFETY: a call without pointers.
        checked(unsafe { self.0.Unsubscribe(connection) })
    }

    /// A storage over a stream, as a raw IStorage.
    pub(super) fn storage_from_stream(
        &self,
        stream: &IStream,
        flags: StorageFlags,
    ) -> Result<*mut c_void> {
        let mut storage = ptr::null_mut();
        // SAFETY: a live stream and its interface, and a live variable.
        checked(unsafe {
            self.0
                .IStorageFromStream(stream.as_raw(), &IStream::IID, flags, &mut storage)
        })?;
        if storage.is_null() {
            return Err(MAPI_E_CALL_FAILED.into());
        }
        Ok(storage)
    }

    /// MAPI's own display of progress, as long as there is none of the caller's.
    pub(super) fn progress(&self, window: usize) -> Option<IMAPIProgress> {
        let mut progress = ptr::null_mut();
        // SAFETY: a live variable; the reference is ours.
        unsafe {
            let flags = ProgressFlags::MAPI_TOP_LEVEL;
            let status = self.0.DoProgressDialog(window, flags, &mut progress);
            (status.is_ok() && !progress.is_null()).then(|| IMAPIProgress::from_raw(progress))
        }
    }

    /// Tells all who have subscribed to a key.
    pub(super) fn notify(&self, key: &[u8], events: &MapiBuffer<NOTIFICATION>) {
        let mut key = notification_key(key);
        let mut flags = NotifyFlags::empty();
        // SAFETY: a key, as many notifications as there are, a live variable. Nobody waits for what it
        // answers.
        let _ = unsafe {
            self.0.Notify(
                key.as_mut_ptr().cast(),
                events.count(),
                events.as_ptr(),
                &mut flags,
            )
        };
    }

    /// The same, of notifications yet to be built.
    pub(super) fn notify_all(
        &self,
        key: &[u8],
        events: &[Notification<'_>],
        allocators: Allocators,
    ) {
        if let Ok(buffer) = allocators.build(events) {
            self.notify(key, &buffer);
        }
    }
}

/// A `NOTIFKEY`, in units of 32 bits so that it is aligned.
fn notification_key(key: &[u8]) -> Vec<u32> {
    const { assert!(std::mem::offset_of!(NOTIFKEY, ab) == 4) };
    let words = key.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_ne_bytes(word)
    });
    std::iter::once(key.len() as u32).chain(words).collect()
}

fn checked(status: HRESULT) -> Result<()> {
    if status.is_ok() {
        Ok(())
    } else {
        Err(status.into())
    }
}
