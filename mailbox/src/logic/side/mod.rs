//! A mailbox as one of the two sides of a two-way synchronisation (feature `twoway`).
//!
//! What people did is told by the log of local changes (STORE-45), and acknowledged when the server has it. A message's
//! name there is that of its pair.

use std::collections::HashMap;

use mapi_provider_abi::mapi::{
    MessageFlags, PR_CONTAINER_CLASS_W, PR_DISPLAY_NAME_W, PR_MESSAGE_DELIVERY_TIME,
};
use mapi_provider_mime::Mail;
use mapi_provider_mime::marks::SEEN;
use mapi_provider_twoway::gate::Deletion;
use mapi_provider_twoway::{
    Answer, Created, Failure, Flags, ItemFailure, Listing, Local, LocalChange as Wanted,
    LocalEntry, LocalFolder, LocalFolderKey, LocalKey, NewLocal, PairId, Proof, Role, State, Stop,
    Trouble,
};

use crate::database::{
    DeleteFolder, Error, FolderId, FolderKind, MessageData, MessageId, NewFolder, ObjectId,
    PropertySet, Reader, Remote, Result, Save, Special, Store, Transaction,
};

use super::batch;
use super::draft::Draft;
use super::local::{self, LocalChange};
use super::mailbox::Mailbox;
use entry::{Place, key_of, message_of, revision};
use flags::Names;

mod entry;
mod flags;

/// How many messages are read at once when all are told.
const AT_ONCE: usize = 500;

/// A mailbox as [`Local`]: everything that people see in it, but for the outbox and search folders.
///
/// It belongs to one run. What is written by it is no local change.
#[derive(Debug)]
pub struct MailboxSide {
    mailbox: Mailbox,
    names: Names,
    top: FolderId,
    outbox: FolderId,
    /// What was told and not acknowledged.
    told: HashMap<MessageId, LocalChange>,
}

impl MailboxSide {
    /// The side that a mailbox is.
    ///
    /// # Errors
    ///
    /// The store can't be read or written, or it keeps no local changes.
    pub fn new(mailbox: Mailbox) -> Result<Self> {
        mailbox.check_tracked()?;
        Ok(Self {
            names: Names::of(mailbox.store())?,
            top: mailbox.special(Special::IpmSubtree)?,
            outbox: mailbox.special(Special::Outbox)?,
            told: HashMap::new(),
            mailbox,
        })
    }

    /// What a mailbox and its server last had in common: in the mailbox's own file, in tables of its own. That of a mailbox
    /// in memory is new each time.
    ///
    /// # Errors
    ///
    /// The file can't be opened or written, or a newer version has written the state.
    pub fn state(mailbox: &Mailbox) -> std::result::Result<State, Stop> {
        let fatal = |error: Error| Stop::Fatal(error.to_string());
        let connection = mailbox.store().connect_for_state().map_err(fatal)?;
        Ok(State::with(connection)?)
    }

    fn db(&self) -> &Store {
        self.mailbox.store()
    }

    /// Tells these messages, as they are now. Answers how many of them count as being there.
    fn tell(
        &self,
        ids: &[MessageId],
        place: &mut Place,
        listing: &mut dyn Listing<LocalEntry, LocalKey>,
    ) -> Answer<u64> {
        let mut count = 0;
        for some in ids.chunks(AT_ONCE) {
            // Nobody waits for the engine: it is told after the transaction.
            let entries = self.db().read(|reader| {
                let entries = some.iter().map(|id| self.look(reader, *id, place));
                entries.collect::<Result<Vec<_>>>()
            });
            for (id, look) in some.iter().zip(entries.map_err(trouble)?) {
                match look {
                    Look::Entry(entry) => listing.entry(*entry)?,
                    Look::Elsewhere => listing.present(key_of(*id))?,
                    Look::Gone => {
                        listing.gone(key_of(*id))?;
                        continue;
                    }
                }
                count += 1;
            }
        }
        Ok(count)
    }

    fn look(&self, reader: &Reader<'_>, id: MessageId, place: &mut Place) -> Result<Look> {
        let Some(info) = reader.message_info(id)? else {
            return Ok(Look::Gone);
        };
        if info.associated || !place.is_shared(reader, info.folder)? {
            return Ok(Look::Elsewhere);
        }
        let entry = entry::read(reader, &info, self.names)?;
        Ok(Look::Entry(Box::new(entry)))
    }

    /// What becomes of a message in a transaction, if it still is as it was told.
    fn change<T>(
        &self,
        told: &LocalEntry,
        change: impl FnOnce(&Transaction<'_>, MessageId) -> Result<Answer<T>>,
    ) -> Answer<T> {
        let id = message_of(&told.key)?;
        let done = self.db().write(|tx| {
            let Some(info) = tx.message_info(id)? else {
                return Ok(Err(Trouble::gone()));
            };
            let now = entry::read(tx, &info, self.names)?;
            let is_same = now.folder == told.folder
                && now.flags == told.flags
                && now.revision == told.revision;
            if is_same {
                change(tx, id)
            } else {
                Ok(Err(Trouble::stale()))
            }
        });
        done.map_err(trouble)?
    }

    /// A new message, ready to be written.
    fn prepared(&self, new: &NewLocal) -> Result<MessageData> {
        let mut draft = Draft::new(self.db(), MessageData::default(), true);
        draft.mail(&Mail::read(&new.content))?;
        draft.set(PR_MESSAGE_DELIVERY_TIME, entry::file_time(new.date));
        self.names.put(&new.flags, draft.props());
        Ok(draft.data)
    }

    /// The properties and content that a message is to have, if any of them is different.
    fn rewritten(&self, id: MessageId, wanted: &Wanted) -> Answer<Option<MessageData>> {
        let message = self.db().open_message(id).map_err(trouble)?;
        let message = message.ok_or_else(Trouble::gone)?;
        let mut draft = Draft::new(self.db(), (*message.data).clone(), false);
        let mut is_changed = false;
        if let Some(content) = &wanted.content {
            // TWOWAY-18: whatever it is, it goes back as it came.
            draft.mail(&Mail::read(content)).map_err(trouble)?;
            is_changed = true;
        }
        if let Some(flags) = &wanted.flags {
            is_changed |= self.names.put(flags, draft.props());
        }
        Ok(is_changed.then_some(draft.data))
    }
}

/// What a message is to a run.
enum Look {
    Entry(Box<LocalEntry>),
    /// It is there, where the server has no part in it: it waits to be sent.
    Elsewhere,
    Gone,
}

impl Local for MailboxSide {
    fn store(&self) -> String {
        self.db()
            .uid()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    fn folders(&mut self) -> Answer<Vec<LocalFolder>> {
        let folders = self.mailbox.folders().map_err(trouble)?;
        let shared = folders.into_iter().map(|(_, folder)| folder);
        let shared =
            shared.filter(|folder| folder.id != self.outbox && folder.kind != FolderKind::Search);
        Ok(shared
            .map(|folder| LocalFolder {
                key: entry::folder_key(folder.id),
                parent: folder
                    .parent
                    .filter(|parent| *parent != self.top)
                    .map(entry::folder_key),
                name: folder.name,
                is_fixed: folder.special.is_some(),
                role: folder.special.and_then(role_of),
            })
            .collect())
    }

    fn changes(
        &mut self,
        all: bool,
        listing: &mut dyn Listing<LocalEntry, LocalKey>,
    ) -> Answer<Proof> {
        let pending = local::all(self.db()).map_err(trouble)?;
        self.told.clear();
        let mut place = Place::new(self.top, self.outbox);
        let mut ids = Vec::new();
        for change in pending {
            match change.object {
                // Folders are always told whole.
                ObjectId::Folder(_) => change.acknowledge().map_err(trouble)?,
                ObjectId::Message(id) => {
                    ids.push(id);
                    self.told.insert(id, change);
                }
            }
        }
        if !all {
            self.tell(&ids, &mut place, listing)?;
            return Ok(Proof::Told);
        }
        // All IDs of one moment: what moves meanwhile is not missed.
        let ids = self.db().read(|reader| {
            let mut ids = Vec::new();
            for (_, folder) in reader.tree(self.top)? {
                ids.extend(reader.message_ids(folder.id)?);
            }
            Ok(ids)
        });
        let count = self.tell(&ids.map_err(trouble)?, &mut place, listing)?;
        Ok(Proof::Complete { count })
    }

    fn read(&mut self, key: &LocalKey) -> Answer<Vec<u8>> {
        let message = self.mailbox.message(message_of(key)?).map_err(trouble)?;
        let data = message.ok_or_else(Trouble::gone)?.data;
        let mail = self.mailbox.to_mail(&data).map_err(trouble)?;
        let original = self.mailbox.unedited(&data, &mail).map_err(trouble)?;
        match original {
            Some(octets) => Ok(octets),
            None => mail
                .to_octets()
                .map_err(|error| Trouble::refused(error.to_string())),
        }
    }

    fn create(&mut self, items: &[NewLocal]) -> Answer<Vec<Answer<Created>>> {
        let mut prepared = Vec::with_capacity(items.len());
        for new in items {
            prepared.push(self.prepared(new).map_err(trouble)?);
        }
        let made = self.db().write(|tx| {
            let both = items.iter().zip(&prepared);
            both.map(|(new, data)| create(tx, new, data)).collect()
        });
        made.map_err(trouble)
    }

    fn find(&mut self, pair: &PairId) -> Answer<Option<LocalEntry>> {
        let found = self.db().read(|reader| {
            let Some(id) = reader.message_of_server(pair.as_str())? else {
                return Ok(None);
            };
            let info = reader.message_info(id)?;
            info.map(|info| entry::read(reader, &info, self.names))
                .transpose()
        });
        found.map_err(trouble)
    }

    fn update(&mut self, before: &LocalEntry, wanted: &Wanted) -> Answer<Created> {
        let id = message_of(&before.key)?;
        let data = self.rewritten(id, wanted)?;
        self.change(before, |tx, id| {
            if let Some(folder) = &wanted.folder {
                match move_to(tx, id, folder)? {
                    Ok(()) => {}
                    Err(trouble) => return Ok(Err(trouble)),
                }
            }
            if let Some(flags) = &wanted.flags {
                mark(tx, id, flags)?;
            }
            if let Some(data) = &data {
                save(tx, id, data)?;
            }
            let info = tx.existing_message(id)?;
            Ok(Ok(Created {
                key: key_of(id),
                revision: revision(info.version),
            }))
        })
    }

    fn delete(&mut self, deletion: &Deletion<LocalEntry>) -> Answer<()> {
        self.change(deletion.what(), |tx, id| {
            if tx.delete_messages(&[id])?.is_partial() {
                return Ok(Err(Trouble::failed("it waits to be sent")));
            }
            tx.drop_pending(ObjectId::Message(id)).map(Ok)
        })
    }

    fn acknowledge(&mut self, entry: &LocalEntry, pair: &PairId) -> Answer<()> {
        let id = message_of(&entry.key)?;
        let remote = Remote {
            server_id: pair.as_str().to_owned(),
            server_version: None,
        };
        let done = match self.told.get(&id) {
            Some(change) => change.acknowledge_as(&remote),
            None => self.db().write(|tx| match tx.message_info(id)? {
                Some(_) => tx.set_remote(ObjectId::Message(id), &remote),
                None => Ok(()),
            }),
        };
        done.map_err(trouble)
    }

    fn acknowledge_gone(&mut self, key: &LocalKey) -> Answer<()> {
        match self.told.get(&message_of(key)?) {
            Some(change) => change.acknowledge().map_err(trouble),
            None => Ok(()),
        }
    }

    fn unbind(&mut self, key: &LocalKey) -> Answer<()> {
        let object = ObjectId::Message(message_of(key)?);
        self.db()
            .write(|tx| tx.forget_remote(object))
            .map_err(trouble)
    }

    fn mark_unsent(&mut self, key: &LocalKey, why: Option<&str>) -> Answer<()> {
        let id = message_of(key)?;
        let Some(message) = self.mailbox.message(id).map_err(trouble)? else {
            return Ok(());
        };
        let mut data = (*message.data).clone();
        if !self.names.mark_unsent(why, &mut data.props) {
            return Ok(());
        }
        let saved = self.db().write(|tx| match tx.message_info(id)? {
            // Whoever has saved it meanwhile is told again anyway.
            Some(info) if info.version == message.info.version => save(tx, id, &data),
            _ => Ok(()),
        });
        saved.map_err(trouble)
    }

    fn create_folder(
        &mut self,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<LocalFolderKey> {
        let parent = entry::parent(parent, self.top)?;
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, name);
        props.set_tag(PR_CONTAINER_CLASS_W, "IPF.Note");
        let made = self.db().write(|tx| {
            tx.create_folder(&NewFolder {
                parent,
                kind: FolderKind::Generic,
                props: &props,
                open_existing: true,
            })
        });
        made.map(|(id, _)| entry::folder_key(id)).map_err(trouble)
    }

    fn rename_folder(
        &mut self,
        folder: &LocalFolderKey,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<()> {
        let id = entry::folder_of(folder)?;
        let parent = entry::parent(parent, self.top)?;
        let moved = self.db().write(|tx| tx.move_folder(id, parent, Some(name)));
        moved.map_err(trouble)
    }

    fn delete_folder(&mut self, deletion: &Deletion<LocalFolderKey>) -> Answer<()> {
        let id = entry::folder_of(deletion.what())?;
        let deleted = self.db().write(|tx| {
            let how = DeleteFolder::default();
            match tx.delete_folder(id, how) {
                Ok(_) => tx.drop_pending(ObjectId::Folder(id)).map(Ok),
                Err(Error::HasMessages | Error::HasFolders) => Ok(Err(Trouble::stale())),
                Err(error) => Err(error),
            }
        });
        deleted.map_err(trouble)?
    }
}

fn create(tx: &Transaction<'_>, new: &NewLocal, data: &MessageData) -> Result<Answer<Created>> {
    // An earlier run has made it, and could not say so any more.
    let id = match tx.message_of_server(new.pair.as_str())? {
        Some(id) => id,
        None => {
            let Ok(folder) = entry::folder_of(&new.folder) else {
                return Ok(Err(Trouble::stale()));
            };
            if tx.folder(folder)?.is_none() {
                return Ok(Err(Trouble::stale()));
            }
            let id = tx.new_message_id();
            tx.save_message(&Save {
                id,
                folder,
                associated: false,
                base: None,
                force: false,
                read: new.flags.contains(SEEN),
                keep_time: false,
                data,
            })?;
            mark(tx, id, &new.flags)?;
            let remote = Remote {
                server_id: new.pair.as_str().to_owned(),
                server_version: None,
            };
            tx.set_remote(ObjectId::Message(id), &remote)?;
            id
        }
    };
    let info = tx.existing_message(id)?;
    Ok(Ok(Created {
        key: key_of(id),
        revision: revision(info.version),
    }))
}

fn save(tx: &Transaction<'_>, id: MessageId, data: &MessageData) -> Result<()> {
    let info = tx.existing_message(id)?;
    tx.save_message(&Save {
        id,
        folder: info.folder,
        associated: info.associated,
        base: Some(info.version),
        force: false,
        read: info.read,
        keep_time: false,
        data,
    })
    .map(drop)
}

/// The flags that are no properties.
fn mark(tx: &Transaction<'_>, id: MessageId, flags: &Flags) -> Result<()> {
    let info = tx.existing_message(id)?;
    let read = flags.contains(SEEN);
    if info.read != read {
        batch::mark(tx, &info, read)?;
    }
    let unsent = MessageFlags::UNSENT.bits();
    let set = if flags::is_draft(flags) { unsent } else { 0 };
    if info.flags & unsent != set {
        tx.set_flags(id, set, unsent & !set)?;
    }
    Ok(())
}

fn move_to(tx: &Transaction<'_>, id: MessageId, folder: &LocalFolderKey) -> Result<Answer<()>> {
    let Ok(folder) = entry::folder_of(folder) else {
        return Ok(Err(Trouble::stale()));
    };
    if tx.folder(folder)?.is_none() {
        return Ok(Err(Trouble::stale()));
    }
    if tx.existing_message(id)?.folder == folder {
        return Ok(Ok(()));
    }
    if tx.move_messages(&[id], folder)?.is_partial() {
        return Ok(Err(Trouble::failed("it waits to be sent")));
    }
    Ok(Ok(()))
}

/// What a folder that every store has is for.
fn role_of(special: Special) -> Option<Role> {
    match special {
        Special::Inbox => Some(Role::Inbox),
        Special::SentItems => Some(Role::Sent),
        Special::DeletedItems => Some(Role::Trash),
        _ => None,
    }
}

/// What an error of the database means for a run.
fn trouble(error: Error) -> Trouble {
    let text = error.to_string();
    let kind = match error {
        Error::NotFound(_) | Error::Deleted => Failure::Gone,
        Error::DiskFull => Failure::Full,
        Error::Collision(_) | Error::FolderCycle | Error::SpecialFolder | Error::SearchFolder => {
            Failure::Refused
        }
        Error::Busy | Error::OutOfMemory | Error::Invalid(_) => Failure::Failed,
        _ => return Stop::Fatal(text).into(),
    };
    ItemFailure::new(kind, text).into()
}
