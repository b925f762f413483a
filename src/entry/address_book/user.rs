//! A user: IMailUser (AB-27).

use std::borrow::Cow;
use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT};

use super::attached::Attached;
use super::properties;
use crate::address_book::{AddressBook, Entry};
use mapi_provider_abi::mapi::{
    IMAPIProp_Impl, IMAPITable, IMailUser, IMailUser_Impl, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT,
    MAPIERROR, OpenPropertyFlags, PR_DETAILS_TABLE, PropTag, S_OK, SPropProblemArray,
    SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, select_unicode};
use mapi_provider_abi::view::Property;

/// A user, as it was when it was opened.
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IMailUser), query_interface = select_unicode)
)]
pub(super) struct User<L: AddressBook> {
    attached: Arc<Attached<L>>,
    properties: Vec<Property<'static>>,
}
include!("objects/user.rs");

impl<L: AddressBook> User<L> {
    pub(super) fn new(attached: Arc<Attached<L>>, entry: &Entry) -> Self {
        let properties = attached.directory.book.of_entry(entry);
        Self {
            attached,
            properties,
        }
    }

    fn parts(&self) -> properties::Parts<'_> {
        (Cow::Borrowed(&self.properties), &[PR_DETAILS_TABLE])
    }

    fn table(&self, _: PropTag, flags: u32) -> Result<IMAPITable, HRESULT> {
        self.attached.details(false, flags)
    }
}

properties::properties!(User);

impl<L: AddressBook> IMailUser_Impl for User<L> {}
