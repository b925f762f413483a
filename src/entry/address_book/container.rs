//! A container, or the root: IABContainer (AB-11 to AB-14).

use std::borrow::Cow;
use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT};

use super::attached::Attached;
use super::open::{Asked, open_entry};
use super::properties;
use super::recipients::resolve_names;
use crate::address_book::{AddressBook, Branch, Of};
use mapi_provider_abi::mapi::{
    ADRLIST, ENTRYID, FlagList, GetContentsTableFlags, GetHierarchyTableFlags, IABContainer,
    IABContainer_Impl, IMAPIContainer_Impl, IMAPIProp_Impl, IMAPITable, MAPI_E_NO_ACCESS,
    MAPI_E_NO_SUPPORT, MAPIERROR, OpenEntryFlags, OpenPropertyFlags, PR_CONTAINER_CONTENTS,
    PR_CONTAINER_HIERARCHY, PR_DETAILS_TABLE, PropTag, ResolveNamesFlags, S_OK, SPropProblemArray,
    SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, select_unicode};

/// A container; without a branch of the tree it is the root.
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IABContainer), query_interface = select_unicode)
)]
pub(super) struct Container<L: AddressBook> {
    attached: Arc<Attached<L>>,
    branch: Option<Branch>,
}
include!("objects/container.rs");

impl<L: AddressBook> Container<L> {
    pub(super) fn new(attached: Arc<Attached<L>>, branch: Option<Branch>) -> Self {
        Self { attached, branch }
    }

    fn key(&self) -> Option<&str> {
        self.branch.as_ref().map(|branch| &*branch.key)
    }

    /// Whose entries it shows; the root has none.
    fn of(&self) -> Option<Of> {
        self.key().map(|key| Of::Container(key.to_owned()))
    }

    fn parts(&self) -> properties::Parts<'_> {
        let directory = &self.attached.directory;
        let is_large = self.key().is_some_and(|key| directory.is_large(key));
        let all = directory.book.of_container(self.branch.as_ref(), is_large);
        let objects = &[
            PR_CONTAINER_CONTENTS,
            PR_CONTAINER_HIERARCHY,
            PR_DETAILS_TABLE,
        ];
        (Cow::Owned(all), objects)
    }

    /// AB-14: the tables are those of the methods.
    fn table(&self, tag: PropTag, flags: u32) -> Result<IMAPITable, HRESULT> {
        match tag {
            PR_CONTAINER_CONTENTS => self.contents(flags),
            PR_CONTAINER_HIERARCHY => self.hierarchy(flags),
            _ => self.attached.details(true, flags),
        }
    }

    fn contents(&self, flags: u32) -> Result<IMAPITable, HRESULT> {
        let flags = GetContentsTableFlags::from_bits_retain(flags);
        if flags.contains(GetContentsTableFlags::MAPI_ASSOCIATED) {
            return Err(MAPI_E_NO_SUPPORT); // AB-14
        }
        let wide = flags.contains(GetContentsTableFlags::MAPI_UNICODE);
        match self.of() {
            Some(of) => self.attached.contents(of, wide),
            None => self.attached.nothing(wide),
        }
    }

    fn hierarchy(&self, flags: u32) -> Result<IMAPITable, HRESULT> {
        let flags = GetHierarchyTableFlags::from_bits_retain(flags);
        let deep = flags.contains(GetHierarchyTableFlags::CONVENIENT_DEPTH);
        let wide = flags.contains(GetHierarchyTableFlags::MAPI_UNICODE);
        self.attached.containers(self.key(), deep, wide)
    }
}

properties::properties!(Container);

impl<L: AddressBook> IMAPIContainer_Impl for Container<L> {
    unsafe fn GetContentsTable(
        this: &Object<Self>,
        ulFlags: GetContentsTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { properties::give(this.contents(ulFlags.bits()), lppTable) }
    }

    unsafe fn GetHierarchyTable(
        this: &Object<Self>,
        ulFlags: GetHierarchyTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { properties::give(this.hierarchy(ulFlags.bits()), lppTable) }
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        cbEntryID: u32,
        lpEntryID: *mut ENTRYID,
        lpInterface: *const GUID,
        ulFlags: OpenEntryFlags,
        lpulObjType: *mut u32,
        lppUnk: *mut *mut c_void,
    ) -> HRESULT {
        let asked = Asked {
            count: cbEntryID,
            entry_id: lpEntryID,
            interface: lpInterface,
            flags: ulFlags,
        };
        // SAFETY: the caller's word; the thunk has checked the outs.
        unsafe { open_entry(&this.attached, &asked, (lpulObjType, lppUnk)) }
    }
}

/// AB-30: what is not written here is not supported.
impl<L: AddressBook> IABContainer_Impl for Container<L> {
    unsafe fn ResolveNames(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: ResolveNamesFlags,
        lpAdrList: *mut ADRLIST,
        lpFlagList: *mut FlagList,
    ) -> HRESULT {
        let lists = (lpAdrList, lpFlagList);
        // SAFETY: the caller's word.
        unsafe { resolve_names(&this.attached, this.of(), lpPropTagArray, ulFlags, lists) }
    }
}
