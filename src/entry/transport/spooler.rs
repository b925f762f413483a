//! What a transport asks of MAPI's support object.

use std::ptr;
use std::sync::Arc;

use windows_core::HRESULT;

use crate::entry::limits;
use crate::entry::support::Support;
use crate::entry::text::to_utf16;
use crate::log;
use crate::status::Status;
use crate::transport::{Change, Column, Person, StatusRow, identity_properties};
use mapi_provider_abi::mapi::{
    CreateOneOffFlags, IMessage, MAPI_W_CANCEL_MESSAGE, ModifyStatusRowFlags, PR_DISPLAY_NAME_W,
    PR_PROVIDER_DISPLAY_W, PR_RESOURCE_METHODS, PR_STATUS_CODE, PR_STATUS_STRING_W,
    ResourceMethods, SpoolerNotifyFlags, StatusFlags,
};
use mapi_provider_abi::view::{self, AddressList, Allocators, EntryId, Property};
use windows_core::Interface;

/// The methods of the status object that do something (XP-32).
pub(super) const METHODS: ResourceMethods = ResourceMethods::from_bits_retain(
    ResourceMethods::VALIDATE_STATE.bits() | ResourceMethods::FLUSH_QUEUES.bits(),
);

/// The support object, and the row that it shows.
pub(super) struct Spooler<'a> {
    pub(super) support: Arc<Support>,
    pub(super) allocators: Allocators,
    pub(super) row: &'a StatusRow,
}

/// The whole status row.
pub(super) struct Row<'a> {
    pub(super) name: &'static str,
    pub(super) identity: &'a Person,
    pub(super) code: StatusFlags,
    pub(super) text: &'static str,
}

impl Row<'_> {
    /// XP-07: all that a provider says, and nothing of what MAPI says.
    pub(super) fn properties(&self) -> Vec<Property<'static>> {
        let mut row = vec![
            Property::new(PR_DISPLAY_NAME_W, self.name),
            Property::new(PR_PROVIDER_DISPLAY_W, self.name),
            Property::new(PR_STATUS_CODE, self.code.bits() as i32),
            Property::new(PR_STATUS_STRING_W, self.text),
            Property::new(PR_RESOURCE_METHODS, METHODS.bits() as i32),
        ];
        row.extend(identity_properties(self.identity));
        row
    }
}

impl Spooler<'_> {
    /// XP-07
    pub(super) fn first_row(&self, row: &Row<'_>) -> Result<(), HRESULT> {
        self.modify_row(&row.properties(), ModifyStatusRowFlags::empty())
    }

    /// XP-08: only what has changed.
    pub(super) fn change(&self, clear: StatusFlags, set: StatusFlags) {
        self.row.change(clear, set, |change: Change| {
            let columns: Vec<Property<'static>> = change.into_iter().map(column).collect();
            let flags = ModifyStatusRowFlags::STATUSROW_UPDATE;
            if let Err(status) = self.modify_row(&columns, flags) {
                log::warn!(status = %Status(status), "ModifyStatusRow failed");
            }
        });
    }

    fn modify_row(
        &self,
        columns: &[Property<'_>],
        flags: ModifyStatusRowFlags,
    ) -> Result<(), HRESULT> {
        let count = columns.len() as u32;
        let columns = self.allocators.properties(columns)?;
        // SAFETY: as many properties as the count says, which MAPI copies.
        let result = unsafe {
            self.support
                .interface()
                .ModifyStatusRow(count, columns.as_ptr(), flags)
        };
        result.ok().map_err(|error| error.code())
    }

    /// SpoolerNotify without a datum.
    pub(super) fn notify(&self, flags: SpoolerNotifyFlags) {
        // SAFETY: these notifications have no datum.
        let result = unsafe {
            self.support
                .interface()
                .SpoolerNotify(flags, ptr::null_mut())
        };
        if result.is_err() {
            log::warn!(status = %Status(result), "SpoolerNotify failed");
        }
    }
}

fn column(column: Column) -> Property<'static> {
    match column {
        Column::Code(code) => Property::new(PR_STATUS_CODE, code.bits() as i32),
        Column::Text(text) => Property::new(PR_STATUS_STRING_W, text),
    }
}

/// What StartMessage asks of MAPI.
impl crate::transport::Incoming for Spooler<'_> {
    fn one_off(&self, name: &str, kind: &str, address: &str) -> Option<Vec<u8>> {
        let mut texts = [name, kind, address].map(to_utf16);
        let [name, kind, address] = texts.each_mut().map(|text| text.as_mut_ptr().cast());
        let (mut size, mut id) = (0, ptr::null_mut());
        let flags = CreateOneOffFlags::MAPI_UNICODE | CreateOneOffFlags::MAPI_SEND_NO_RICH_INFO;
        // SAFETY: three strings that end, and live variables.
        let result = unsafe {
            let support = self.support.interface();
            support.CreateOneOff(name, kind, address, flags, &raw mut size, &raw mut id)
        };
        if result.is_err() {
            return None;
        }
        // SAFETY: MAPI has answered NULL, or an entry ID of that size that is ours to free.
        let id = unsafe { self.allocators.adopt(id, size) }?;
        // SAFETY: as above.
        let read = unsafe { EntryId::read(size, id.as_ptr(), &limits::entry_id()) };
        Some(read.ok()?.as_bytes().to_vec())
    }
}

/// What SubmitMessage asks of MAPI.
pub(super) struct Submitting<'a> {
    pub(super) spooler: Spooler<'a>,
    pub(super) message: &'a IMessage,
}

impl crate::transport::Spooler for Submitting<'_> {
    fn yields_to_cancel(&self) -> bool {
        // SAFETY: a call without pointers.
        let result = unsafe { self.spooler.support.interface().SpoolerYield(0) };
        result == MAPI_W_CANCEL_MESSAGE
    }

    fn report(&self, reports: Vec<view::Row<'static>>) -> Result<(), HRESULT> {
        let list = self.spooler.allocators.build(&AddressList(reports));
        let list = list.map_err(|error| error.status())?;
        // SAFETY: the spooler's message, and a list in MAPI's memory.
        let result = unsafe {
            self.spooler
                .support
                .interface()
                .StatusRecips(self.message.as_raw(), list.as_ptr())
        };
        if result.is_err() {
            return Err(result);
        }
        // XP-18: MAPI has freed it.
        let _ = list.into_raw();
        Ok(())
    }

    fn critical_error(&self) {
        self.spooler
            .notify(SpoolerNotifyFlags::NOTIFY_CRITICAL_ERROR);
    }

    fn status(&self, clear: StatusFlags, set: StatusFlags) {
        self.spooler.change(clear, set);
    }
}
