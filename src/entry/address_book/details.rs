//! PR_DETAILS_TABLE: what the sheet of an entry or a container shows (AB-29).

use windows_core::HRESULT;

use super::attached::Attached;
use super::properties::is_wide;
use crate::address_book::AddressBook;
use crate::entry::dialog;
use mapi_provider_abi::mapi::{
    IMAPITable, PR_COMMENT_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PT_UNICODE, PropTag,
    UnicodeFlags,
};

impl<L: AddressBook> Attached<L> {
    /// The display table of an entry, or of a container.
    pub(super) fn details(&self, is_container: bool, flags: u32) -> Result<IMAPITable, HRESULT> {
        let book = &self.directory.book;
        let mut fields = vec![("Name:", PR_DISPLAY_NAME_W)];
        if is_container {
            fields.push(("Address book:", PR_COMMENT_W));
        } else {
            fields.push(("Address:", PR_EMAIL_ADDRESS_W));
            let more = book.spec.details.iter();
            fields.extend(more.map(|one| (one.label, PropTag(one.tag).with_type(PT_UNICODE))));
        }
        let (columns, rows) = dialog::details(&book.spec.uid, book.name, &fields);
        self.fixed(
            columns,
            rows,
            is_wide(UnicodeFlags::from_bits_retain(flags)),
        )
    }
}
