//! What the server has, brought in some hundred messages at a time.

use std::sync::Arc;

use crate::database::{
    Error, FolderId, FolderKind, Message, MessageId, NewFolder, ObjectId, PropertySet, Remote,
    Result, Save, Store, Transaction,
};
use mapi_provider_abi::mapi::{MessageFlags, PR_DISPLAY_NAME_W};

use super::draft::Draft;

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
    /// Clients have changed or deleted it, and the server does not know it yet. It is as they left it.
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
        }
    }

    /// Brings in a message, by the server's ID: a new one, or what is different in one that is here already. `fill` gets
    /// it as it is.
    ///
    /// # Errors
    ///
    /// The store can't be read; where the batch is full, it can't be written, or a folder is gone.
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
        let store = self.store;
        let known = store.read(|reader| reader.message_of_server(server_id))?;
        let before = match known {
            Some(id) => store.open_message(id)?,
            None => None,
        };
        let data = before.as_ref().map(|message| (*message.data).clone());
        let mut draft = Draft::new(store, data.unwrap_or_default(), before.is_none());
        fill(&mut draft)?;
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

    fn write(&mut self, cursor: Option<&[u8]>) -> Result<()> {
        let waiting = &self.waiting;
        let told = self.store.write_as_logic(|tx| {
            let mut told = Vec::with_capacity(waiting.len());
            for one in waiting {
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
        })?;
        self.told.extend(told);
        self.waiting.clear();
        self.weight = 0;
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
    let known = match tx.message_of_server(server_id)? {
        Some(id) => tx.message_info(id)?,
        None => None,
    };
    let remote = Remote {
        server_id: server_id.to_owned(),
        server_version: draft.server_version.clone(),
    };
    let Some(now) = known else {
        let id = new_message(tx, folder, draft)?;
        tx.set_remote(ObjectId::Message(id), &remote)?;
        return Ok(Upserted::Created);
    };
    let object = ObjectId::Message(now.id);
    let pending = tx.pending(object)?.map(|pending| pending.bits);
    let is_kept = |changed: bool| changed && !draft.over_local;
    let edited = is_kept(pending.is_some_and(|bits| bits.is_edited()));
    // Somebody else of the logic may have saved it since the draft was made: then the draft is old news. Not so where
    // this batch has it twice: the later one holds.
    let is_stale = before.is_none_or(|before| before.info.version != now.version)
        && now.version != tx.version();
    if edited || is_stale && !draft.over_local {
        return Ok(Upserted::KeptLocal);
    }
    let mut changed = false;
    if before.is_none_or(|before| *before.data != draft.data) {
        save(tx, now.id, folder, Some(now.version), draft)?;
        changed = true;
    }
    if now.folder != folder && !is_kept(pending.is_some_and(|bits| bits.is_moved())) {
        let moved = tx.move_messages(&[now.id], folder)?;
        changed |= !moved.is_partial();
    }
    let marked = draft.read.filter(|read| *read != now.read);
    if let Some(read) = marked
        && !is_kept(pending.is_some_and(|bits| bits.is_read()))
    {
        tx.set_read(&[now.id], read)?;
        // STORE-24: whoever has read it elsewhere has reported it there.
        let reports = MessageFlags::RN_PENDING | MessageFlags::NRN_PENDING;
        let waits = now.flags & reports.bits();
        if read && waits != 0 {
            tx.set_flags(now.id, 0, waits)?;
        }
        changed = true;
    }
    if draft.over_local {
        tx.drop_pending(object)?;
    }
    if tx.remote(object)?.as_ref() != Some(&remote) && draft.server_version.is_some() {
        tx.set_remote(object, &remote)?;
    }
    Ok(if changed {
        Upserted::Changed
    } else {
        Upserted::Unchanged
    })
}

fn new_message(tx: &Transaction<'_>, folder: FolderId, draft: &Draft<'_>) -> Result<MessageId> {
    let id = tx.new_message_id();
    save(tx, id, folder, None, draft)?;
    Ok(id)
}

fn save(
    tx: &Transaction<'_>,
    id: MessageId,
    folder: FolderId,
    base: Option<crate::database::Version>,
    draft: &Draft<'_>,
) -> Result<Arc<crate::database::MessageData>> {
    let saved = tx.save_message(&Save {
        id,
        folder,
        associated: false,
        base,
        force: false,
        read: draft.read.unwrap_or(false),
        keep_time: false,
        data: &draft.data,
    });
    match saved {
        Err(Error::Deleted) => Err(Error::NotFound("folder")),
        other => other.map(|message| message.data),
    }
}

fn remove(tx: &Transaction<'_>, server_id: &str) -> Result<()> {
    let Some(id) = tx.message_of_server(server_id)? else {
        return Ok(());
    };
    let object = ObjectId::Message(id);
    let pending = tx.pending(object)?;
    if pending.is_some_and(|pending| pending.bits.is_edited()) {
        return tx.make_created(id);
    }
    let gone = tx.delete_messages(&[id])?;
    if gone.is_partial() {
        // It waits to be sent, and the server has no part in it any more.
        return tx.forget_remote(object);
    }
    tx.drop_pending(object)
}

pub(super) fn upsert_folder(
    tx: &Transaction<'_>,
    parent: FolderId,
    server_id: &str,
    name: &str,
) -> Result<FolderId> {
    if let Some(known) = tx.folder_of_server(server_id)? {
        let folder = tx.existing_folder(known)?;
        let object = ObjectId::Folder(known);
        let is_changed_here = tx
            .pending(object)?
            .is_some_and(|pending| pending.bits.is_edited() || pending.bits.is_moved());
        let is_same = folder.parent == Some(parent) && folder.name == name;
        if !is_same && !is_changed_here && folder.special.is_none() {
            tx.move_folder(known, parent, Some(name))?;
        }
        return Ok(known);
    }
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    let new = NewFolder {
        parent,
        kind: FolderKind::Generic,
        props: &props,
        open_existing: true,
    };
    let (id, _) = tx.create_folder(&new)?;
    let object = ObjectId::Folder(id);
    if tx.remote(object)?.is_some() {
        return Err(Error::Collision(name.to_owned()));
    }
    let remote = Remote {
        server_id: server_id.to_owned(),
        server_version: None,
    };
    tx.set_remote(object, &remote)?;
    // A client has made it too: now both have it.
    tx.drop_pending(object)?;
    Ok(id)
}
