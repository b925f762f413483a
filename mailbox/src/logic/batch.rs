//! What the server has, brought in some hundred messages at a time.

use std::borrow::Cow;

use crate::database::{
    Bits, Error, FolderId, Message, MessageData, MessageId, MessageInfo, ObjectId, Part, Remote,
    Result, Save, Store, Transaction, Version,
};
use mapi_provider_abi::mapi::MessageFlags;

use super::draft::Draft;
use super::settle::{rebased, settle};

/// How many messages are written in one transaction.
const MOST: usize = 500;
/// How many bytes wait in memory before they are written.
const HEAVIEST: usize = 8 * 1024 * 1024;
/// The name under which `commit_with` keeps the cursor.
pub(super) const CURSOR: &str = "sync";

/// What became of a message that the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upserted {
    /// It is new here.
    Created,
    /// It was here, and is now as the server has it.
    Changed,
    /// It was here as the server has it.
    Unchanged,
    /// Clients have edited, marked, moved or deleted it, and the server does not know it yet. That is as they left it; what
    /// they left alone is as the server has it.
    KeptLocal,
}

/// Messages that the server has, to be written at once.
///
/// The closures that fill them in run outside of any transaction: nobody waits for them. A batch of up to 500 messages
/// and 8 MiB is one transaction; of a larger one the first messages are written before the last are there, which does
/// no harm, since bringing in a message again changes nothing. What is not committed when this is dropped is not kept.
#[derive(Debug)]
pub struct Batch<'s> {
    store: &'s Store,
    waiting: Vec<Waiting<'s>>,
    weight: usize,
    told: Vec<Upserted>,
    /// A part of it could not be written: the rest would be kept without it.
    has_failed: bool,
}

#[derive(Debug)]
enum Waiting<'s> {
    Upsert {
        folder: FolderId,
        server_id: String,
        /// What was there when the draft was made.
        before: Option<Message>,
        draft: Draft<'s>,
    },
    Remove(String),
}

impl<'s> Batch<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Self {
            store,
            waiting: Vec::new(),
            weight: 0,
            told: Vec::new(),
            has_failed: false,
        }
    }

    /// Brings in a message, by the server's ID: a new one, or what is different in one that is here already. `fill` gets
    /// it as it is. Where somebody else of the logic saves the message before the batch is written, what `fill` has changed
    /// is changed in what he has saved.
    ///
    /// # Errors
    ///
    /// The store can't be read; where the batch is full, it can't be written, or a folder is gone. A batch that could not
    /// be written takes nothing more: begin a new one.
    pub fn upsert(
        &mut self,
        folder: FolderId,
        server_id: &str,
        fill: impl FnOnce(&mut Draft<'s>),
    ) -> Result<()> {
        self.try_upsert(folder, server_id, |draft| {
            fill(draft);
            Ok(())
        })
    }

    /// The same, with a closure that can fail, as [`Draft::attach`] can. Then the message is left out.
    ///
    /// # Errors
    ///
    /// As [`upsert`](Self::upsert), and those of `fill`.
    pub fn try_upsert(
        &mut self,
        folder: FolderId,
        server_id: &str,
        fill: impl FnOnce(&mut Draft<'s>) -> Result<()>,
    ) -> Result<()> {
        self.check()?;
        let store = self.store;
        let known = store.read(|reader| reader.message_of_server(server_id))?;
        let before = match known {
            Some(id) => store.open_message(id)?,
            None => None,
        };
        let data = before.as_ref().map(|message| (*message.data).clone());
        let mut draft = Draft::new(store, data.unwrap_or_default(), before.is_none());
        fill(&mut draft)?;
        if let Some(before) = &before {
            settle(store, &before.data, &mut draft.data)?;
        }
        self.weight += draft.weight();
        self.waiting.push(Waiting::Upsert {
            folder,
            server_id: server_id.to_owned(),
            before,
            draft,
        });
        self.write_if_full()
    }

    /// Deletes messages that the server has no more, by the server's IDs. One that a client has edited since stays, and
    /// is told as a new one: nothing that somebody wrote is lost.
    ///
    /// # Errors
    ///
    /// Where the batch is full, the store can't be written.
    pub fn remove<I: AsRef<str>>(&mut self, server_ids: impl IntoIterator<Item = I>) -> Result<()> {
        for server_id in server_ids {
            self.check()?;
            self.weight += 64;
            self.waiting
                .push(Waiting::Remove(server_id.as_ref().to_owned()));
            self.write_if_full()?;
        }
        Ok(())
    }

    /// Writes the batch. Tells what became of each message that was brought in, in their order.
    ///
    /// # Errors
    ///
    /// The store can't be written, or a folder is gone. Nothing of what was still to be written is kept.
    pub fn commit(mut self) -> Result<Vec<Upserted>> {
        self.write(None)?;
        Ok(self.told)
    }

    /// Writes the batch, and in the same transaction where the logic goes on: after a crash neither is there without the
    /// other.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub fn commit_with(mut self, cursor: &[u8]) -> Result<Vec<Upserted>> {
        self.write(Some(cursor))?;
        Ok(self.told)
    }

    fn write_if_full(&mut self) -> Result<()> {
        if self.waiting.len() >= MOST || self.weight >= HEAVIEST {
            self.write(None)?;
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        match self.has_failed {
            false => Ok(()),
            true => Err(Error::Invalid(
                "a part of the batch could not be written: begin a new one",
            )),
        }
    }

    fn write(&mut self, cursor: Option<&[u8]>) -> Result<()> {
        self.check()?;
        let waiting = std::mem::take(&mut self.waiting);
        self.weight = 0;
        let told = self.store.as_logic().write(|tx| {
            let mut told = Vec::with_capacity(waiting.len());
            for one in &waiting {
                match one {
                    Waiting::Upsert {
                        folder,
                        server_id,
                        before,
                        draft,
                    } => told.push(upsert(tx, *folder, server_id, before.as_ref(), draft)?),
                    Waiting::Remove(server_id) => remove(tx, server_id)?,
                }
            }
            if let Some(cursor) = cursor {
                tx.set_cursor(CURSOR, cursor)?;
            }
            Ok(told)
        });
        self.has_failed = told.is_err();
        self.told.extend(told?);
        Ok(())
    }
}

fn upsert(
    tx: &Transaction<'_>,
    folder: FolderId,
    server_id: &str,
    before: Option<&Message>,
    draft: &Draft<'_>,
) -> Result<Upserted> {
    if !draft.over_local && tx.is_deleted_here(1, server_id)? {
        return Ok(Upserted::KeptLocal);
    }
    let named = tx.message_of_server(server_id)?;
    let known = match named {
        Some(id) => tx.message_info(id)?,
        None => None,
    };
    let remote = Remote {
        server_id: server_id.to_owned(),
        server_version: draft.server_version.clone(),
    };
    let Some(now) = known else {
        let id = ObjectId::Message(new_message(tx, folder, draft)?);
        match named {
            // Nothing has the name, nor has a client deleted what had it: both have been looked for.
            None if !draft.over_local => tx.add_remote(id, &remote)?,
            _ => tx.set_remote(id, &remote)?,
        }
        return Ok(Upserted::Created);
    };
    let object = ObjectId::Message(now.id);
    let pending = tx.pending(object)?.map(|pending| pending.bits);
    let is_kept = |part: fn(Bits) -> bool| !draft.over_local && pending.is_some_and(part);
    if is_kept(Bits::is_edited) {
        return Ok(Upserted::KeptLocal);
    }
    let mut outcome = Outcome::default();
    if let Some(data) = to_save(tx, before, &now, draft)? {
        save(tx, now.id, folder, Some(now.version), draft, &data)?;
        outcome.changed = true;
    }
    if now.folder != folder {
        if is_kept(Bits::is_moved) || tx.move_messages(&[now.id], folder)?.is_partial() {
            outcome.kept.push(Part::Moved);
        } else {
            outcome.changed = true;
        }
    }
    match draft.read {
        None => outcome.untold.push(Part::Read),
        Some(read) if read == now.read => {}
        Some(_) if is_kept(Bits::is_read) => outcome.kept.push(Part::Read),
        Some(read) => {
            mark(tx, &now, read)?;
            outcome.changed = true;
        }
    }
    if draft.over_local {
        let left = [&outcome.kept[..], &outcome.untold[..]].concat();
        tx.drop_pending_but(object, &left)?;
    }
    if tx.remote(object)?.as_ref() != Some(&remote) && draft.server_version.is_some() {
        tx.set_remote(object, &remote)?;
    }
    Ok(outcome.told())
}

/// What became of a message that was here already.
#[derive(Default)]
struct Outcome {
    changed: bool,
    /// What is otherwise than the server has it.
    kept: Vec<Part>,
    /// What the draft says nothing of.
    untold: Vec<Part>,
}

impl Outcome {
    fn told(&self) -> Upserted {
        match self.changed {
            _ if !self.kept.is_empty() => Upserted::KeptLocal,
            true => Upserted::Changed,
            false => Upserted::Unchanged,
        }
    }
}

/// What is to be saved of a message that is here, if anything.
fn to_save<'d>(
    tx: &Transaction<'_>,
    before: Option<&Message>,
    now: &MessageInfo,
    draft: &'d Draft<'_>,
) -> Result<Option<Cow<'d, MessageData>>> {
    let whole = Some(Cow::Borrowed(&draft.data));
    let Some(before) = before else {
        return Ok(whole);
    };
    if before.info.version == now.version {
        return Ok(whole.filter(|data| **data != *before.data));
    }
    if now.version == tx.version() {
        // This batch has it twice: the later one holds.
        return Ok(whole);
    }
    let Some(current) = tx.message(now.id)? else {
        return Ok(whole);
    };
    let data = rebased(&before.data, &draft.data, &current.data);
    Ok((data != *current.data).then_some(Cow::Owned(data)))
}

/// Marks a message as read or unread, as the server has it.
pub(super) fn mark(tx: &Transaction<'_>, now: &MessageInfo, read: bool) -> Result<()> {
    tx.set_read(&[now.id], read)?;
    // STORE-24: whoever has read it elsewhere has reported it there.
    let reports = MessageFlags::RN_PENDING | MessageFlags::NRN_PENDING;
    let waits = now.flags & reports.bits();
    if read && waits != 0 {
        tx.set_flags(now.id, 0, waits)?;
    }
    Ok(())
}

fn new_message(tx: &Transaction<'_>, folder: FolderId, draft: &Draft<'_>) -> Result<MessageId> {
    let id = tx.new_message_id();
    save(tx, id, folder, None, draft, &draft.data)?;
    Ok(id)
}

fn save(
    tx: &Transaction<'_>,
    id: MessageId,
    folder: FolderId,
    base: Option<Version>,
    draft: &Draft<'_>,
    data: &MessageData,
) -> Result<()> {
    let saved = tx.save_message(&Save {
        id,
        folder,
        associated: false,
        base,
        force: false,
        read: draft.read.unwrap_or(false),
        keep_time: false,
        data,
    });
    match saved {
        Err(Error::Deleted) => Err(Error::NotFound("folder")),
        other => other.map(drop),
    }
}

fn remove(tx: &Transaction<'_>, server_id: &str) -> Result<()> {
    let Some(id) = tx.message_of_server(server_id)? else {
        return tx.drop_deleted(1, server_id);
    };
    let object = ObjectId::Message(id);
    let pending = tx.pending(object)?;
    if pending.is_some_and(|pending| pending.bits.is_edited()) {
        return tx.make_created(object);
    }
    let gone = tx.delete_messages(&[id])?;
    if gone.is_partial() {
        // It waits to be sent, and the server has no part in it any more.
        return tx.forget_remote(object);
    }
    tx.drop_pending(object)
}
