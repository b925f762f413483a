//! A list: IDistList (AB-28).

use std::borrow::Cow;
use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT};

use super::attached::Attached;
use super::open::{Asked, open_entry};
use super::properties;
use super::recipients::resolve_names;
use crate::address_book::{AddressBook, Entry, Of};
use mapi_provider_abi::mapi::{
    ADRLIST, ENTRYID, FlagList, GetContentsTableFlags, IDistList, IDistList_Impl,
    IMAPIContainer_Impl, IMAPIProp_Impl, IMAPITable, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT,
    MAPIERROR, OpenEntryFlags, OpenPropertyFlags, PR_CONTAINER_CONTENTS, PR_DETAILS_TABLE, PropTag,
    ResolveNamesFlags, S_OK, SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags,
    UnicodeFlags,
};
use mapi_provider_abi::object::{Object, select_unicode};
use mapi_provider_abi::view::Property;

/// A list, as it was when it was opened. Its members are asked for when somebody looks.
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IDistList), query_interface = select_unicode)
)]
pub(super) struct List<L: AddressBook> {
    attached: Arc<Attached<L>>,
    key: String,
    properties: Vec<Property<'static>>,
}
include!("objects/list.rs");

impl<L: AddressBook> List<L> {
    pub(super) fn new(attached: Arc<Attached<L>>, entry: &Entry) -> Self {
        let properties = attached.directory.book.of_entry(entry);
        Self {
            attached,
            key: entry.key().to_owned(),
            properties,
        }
    }

    /// AB-28: its members, one level: a list in it is a row, and is not looked into.
    fn of(&self) -> Of {
        Of::List(self.key.clone())
    }

    fn parts(&self) -> properties::Parts<'_> {
        let objects = &[PR_CONTAINER_CONTENTS, PR_DETAILS_TABLE];
        (Cow::Borrowed(&self.properties), objects)
    }

    fn table(&self, tag: PropTag, flags: u32) -> Result<IMAPITable, HRESULT> {
        match tag {
            PR_CONTAINER_CONTENTS => self.contents(flags),
            _ => self.attached.details(false, flags),
        }
    }

    fn contents(&self, flags: u32) -> Result<IMAPITable, HRESULT> {
        let flags = GetContentsTableFlags::from_bits_retain(flags);
        if flags.contains(GetContentsTableFlags::MAPI_ASSOCIATED) {
            return Err(MAPI_E_NO_SUPPORT); // AB-14
        }
        let wide = flags.contains(GetContentsTableFlags::MAPI_UNICODE);
        self.attached.contents(self.of(), wide)
    }
}

properties::properties!(List);

/// There are no containers in a list: GetHierarchyTable is not supported.
impl<L: AddressBook> IMAPIContainer_Impl for List<L> {
    unsafe fn GetContentsTable(
        this: &Object<Self>,
        ulFlags: GetContentsTableFlags,
        lppTable: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { properties::give(this.contents(ulFlags.bits()), lppTable) }
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
impl<L: AddressBook> IDistList_Impl for List<L> {
    unsafe fn ResolveNames(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: ResolveNamesFlags,
        lpAdrList: *mut ADRLIST,
        lpFlagList: *mut FlagList,
    ) -> HRESULT {
        let lists = (lpAdrList, lpFlagList);
        let of = Some(this.of());
        // SAFETY: the caller's word.
        unsafe { resolve_names(&this.attached, of, lpPropTagArray, ulFlags, lists) }
    }
}
