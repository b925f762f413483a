//! What a folder does.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{Limits, PropTags, Property};
use windows_core::Interface;

use super::{Home, Thing, called, id, mark, text};
use crate::fake::{Item, Kind, Lie, World, lock};

impl IMAPIContainer_Impl for Thing {
    unsafe fn GetContentsTable(
        this: &Object<Self>,
        flags: GetContentsTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetContentsTable");
        let open = lock(&this.open);
        let items = if flags.contains(GetContentsTableFlags::MAPI_ASSOCIATED) {
            &open.hidden
        } else {
            &open.messages
        };
        let rows = items.iter().map(|item| lock(&item.saved).clone());
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ENTRYID, PR_SUBJECT_W], rows.collect())) };
        S_OK
    }

    unsafe fn GetHierarchyTable(
        this: &Object<Self>,
        _: GetHierarchyTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetHierarchyTable");
        let open = lock(&this.open);
        let rows = open.folders.iter().map(|item| lock(&item.saved).clone());
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ENTRYID, PR_DISPLAY_NAME_W], rows.collect())) };
        S_OK
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: *const GUID,
        _: OpenEntryFlags,
        _: *mut u32,
        object: *mut *mut c_void,
    ) -> HRESULT {
        let more = called!(this, "IMAPIContainer::OpenEntry");
        // SAFETY: the caller's entry ID.
        match this.open(unsafe { id(count, bytes) }.as_bytes(), more) {
            // SAFETY: the caller's variable.
            Ok(opened) => unsafe { object.write(opened) },
            Err(status) => return status,
        }
        S_OK
    }
}

impl IMAPIFolder_Impl for Thing {
    unsafe fn CreateMessage(
        this: &Object<Self>,
        _: *const GUID,
        flags: CreateMessageFlags,
        message: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "CreateMessage");
        let folder = Arc::clone(&this.open);
        let home = if flags.contains(CreateMessageFlags::MAPI_ASSOCIATED) {
            Home::Hidden(folder)
        } else {
            Home::Folder(folder)
        };
        let item = this.world.item(Kind::Message);
        let created = ObjectRef::new(Thing::transacted(&this.world, &item, home));
        let created: IMessage = created.into_interface();
        // SAFETY: the caller's variable.
        unsafe { message.write(created.into_raw()) };
        S_OK
    }

    unsafe fn CopyMessages(
        this: &Object<Self>,
        list: *mut SBinaryArray,
        _: *const GUID,
        to: *mut c_void,
        _: usize,
        _: *mut c_void,
        flags: CopyMessagesFlags,
    ) -> HRESULT {
        called!(this, "CopyMessages");
        // SAFETY: the caller's folder.
        let to = match unsafe { own_item(&this.world, to) } {
            Ok(to) => to,
            Err(status) => return status,
        };
        let (taken, status) = this.take(list);
        if !flags.contains(CopyMessagesFlags::MESSAGE_MOVE) {
            lock(&this.open).messages.extend(taken.iter().cloned());
        }
        for item in taken {
            let arrived = match flags.contains(CopyMessagesFlags::MESSAGE_MOVE) {
                true => item,
                false => {
                    let copy = this.world.item(Kind::Message);
                    let state = lock(&item.saved).clone();
                    *lock(&copy.saved) = state;
                    lock(&copy.saved).set(Property::new(PR_ENTRYID, copy.entry_id()));
                    copy
                }
            };
            lock(&to.saved).messages.push(arrived);
        }
        status
    }

    unsafe fn DeleteMessages(
        this: &Object<Self>,
        list: *mut SBinaryArray,
        _: usize,
        _: *mut c_void,
        _: DeleteMessagesFlags,
    ) -> HRESULT {
        called!(this, "DeleteMessages");
        this.take(list).1
    }

    unsafe fn CreateFolder(
        this: &Object<Self>,
        _: u32,
        name: *mut TCHAR,
        _: *mut TCHAR,
        _: *const GUID,
        flags: CreateFolderFlags,
        folder: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "CreateFolder");
        // SAFETY: the caller's name.
        let name = unsafe { text(name) };
        let named = |item: &&Arc<Item>| {
            let state = lock(&item.saved);
            state
                .raw(PR_DISPLAY_NAME_W)
                .and_then(|value| value.to_text())
                == Some(name.clone())
        };
        let there = lock(&this.open).folders.iter().find(named).cloned();
        let item = match there {
            Some(item) if flags.contains(CreateFolderFlags::OPEN_IF_EXISTS) => item,
            Some(_) => return MAPI_E_COLLISION,
            None => this.world.folder(&this.item, &name),
        };
        let opened: IMAPIFolder =
            ObjectRef::new(Thing::direct(&this.world, &item)).into_interface();
        // SAFETY: the caller's variable.
        unsafe { folder.write(opened.into_raw()) };
        S_OK
    }

    unsafe fn CopyFolder(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: *const GUID,
        to: *mut c_void,
        name: *mut TCHAR,
        _: usize,
        _: *mut c_void,
        _: CopyFolderFlags,
    ) -> HRESULT {
        called!(this, "CopyFolder");
        // SAFETY: the caller's entry ID.
        let id = unsafe { id(count, bytes) };
        // SAFETY: the caller's folder.
        let to = match unsafe { own_item(&this.world, to) } {
            Ok(to) => to,
            Err(status) => return status,
        };
        let mut open = lock(&this.open);
        let Some(place) = open.folders.iter().position(|folder| folder.is(&id)) else {
            return MAPI_E_NOT_FOUND;
        };
        let folder = open.folders.remove(place);
        drop(open);
        if !name.is_null() {
            // SAFETY: the caller's name.
            let name = unsafe { text(name) };
            let name = Property::new(PR_DISPLAY_NAME_W, &*name).into_owned();
            lock(&folder.saved).set(name);
        }
        lock(&to.saved).folders.push(folder);
        S_OK
    }

    unsafe fn DeleteFolder(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: usize,
        _: *mut c_void,
        flags: DeleteFolderFlags,
    ) -> HRESULT {
        called!(this, "DeleteFolder");
        // SAFETY: the caller's entry ID.
        let id = unsafe { id(count, bytes) };
        let mut open = lock(&this.open);
        let Some(place) = open.folders.iter().position(|folder| folder.is(&id)) else {
            return MAPI_E_NOT_FOUND;
        };
        let messages = lock(&open.folders[place].saved).messages.len();
        if messages > 0 && !flags.contains(DeleteFolderFlags::DEL_MESSAGES) {
            return MAPI_E_HAS_MESSAGES;
        }
        open.folders.remove(place);
        S_OK
    }

    unsafe fn SetReadFlags(
        this: &Object<Self>,
        list: *mut SBinaryArray,
        _: usize,
        _: *mut c_void,
        flags: ReadFlags,
    ) -> HRESULT {
        called!(this, "SetReadFlags");
        let (taken, status) = this.take(list);
        for item in &taken {
            mark(&mut lock(&item.saved), flags);
        }
        lock(&this.open).messages.extend(taken);
        status
    }

    unsafe fn EmptyFolder(
        this: &Object<Self>,
        _: usize,
        _: *mut c_void,
        _: EmptyFolderFlags,
    ) -> HRESULT {
        called!(this, "EmptyFolder");
        let mut open = lock(&this.open);
        open.messages.clear();
        open.folders.clear();
        S_OK
    }
}

/// The item of a folder of ours, by its entry ID: one call more, which may lie.
///
/// # Safety
///
/// It is NULL or an IMAPIFolder.
unsafe fn own_item(world: &World, folder: *mut c_void) -> Result<Arc<Item>, HRESULT> {
    // SAFETY: the caller's word.
    let folder = unsafe { IMAPIFolder::from_raw_borrowed(&folder) };
    let folder = folder.ok_or(MAPI_E_INVALID_PARAMETER)?;
    let tags = world.allocators.build(&PropTags::from(&[PR_ENTRYID][..]))?;
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: the array is one, and the variables are live.
    let result = unsafe {
        let (count, values) = (&raw mut count, &raw mut values);
        folder.GetProps(tags.as_ptr(), UnicodeFlags::empty(), count, values)
    };
    if result.is_err() {
        return Err(result);
    }
    // SAFETY: our own answer.
    let values = unsafe { world.allocators.adopt(values, count) };
    let values = values.filter(|_| count == 1).ok_or(MAPI_E_NO_SUPPORT)?;
    let property: Property<'_> = values.read(&Limits::default())?;
    let id = property.value.as_binary().ok_or(MAPI_E_NO_SUPPORT)?;
    world.find(id).ok_or(MAPI_E_NOT_FOUND)
}
