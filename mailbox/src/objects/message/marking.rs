//! `SetReadFlag`: marks need no save and make no conflict (STORE-24).

use std::slice;

use mapi_provider_abi::mapi::{MAPI_E_OBJECT_DELETED, MessageFlags, ReadFlags};

use super::super::fault::{Fault, Result};
use super::super::read_marks::Marking;
use super::super::receipts;
use super::state::{Home, MessageState, Working, flags_of, set_flags};

impl MessageState {
    /// Marks the message; one that is in the store, at once. Also one that is open for reading only.
    ///
    /// # Errors
    ///
    /// The flags contradict each other, the message has been deleted, or the store can't be written.
    pub(super) fn set_read(&self, flags: ReadFlags) -> Result<()> {
        let marking = Marking::of(flags)?;
        let Home::Folder { id, associated } = self.home else {
            self.working().mark(marking, false);
            return Ok(());
        };
        let mut working = self.working();
        if !working.is_saved {
            working.mark(marking, associated);
            return Ok(());
        }
        let marked = self
            .shared
            .store()
            .write(|tx| marking.apply(tx, slice::from_ref(&id)))?;
        if !marked.is_all {
            return Err(Fault::new(
                MAPI_E_OBJECT_DELETED,
                "the message has been deleted",
            ));
        }
        working.mark(marking, associated);
        drop(working);
        self.shared.tell_all();
        receipts::send_read(&self.shared, &marked.receipts);
        Ok(())
    }
}

impl Working {
    /// Marks the copy as the message is marked.
    fn mark(&mut self, marking: Marking, is_associated: bool) {
        if let Some(read) = marking.read().filter(|_| !is_associated) {
            self.read = read;
        }
        let flags = flags_of(&self.data.props);
        let cleared: MessageFlags = flags & marking.clears();
        if !cleared.is_empty() {
            set_flags(&mut self.data_mut().props, flags - cleared);
        }
    }
}
