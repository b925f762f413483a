//! A store that is compared, as one of the two sides of a two-way synchronisation: one that a provider wraps, or any other
//! that MAPI has open.
//!
//! Such a store keeps no log. So each run is told everything that is there, and compares it with the common state, which is
//! in a file beside the store. What a message is called there, its pair's name, is a named property of ours, because a
//! message that is moved may get another entry ID.
//!
//! MAPI has no transactions. Each verb has one call in which its message is saved, and that one fails if somebody else has
//! saved it since it was opened. What comes after it, whether it is read and where it lies, brings the message nearer to what
//! the server has: if the process ends in between, the next run does the rest.

mod columns;
mod folders;
mod keys;
mod listing;
mod state;
mod trouble;
mod write;

use std::collections::HashMap;

use mapi_provider_abi::mapi::{PR_CONTAINER_CLASS_W, PR_STORE_RECORD_KEY, PT_UNICODE};
use mapi_provider_abi::view::{NameId, PropName};
use mapi_provider_mime::original_name;
use mapi_provider_twoway::gate::Deletion;
use mapi_provider_twoway::{
    Answer, Created, Listing, Local, LocalChange, LocalEntry, LocalFolder, LocalFolderKey,
    LocalKey, NewLocal, PairId, Proof, Trouble, Version,
};

use self::columns::Columns;
use self::folders::{MAIL_CLASS, Place, Tree};
use self::trouble::trouble;
use crate::store::{EntryId, Folder, Message, Store, StoreError};

pub(super) use self::state::state_beside;

/// A store as [`Local`]: the mail in the folders that its users see, but for the outbox, search folders, and folders for
/// what is no mail.
///
/// It belongs to one run.
#[derive(Debug)]
pub struct StoreSide<'run> {
    store: Store<'run>,
    columns: Columns,
    places: folders::Places,
    /// Revisions that messages had and have since they got the names of their pairs.
    revisions: HashMap<LocalKey, (Version, Version)>,
}

impl<'run> StoreSide<'run> {
    /// The side that a store is.
    ///
    /// # Errors
    ///
    /// The store has no named properties, or no folders that users see.
    pub fn new(store: Store<'run>) -> Result<Self, StoreError> {
        Ok(Self {
            columns: Columns::of(&store)?,
            places: folders::Places::of(&store)?,
            revisions: HashMap::new(),
            store,
        })
    }

    fn tree(&self) -> Result<Tree, StoreError> {
        self.places.tree(&self.store)
    }

    fn open(&self, key: &LocalKey) -> Answer<Message<'run>> {
        let id = keys::entry_id(key.as_str()).ok_or_else(Trouble::gone)?;
        self.store.open_message(&id).map_err(trouble)
    }

    fn open_folder(&self, key: &LocalFolderKey) -> Answer<Folder<'run>> {
        let id = keys::entry_id(key.as_str()).ok_or_else(Trouble::gone)?;
        self.store.open_folder(&id).map_err(trouble)
    }

    fn open_parent(&self, key: Option<&LocalFolderKey>) -> Answer<Folder<'run>> {
        match key {
            Some(key) => self.open_folder(key),
            None => self.store.open_folder(self.places.top()).map_err(trouble),
        }
    }

    /// A folder that something is to be put into. If it is gone, that is for the next run to see.
    fn open_target(&self, key: &LocalFolderKey) -> Answer<Folder<'run>> {
        let id = keys::entry_id(key.as_str()).ok_or_else(Trouble::stale)?;
        match self.store.open_folder(&id) {
            Err(error) if error.is_not_found() => Err(Trouble::stale()),
            folder => folder.map_err(trouble),
        }
    }

    /// A message, if it still is as it was told.
    fn as_told(&self, told: &LocalEntry) -> Answer<Message<'run>> {
        let message = self.open(&told.key)?;
        let now = self.columns.entry_of(&message, &told.key)?;
        // TWOWAY-29
        let is_same = now.folder == told.folder
            && now.flags == told.flags
            && columns::is_same_revision(&now.revision, &told.revision);
        if is_same {
            Ok(message)
        } else {
            Err(Trouble::stale())
        }
    }

    /// What a message is called that was just saved, and what it says of itself. An object that is open says what was saved
    /// by it, and nothing of what others have saved since: that is told by the next listing.
    fn created(&self, id: &EntryId, message: &Message<'run>) -> Answer<Created> {
        let key = keys::local(id);
        let revision = self.columns.entry_of(message, &key)?.revision;
        Ok(Created { key, revision })
    }

    /// Changes a message and saves it, however often somebody else is faster. Answers the revision that it had and the one
    /// that it has.
    fn save_with(
        &self,
        key: &LocalKey,
        change: impl Fn(&Message<'run>) -> Result<bool, StoreError>,
    ) -> Answer<Option<(Version, Version)>> {
        let mut attempts = 0;
        loop {
            let message = self.open(key)?;
            let before = self.columns.entry_of(&message, key)?.revision;
            let saved = change(&message).and_then(|is_changed| match is_changed {
                true => message.save().map(|_| true),
                false => Ok(false),
            });
            match saved {
                Ok(true) => {
                    let after = self.columns.entry_of(&message, key)?.revision;
                    return Ok(Some((before, after)));
                }
                Ok(false) => return Ok(None),
                Err(error) if error.is_changed() && attempts < ATTEMPTS => attempts += 1,
                Err(error) => return Err(trouble(error)),
            }
        }
    }
}

/// The property of the outermost folder with the mark of the last run: a store that is put back without its state has an
/// older one (TWOWAY-06).
fn mark_name() -> PropName<'static> {
    PropName {
        set: original_name().set,
        id: NameId::from("Synchronised"),
    }
}

/// How often a message is saved anew while somebody else saves it, too.
const ATTEMPTS: usize = 5;

impl Local for StoreSide<'_> {
    fn store(&self) -> String {
        let key = self.store.binary(PR_STORE_RECORD_KEY);
        keys::hex(&key.ok().flatten().unwrap_or_default())
    }

    fn mark(&mut self) -> Answer<Option<String>> {
        let tag = self.store.find_named_property(&mark_name(), PT_UNICODE);
        let Ok(tag) = tag else { return Ok(None) };
        let top = self.store.open_folder(self.places.top()).map_err(trouble)?;
        let mark = tag.map(|tag| top.text(tag)).transpose().map_err(trouble)?;
        Ok(Some(mark.flatten().unwrap_or_default()))
    }

    fn set_mark(&mut self, mark: &str) -> Answer<()> {
        let tag = self.store.named_property(&mark_name(), PT_UNICODE);
        let top = self.store.open_folder(self.places.top()).map_err(trouble)?;
        top.set(tag.map_err(trouble)?, mark).map_err(trouble)
    }

    fn folders(&mut self) -> Answer<Vec<LocalFolder>> {
        let tree = self.tree().map_err(trouble)?;
        Ok(tree.shared().map(Place::to_local).collect())
    }

    fn changes(
        &mut self,
        _all: bool,
        listing: &mut dyn Listing<LocalEntry, LocalKey>,
    ) -> Answer<Proof> {
        listing::tell(self, listing)
    }

    fn read(&mut self, key: &LocalKey) -> Answer<Vec<u8>> {
        write::read(&self.open(key)?)
    }

    fn create(&mut self, items: &[NewLocal]) -> Answer<Vec<Answer<Created>>> {
        let mut answers = Vec::with_capacity(items.len());
        for new in items {
            match self.create_one(new) {
                Err(Trouble::Stop(stop)) => return Err(stop.into()),
                answer => answers.push(answer),
            }
        }
        Ok(answers)
    }

    fn find(&mut self, pair: &PairId) -> Answer<Option<LocalEntry>> {
        listing::find(self, pair)
    }

    fn update(&mut self, before: &LocalEntry, wanted: &LocalChange) -> Answer<Created> {
        let message = self.as_told(before)?;
        self.rewrite(&message, before, wanted)?;
        let id = message.entry_id().map_err(trouble)?;
        let mut created = self.created(&id, &message)?;
        drop(message);
        if let Some(folder) = wanted
            .folder
            .as_ref()
            .filter(|folder| **folder != before.folder)
        {
            created.key = keys::local(&self.move_to(&id, before, folder)?);
        }
        Ok(created)
    }

    fn delete(&mut self, deletion: &Deletion<LocalEntry>) -> Answer<()> {
        let told = deletion.what();
        let message = self.as_told(told)?;
        let id = message.entry_id().map_err(trouble)?;
        drop(message);
        let folder = self.open_folder(&told.folder)?;
        folder.delete_messages(&[id]).map_err(trouble)
    }

    fn acknowledge(&mut self, entry: &LocalEntry, pair: &PairId) -> Answer<()> {
        let tag = self.columns.pair();
        let bound = self.save_with(&entry.key, |message| {
            if message.text(tag)?.as_deref() == Some(pair.as_str()) {
                return Ok(false);
            }
            message.set(tag, pair.as_str())?;
            Ok(true)
        });
        if let Some(revisions) = trouble::unless_gone(bound)? {
            self.revisions.insert(entry.key.clone(), revisions);
        }
        Ok(())
    }

    fn acknowledged_revision(&mut self, key: &LocalKey) -> Option<(Version, Version)> {
        self.revisions.remove(key)
    }

    fn acknowledge_gone(&mut self, _key: &LocalKey) -> Answer<()> {
        // The common state knows.
        Ok(())
    }

    fn unbind(&mut self, key: &LocalKey) -> Answer<()> {
        let tag = self.columns.pair();
        let unbound = self.save_with(key, |message| {
            if message.text(tag)?.is_none() {
                return Ok(false);
            }
            message.delete(&[tag])?;
            Ok(true)
        });
        trouble::unless_gone(unbound).map(drop)
    }

    fn mark_unsent(&mut self, key: &LocalKey, why: Option<&str>) -> Answer<()> {
        let marked = self.save_with(key, |message| self.columns.mark_unsent(message, why));
        trouble::unless_gone(marked).map(drop)
    }

    fn create_folder(
        &mut self,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<LocalFolderKey> {
        let parent = self.open_parent(parent)?;
        let folder = parent.open_or_create_folder(name).map_err(trouble)?;
        match folder.text(PR_CONTAINER_CLASS_W).map_err(trouble)? {
            Some(class) if !folders::is_for_mail(&class) => {
                let text =
                    format!("there is a folder of this name, and it is for other things: {class}");
                return Err(Trouble::refused(text));
            }
            Some(_) => {}
            None => folder
                .set(PR_CONTAINER_CLASS_W, MAIL_CLASS)
                .map_err(trouble)?,
        }
        Ok(keys::folder(&folder.entry_id().map_err(trouble)?))
    }

    fn rename_folder(
        &mut self,
        folder: &LocalFolderKey,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<()> {
        let place = self.place(folder)?;
        let target = parent.map_or_else(|| keys::folder(self.places.top()), LocalFolderKey::clone);
        if keys::folder(&place.parent) == target {
            return self.open_folder(folder)?.rename(name).map_err(trouble);
        }
        let target = self.open_parent(parent)?;
        let parent = self.store.open_folder(&place.parent).map_err(trouble)?;
        let moved = parent.move_folder(&place.id, &target, Some(name));
        moved.map_err(trouble)
    }

    fn delete_folder(&mut self, deletion: &Deletion<LocalFolderKey>) -> Answer<()> {
        let place = self.place(deletion.what())?;
        // Some stores delete a folder with what is in it, whatever the flags say.
        if !self.is_empty(deletion.what())? {
            return Err(Trouble::stale());
        }
        let parent = self.store.open_folder(&place.parent).map_err(trouble)?;
        match parent.delete_folder(&place.id) {
            // Something has come into it meanwhile.
            Err(_) if !self.is_empty(deletion.what())? => Err(Trouble::stale()),
            deleted => deleted.map_err(trouble),
        }
    }
}

impl StoreSide<'_> {
    fn is_empty(&self, key: &LocalFolderKey) -> Answer<bool> {
        let folder = self.open_folder(key)?;
        let messages = folder.messages().count().map_err(trouble)?;
        Ok(messages == 0 && folder.folders().count().map_err(trouble)? == 0)
    }

    fn place(&self, key: &LocalFolderKey) -> Answer<Place> {
        let tree = self.tree().map_err(trouble)?;
        let place = tree.into_places().find(|place| place.key() == *key);
        place.ok_or_else(Trouble::gone)
    }
}
