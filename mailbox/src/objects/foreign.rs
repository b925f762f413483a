//! Other people's objects: what a copy asks of its destination. Nothing is locked and no transaction is open while they
//! are called.

use std::ffi::c_void;
use std::ptr;

use mapi_provider_abi::mapi::{
    CreateAttachFlags, GUID, GetAttachmentTableFlags, GetIDsFromNamesFlags, GetRecipientTableFlags,
    HRESULT, IAttach, IMAPIProp, IMAPITable, IMessage, IUnknown, Interface, MAPI_E_CALL_FAILED,
    MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_PARAMETER, ModifyRecipientsFlags,
    OpenPropertyFlags, PropTag, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::view::{
    AddressList, Allocators, Limits, PropName, PropProblem, PropProblems, PropTags, PropValue,
    Property,
};

use super::fault::{Fault, Result};

/// The interface of an object at a pointer, whatever interface of it the pointer is.
///
/// # Errors
///
/// It is NULL, or has no such interface.
///
/// # Safety
///
/// NULL or an object.
pub(super) unsafe fn interface<I: Interface>(raw: *mut c_void) -> Result<I> {
    // SAFETY: the caller's word.
    let object = unsafe { IUnknown::from_raw_borrowed(&raw) };
    let object = object.ok_or_else(|| {
        let text = "there is no object";
        Fault::new(MAPI_E_INVALID_PARAMETER, text)
    })?;
    object.cast().map_err(|_| {
        let text = format!("the object has no interface {:?}", I::IID);
        Fault::new(MAPI_E_INTERFACE_NOT_SUPPORTED, text)
    })
}

pub(super) fn checked(status: HRESULT) -> Result<()> {
    if status.is_ok() {
        Ok(())
    } else {
        Err(status.into())
    }
}

/// What a method has given; a reference that is ours.
///
/// # Safety
///
/// NULL, or a reference to an object by this interface that is ours.
pub(super) unsafe fn given<I: Interface>(status: HRESULT, out: *mut c_void) -> Result<I> {
    checked(status)?;
    if out.is_null() {
        return Err(MAPI_E_CALL_FAILED.into());
    }
    // SAFETY: not NULL; the caller's word.
    Ok(unsafe { I::from_raw(out) })
}

/// An object with properties, of anybody.
#[derive(Clone)]
pub(super) struct Foreign {
    pub(super) object: IMAPIProp,
    pub(super) allocators: Allocators,
}

impl Foreign {
    /// A property; none where it can't be told.
    pub(super) fn value(&self, tag: PropTag) -> Option<PropValue<'static>> {
        let tags = PropTags::from(vec![tag]);
        let tags = self.allocators.build(&tags).ok()?;
        let (mut count, mut values) = (0, ptr::null_mut());
        // SAFETY: tags and live variables; what comes back is ours to free.
        let values = unsafe {
            let flags = UnicodeFlags::MAPI_UNICODE;
            let status = self
                .object
                .GetProps(tags.as_ptr(), flags, &mut count, &mut values);
            let values = self.allocators.adopt(values, count);
            values.filter(|_| status.is_ok())?
        };
        let read = values.read_all::<Property>(&Limits::default()).ok()?;
        let value = read.into_iter().next()?.value.into_owned();
        Some(value).filter(|value| !matches!(value, PropValue::Error(_)))
    }

    /// Bytes under a tag.
    pub(super) fn binary(&self, tag: PropTag) -> Option<Vec<u8>> {
        self.value(tag)?.as_binary().map(<[u8]>::to_vec)
    }

    /// The IDs of all properties that are there.
    pub(super) fn ids(&self) -> Result<Vec<u16>> {
        let mut tags = ptr::null_mut();
        // SAFETY: a live variable; what comes back is ours to free.
        let tags = unsafe {
            let flags = UnicodeFlags::MAPI_UNICODE;
            checked(self.object.GetPropList(flags, &mut tags))?;
            self.allocators.adopt(tags, 1)
        };
        let Some(tags) = tags else {
            return Ok(Vec::new());
        };
        let tags: PropTags<'_> = tags.read(&Limits::default())?;
        Ok(tags.iter().map(|tag| tag.id()).collect())
    }

    /// Sets properties. Tells what went wrong with single ones.
    pub(super) fn set(&self, properties: &[Property<'_>]) -> Result<Vec<PropProblem>> {
        let built = self.allocators.build(properties)?;
        let mut problems = ptr::null_mut();
        // SAFETY: as many properties as there are, and a live variable; what comes back is ours to free.
        let problems = unsafe {
            let set = self
                .object
                .SetProps(built.count(), built.as_ptr(), &mut problems);
            checked(set)?;
            self.allocators.adopt(problems, 1)
        };
        let Some(problems) = problems else {
            return Ok(Vec::new());
        };
        let problems: PropProblems = problems.read(&Limits::default())?;
        Ok(problems.0)
    }

    /// The IDs that names have there, new ones where they had none.
    pub(super) fn ids_of_names(&self, names: &[PropName<'_>]) -> Result<Vec<Option<u16>>> {
        let built = self.allocators.build(names)?;
        let mut tags = ptr::null_mut();
        // SAFETY: as many names as there are, and a live variable; what comes back is ours to free.
        let tags = unsafe {
            let flags = GetIDsFromNamesFlags::MAPI_CREATE;
            let asked =
                self.object
                    .GetIDsFromNames(built.count(), built.as_ptr(), flags, &mut tags);
            checked(asked)?;
            self.allocators.adopt(tags, 1)
        };
        let tags = tags.ok_or(MAPI_E_CALL_FAILED)?;
        let tags: PropTags<'_> = tags.read(&Limits::default())?;
        let id = |at: usize| {
            tags.get(at)
                .filter(|tag| tag.is_named())
                .map(|tag| tag.id())
        };
        Ok((0..names.len()).map(id).collect())
    }

    /// Opens an object under a property, new or in place of what there is.
    pub(super) fn create<I: Interface>(&self, tag: PropTag, iid: &GUID, options: u32) -> Result<I> {
        let flags = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
        let mut out = ptr::null_mut();
        // SAFETY: a live GUID and a live variable; the reference is ours.
        unsafe {
            let status = self.object.OpenProperty(tag, iid, options, flags, &mut out);
            given(status, out)
        }
    }

    pub(super) fn save(&self) -> Result<()> {
        // SAFETY: a call without pointers.
        checked(unsafe { self.object.SaveChanges(SaveChangesFlags::empty()) })
    }
}

/// A message of anybody.
pub(super) struct ForeignMessage {
    pub(super) message: IMessage,
    pub(super) allocators: Allocators,
}

impl ForeignMessage {
    pub(super) fn properties(&self) -> Foreign {
        let object: &IMAPIProp = &self.message;
        Foreign {
            object: object.clone(),
            allocators: self.allocators,
        }
    }

    /// Whether it has recipients. What can't be told is not there.
    pub(super) fn has_recipients(&self) -> bool {
        let mut out = ptr::null_mut();
        // SAFETY: a live variable.
        let status = unsafe {
            let flags = GetRecipientTableFlags::empty();
            self.message.GetRecipientTable(flags, &mut out)
        };
        // SAFETY: what a message gives, which is ours.
        unsafe { has_rows(status, out) }
    }

    /// Whether it has attachments.
    pub(super) fn has_attachments(&self) -> bool {
        let mut out = ptr::null_mut();
        // SAFETY: a live variable.
        let status = unsafe {
            let flags = GetAttachmentTableFlags::empty();
            self.message.GetAttachmentTable(flags, &mut out)
        };
        // SAFETY: what a message gives, which is ours.
        unsafe { has_rows(status, out) }
    }

    /// Gives it other recipients.
    pub(super) fn set_recipients(&self, list: &AddressList<'_>) -> Result<()> {
        let list = self.allocators.build(list)?;
        let flags = ModifyRecipientsFlags::empty();
        // SAFETY: an address list.
        checked(unsafe { self.message.ModifyRecipients(flags, list.as_ptr()) })
    }

    /// A new attachment.
    pub(super) fn create_attachment(&self) -> Result<Foreign> {
        let (mut number, mut out) = (0, ptr::null_mut());
        // SAFETY: live variables; the reference is ours.
        let attachment: IAttach = unsafe {
            let flags = CreateAttachFlags::empty();
            let status = self
                .message
                .CreateAttach(ptr::null(), flags, &mut number, &mut out);
            given(status, out)?
        };
        Ok(Foreign {
            object: attachment.into(),
            allocators: self.allocators,
        })
    }
}

/// Whether a table has rows; one that was not given has none.
///
/// # Safety
///
/// NULL, or a reference to a table that is ours.
unsafe fn has_rows(status: HRESULT, table: *mut c_void) -> bool {
    // SAFETY: the caller's word.
    let Ok(table) = (unsafe { given::<IMAPITable>(status, table) }) else {
        return false;
    };
    let mut count = 0;
    // SAFETY: a live variable.
    unsafe { table.GetRowCount(0, &mut count) }.is_ok() && count > 0
}
