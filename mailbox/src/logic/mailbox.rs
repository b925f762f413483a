//! A store, as the logic sees it.

use crate::database::{
    Error, Folder, FolderId, Message, MessageId, ObjectId, Remote, Result, Special, Store,
};

use super::batch::Batch;
use super::local::{self, LocalChange};

/// A store, as the synchronisation logic sees it: folders by path or by the server's IDs, batches of what the server has,
/// and what clients did.
#[derive(Debug, Clone)]
pub struct Mailbox {
    store: Store,
}

impl Mailbox {
    /// The mailbox of a store.
    pub fn new(store: Store) -> Self {
        let store = store.as_logic();
        Self { store }
    }

    /// The store itself. What is written by it is the logic's doing, no local change.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Where mail arrives.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn inbox(&self) -> Result<FolderId> {
        self.special(Special::Inbox)
    }

    /// A folder that every store has.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn special(&self, special: Special) -> Result<FolderId> {
        self.store.read(|reader| reader.special(special))
    }

    /// A folder by its path below what people see, names with `/` between them: `Inbox/Projects`. None where there is
    /// none.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folder_at(&self, path: &str) -> Result<Option<FolderId>> {
        self.store.read(|reader| {
            let mut folder = reader.special(Special::IpmSubtree)?;
            for name in path.split('/').filter(|name| !name.is_empty()) {
                match reader.child_named(folder, name)? {
                    None => return Ok(None),
                    Some(child) => folder = child,
                }
            }
            Ok(Some(folder))
        })
    }

    /// The folder that the server calls so.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folder_of_server(&self, server_id: &str) -> Result<Option<FolderId>> {
        self.store.read(|reader| reader.folder_of_server(server_id))
    }

    /// The message that the server calls so.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn message_of_server(&self, server_id: &str) -> Result<Option<MessageId>> {
        self.store
            .read(|reader| reader.message_of_server(server_id))
    }

    /// A folder; none where it is gone.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folder(&self, id: FolderId) -> Result<Option<Folder>> {
        self.store.read(|reader| reader.folder(id))
    }

    /// All folders that people see, parents first, with how deep they lie.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folders(&self) -> Result<Vec<(u32, Folder)>> {
        self.store.read(|reader| {
            let top = reader.special(Special::IpmSubtree)?;
            reader.tree(top)
        })
    }

    /// A message in full; none where it is gone.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>> {
        self.store.open_message(id)
    }

    /// What the server calls an object; none where it does not know it.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn remote(&self, object: ObjectId) -> Result<Option<Remote>> {
        self.store.read(|reader| reader.remote(object))
    }

    /// Where the logic goes on: what [`Batch::commit_with`] last kept.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn cursor(&self) -> Result<Option<Vec<u8>>> {
        self.store
            .read(|reader| reader.cursor(super::batch::CURSOR))
    }

    /// Makes a folder that the server has, or takes the one of that name, and says what the server calls it. One that
    /// the server calls so already is renamed and moved, unless a client has done so and the server does not know it
    /// yet. None where a client has deleted the folder and the server does not know that yet: what is in it is left out.
    ///
    /// Where another folder has the name, that one gets a number after its name, until the server says what it is called:
    /// names may be swapped, and folders may be told in any order.
    ///
    /// # Errors
    ///
    /// The parent is gone, or the store can't be written.
    pub fn upsert_folder(
        &self,
        parent: FolderId,
        server_id: &str,
        name: &str,
    ) -> Result<Option<FolderId>> {
        let logic = &self.store;
        logic.write(|tx| super::folder::upsert(tx, parent, server_id, name))
    }

    /// Deletes a folder with all in it, as the server has done. Nothing that somebody wrote is lost; this tells what was
    /// kept:
    ///
    /// - Messages and folders that clients made in it, and messages that they edited, go into the folder above, or into the
    ///   inbox. They are told as new ones.
    /// - What clients moved there from elsewhere goes back to where the server has it.
    /// - A message that waits to be sent stays, and the folder with it, which is told as a new one.
    ///
    /// A large folder goes some hundred messages at a time, so that no client waits for all of it.
    ///
    /// # Errors
    ///
    /// [`Error::SpecialFolder`], or the store can't be written.
    pub fn remove_folder(&self, server_id: &str) -> Result<Vec<ObjectId>> {
        super::folder::remove(&self.store, server_id)
    }

    /// A batch of what the server has.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(&self.store)
    }

    /// What clients did and the logic has not acknowledged, such that it can be done at the server in this order: folders
    /// first, parents before children; then messages; then what was deleted. All that was done with one object is one
    /// change. What is not acknowledged is told again, after a crash too.
    ///
    /// A store that was never asked forgets deletions of more than 100,000 changes ago when it is opened; from the first call
    /// on it forgets nothing.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn local_changes(&self) -> Result<Vec<LocalChange>> {
        local::all(&self.store)
    }

    /// Checks that this is a store whose changes are kept for the logic.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`]: it was opened without [`track_local_changes`](crate::database::Options::track_local_changes).
    pub fn check_tracked(&self) -> Result<()> {
        if self.store.read(|reader| reader.is_tracked())? {
            return Ok(());
        }
        Err(Error::Invalid(
            "the store keeps no local changes: open it with `track_local_changes`",
        ))
    }
}
