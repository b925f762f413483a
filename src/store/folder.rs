//! Folders.

use std::ops::Deref;

use super::EntryId;
use super::calls::{Object, TableOf};
use super::error::StoreError;
use super::message::{Message, read_flags};
use super::properties::{Properties, text_value};
use super::query::Query;
use mapi_provider_abi::mapi::{
    CopyFolderFlags, CopyMessagesFlags, CreateFolderFlags, CreateMessageFlags, DeleteFolderFlags,
    DeleteMessagesFlags, EmptyFolderFlags, GetContentsTableFlags, GetHierarchyTableFlags,
    IMAPIFolder, MessageFlags, PR_DISPLAY_NAME_W, PR_ENTRYID,
};

/// A folder of a store.
///
/// Changes to a folder take effect at once. It is cheap to clone, and can be used from any thread.
///
/// Calls about several messages do as much as they can. If something is left over, they fail with
/// [`StoreError::is_partial`]; MAPI doesn’t say what it was.
///
/// ```
/// use mapi_provider::store::{EntryId, Store, StoreError};
///
/// /// Moves messages into a folder below another one.
/// fn archive(store: &Store, ids: &[EntryId]) -> Result<(), StoreError> {
///     let inbox = store.receive_folder("IPM.Note")?;
///     let archive = store.ipm_subtree()?.open_or_create_folder("Archive")?;
///     inbox.move_messages(ids, &archive)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Folder<'run> {
    properties: Properties<'run>,
    folder: Object<'run, IMAPIFolder>,
}

impl<'run> Folder<'run> {
    pub(super) fn new(folder: Object<'run, IMAPIFolder>) -> Self {
        Self {
            properties: Properties::new(folder.properties()),
            folder,
        }
    }

    /// The name that is shown.
    ///
    /// # Errors
    ///
    /// The folder can’t be read.
    pub fn name(&self) -> Result<String, StoreError> {
        Ok(self.text(PR_DISPLAY_NAME_W)?.unwrap_or_default())
    }

    /// Gives the folder another name.
    ///
    /// # Errors
    ///
    /// The store refuses it: [`StoreError::is_collision`] if a sibling has that name.
    pub fn rename(&self, name: &str) -> Result<(), StoreError> {
        self.set(PR_DISPLAY_NAME_W, text_value(name))
    }

    /// The folders in this one.
    pub fn folders(&self) -> Query<'run> {
        self.hierarchy(GetHierarchyTableFlags::empty())
    }

    /// The folders in this one, and all folders below; `PR_DEPTH` is their depth.
    pub fn all_folders(&self) -> Query<'run> {
        self.hierarchy(GetHierarchyTableFlags::CONVENIENT_DEPTH)
    }

    fn hierarchy(&self, flags: GetHierarchyTableFlags) -> Query<'run> {
        Query::new(TableOf::Hierarchy(self.folder.clone(), flags))
    }

    /// The messages in this folder.
    pub fn messages(&self) -> Query<'run> {
        self.contents(GetContentsTableFlags::empty())
    }

    /// The items in this folder that users don’t see: views, rules, what providers keep there.
    pub fn hidden_items(&self) -> Query<'run> {
        self.contents(GetContentsTableFlags::MAPI_ASSOCIATED)
    }

    fn contents(&self, flags: GetContentsTableFlags) -> Query<'run> {
        Query::new(TableOf::Contents(self.folder.clone(), flags))
    }

    /// Opens the folder with a name in this one; `None` if there isn’t one. Case doesn’t matter, but an
    /// exact match goes first.
    ///
    /// # Errors
    ///
    /// The folders can’t be read, or this one can’t be opened.
    pub fn folder(&self, name: &str) -> Result<Option<Folder<'run>>, StoreError> {
        let lower = name.to_lowercase();
        let mut found = None;
        for row in self
            .folders()
            .columns(&[PR_ENTRYID, PR_DISPLAY_NAME_W])
            .rows()?
        {
            let row = row?;
            let Some(other) = row.text(PR_DISPLAY_NAME_W) else {
                continue;
            };
            if other == name {
                found = row.entry_id();
                break;
            }
            if found.is_none() && other.to_lowercase() == lower {
                found = row.entry_id();
            }
        }
        found.map(|id| self.open_folder(&id)).transpose()
    }

    /// Opens a folder of this store.
    ///
    /// # Errors
    ///
    /// There is none, or it can’t be opened.
    pub fn open_folder(&self, id: &EntryId) -> Result<Folder<'run>, StoreError> {
        Ok(Folder::new(self.folder.open_folder(id)?))
    }

    /// Opens a message of this store.
    ///
    /// # Errors
    ///
    /// There is none, or it can’t be opened.
    pub fn open_message(&self, id: &EntryId) -> Result<Message<'run>, StoreError> {
        Ok(Message::opened(self.folder.open_message(id)?))
    }

    /// Creates a folder in this one.
    ///
    /// `PR_CONTAINER_CLASS` says what kind of items it is for, `IPF.Note` for mail; without it, Outlook
    /// assumes mail.
    ///
    /// # Errors
    ///
    /// The store refuses it: [`StoreError::is_collision`] if there is one with that name.
    pub fn create_folder(&self, name: &str) -> Result<Folder<'run>, StoreError> {
        let flags = CreateFolderFlags::empty();
        Ok(Folder::new(self.folder.create_folder(name, flags)?))
    }

    /// Opens the folder with a name in this one, or creates it.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    pub fn open_or_create_folder(&self, name: &str) -> Result<Folder<'run>, StoreError> {
        let flags = CreateFolderFlags::OPEN_IF_EXISTS;
        Ok(Folder::new(self.folder.create_folder(name, flags)?))
    }

    /// Deletes a folder in this one, which must be empty.
    ///
    /// # Errors
    ///
    /// There is something in it (`MAPI_E_HAS_FOLDERS`, `MAPI_E_HAS_MESSAGES`), or the store refuses it.
    pub fn delete_folder(&self, id: &EntryId) -> Result<(), StoreError> {
        self.folder.delete_folder(id, DeleteFolderFlags::empty())
    }

    /// Deletes a folder in this one, and everything in it.
    ///
    /// # Errors
    ///
    /// The store refuses it, or something was left over.
    pub fn delete_folder_tree(&self, id: &EntryId) -> Result<(), StoreError> {
        let all = DeleteFolderFlags::DEL_FOLDERS | DeleteFolderFlags::DEL_MESSAGES;
        self.folder.delete_folder(id, all)
    }

    /// Moves a folder in this one into another, perhaps under another name.
    ///
    /// # Errors
    ///
    /// The store refuses it, or something was left over.
    pub fn move_folder(
        &self,
        id: &EntryId,
        to: &Folder,
        name: Option<&str>,
    ) -> Result<(), StoreError> {
        let flags = CopyFolderFlags::FOLDER_MOVE;
        self.folder.copy_folder(id, &to.folder, name, flags)
    }

    /// Copies a folder in this one, with everything in it, into another, perhaps under another name.
    ///
    /// # Errors
    ///
    /// The store refuses it, or something was left over.
    pub fn copy_folder(
        &self,
        id: &EntryId,
        to: &Folder,
        name: Option<&str>,
    ) -> Result<(), StoreError> {
        let flags = CopyFolderFlags::COPY_SUBFOLDERS;
        self.folder.copy_folder(id, &to.folder, name, flags)
    }

    /// Deletes everything in the folder.
    ///
    /// # Errors
    ///
    /// The store refuses it, or something was left over.
    pub fn empty(&self) -> Result<(), StoreError> {
        self.folder.empty(EmptyFolderFlags::empty())
    }

    /// Creates a message that has arrived: unread, of class `IPM.Note`. Nobody sees it before it is saved.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    pub fn create_message(&self) -> Result<Message<'run>, StoreError> {
        self.create(CreateMessageFlags::empty(), MessageFlags::empty())
    }

    /// Creates a message that its user is still writing: read and unsent, of class `IPM.Note`.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    pub fn create_draft(&self) -> Result<Message<'run>, StoreError> {
        let flags = MessageFlags::UNSENT | MessageFlags::READ;
        self.create(CreateMessageFlags::empty(), flags)
    }

    /// Creates an item that users don’t see; its class, `PR_MESSAGE_CLASS`, should say what it is for.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    pub fn create_hidden_item(&self) -> Result<Message<'run>, StoreError> {
        let flags = CreateMessageFlags::MAPI_ASSOCIATED;
        self.create(flags, MessageFlags::READ)
    }

    fn create(
        &self,
        how: CreateMessageFlags,
        flags: MessageFlags,
    ) -> Result<Message<'run>, StoreError> {
        Message::created(self.folder.create_message(how)?, flags)
    }

    /// Deletes messages. Those that are already gone, or open for writing, may be left over.
    ///
    /// # Errors
    ///
    /// The store refuses it, or some were left over.
    pub fn delete_messages(&self, ids: &[EntryId]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let flags = DeleteMessagesFlags::empty();
        self.folder.delete_messages(ids, flags)
    }

    /// Moves messages to another folder. Their entry IDs may change: look for them by a key of your
    /// own.
    ///
    /// # Errors
    ///
    /// The store refuses it, or some were left over.
    pub fn move_messages(&self, ids: &[EntryId], to: &Folder) -> Result<(), StoreError> {
        self.transfer(ids, to, CopyMessagesFlags::MESSAGE_MOVE)
    }

    /// Copies messages to another folder.
    ///
    /// # Errors
    ///
    /// The store refuses it, or some were left over.
    pub fn copy_messages(&self, ids: &[EntryId], to: &Folder) -> Result<(), StoreError> {
        self.transfer(ids, to, CopyMessagesFlags::empty())
    }

    fn transfer(
        &self,
        ids: &[EntryId],
        to: &Folder,
        flags: CopyMessagesFlags,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.folder.copy_messages(ids, &to.folder, flags)
    }

    /// Marks messages as read or unread. No report of it is sent.
    ///
    /// # Errors
    ///
    /// The store refuses it, or some were left unchanged.
    pub fn set_read(&self, ids: &[EntryId], read: bool) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.folder.set_read_flags(ids, read_flags(read))
    }
}

impl<'run> Deref for Folder<'run> {
    type Target = Properties<'run>;

    fn deref(&self) -> &Properties<'run> {
        &self.properties
    }
}
