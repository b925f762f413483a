//! MAPI's support object, and the sections of the profile behind it.

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr;

use mapi_provider::abi::{
    IMAPISupport, IProfSect, Interface, LogoffFlags, MAPI_E_UNCONFIGURED, MAPIUID,
    ModifyStatusRowFlags, NOTIFICATION, NOTIFKEY, NotificationEvents, NotifyFlags,
    OpenProfileSectionFlags, PR_DISPLAY_NAME_W, PR_IDENTITY_DISPLAY_W, PR_IDENTITY_ENTRYID,
    PR_IDENTITY_SEARCH_KEY, PR_PROFILE_OFFLINE_STORE_PATH_W, PR_PROVIDER_DISPLAY_W, PR_PST_PATH,
    PR_RESOURCE_METHODS, PR_STATUS_CODE, PropTag, S_OK, SPropTagArray, SubscribeFlags,
    UnicodeFlags,
};
use mapi_provider::view::{
    Allocators, EntryId, Limits, MapiBuffer, Notification, PropTags, PropValue, Property,
};

use crate::computed::provider_uid;
use crate::fault::{Fault, Result};

/// The section of the profile where the services of wrapped stores keep theirs.
pub(crate) const NST_SECTION: [u8; 16] = [
    0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21, 0x29, 0x41,
];

/// Which path is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// A PST of its own: `PR_PST_PATH` in the provider's section.
    Pst,
    /// A store that replication wraps: `PR_PROFILE_OFFLINE_STORE_PATH` in the section of all of them.
    Nst,
}

impl Flavour {
    /// The properties that the path may be in.
    pub(crate) fn tags(self) -> [PropTag; 2] {
        match self {
            Self::Pst => [PR_PST_PATH.unicode(), PR_PST_PATH.ansi()],
            Self::Nst => [
                PR_PROFILE_OFFLINE_STORE_PATH_W,
                PR_PROFILE_OFFLINE_STORE_PATH_W.ansi(),
            ],
        }
    }

    /// The message if there is no path.
    pub(crate) fn unconfigured(self) -> Fault {
        let name = match self {
            Self::Pst => "PR_PST_PATH",
            Self::Nst => "PR_PROFILE_OFFLINE_STORE_PATH",
        };
        let text = format!("the profile does not say where the store is: it has no {name}");
        Fault::new(MAPI_E_UNCONFIGURED, text)
    }
}

/// MAPI's support object.
#[derive(Clone)]
pub(crate) struct Support(IMAPISupport);

impl Support {
    /// The support object at a pointer, counted; none for NULL.
    ///
    /// # Safety
    ///
    /// NULL or a support object.
    pub(crate) unsafe fn from_raw(raw: *mut c_void) -> Option<Self> {
        // SAFETY: the caller's word.
        unsafe { IMAPISupport::from_raw_borrowed(&raw) }
            .cloned()
            .map(Self)
    }

    /// The allocators that MAPI gives if there was no init call.
    pub(crate) fn allocators(&self) -> Option<Allocators> {
        let (mut allocate, mut more, mut free) = (None, None, None);
        // SAFETY: live variables; what comes back is MAPI's own.
        unsafe {
            let status = self
                .0
                .GetMemAllocRoutines(&mut allocate, &mut more, &mut free);
            if status != S_OK {
                return None;
            }
            Allocators::new(allocate, more, free)
        }
    }

    /// The path of the store in the profile.
    ///
    /// # Errors
    ///
    /// The section can't be opened, or has none: `MAPI_E_UNCONFIGURED`.
    pub(crate) fn store_path(&self, flavour: Flavour, allocators: Allocators) -> Result<PathBuf> {
        let mut uid = MAPIUID { ab: NST_SECTION };
        let name = match flavour {
            Flavour::Pst => ptr::null_mut(),
            Flavour::Nst => &raw mut uid,
        };
        let mut section = ptr::null_mut();
        // SAFETY: a live UID or NULL, and a live variable.
        let status = unsafe {
            let flags = OpenProfileSectionFlags::empty();
            self.0.OpenProfileSection(name, flags, &mut section)
        };
        if status.is_err() || section.is_null() {
            return Err(flavour.unconfigured());
        }
        // SAFETY: a profile section, and the reference is ours.
        let section = unsafe { IProfSect::from_raw(section) };
        let texts = read_texts(&section, &flavour.tags(), allocators);
        let path = texts.into_iter().find(|text| !text.is_empty());
        path.map(PathBuf::from)
            .ok_or_else(|| flavour.unconfigured())
    }

    /// Registers the UID of the provider with MAPI.
    pub(crate) fn set_provider_uid(&self) -> Result<()> {
        let mut uid = MAPIUID { ab: provider_uid() };
        // SAFETY: a live structure.
        checked(unsafe { self.0.SetProviderUID(&mut uid, 0) })
    }

    /// The first row of the status table, with an identity, which a wrapper has to remove.
    pub(crate) fn add_status_row(
        &self,
        name: &str,
        uid: [u8; 16],
        allocators: Allocators,
    ) -> Result<()> {
        let row = [
            Property::new(PR_DISPLAY_NAME_W, name),
            Property::new(PR_STATUS_CODE, 1),
            Property::new(PR_RESOURCE_METHODS, 0),
            Property::new(PR_PROVIDER_DISPLAY_W, "Personal Folders"),
            Property::new(PR_IDENTITY_DISPLAY_W, name),
            Property::new(PR_IDENTITY_ENTRYID, [&[0; 4][..], &uid].concat()),
            Property::new(PR_IDENTITY_SEARCH_KEY, uid.to_vec()),
        ];
        let row = allocators.build(&row[..])?;
        let flags = ModifyStatusRowFlags::empty();
        // SAFETY: as many properties as there are.
        checked(unsafe { self.0.ModifyStatusRow(row.count(), row.as_ptr(), flags) })
    }

    /// What clients see as the entry ID of the store: MAPI's wrapping of ours, or ours.
    pub(crate) fn wrap(&self, own: Vec<u8>, allocators: Allocators) -> Vec<u8> {
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
    pub(crate) fn store_logoff_transports(&self, mut flags: LogoffFlags) {
        // SAFETY: a live variable. Nothing depends on what it answers.
        let _ = unsafe { self.0.StoreLogoffTransports(&mut flags) };
    }

    /// Subscribes a sink to the events of a key.
    ///
    /// # Safety
    ///
    /// `sink` is an advise sink.
    pub(crate) unsafe fn subscribe(
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
    pub(crate) fn unsubscribe(&self, connection: usize) -> Result<()> {
        // SAFETY: a call without pointers.
        checked(unsafe { self.0.Unsubscribe(connection) })
    }

    /// Tells all who have subscribed to a key.
    pub(crate) fn notify(&self, key: &[u8], events: &MapiBuffer<NOTIFICATION>) {
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
    pub(crate) fn notify_all(
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

fn checked(status: mapi_provider::abi::HRESULT) -> Result<()> {
    if status.is_ok() {
        Ok(())
    } else {
        Err(status.into())
    }
}

/// The texts of those properties that a section has.
fn read_texts(section: &IProfSect, tags: &[PropTag], allocators: Allocators) -> Vec<String> {
    let Ok(tags) = allocators.build(&PropTags::from(tags)) else {
        return Vec::new();
    };
    let (mut count, mut values) = (0, ptr::null_mut());
    let array: *mut SPropTagArray = tags.as_ptr();
    // SAFETY: tags and live variables; what comes back is ours to free.
    let values = unsafe {
        let status = section.GetProps(array, UnicodeFlags::MAPI_UNICODE, &mut count, &mut values);
        let values = allocators.adopt(values, count);
        if status.is_err() {
            return Vec::new();
        }
        values
    };
    let Some(values) = values else {
        return Vec::new();
    };
    let Ok(properties) = values.read_all::<Property>(&Limits::default()) else {
        return Vec::new();
    };
    let texts = properties.iter().map(|property| &property.value);
    texts.filter_map(PropValue::to_text).collect()
}
