//! What messages and attachments do.

use std::ffi::c_void;
use std::sync::Arc;

use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, AddressList, Limits, Property, Row};
use windows_core::Interface;

use super::{Home, Thing, called, mark};
use crate::fake::{Kind, Lie, State, lock};

impl IMessage_Impl for Thing {
    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        _: GetAttachmentTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetAttachmentTable");
        let open = lock(&this.open);
        let rows = open
            .attachments
            .iter()
            .map(|(_, item)| lock(&item.saved).clone());
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ATTACH_NUM], rows.collect())) };
        S_OK
    }

    unsafe fn OpenAttach(
        this: &Object<Self>,
        number: u32,
        _: *const GUID,
        _: OpenAttachFlags,
        attachment: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "OpenAttach");
        let open = lock(&this.open);
        let found = open.attachments.iter().find(|(other, _)| *other == number);
        let Some((_, item)) = found else {
            return MAPI_E_NOT_FOUND;
        };
        let home = Home::Attached(Arc::clone(&this.open), number);
        let opened = ObjectRef::new(Thing::transacted(&this.world, item, home));
        let opened: IAttach = opened.into_interface();
        // SAFETY: the caller's variable.
        unsafe { attachment.write(opened.into_raw()) };
        S_OK
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        _: *const GUID,
        _: CreateAttachFlags,
        number: *mut u32,
        attachment: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "CreateAttach");
        let mut open = lock(&this.open);
        let new = open.ever;
        open.ever += 1;
        let home = Home::Attached(Arc::clone(&this.open), new);
        let item = this.world.item(Kind::Attachment);
        let created = ObjectRef::new(Thing::transacted(&this.world, &item, home));
        let created: IAttach = created.into_interface();
        // SAFETY: the caller's variables.
        unsafe {
            number.write(new);
            attachment.write(created.into_raw());
        }
        S_OK
    }

    unsafe fn DeleteAttach(
        this: &Object<Self>,
        number: u32,
        _: usize,
        _: *mut c_void,
        _: DeleteAttachFlags,
    ) -> HRESULT {
        called!(this, "DeleteAttach");
        let attachments = &mut lock(&this.open).attachments;
        let before = attachments.len();
        attachments.retain(|(other, _)| *other != number);
        if attachments.len() < before {
            S_OK
        } else {
            MAPI_E_NOT_FOUND
        }
    }

    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        _: GetRecipientTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetRecipientTable");
        let recipients = lock(&this.open).recipients.clone();
        let rows = recipients.into_iter().map(|row| {
            let mut state = State::default();
            row.properties.into_iter().for_each(|one| state.set(one));
            state
        });
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ROWID], rows.collect())) };
        S_OK
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        flags: ModifyRecipientsFlags,
        list: *mut ADRLIST,
    ) -> HRESULT {
        let more = called!(this, "ModifyRecipients");
        // SAFETY: the caller's list.
        let entries = unsafe { view::read::<AddressList>(list, &Limits::default()) };
        let Ok(AddressList(entries)) = entries else {
            return MAPI_E_INVALID_PARAMETER;
        };
        if more {
            // SAFETY: the caller's list.
            unsafe { (&raw mut (*list).cEntries).write_unaligned(7) };
        }
        let mut open = lock(&this.open);
        if flags.contains(ModifyRecipientsFlags::MODRECIP_REMOVE) {
            let named = |row: &Row<'_>| {
                let id = row.get(PR_ROWID);
                entries.iter().any(|entry| entry.get(PR_ROWID) == id)
            };
            open.recipients.retain(|row| !named(row));
            return S_OK;
        }
        if !flags.contains(ModifyRecipientsFlags::MODRECIP_ADD) {
            open.recipients.clear();
        }
        for entry in entries {
            let mut row = entry.into_owned();
            row.properties
                .push(Property::new(PR_ROWID, open.ever as i32));
            open.ever += 1;
            open.recipients.push(row);
        }
        S_OK
    }

    unsafe fn SetReadFlag(this: &Object<Self>, flags: ReadFlags) -> HRESULT {
        called!(this, "SetReadFlag");
        mark(&mut lock(&this.open), flags);
        mark(&mut lock(&this.item.saved), flags);
        S_OK
    }
}

impl IAttach_Impl for Thing {}
