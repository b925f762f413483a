//! An address book's logon, as MAPI has it.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    ENTRYID, IABLogon, IMAPIStatus, MAPI_E_CALL_FAILED, MAPI_STATUS, OpenEntryFlags,
    OpenStatusEntryFlags, PrepareRecipsFlags, PropTag,
};
use mapi_provider::view::PropTags;
use windows_core::{GUID, HRESULT, IUnknown, Interface};

use super::list::AddressList;
use super::object::BookObject;
use crate::base::Core;
use crate::objects::{SupportRecord, SupportState};
use crate::property::Property;
use crate::status::Failure;

/// What is in the place for an object's type before a call.
pub(super) const RUBBISH: u32 = 0xDEAD_BEEF;

/// MAPI with one address book: its `IABLogon`. Logged off and released on drop.
pub struct AddressBook {
    core: Arc<Core>,
    logon: ManuallyDrop<IABLogon>,
    state: Arc<SupportState>,
}

impl AddressBook {
    pub(super) fn new(core: Arc<Core>, logon: IABLogon, state: Arc<SupportState>) -> Self {
        Self {
            core,
            logon: ManuallyDrop::new(logon),
            state,
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IABLogon {
        &self.logon
    }

    /// What the address book has done with its support object.
    pub fn record(&self) -> SupportRecord {
        self.state.record()
    }

    /// A list of recipients in MAPI's memory, all of them unresolved.
    pub fn list(&self, rows: &[Vec<Property>]) -> AddressList {
        AddressList::new(&self.core.shared, rows)
    }

    /// Opens the root container, as clients do: NULL for the entry ID.
    ///
    /// # Errors
    ///
    /// What `OpenEntry` answers.
    pub fn root(&self) -> Result<BookObject, Failure> {
        self.open_with(&[], OpenEntryFlags::empty())
    }

    /// Opens an entry for reading.
    ///
    /// # Errors
    ///
    /// What `OpenEntry` answers.
    pub fn open(&self, entry_id: &[u8]) -> Result<BookObject, Failure> {
        self.open_with(entry_id, OpenEntryFlags::empty())
    }

    /// Opens an entry; an empty entry ID is NULL.
    ///
    /// # Errors
    ///
    /// What `OpenEntry` answers.
    pub fn open_with(&self, entry_id: &[u8], flags: OpenEntryFlags) -> Result<BookObject, Failure> {
        let (kind, object) = self.open_as(entry_id, None, flags)?;
        // SAFETY: all that an address book opens for a NULL IID is an IMAPIProp, and this is what it has given.
        Ok(unsafe { BookObject::new(&self.core, object, kind) })
    }

    /// Opens an entry as another interface: the object's type, and what came.
    ///
    /// # Errors
    ///
    /// What `OpenEntry` answers.
    pub fn open_as(
        &self,
        entry_id: &[u8],
        iid: Option<&GUID>,
        flags: OpenEntryFlags,
    ) -> Result<(u32, IUnknown), Failure> {
        const CALL: &str = "IABLogon::OpenEntry";
        let open = |size, bytes, iid, kind, out| {
            // SAFETY: the bytes and the places are live.
            unsafe { self.logon.OpenEntry(size, bytes, iid, flags, kind, out) }
        };
        opened(&self.core, CALL, entry_id, iid, open)
    }

    /// Calls `CompareEntryIDs`: what it answers, and what is in the place for the result then.
    pub fn compare(&self, one: &[u8], other: &[u8]) -> (HRESULT, u32) {
        let mut result = RUBBISH;
        // SAFETY: the bytes and the place are live.
        let status = unsafe {
            self.logon.CompareEntryIDs(
                one.len() as u32,
                bytes_of(one),
                other.len() as u32,
                bytes_of(other),
                0,
                &mut result,
            )
        };
        (status, result)
    }

    /// Calls `PrepareRecips`; no tags are a NULL pointer.
    pub fn prepare(&self, tags: &[PropTag], list: &mut AddressList) -> HRESULT {
        let Ok(mut longs) = PropTags::from(tags).to_longs() else {
            return MAPI_E_CALL_FAILED;
        };
        let tags = match tags.is_empty() {
            true => ptr::null_mut(),
            false => longs.as_mut_ptr().cast(),
        };
        let flags = PrepareRecipsFlags::empty();
        // SAFETY: the tags are a count and as many tags, and the list is one.
        unsafe { self.logon.PrepareRecips(flags, tags, list.as_mut_ptr()) }
    }

    /// Opens the status object.
    ///
    /// # Errors
    ///
    /// What `OpenStatusEntry` answers.
    pub fn status(&self) -> Result<IMAPIStatus, Failure> {
        const CALL: &str = "IABLogon::OpenStatusEntry";
        let (mut kind, mut out) = (RUBBISH, ptr::without_provenance_mut(usize::MAX));
        let flags = OpenStatusEntryFlags::empty();
        // SAFETY: the places are locals.
        let status = unsafe {
            self.logon
                .OpenStatusEntry(ptr::null(), flags, &mut kind, &mut out)
        };
        if status.is_err() {
            return Err(Failure::new(CALL, status));
        }
        if kind != MAPI_STATUS || out.is_null() {
            let shared = &self.core.shared;
            shared.violated("AB-05", format!("{CALL} gave {out:p} of type {kind}"));
            return Err(Failure::new(CALL, MAPI_E_CALL_FAILED));
        }
        // SAFETY: the provider's object, whose reference is ours now.
        Ok(unsafe { IMAPIStatus::from_raw(out) })
    }

    /// Calls `Logoff`, and answers what it says.
    pub fn log_off(&self) -> HRESULT {
        // SAFETY: a call without pointers.
        unsafe { self.logon.Logoff(0) }
    }
}

impl Drop for AddressBook {
    fn drop(&mut self) {
        // What it answers changes nothing here.
        let _ = self.log_off();
        // SAFETY: taken once, here.
        let logon = unsafe { ManuallyDrop::take(&mut self.logon) };
        self.core.release("IABLogon", logon);
    }
}

/// An entry ID as methods take it: NULL for an empty one.
pub(super) fn bytes_of(entry_id: &[u8]) -> *mut ENTRYID {
    match entry_id.is_empty() {
        true => ptr::null_mut(),
        // Methods only read it, whatever the type says.
        false => entry_id.as_ptr().cast_mut().cast(),
    }
}

/// Calls an `OpenEntry`, with garbage in the places for what comes out.
pub(super) fn opened(
    core: &Core,
    call: &'static str,
    entry_id: &[u8],
    iid: Option<&GUID>,
    open: impl FnOnce(u32, *mut ENTRYID, *const GUID, *mut u32, *mut *mut c_void) -> HRESULT,
) -> Result<(u32, IUnknown), Failure> {
    let (mut kind, mut out) = (RUBBISH, ptr::without_provenance_mut(usize::MAX));
    let iid = iid.map_or(ptr::null(), ptr::from_ref);
    let size = entry_id.len() as u32;
    let status = open(size, bytes_of(entry_id), iid, &mut kind, &mut out);
    let shared = &core.shared;
    if status.is_err() {
        // The thunks of this project clear it, which is no type either.
        if kind != RUBBISH && kind != 0 {
            shared.violated("AB-08", format!("{call} failed and set the type to {kind}"));
        }
        if !out.is_null() {
            shared.violated("AB-08", format!("{call} failed and left an object"));
        }
        return Err(Failure::new(call, status));
    }
    if out.is_null() || kind == RUBBISH {
        shared.violated(
            "AB-08",
            format!("{call} succeeded with {out:p} of type {kind}"),
        );
        return Err(Failure::new(call, MAPI_E_CALL_FAILED));
    }
    // SAFETY: every interface is an IUnknown, and the reference is ours now.
    Ok((kind, unsafe { IUnknown::from_raw(out) }))
}
