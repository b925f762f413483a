//! Read and nonread reports: MAPI makes them, and the store submits them (STORE-24). Nothing is locked here, and no
//! transaction is open: MAPI calls back.

use std::collections::HashSet;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    IMessage, Interface, MessageFlags, ReadReceiptFlags, SubmitMessageFlags,
};

use super::fault::Result;
use super::message;
use super::open_entry::Access;
use super::shared::StoreShared;
use crate::database::{FolderId, MessageId, Special};

/// Sends the reports that messages were read. One that can't be made is no reason to give up: the mark is done.
pub(super) fn send_read(shared: &Arc<StoreShared>, messages: &[MessageId]) {
    for id in messages {
        if let Ok(message) = open(shared, *id) {
            let _ = send(shared, &message, ReadReceiptFlags::empty());
        }
    }
}

/// Messages of which somebody wants to hear that they were deleted unread.
pub(super) struct Waiting(Vec<(MessageId, IMessage)>);

impl Waiting {
    /// Those of some messages of a folder.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn of(
        shared: &Arc<StoreShared>,
        folder: FolderId,
        messages: &[MessageId],
    ) -> Result<Self> {
        let waiting: Vec<MessageId> = shared.read(|reader| {
            let mut waiting = Vec::new();
            for id in messages {
                let is_hit = reader.is_hit(folder, *id)?;
                let waits = reader.message_info(*id)?.is_some_and(|info| {
                    let flags = MessageFlags::from_bits_retain(info.flags);
                    let is_here = info.folder == folder || is_hit;
                    is_here && !info.read && flags.contains(MessageFlags::NRN_PENDING)
                });
                waiting.extend(waits.then_some(*id));
            }
            Ok(waiting)
        })?;
        Ok(Self::opened(shared, waiting))
    }

    /// Those of a folder and of all folders below it.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn of_tree(shared: &Arc<StoreShared>, folder: FolderId) -> Result<Self> {
        let waiting: Vec<MessageId> = shared.read(|reader| {
            let below = reader.tree(folder)?;
            let below = below.into_iter().map(|(_, folder)| folder.id);
            let mut waiting = Vec::new();
            for folder in std::iter::once(folder).chain(below) {
                let flags = MessageFlags::NRN_PENDING.bits();
                waiting.extend(reader.unread_with(folder, flags)?);
            }
            Ok(waiting)
        })?;
        Ok(Self::opened(shared, waiting))
    }

    /// They are opened as long as they are there.
    fn opened(shared: &Arc<StoreShared>, waiting: Vec<MessageId>) -> Self {
        let opened = waiting
            .into_iter()
            .filter_map(|id| Some((id, open(shared, id).ok()?)));
        Self(opened.collect())
    }

    /// Sends the reports of those that were deleted.
    pub(super) fn send(&self, shared: &Arc<StoreShared>, deleted: &[MessageId]) {
        let deleted: HashSet<&MessageId> = deleted.iter().collect();
        let gone = self.0.iter().filter(|(id, _)| deleted.contains(id));
        for (_, message) in gone {
            let _ = send(shared, message, ReadReceiptFlags::MAPI_NON_READ);
        }
    }
}

fn open(shared: &Arc<StoreShared>, id: MessageId) -> Result<IMessage> {
    let raw = message::open(shared, id, Access::Read)?;
    // SAFETY: a message, and the reference is ours.
    Ok(unsafe { IMessage::from_raw(raw) })
}

fn send(shared: &Arc<StoreShared>, of: &IMessage, flags: ReadReceiptFlags) -> Result<()> {
    let Some(support) = shared.support() else {
        return Ok(());
    };
    let outbox = shared.read(|reader| reader.special(Special::Outbox))?;
    let mut report = message::create(shared, outbox, false)?;
    // SAFETY: two messages; MAPI may put another one into the place of the second, whose reference is ours.
    let (status, report) = unsafe {
        let status = support
            .interface()
            .ReadReceipt(flags, of.as_raw(), &mut report);
        (
            status,
            (!report.is_null()).then(|| IMessage::from_raw(report)),
        )
    };
    let Some(report) = report.filter(|_| status.is_ok()) else {
        return Err(status.into());
    };
    // SAFETY: a call without pointers.
    let submitted = unsafe { report.SubmitMessage(SubmitMessageFlags::empty()) };
    if submitted.is_ok() {
        Ok(())
    } else {
        Err(submitted.into())
    }
}
