//! The side that people work with, as this crate sees it.

use crate::gate::Deletion;
use crate::item::{Flags, LocalFolderKey, LocalKey, PairId, Role, Version};
use crate::outcome::Answer;
use crate::told::{Listing, Proof};

/// The side that people work with: a mailbox that keeps a log of changes, or a store that is compared.
///
/// An item is in one folder. Every verb that changes something is one step: after a crash it was done or it was not.
pub trait Local {
    /// What tells this store from others. A state that was kept for another one is not used.
    fn store(&self) -> String;

    /// All folders.
    ///
    /// # Errors
    ///
    /// They can't be read.
    fn folders(&mut self) -> Answer<Vec<LocalFolder>>;

    /// Tells what has changed and was not acknowledged; with `all`, everything that is there. A store without a log of
    /// changes always tells everything.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    fn changes(
        &mut self,
        all: bool,
        listing: &mut dyn Listing<LocalEntry, LocalKey>,
    ) -> Answer<Proof>;

    /// The content of an item.
    ///
    /// # Errors
    ///
    /// It is gone, or can't be made into octets.
    fn read(&mut self, key: &LocalKey) -> Answer<Vec<u8>>;

    /// Makes new items, each with its pair's name in the same step. What is made so is no change to be told.
    ///
    /// # Errors
    ///
    /// For all of them, or for each.
    fn create(&mut self, items: &[NewLocal]) -> Answer<Vec<Answer<Created>>>;

    /// The item that has this pair's name; none is an answer too. If copies have it as well, the oldest.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    fn find(&mut self, pair: &PairId) -> Answer<Option<LocalEntry>>;

    /// Changes an item, if it is still as it was told. What is changed so is no change to be told.
    ///
    /// # Errors
    ///
    /// [`Failure::Stale`](crate::Failure::Stale): somebody has changed it since.
    fn update(&mut self, before: &LocalEntry, change: &LocalChange) -> Answer<Created>;

    /// Deletes an item, if it is still as it was told.
    ///
    /// # Errors
    ///
    /// [`Failure::Stale`](crate::Failure::Stale): somebody has changed it since. [`Failure::Gone`](crate::Failure::Gone)
    /// is as good as done.
    fn delete(&mut self, deletion: &Deletion<LocalEntry>) -> Answer<()>;

    /// The server has this item as it was told: it need not be told again, unless it has changed since. From now on it
    /// has this pair's name.
    ///
    /// # Errors
    ///
    /// The store can't be written. Then it is told again.
    fn acknowledge(&mut self, entry: &LocalEntry, pair: &PairId) -> Answer<()>;

    /// The revision that an item had and the one that it has, where [`acknowledge`](Self::acknowledge) gave it another one by
    /// writing the pair's name, and nobody has changed it between. Otherwise its content is looked at once more.
    fn acknowledged_revision(&mut self, key: &LocalKey) -> Option<(Version, Version)> {
        let _ = key;
        None
    }

    /// The server knows that this item is gone.
    ///
    /// # Errors
    ///
    /// As for [`acknowledge`](Self::acknowledge).
    fn acknowledge_gone(&mut self, key: &LocalKey) -> Answer<()>;

    /// Takes the pair's name from an item.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    fn unbind(&mut self, key: &LocalKey) -> Answer<()>;

    /// Shows people that an item could not be sent, and why; with none, that this is over (TWOWAY-20).
    ///
    /// # Errors
    ///
    /// The store can't be written. It is only told then.
    fn mark_unsent(&mut self, key: &LocalKey, why: Option<&str>) -> Answer<()> {
        let _ = (key, why);
        Ok(())
    }

    /// The mark that an earlier run has left in the store, empty if none has; none at all where the common state lies in
    /// the store itself. A store that is put back without its state is known by it (TWOWAY-06).
    ///
    /// # Errors
    ///
    /// The store can't be read.
    fn mark(&mut self) -> Answer<Option<String>> {
        Ok(None)
    }

    /// Leaves another mark in the store.
    ///
    /// # Errors
    ///
    /// The store can't be written: the old one stays.
    fn set_mark(&mut self, mark: &str) -> Answer<()> {
        let _ = mark;
        Ok(())
    }

    /// Makes a folder. If there is one of that name at that place, it is that one.
    ///
    /// # Errors
    ///
    /// There is none.
    fn create_folder(
        &mut self,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<LocalFolderKey>;

    /// Gives a folder another name or parent.
    ///
    /// # Errors
    ///
    /// It is as it was.
    fn rename_folder(
        &mut self,
        folder: &LocalFolderKey,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<()>;

    /// Deletes a folder that has nothing in it.
    ///
    /// # Errors
    ///
    /// [`Failure::Stale`](crate::Failure::Stale): there is something in it.
    fn delete_folder(&mut self, deletion: &Deletion<LocalFolderKey>) -> Answer<()>;
}

/// A local folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFolder {
    /// Its key. It stays the same when it is renamed.
    pub key: LocalFolderKey,
    /// The folder that it is in; none at the top.
    pub parent: Option<LocalFolderKey>,
    /// Its name.
    pub name: String,
    /// It can't be renamed or deleted: the Inbox. The server gets it only once there is something in it.
    pub is_fixed: bool,
    /// What it is for, if the store says so.
    pub role: Option<Role>,
}

/// An item as the local side tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalEntry {
    /// Its key.
    pub key: LocalKey,
    /// The folder that it is in.
    pub folder: LocalFolderKey,
    /// Its flags, all of them.
    pub flags: Flags,
    /// When it arrived, in seconds since 1970.
    pub date: i64,
    /// Differs where the content does.
    pub revision: Version,
    /// As [`RemoteEntry::identity`](crate::RemoteEntry::identity), and only while nobody has edited it.
    pub identity: Option<String>,
    /// The name of its pair, if it has one.
    pub pair: Option<PairId>,
    /// What people call it: the subject.
    pub title: String,
}

/// A new local item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLocal {
    /// Kept with it from the first moment on.
    pub pair: PairId,
    /// Where it goes.
    pub folder: LocalFolderKey,
    /// Its flags.
    pub flags: Flags,
    /// When it arrived, in seconds since 1970.
    pub date: i64,
    /// Its content.
    pub content: Vec<u8>,
    /// The content is only the header; the rest may come later.
    pub is_header_only: bool,
}

/// What is to be different in an item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalChange {
    /// All its flags.
    pub flags: Option<Flags>,
    /// The folder that it goes to.
    pub folder: Option<LocalFolderKey>,
    /// Its content.
    pub content: Option<Vec<u8>>,
}

/// What an item is called after a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its key, which may be another one after a move.
    pub key: LocalKey,
    /// Its content's revision.
    pub revision: Version,
}
