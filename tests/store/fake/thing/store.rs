//! What a store does.

use std::ffi::c_void;

use mapi_provider::abi::*;
use mapi_provider::object::Object;
use mapi_provider::view::{EntryId, Property};

use super::{Thing, called, give, id, text};
use crate::fake::{Lie, lock};

impl IMsgStore_Impl for Thing {
    unsafe fn OpenEntry(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: *const GUID,
        _: OpenEntryFlags,
        _: *mut u32,
        object: *mut *mut c_void,
    ) -> HRESULT {
        let more = called!(this, "IMsgStore::OpenEntry");
        // SAFETY: the caller's entry ID.
        match this.open(unsafe { id(count, bytes) }.as_bytes(), more) {
            // SAFETY: the caller's variable.
            Ok(opened) => unsafe { object.write(opened) },
            Err(status) => return status,
        }
        S_OK
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        count_one: u32,
        one: *mut ENTRYID,
        count_other: u32,
        other: *mut ENTRYID,
        _: u32,
        same: *mut u32,
    ) -> HRESULT {
        called!(this, "CompareEntryIDs");
        // SAFETY: the caller's entry IDs and variable.
        unsafe { same.write(u32::from(id(count_one, one) == id(count_other, other))) };
        S_OK
    }

    unsafe fn SetReceiveFolder(
        this: &Object<Self>,
        class: *mut TCHAR,
        _: UnicodeFlags,
        count: u32,
        folder: *mut ENTRYID,
    ) -> HRESULT {
        called!(this, "SetReceiveFolder");
        // SAFETY: the caller's class and entry ID.
        let (class, folder) = unsafe { (text(class), id(count, folder)) };
        if class != "IPM.Note" {
            return MAPI_E_NO_SUPPORT;
        }
        let folder = Property::new(RECEIVE_FOLDER, folder.as_bytes().to_vec());
        lock(&this.open).set(folder);
        S_OK
    }

    unsafe fn GetReceiveFolder(
        this: &Object<Self>,
        _: *mut TCHAR,
        _: UnicodeFlags,
        count: *mut u32,
        folder: *mut *mut ENTRYID,
        _: *mut *mut TCHAR,
    ) -> HRESULT {
        called!(this, "GetReceiveFolder");
        let open = lock(&this.open);
        let Some(bytes) = open.raw(RECEIVE_FOLDER).and_then(|value| value.as_binary()) else {
            return MAPI_E_NOT_FOUND;
        };
        let id = this.world.allocators.build(&EntryId::from(bytes));
        give!(folder, id);
        // SAFETY: the caller's variable.
        unsafe { count.write(bytes.len() as u32) };
        S_OK
    }
}

/// Where the store keeps what its receive folder is.
const RECEIVE_FOLDER: PropTag = PropTag::new(0x6702, PT_BINARY);
