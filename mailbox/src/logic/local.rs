//! What clients did, told until it is acknowledged.

use crate::database::{FolderId, Message, ObjectId, Part, Pending, Reader, Remote, Result, Store};

use super::twin;

/// What clients did with one object since the logic last acknowledged it.
#[derive(Debug, Clone)]
pub struct LocalChange {
    pub(super) store: Store,
    last: u64,
    /// The folder that it was in when this was told: from there it has moved, if it moves later.
    place: Option<FolderId>,
    /// The folder or message.
    pub object: ObjectId,
    /// What the server calls it; none where it does not know it.
    pub remote: Option<Remote>,
    /// What was done.
    pub what: Local,
}

/// What was done with an object, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Local {
    /// It is new.
    Created,
    /// It was there before, and is different now.
    Changed {
        /// A message was saved again, or properties of a folder were changed: its name perhaps.
        edited: bool,
        /// A message was marked: whether it is read now.
        read: Option<bool>,
        /// It was moved: the folder where the server has it.
        moved_from: Option<FolderId>,
    },
    /// It is gone.
    Deleted,
}

pub(super) fn all(store: &Store) -> Result<Vec<LocalChange>> {
    // STORE-45: from now on all is kept until it is acknowledged. What can't be noted now is noted the next time.
    if store.read(|reader| reader.is_unasked())? {
        let _ = store.as_logic().write(|tx| tx.note_asked());
    }
    store.read(|reader| {
        let pending = reader.all_pending()?;
        pending
            .into_iter()
            .map(|one| told(store, reader, one))
            .collect()
    })
}

fn told(store: &Store, reader: &Reader<'_>, pending: Pending) -> Result<LocalChange> {
    let bits = pending.bits;
    let info = match pending.object {
        ObjectId::Message(id) => reader.message_info(id)?,
        ObjectId::Folder(_) => None,
    };
    let place = match pending.object {
        ObjectId::Message(_) => info.map(|info| info.folder),
        ObjectId::Folder(id) => reader.folder(id)?.and_then(|folder| folder.parent),
    };
    let remote = match reader.remote(pending.object)? {
        Some(remote) => Some(remote),
        // Its row is gone, or it got one only now.
        None => pending.server_id.map(|server_id| Remote {
            server_id,
            server_version: None,
        }),
    };
    let what = if bits.is_deleted() {
        Local::Deleted
    } else if bits.is_created() {
        Local::Created
    } else {
        let read = info.filter(|_| bits.is_read()).map(|info| info.read);
        Local::Changed {
            edited: bits.is_edited(),
            read,
            moved_from: pending.moved_from.filter(|_| bits.is_moved()),
        }
    };
    Ok(LocalChange {
        store: store.clone(),
        last: pending.last,
        place,
        object: pending.object,
        remote,
        what,
    })
}

impl LocalChange {
    /// The message as it is now, if it is one and is still there.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn message(&self) -> Result<Option<Message>> {
        match self.object {
            ObjectId::Message(id) => self.store.open_message(id),
            ObjectId::Folder(_) => Ok(None),
        }
    }

    /// The server has it: it is not told again. What clients have done since this was told is, later.
    ///
    /// This acknowledges all of it. Whoever has sent a part of it only says so by
    /// [`acknowledge_part`](Self::acknowledge_part); whoever has sent nothing says nothing.
    ///
    /// # Errors
    ///
    /// The store can't be written. Then it is told again.
    pub fn acknowledge(&self) -> Result<()> {
        let logic = self.store.as_logic();
        logic.write(|tx| tx.acknowledge(self.object, self.last, self.place))
    }

    /// The server has this part of it. The rest is told again.
    ///
    /// # Errors
    ///
    /// As [`acknowledge`](Self::acknowledge).
    pub fn acknowledge_part(&self, part: Part) -> Result<()> {
        let logic = self.store.as_logic();
        logic.write(|tx| tx.acknowledge_part(self.object, part, self.last, self.place))
    }

    /// The same as [`acknowledge`](Self::acknowledge), and this is what the server calls the object from now on. When it
    /// returns, a power failure can't undo it: else the object would be sent again.
    ///
    /// If a client has deleted it meanwhile, that is told next. If a batch has brought it in meanwhile under the server's
    /// ID, it is there twice, and the one that the batch made goes; where a client has edited that, it stays, and is told
    /// as a new one.
    ///
    /// # Errors
    ///
    /// As [`acknowledge`](Self::acknowledge).
    pub fn acknowledge_as(&self, remote: &Remote) -> Result<()> {
        self.store.as_logic().write_durably(|tx| {
            let has_name = match self.object {
                ObjectId::Message(id) => twin::take_name(tx, id, &remote.server_id)?,
                ObjectId::Folder(id) => twin::take_folder_name(tx, id, &remote.server_id)?,
            };
            let is_there = match self.object {
                ObjectId::Message(id) => tx.message_info(id)?.is_some(),
                ObjectId::Folder(id) => tx.folder(id)?.is_some(),
            };
            match (is_there, has_name) {
                (true, _) => {
                    tx.set_remote(self.object, remote)?;
                    tx.acknowledge(self.object, self.last, self.place)
                }
                (false, true) => tx.delete_at_server(self.object, &remote.server_id),
                // What bears the name now is wanted.
                (false, false) => Ok(()),
            }
        })
    }
}
