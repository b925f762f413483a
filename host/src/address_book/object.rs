//! A container, a user or a list, as a client has it.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    GetContentsTableFlags, GetHierarchyTableFlags, IABContainer, IMAPIContainer, IMAPIProp,
    IMAPITable, MAPI_ABCONT, MAPI_DISTLIST, MAPI_E_CALL_FAILED, MAPI_E_NO_SUPPORT, OpenEntryFlags,
    OpenPropertyFlags, PropTag, ResolveNamesFlags, UnicodeFlags,
};
use mapi_provider::view::{Limits, PropTags};
use windows_core::{HRESULT, IUnknown, Interface};

use super::list::AddressList;
use super::logon::opened;
use super::table::BookTable;
use crate::base::Core;
use crate::property::{Property, Value};
use crate::status::Failure;

/// An object of an address book. Released on drop.
pub struct BookObject {
    core: Arc<Core>,
    object: ManuallyDrop<IMAPIProp>,
    kind: u32,
}

impl BookObject {
    /// # Safety
    ///
    /// The interface is an `IMAPIProp`, and the standard one of this type of object: an `IABContainer` for `MAPI_ABCONT`, an
    /// `IDistList` for `MAPI_DISTLIST`.
    pub(super) unsafe fn new(core: &Arc<Core>, object: IUnknown, kind: u32) -> Self {
        // SAFETY: the caller's word.
        let object = unsafe { IMAPIProp::from_raw(object.into_raw()) };
        Self {
            core: Arc::clone(core),
            object: ManuallyDrop::new(object),
            kind,
        }
    }

    /// `MAPI_ABCONT`, `MAPI_MAILUSER` or `MAPI_DISTLIST`.
    pub fn kind(&self) -> u32 {
        self.kind
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IMAPIProp {
        &self.object
    }

    /// The same as a container; none of a user.
    pub fn container(&self) -> Option<&IMAPIContainer> {
        let is_container = matches!(self.kind, MAPI_ABCONT | MAPI_DISTLIST);
        // SAFETY: what `new` was promised: a vtable of these kinds begins with that of IMAPIContainer, and the wrapper is a
        // pointer.
        is_container
            .then(|| unsafe { &*ptr::from_ref::<IMAPIProp>(&self.object).cast::<IMAPIContainer>() })
    }

    /// The same as a container that resolves names; none of a user. `IDistList` has the same slots.
    pub fn resolver(&self) -> Option<&IABContainer> {
        let container = self.container()?;
        // SAFETY: as above; both interfaces add the same methods.
        Some(unsafe { &*ptr::from_ref(container).cast::<IABContainer>() })
    }

    /// Properties, in the order of their tags. What is not there is an error.
    ///
    /// # Errors
    ///
    /// What `GetProps` answers.
    pub fn properties(&self, tags: &[PropTag]) -> Result<Vec<Property>, Failure> {
        self.properties_with(Some(tags), UnicodeFlags::MAPI_UNICODE)
    }

    /// All properties.
    ///
    /// # Errors
    ///
    /// What `GetProps` answers.
    pub fn all_properties(&self) -> Result<Vec<Property>, Failure> {
        self.properties_with(None, UnicodeFlags::MAPI_UNICODE)
    }

    /// Properties, or all of them.
    ///
    /// # Errors
    ///
    /// What `GetProps` answers.
    pub fn properties_with(
        &self,
        tags: Option<&[PropTag]>,
        flags: UnicodeFlags,
    ) -> Result<Vec<Property>, Failure> {
        const CALL: &str = "IMAPIProp::GetProps";
        let failed = |status: HRESULT| Failure::new(CALL, status);
        let longs = tags.map(|tags| PropTags::from(tags).to_longs());
        let mut longs = longs.transpose().map_err(|_| failed(MAPI_E_CALL_FAILED))?;
        let tags = longs
            .as_mut()
            .map_or(ptr::null_mut(), |tags| tags.as_mut_ptr().cast());
        let (mut count, mut values) = (u32::MAX, ptr::without_provenance_mut(usize::MAX));
        // SAFETY: the tags are a count and as many tags, and the places are locals.
        let status = unsafe {
            self.object
                .GetProps(tags, flags, &raw mut count, &raw mut values)
        };
        if status.is_err() {
            return Err(failed(status));
        }
        // SAFETY: the provider's properties, which are ours to free.
        let read = unsafe { Property::read_all(count, values) };
        if !values.is_null() {
            // SAFETY: read above, and not used any more.
            unsafe { self.core.shared.allocators.free(values.cast()) };
        }
        let read: Result<Vec<Property>, HRESULT> = read.into_iter().collect();
        read.map_err(failed)
    }

    /// A property; none where it is not there or can't be asked for.
    pub fn property(&self, tag: PropTag) -> Option<Value> {
        let properties = self.properties(&[tag]).ok()?;
        let value = properties.into_iter().next()?.value;
        (!matches!(value, Value::Error(_))).then_some(value)
    }

    /// The tags that the object lists.
    ///
    /// # Errors
    ///
    /// What `GetPropList` answers.
    pub fn tags(&self) -> Result<Vec<PropTag>, Failure> {
        const CALL: &str = "IMAPIProp::GetPropList";
        let mut tags = ptr::null_mut();
        // SAFETY: the place is a local.
        let status = unsafe {
            self.object
                .GetPropList(UnicodeFlags::MAPI_UNICODE, &raw mut tags)
        };
        if status.is_err() {
            return Err(Failure::new(CALL, status));
        }
        // SAFETY: the call has succeeded, so this is an array of tags, and ours to free.
        let tags = unsafe { self.core.shared.allocators.for_views().adopt(tags, 1) };
        let senseless = || Failure::new(CALL, MAPI_E_CALL_FAILED);
        let tags = tags.ok_or_else(senseless)?;
        let read: PropTags = tags.read(&Limits::default()).map_err(|_| senseless())?;
        Ok(read.to_vec())
    }

    /// Opens the contents table.
    ///
    /// # Errors
    ///
    /// What `GetContentsTable` answers; `MAPI_E_NO_SUPPORT` for a user.
    pub fn contents(&self) -> Result<BookTable, Failure> {
        self.contents_with(GetContentsTableFlags::MAPI_UNICODE)
    }

    /// Opens the contents table.
    ///
    /// # Errors
    ///
    /// What `GetContentsTable` answers; `MAPI_E_NO_SUPPORT` for a user.
    pub fn contents_with(&self, flags: GetContentsTableFlags) -> Result<BookTable, Failure> {
        const CALL: &str = "IMAPIContainer::GetContentsTable";
        let container = self.container();
        let container = container.ok_or_else(|| Failure::new(CALL, MAPI_E_NO_SUPPORT))?;
        // SAFETY: the place is the call's.
        self.table(CALL, |out| unsafe {
            container.GetContentsTable(flags, out)
        })
    }

    /// Opens the hierarchy table.
    ///
    /// # Errors
    ///
    /// What `GetHierarchyTable` answers; `MAPI_E_NO_SUPPORT` for a user.
    pub fn hierarchy(&self, flags: GetHierarchyTableFlags) -> Result<BookTable, Failure> {
        const CALL: &str = "IMAPIContainer::GetHierarchyTable";
        let container = self.container();
        let container = container.ok_or_else(|| Failure::new(CALL, MAPI_E_NO_SUPPORT))?;
        let flags = flags | GetHierarchyTableFlags::MAPI_UNICODE;
        // SAFETY: the place is the call's.
        self.table(CALL, |out| unsafe {
            container.GetHierarchyTable(flags, out)
        })
    }

    /// Opens a property as a table.
    ///
    /// # Errors
    ///
    /// What `OpenProperty` answers.
    pub fn open_table(&self, tag: PropTag) -> Result<BookTable, Failure> {
        let iid = &IMAPITable::IID;
        let flags = OpenPropertyFlags::empty();
        // SAFETY: the place is the call's.
        self.table("IMAPIProp::OpenProperty", |out| unsafe {
            let unicode = UnicodeFlags::MAPI_UNICODE.bits();
            self.object.OpenProperty(tag, iid, unicode, flags, out)
        })
    }

    fn table(
        &self,
        call: &'static str,
        open: impl FnOnce(*mut *mut std::ffi::c_void) -> HRESULT,
    ) -> Result<BookTable, Failure> {
        let mut out = ptr::without_provenance_mut(usize::MAX);
        let status = open(&mut out);
        let shared = &self.core.shared;
        if status.is_err() {
            if !out.is_null() {
                shared.violated("COM-05", format!("{call} failed and left an object"));
            }
            return Err(Failure::new(call, status));
        }
        if out.is_null() {
            shared.violated("COM-05", format!("{call} succeeded without an object"));
            return Err(Failure::new(call, MAPI_E_CALL_FAILED));
        }
        // SAFETY: the provider's table, whose reference is ours now.
        let table = unsafe { IMAPITable::from_raw(out) };
        Ok(BookTable::new(&self.core, table))
    }

    /// Opens an entry by this container, which clients do with the entry IDs of its rows.
    ///
    /// # Errors
    ///
    /// What `OpenEntry` answers; `MAPI_E_NO_SUPPORT` for a user.
    pub fn open(&self, entry_id: &[u8]) -> Result<BookObject, Failure> {
        const CALL: &str = "IMAPIContainer::OpenEntry";
        let container = self.container();
        let container = container.ok_or_else(|| Failure::new(CALL, MAPI_E_NO_SUPPORT))?;
        let flags = OpenEntryFlags::empty();
        let (kind, object) = opened(
            &self.core,
            CALL,
            entry_id,
            None,
            |size, id, iid, kind, out| {
                // SAFETY: the bytes and the places are live.
                unsafe { container.OpenEntry(size, id, iid, flags, kind, out) }
            },
        )?;
        // SAFETY: all that an address book opens for a NULL IID is an IMAPIProp, and this is what it has given.
        Ok(unsafe { Self::new(&self.core, object, kind) })
    }

    /// Calls `ResolveNames`; no tags are a NULL pointer. `MAPI_E_NO_SUPPORT` for a user.
    pub fn resolve(
        &self,
        tags: &[PropTag],
        flags: ResolveNamesFlags,
        list: &mut AddressList,
    ) -> HRESULT {
        let Some(container) = self.resolver() else {
            return MAPI_E_NO_SUPPORT;
        };
        let Ok(mut longs) = PropTags::from(tags).to_longs() else {
            return MAPI_E_CALL_FAILED;
        };
        let tags = match tags.is_empty() {
            true => ptr::null_mut(),
            false => longs.as_mut_ptr().cast(),
        };
        // SAFETY: the tags are a count and as many tags, and the lists are as MAPI's.
        unsafe { container.ResolveNames(tags, flags, list.as_mut_ptr(), list.flag_list()) }
    }
}

impl Drop for BookObject {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let object = unsafe { ManuallyDrop::take(&mut self.object) };
        let what = match self.kind {
            MAPI_ABCONT => "IABContainer",
            MAPI_DISTLIST => "IDistList",
            _ => "IMailUser",
        };
        self.core.release(what, object);
    }
}
