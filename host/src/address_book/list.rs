//! Recipients in MAPI's memory, and how far each is resolved.

use std::mem::offset_of;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{ADRENTRY, ADRLIST, FlagList, MAPI_UNRESOLVED, PropTag};

use crate::objects::Shared;
use crate::property::{Property, Value, allocate_properties};

/// A list of recipients: an `ADRLIST` whose entries are allocations of their own, and a `FlagList`. Freed on drop, as a client
/// frees it.
pub struct AddressList {
    shared: Arc<Shared>,
    list: *mut ADRLIST,
    /// The count, then the flags.
    flags: Vec<u32>,
}

// SAFETY: the memory is MAPI's, for whichever thread has the list.
unsafe impl Send for AddressList {}

impl AddressList {
    /// A list of these recipients, all of them unresolved. One without properties has a NULL pointer.
    pub(super) fn new(shared: &Arc<Shared>, rows: &[Vec<Property>]) -> Self {
        const ORIGIN: &str = "the client's ADRLIST";
        let ledger = shared.allocators.ledger();
        let head = offset_of!(ADRLIST, aEntries);
        let size = (head + size_of::<ADRENTRY>() * rows.len()).max(size_of::<ADRLIST>());
        let list = ledger.host_buffer(size, ORIGIN);
        let list: *mut ADRLIST = list.map_or(ptr::null_mut(), |list| list.as_ptr().cast());
        assert!(
            !list.is_null(),
            "a host has memory for a list of recipients"
        );
        for (index, row) in rows.iter().enumerate() {
            let values = match row.is_empty() {
                true => ptr::null_mut(),
                false => allocate_properties(ledger, ORIGIN, row)
                    .map_or(ptr::null_mut(), |values| values.as_ptr()),
            };
            let entry = ADRENTRY {
                ulReserved1: 0,
                cValues: if values.is_null() {
                    0
                } else {
                    row.len() as u32
                },
                rgPropVals: values,
            };
            // SAFETY: the buffer has room for the entries behind its head.
            unsafe { entry_at(list, index).write_unaligned(entry) };
        }
        // SAFETY: as above.
        unsafe { (&raw mut (*list).cEntries).write(rows.len() as u32) };
        let count = rows.len() as u32;
        let flags = std::iter::once(count).chain(rows.iter().map(|_| MAPI_UNRESOLVED));
        Self {
            shared: Arc::clone(shared),
            list,
            flags: flags.collect(),
        }
    }

    /// How many recipients it says that there are.
    pub fn count(&self) -> usize {
        // SAFETY: the list is alive.
        unsafe { (*self.list).cEntries as usize }
    }

    /// A recipient as it is.
    pub fn row(&self, index: usize) -> Vec<Property> {
        let entry = self.entry(index);
        // SAFETY: what the list says of its entry.
        let row = unsafe { Property::read_all(entry.cValues, entry.rgPropVals) };
        row.into_iter().flatten().collect()
    }

    /// The value of a recipient's property, by its ID.
    pub fn value(&self, index: usize, tag: PropTag) -> Option<Value> {
        let row = self.row(index).into_iter();
        let mut found = row.filter(|property| property.id == tag.id());
        found.next().map(|property| property.value)
    }

    /// Where a recipient's properties are: another place says that they were replaced.
    pub fn place(&self, index: usize) -> usize {
        self.entry(index).rgPropVals.addr()
    }

    /// How far each recipient is resolved.
    pub fn flags(&self) -> &[u32] {
        &self.flags[1..]
    }

    /// Says how far a recipient is resolved.
    pub fn set_flag(&mut self, index: usize, flag: u32) {
        self.flags[index + 1] = flag;
    }

    /// Says another number of flags than there are recipients.
    pub fn say_flags(&mut self, count: u32) {
        self.flags[0] = count;
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut ADRLIST {
        self.list
    }

    pub(super) fn flag_list(&mut self) -> *mut FlagList {
        self.flags.as_mut_ptr().cast()
    }

    fn entry(&self, index: usize) -> ADRENTRY {
        assert!(index < self.count(), "there is such a recipient");
        // SAFETY: the list has as many entries as it says.
        unsafe { entry_at(self.list, index).read_unaligned() }
    }
}

impl Drop for AddressList {
    fn drop(&mut self) {
        let allocators = &self.shared.allocators;
        for index in 0..self.count() {
            let values = self.entry(index).rgPropVals;
            if !values.is_null() {
                // SAFETY: an allocation of its own, which nobody else uses any more.
                unsafe { allocators.free(values.cast()) };
            }
        }
        // SAFETY: as above.
        unsafe { allocators.free(self.list.cast()) };
    }
}

/// # Safety
///
/// The list has room for so many entries.
unsafe fn entry_at(list: *mut ADRLIST, index: usize) -> *mut ADRENTRY {
    // SAFETY: the caller's word.
    unsafe { (&raw mut (*list).aEntries).cast::<ADRENTRY>().add(index) }
}
