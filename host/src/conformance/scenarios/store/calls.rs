//! Calls of a store's objects as they are: each method makes one, and says what it answered.
//!
//! Setting the stage is done with `mapi_provider::store`, which checks more and shows less.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::{
    CreateFolderFlags, CreateMessageFlags, DeleteFolderFlags, GetContentsTableFlags,
    GetHierarchyTableFlags, GetIDsFromNamesFlags, IMAPIContainer, IMAPIFolder, IMAPIProp,
    IMAPITable, IMessage, IMsgStore, MAPI_E_CALL_FAILED, ModifyRecipientsFlags, OpenEntryFlags,
    OpenPropertyFlags, PropTag, UnicodeFlags,
};
use mapi_provider::view::{
    AddressList, Allocators, EntryId, EntryList, Limits, MapiBuffer, PropName, PropProblem,
    PropProblems, PropTags, PropValue, Property, Row,
};
use windows_core::{GUID, HRESULT, IUnknown, Interface};

use crate::status::Failure;

pub(super) type Answer<T> = Result<T, Failure>;

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// Turns a status into an answer.
pub(super) fn done(call: &'static str, status: HRESULT) -> Answer<()> {
    if status.is_ok() {
        Ok(())
    } else {
        Err(Failure::new(call, status))
    }
}

/// Takes the interface that a call has put where it should.
fn object<T: Interface>(
    call: &'static str,
    make: impl FnOnce(*mut *mut c_void) -> HRESULT,
) -> Answer<T> {
    let mut out = RUBBISH;
    done(call, make(&mut out))?;
    if out.is_null() || out == RUBBISH {
        return Err(senseless(call, "there is no object"));
    }
    // SAFETY: the call has succeeded, so this is an interface of the type that it says, and the reference is ours.
    Ok(unsafe { T::from_raw(out) })
}

/// A success that makes no sense.
pub(super) fn senseless(call: &'static str, why: &str) -> Failure {
    Failure::new(call, MAPI_E_CALL_FAILED).with_text(Some(why.to_owned()))
}

/// What is built for a call, which can fail only if there is no memory.
pub(super) fn built<T: mapi_provider::view::MapiMemory, E>(
    result: Result<MapiBuffer<T>, E>,
) -> Answer<MapiBuffer<T>> {
    result.map_err(|_| senseless("MAPIAllocateBuffer", "an argument could not be built"))
}

/// Who makes calls.
#[derive(Clone, Copy)]
pub(super) struct Caller {
    pub(super) allocators: Allocators,
}

/// Properties that an object gave, one for each that it was asked for.
pub(super) struct Given {
    properties: Vec<Property<'static>>,
}

impl Given {
    /// The value of the property at this place, if there is one there.
    pub(super) fn value(&self, index: usize) -> PropValue<'static> {
        let property = self.properties.get(index);
        property.map_or(PropValue::Unspecified, |property| property.value.clone())
    }

    /// The tags of all of them.
    pub(super) fn tags(&self) -> impl Iterator<Item = PropTag> {
        self.properties.iter().map(|property| property.tag)
    }
}

impl Caller {
    /// `IMsgStore::OpenEntry`: the kind of what was opened, and the object.
    pub(super) fn open(
        self,
        store: &IMsgStore,
        id: &[u8],
        flags: OpenEntryFlags,
    ) -> Answer<(u32, IUnknown)> {
        let mut id = id.to_vec();
        let bytes = if id.is_empty() {
            ptr::null_mut()
        } else {
            id.as_mut_ptr().cast()
        };
        let mut kind = 0;
        let object = object("IMsgStore::OpenEntry", |out| {
            // SAFETY: the bytes of the ID, and live variables.
            unsafe { store.OpenEntry(id.len() as u32, bytes, ptr::null(), flags, &mut kind, out) }
        })?;
        Ok((kind, object))
    }

    /// A folder that is open for changes.
    pub(super) fn folder(self, store: &IMsgStore, id: &[u8]) -> Answer<IMAPIFolder> {
        let (_, object) = self.open(store, id, OpenEntryFlags::MAPI_MODIFY)?;
        cast("QueryInterface for IMAPIFolder", &object)
    }

    /// A message that is open for changes.
    pub(super) fn message(self, store: &IMsgStore, id: &[u8]) -> Answer<IMessage> {
        let (_, object) = self.open(store, id, OpenEntryFlags::MAPI_MODIFY)?;
        cast("QueryInterface for IMessage", &object)
    }

    /// `IMAPIProp::GetProps`; without tags, all.
    pub(super) fn props(
        self,
        object: &IMAPIProp,
        tags: Option<&[PropTag]>,
        flags: UnicodeFlags,
    ) -> Answer<Given> {
        const CALL: &str = "IMAPIProp::GetProps";
        let tags = tags.map(|tags| built(self.allocators.build(&PropTags::from(tags))));
        let tags = tags.transpose()?;
        let address = tags.as_ref().map_or(ptr::null_mut(), MapiBuffer::as_ptr);
        let (mut count, mut values) = (0, ptr::null_mut());
        // SAFETY: an array of tags, or NULL, and live variables.
        let status = unsafe { object.GetProps(address, flags, &mut count, &mut values) };
        done(CALL, status)?;
        // SAFETY: the call has succeeded, so these are as many properties, and ours to free.
        let Some(values) = (unsafe { self.allocators.adopt(values, count) }) else {
            return Err(senseless(CALL, "there are no properties"));
        };
        let read: Vec<Property<'_>> = values
            .read_all(&Limits::default())
            .map_err(|error| senseless(CALL, &error.to_string()))?;
        let properties = read.into_iter().map(Property::into_owned).collect();
        Ok(Given { properties })
    }

    /// The value of one property: a `PropValue::Error` if it is not there.
    pub(super) fn value(self, object: &IMAPIProp, tag: PropTag) -> Answer<PropValue<'static>> {
        let given = self.props(object, Some(&[tag]), UnicodeFlags::MAPI_UNICODE)?;
        Ok(given.value(0))
    }

    /// `IMAPIProp::GetPropList`.
    pub(super) fn prop_list(self, object: &IMAPIProp) -> Answer<Vec<PropTag>> {
        const CALL: &str = "IMAPIProp::GetPropList";
        let mut tags = ptr::null_mut();
        // SAFETY: a live variable.
        done(CALL, unsafe {
            object.GetPropList(UnicodeFlags::MAPI_UNICODE, &mut tags)
        })?;
        // SAFETY: the call has succeeded, so this is an array of tags, and ours to free.
        let Some(tags) = (unsafe { self.allocators.adopt(tags, 1) }) else {
            return Err(senseless(CALL, "there is no list"));
        };
        let read: PropTags = tags
            .read(&Limits::default())
            .map_err(|error| senseless(CALL, &error.to_string()))?;
        Ok(read.to_vec())
    }

    /// `IMAPIProp::SetProps`: the problems.
    pub(super) fn set(
        self,
        object: &IMAPIProp,
        properties: &[Property<'_>],
    ) -> Answer<Vec<PropProblem>> {
        let values = built(self.allocators.build(properties))?;
        let mut problems = ptr::null_mut();
        // SAFETY: as many properties as there are, and a live variable.
        let status = unsafe { object.SetProps(values.count(), values.as_ptr(), &mut problems) };
        // SAFETY: NULL, or problems that are ours to free.
        let problems = unsafe { self.allocators.adopt(problems, 1) };
        done("IMAPIProp::SetProps", status)?;
        let read = problems.as_ref().map(|problems| {
            let read: Result<PropProblems, _> = problems.read(&Limits::default());
            read.map_err(|error| senseless("IMAPIProp::SetProps", &error.to_string()))
        });
        Ok(read.transpose()?.map_or(Vec::new(), |problems| problems.0))
    }

    /// `IMAPIProp::DeleteProps`.
    pub(super) fn delete(self, object: &IMAPIProp, tags: &[PropTag]) -> Answer<()> {
        let tags = built(self.allocators.build(&PropTags::from(tags)))?;
        let mut problems = ptr::null_mut();
        // SAFETY: an array of tags, and a live variable.
        let status = unsafe { object.DeleteProps(tags.as_ptr(), &mut problems) };
        // SAFETY: NULL, or problems that are ours to free.
        drop(unsafe { self.allocators.adopt(problems, 1) });
        done("IMAPIProp::DeleteProps", status)
    }

    /// `IMAPIProp::GetIDsFromNames` for one name: the status, and its tag.
    pub(super) fn id_of_name(
        self,
        object: &IMAPIProp,
        name: PropName<'_>,
        flags: GetIDsFromNamesFlags,
    ) -> Answer<(HRESULT, PropTag)> {
        const CALL: &str = "IMAPIProp::GetIDsFromNames";
        let names = built(self.allocators.build(&[Some(name)][..]))?;
        let mut tags = ptr::null_mut();
        // SAFETY: one name, and a live variable.
        let status =
            unsafe { object.GetIDsFromNames(names.count(), names.as_ptr(), flags, &mut tags) };
        done(CALL, status)?;
        // SAFETY: the call has succeeded, so this is an array of tags, and ours to free.
        let Some(tags) = (unsafe { self.allocators.adopt(tags, 1) }) else {
            return Err(senseless(CALL, "there are no tags"));
        };
        let read: PropTags = tags
            .read(&Limits::default())
            .map_err(|error| senseless(CALL, &error.to_string()))?;
        let tag = read.first().copied();
        let tag = tag.ok_or_else(|| senseless(CALL, "there are no tags"))?;
        Ok((status, tag))
    }

    /// `IMAPIProp::OpenProperty`.
    pub(super) fn open_property<T: Interface>(
        self,
        from: &IMAPIProp,
        tag: PropTag,
        options: u32,
        flags: OpenPropertyFlags,
    ) -> Answer<T> {
        let iid: *const GUID = &T::IID;
        object("IMAPIProp::OpenProperty", |out| {
            // SAFETY: a live interface ID and a live variable.
            unsafe { from.OpenProperty(tag, iid, options, flags, out) }
        })
    }

    /// `IMAPIFolder::CreateMessage`.
    pub(super) fn create_message(
        self,
        folder: &IMAPIFolder,
        flags: CreateMessageFlags,
    ) -> Answer<IMessage> {
        object("IMAPIFolder::CreateMessage", |out| {
            // SAFETY: a live variable.
            unsafe { folder.CreateMessage(ptr::null(), flags, out) }
        })
    }

    /// `IMAPIFolder::CreateFolder`.
    pub(super) fn create_folder(
        self,
        folder: &IMAPIFolder,
        kind: u32,
        name: &str,
        flags: CreateFolderFlags,
    ) -> Answer<IMAPIFolder> {
        let mut name = wide(name);
        object("IMAPIFolder::CreateFolder", |out| {
            let flags = flags | CreateFolderFlags::MAPI_UNICODE;
            let name = name.as_mut_ptr().cast();
            // SAFETY: the name is terminated, and the variable is live.
            unsafe { folder.CreateFolder(kind, name, ptr::null_mut(), ptr::null(), flags, out) }
        })
    }

    /// `IMAPIFolder::DeleteFolder`.
    pub(super) fn delete_folder(
        self,
        folder: &IMAPIFolder,
        id: &[u8],
        flags: DeleteFolderFlags,
    ) -> HRESULT {
        let mut id = id.to_vec();
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        // SAFETY: the bytes of the ID; there is no dialog.
        unsafe { folder.DeleteFolder(count, id, 0, ptr::null_mut(), flags) }
    }

    /// `IMessage::ModifyRecipients`.
    pub(super) fn recipients(
        self,
        message: &IMessage,
        flags: ModifyRecipientsFlags,
        rows: Vec<Vec<Property<'_>>>,
    ) -> Answer<()> {
        let list = AddressList(rows.into_iter().map(Row::from).collect());
        let list = built(self.allocators.build(&list))?;
        // SAFETY: the list is one.
        done("IMessage::ModifyRecipients", unsafe {
            message.ModifyRecipients(flags, list.as_ptr())
        })
    }

    /// `IMAPIContainer::GetContentsTable`.
    pub(super) fn contents(
        self,
        folder: &IMAPIContainer,
        flags: GetContentsTableFlags,
    ) -> Answer<IMAPITable> {
        object("IMAPIContainer::GetContentsTable", |out| {
            let flags = flags | GetContentsTableFlags::MAPI_UNICODE;
            // SAFETY: a live variable.
            unsafe { folder.GetContentsTable(flags, out) }
        })
    }

    /// `IMAPIContainer::GetHierarchyTable`.
    pub(super) fn hierarchy(
        self,
        folder: &IMAPIContainer,
        flags: GetHierarchyTableFlags,
    ) -> Answer<IMAPITable> {
        object("IMAPIContainer::GetHierarchyTable", |out| {
            let flags = flags | GetHierarchyTableFlags::MAPI_UNICODE;
            // SAFETY: a live variable.
            unsafe { folder.GetHierarchyTable(flags, out) }
        })
    }

    /// Calls a method that takes a list of entry IDs.
    pub(super) fn with_list(
        self,
        ids: &[Vec<u8>],
        call: impl FnOnce(*mut mapi_provider::abi::SBinaryArray) -> HRESULT,
    ) -> Answer<HRESULT> {
        let ids = ids.iter().map(|id| EntryId::from(id.as_slice())).collect();
        let list = built(self.allocators.build(&EntryList(ids)))?;
        Ok(call(list.as_ptr()))
    }

    /// `IMsgStore::CompareEntryIDs`.
    pub(super) fn same(self, store: &IMsgStore, one: &[u8], other: &[u8]) -> Answer<bool> {
        let (mut one, mut other) = (one.to_vec(), other.to_vec());
        let mut same = 2;
        // SAFETY: the bytes of both IDs, and a live variable.
        done("IMsgStore::CompareEntryIDs", unsafe {
            let (first, second) = (one.as_mut_ptr().cast(), other.as_mut_ptr().cast());
            let (first_count, second_count) = (one.len() as u32, other.len() as u32);
            store.CompareEntryIDs(first_count, first, second_count, second, 0, &mut same)
        })?;
        Ok(same != 0)
    }
}

/// `IMAPIProp::SaveChanges`.
pub(super) fn save(object: &IMAPIProp, flags: mapi_provider::abi::SaveChangesFlags) -> HRESULT {
    // SAFETY: it takes nothing but a number.
    unsafe { object.SaveChanges(flags) }
}

/// A text as a method takes it.
pub(super) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// Another interface of an object.
pub(super) fn cast<T: Interface>(call: &'static str, object: &IUnknown) -> Answer<T> {
    object
        .cast()
        .map_err(|error| Failure::new(call, error.code()))
}
