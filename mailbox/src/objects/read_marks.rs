//! Marks of messages, and the reports that wait with them: what `SetReadFlag` and `SetReadFlags` say (STORE-24).

use mapi_provider_abi::mapi::{MAPI_E_INVALID_PARAMETER, MessageFlags, ReadFlags};

use super::fault::{Fault, Result};
use crate::database::{self, MessageId, Transaction};

/// What is to be done with marks and reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marking {
    /// As read, as unread, or not at all.
    read: Option<bool>,
    /// A report that waits is sent.
    sends: bool,
    /// Bits of `PR_MESSAGE_FLAGS` that are taken away: reports that no longer wait.
    clears: MessageFlags,
}

/// What was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Marked {
    /// Whether all messages were there.
    pub(super) is_all: bool,
    /// The messages whose read reports are to be sent now.
    pub(super) receipts: Vec<MessageId>,
}

impl Marking {
    /// What the flags of a call say.
    ///
    /// # Errors
    ///
    /// They contradict each other: `MAPI_E_INVALID_PARAMETER`.
    pub(super) fn of(flags: ReadFlags) -> Result<Self> {
        let has = |flag| flags.contains(flag);
        let (rn, nrn) = (MessageFlags::RN_PENDING, MessageFlags::NRN_PENDING);
        let receipts = ReadFlags::SUPPRESS_RECEIPT | ReadFlags::GENERATE_RECEIPT_ONLY;
        if has(ReadFlags::CLEAR_READ_FLAG) {
            if flags.intersects(receipts) {
                let text = "CLEAR_READ_FLAG goes neither with SUPPRESS_RECEIPT nor with GENERATE_RECEIPT_ONLY";
                return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
            }
            return Ok(Self::new(Some(false), false, MessageFlags::empty()));
        }
        let mut cleared = MessageFlags::empty();
        cleared.set(rn, has(ReadFlags::CLEAR_RN_PENDING));
        cleared.set(nrn, has(ReadFlags::CLEAR_NRN_PENDING));
        let suppresses = has(ReadFlags::SUPPRESS_RECEIPT);
        Ok(match has(ReadFlags::GENERATE_RECEIPT_ONLY) {
            true if suppresses => Self::new(None, false, rn | nrn),
            true => Self::new(None, true, rn | nrn),
            false if suppresses => Self::new(Some(true), false, rn | nrn),
            // To drop what waits is all that these ask for.
            false if !cleared.is_empty() => Self::new(None, false, cleared),
            false => Self::new(Some(true), true, rn | nrn),
        })
    }

    fn new(read: Option<bool>, sends: bool, clears: MessageFlags) -> Self {
        Self {
            read,
            sends,
            clears,
        }
    }

    /// Whether messages are marked as read, as unread, or not at all.
    pub(super) fn read(self) -> Option<bool> {
        self.read
    }

    /// The bits of `PR_MESSAGE_FLAGS` that are taken away.
    pub(super) fn clears(self) -> MessageFlags {
        self.clears
    }

    /// Marks messages. Who wants a report gets it once: the bit that says so is taken away in the same transaction.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub(super) fn apply(
        self,
        tx: &Transaction<'_>,
        messages: &[MessageId],
    ) -> database::Result<Marked> {
        let mut marked = Marked {
            is_all: true,
            receipts: Vec::new(),
        };
        for id in messages {
            let Some(info) = tx.message_info(*id)? else {
                marked.is_all = false;
                continue;
            };
            if let Some(read) = self.read {
                tx.set_read(&[*id], read)?;
            }
            let waits = info.flags & self.clears.bits();
            if waits != 0 {
                tx.set_flags(*id, 0, waits)?;
            }
            if self.sends && waits & MessageFlags::RN_PENDING.bits() != 0 {
                marked.receipts.push(*id);
            }
        }
        Ok(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_24_incompatible_flags_are_refused() {
        let (clear, suppress, only) = (
            ReadFlags::CLEAR_READ_FLAG,
            ReadFlags::SUPPRESS_RECEIPT,
            ReadFlags::GENERATE_RECEIPT_ONLY,
        );
        for refused in [clear | suppress, clear | only, clear | suppress | only] {
            let status = Marking::of(refused).map_err(|fault| fault.status);
            assert_eq!(status, Err(MAPI_E_INVALID_PARAMETER));
        }
    }

    #[test]
    fn store_24_flags_say_what_is_marked_and_what_is_sent() {
        let of = |flags| {
            let marking = Marking::of(flags).expect("compatible");
            (marking.read, marking.sends)
        };
        assert_eq!(of(ReadFlags::empty()), (Some(true), true));
        assert_eq!(of(ReadFlags::CLEAR_READ_FLAG), (Some(false), false));
        assert_eq!(of(ReadFlags::SUPPRESS_RECEIPT), (Some(true), false));
        let only = ReadFlags::GENERATE_RECEIPT_ONLY;
        assert_eq!(of(only), (None, true));
        assert_eq!(of(only | ReadFlags::SUPPRESS_RECEIPT), (None, false));
        assert_eq!(of(ReadFlags::CLEAR_NRN_PENDING), (None, false));
    }
}
