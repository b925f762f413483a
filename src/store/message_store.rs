//! The store itself.

use std::ops::Deref;

use super::EntryId;
use super::calls::Object;
use super::error::StoreError;
use super::folder::Folder;
use super::message::Message;
use super::properties::Properties;
use mapi_provider_abi::mapi::{
    IMsgStore, PR_IPM_OUTBOX_ENTRYID, PR_IPM_SENTMAIL_ENTRYID, PR_IPM_SUBTREE_ENTRYID,
    PR_IPM_WASTEBASKET_ENTRYID, PropTag,
};
use mapi_provider_abi::view::Allocators;

/// An open message store: where folders and messages are.
///
/// It is cheap to clone, and can be used from any thread until its run ends.
///
/// ```
/// use mapi_provider::abi::PR_DISPLAY_NAME_W;
/// use mapi_provider::store::{Store, StoreError};
///
/// /// What a user sees at the top of the store.
/// fn top(store: &Store) -> Result<Vec<String>, StoreError> {
///     let folders = store.ipm_subtree()?.folders().columns(&[PR_DISPLAY_NAME_W]);
///     let names = folders.rows()?.map(|row| Ok(row?.text(PR_DISPLAY_NAME_W).unwrap_or_default()));
///     names.collect()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Store<'run> {
    properties: Properties<'run>,
    store: Object<'run, IMsgStore>,
}

impl<'run> Store<'run> {
    /// A store that somebody has opened: for hosts and tests. In a run, [`SyncJob`](crate::SyncJob) has
    /// the store.
    ///
    /// The allocators are those that the store was given: what it answers is freed by them. The store may be kept for as
    /// long as one likes: whose interface it is, he knows how long MAPI and the library behind it stay.
    pub fn from_interface(store: IMsgStore, allocators: Allocators) -> Self {
        let store = Object::new(store, allocators);
        Self {
            properties: Properties::new(store.properties()),
            store,
        }
    }

    /// The root of all folders, of which users see those in [`ipm_subtree`](Self::ipm_subtree).
    ///
    /// # Errors
    ///
    /// It can’t be opened.
    pub fn root(&self) -> Result<Folder<'run>, StoreError> {
        self.open_folder(&EntryId::default())
    }

    /// The folder whose content users see.
    ///
    /// # Errors
    ///
    /// The store has none, or it can’t be opened.
    pub fn ipm_subtree(&self) -> Result<Folder<'run>, StoreError> {
        self.special(PR_IPM_SUBTREE_ENTRYID)
    }

    /// The folder of deleted items.
    ///
    /// # Errors
    ///
    /// The store has none, or it can’t be opened.
    pub fn wastebasket(&self) -> Result<Folder<'run>, StoreError> {
        self.special(PR_IPM_WASTEBASKET_ENTRYID)
    }

    /// The folder of messages to be sent.
    ///
    /// # Errors
    ///
    /// The store has none, or it can’t be opened.
    pub fn outbox(&self) -> Result<Folder<'run>, StoreError> {
        self.special(PR_IPM_OUTBOX_ENTRYID)
    }

    /// The folder of messages that were sent.
    ///
    /// # Errors
    ///
    /// The store has none, or it can’t be opened.
    pub fn sent_items(&self) -> Result<Folder<'run>, StoreError> {
        self.special(PR_IPM_SENTMAIL_ENTRYID)
    }

    fn special(&self, tag: PropTag) -> Result<Folder<'run>, StoreError> {
        self.open_folder(&self.entry_id_in(tag)?)
    }

    /// The folder where messages of a class arrive: the inbox of mail for `IPM.Note`.
    ///
    /// # Errors
    ///
    /// The store has none, or it can’t be opened.
    pub fn receive_folder(&self, class: &str) -> Result<Folder<'run>, StoreError> {
        self.open_folder(&self.store.receive_folder(class)?)
    }

    /// Sets the folder where messages of a class arrive.
    ///
    /// # Errors
    ///
    /// The store refuses it.
    pub fn set_receive_folder(&self, class: &str, folder: &EntryId) -> Result<(), StoreError> {
        self.store.set_receive_folder(class, folder)
    }

    /// Opens a folder.
    ///
    /// # Errors
    ///
    /// There is none, or it can’t be opened.
    pub fn open_folder(&self, id: &EntryId) -> Result<Folder<'run>, StoreError> {
        Ok(Folder::new(self.store.open_folder(id)?))
    }

    /// Opens a message.
    ///
    /// # Errors
    ///
    /// There is none ([`StoreError::is_not_found`]), or it can’t be opened.
    pub fn open_message(&self, id: &EntryId) -> Result<Message<'run>, StoreError> {
        Ok(Message::opened(self.store.open_message(id)?))
    }

    /// Whether two entry IDs belong to the same object, which may have several.
    ///
    /// # Errors
    ///
    /// The store can’t tell.
    pub fn same_entry(&self, one: &EntryId, other: &EntryId) -> Result<bool, StoreError> {
        self.store.same_entry(one, other)
    }
}

impl<'run> Deref for Store<'run> {
    type Target = Properties<'run>;

    fn deref(&self) -> &Properties<'run> {
        &self.properties
    }
}
