//! The server's side: what a team writes.

use std::collections::BTreeSet;
use std::hash::Hasher;

use crate::gate::Deletion;
use crate::item::{Flags, FolderKey, ItemKey, PairId, Role, Version};
use crate::outcome::{Answer, Trouble};
use crate::report::Monitor;
use crate::told::{Cursor, Listed, Listing};

/// A server, or an account at one.
pub trait Remote {
    /// What tells this account from others: `imaps://ann@example.org`. A state that was kept for another one is not used.
    fn account(&self) -> String;

    /// Feeds a hasher with the password, or whatever else it logs on with: what a server has refused is not tried again
    /// until this is different (TWOWAY-23). It is kept nowhere but as a number, in memory.
    fn hash_logon(&self, hasher: &mut dyn Hasher) {
        let _ = hasher;
    }

    /// Connects and logs on. A run does so once, and again after [`Stop::Lost`](crate::Stop::Lost), a few times. Every wait
    /// has to have an end, and to end when `monitor` says that the run is cancelled (TWOWAY-21).
    ///
    /// # Errors
    ///
    /// [`Stop`](crate::Stop): what was in the way. A refused password is [`Stop::Logon`](crate::Stop::Logon).
    fn connect<'r>(&'r self, monitor: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>>;
}

/// The verbs of a server.
///
/// What a server does not have is left as it is here, and [`abilities`](Self::abilities) says so: then nothing that needs it
/// is planned. What can't go up stays local, and is told.
///
/// [`Failure::Gone`](crate::Failure::Gone) says that the folder was opened, is the one that was listed, and has no such item.
/// If it can't be opened, or is another one by now (`UIDVALIDITY`), that is [`Failure::Stale`](crate::Failure::Stale).
///
/// Every verb has three outcomes: done, this item failed ([`Trouble::Item`]), the run ends ([`Trouble::Stop`]). If the
/// answer to a verb may have been lost, that is [`Stop::Lost`](crate::Stop::Lost), never a failure of the item: the next
/// attempt finds out what happened.
pub trait Session {
    /// What this server can do. Asked once a session.
    fn abilities(&self) -> Abilities;

    /// All folders. One that is left out is taken as gone only once [`has_folder`](Self::has_folder) says so too.
    ///
    /// A server without folders leaves this as it is: there is one folder, `INBOX`.
    ///
    /// # Errors
    ///
    /// The folders can't be listed.
    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        Ok(vec![RemoteFolder::new(FolderKey::new("INBOX"), "Inbox")])
    }

    /// Whether a folder is there, by opening it by its key (TWOWAY-07).
    ///
    /// # Errors
    ///
    /// It can't be found out. Then it counts as being there.
    fn has_folder(&mut self, folder: &FolderKey) -> Answer<bool> {
        let folders = self.folders()?;
        Ok(folders.iter().any(|one| one.key == *folder))
    }

    /// Tells what has changed in a feed since a cursor that an earlier listing gave; without one, all of it. A server that
    /// can't go on from the cursor tells all of it, too.
    ///
    /// # Errors
    ///
    /// The feed can't be listed. Of what was told nothing is kept.
    fn changes(
        &mut self,
        feed: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed>;

    /// The flags that a folder keeps, as far as its listing has said so: `PERMANENTFLAGS`.
    ///
    /// Asked right after [`changes`](Self::changes). What a folder does not keep stays here, is told, and is not sent; that the
    /// server does not have it is no change of theirs (TWOWAY-11, TWOWAY-20).
    fn kept_flags(&mut self, folder: &FolderKey) -> Keeps {
        let _ = folder;
        Keeps::AsBefore
    }

    /// The content of an item. Nothing is marked as read by it (TWOWAY-12).
    ///
    /// # Errors
    ///
    /// [`Failure::Gone`](crate::Failure::Gone): the server has no such item.
    fn fetch(&mut self, item: &ItemRef, part: Part) -> Answer<Vec<u8>>;

    /// The contents of several items of one feed, each given to `take` as soon as it is there, by its number among `items`.
    /// For servers that answer many at once.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch), for all of them; and what `take` gives, to be passed on by `?`. What was not given to
    /// `take` counts as failed.
    fn fetch_many(
        &mut self,
        items: &[ItemRef],
        part: Part,
        take: &mut dyn FnMut(usize, Answer<Vec<u8>>) -> Answer<()>,
    ) -> Answer<()> {
        for (number, item) in items.iter().enumerate() {
            match self.fetch(item, part) {
                Err(Trouble::Stop(stop)) => return Err(stop.into()),
                answer => take(number, answer)?,
            }
        }
        Ok(())
    }

    /// A note taken before items are put into a folder, which helps [`find`](Self::find) later: IMAP's `UIDNEXT`.
    ///
    /// # Errors
    ///
    /// None can be had. Then nothing is put.
    fn marker(&mut self, folder: &FolderKey) -> Answer<Option<String>> {
        let _ = folder;
        Ok(None)
    }

    /// Makes a new item. The server keeps its token if it can.
    ///
    /// # Errors
    ///
    /// Nothing was made, and that is certain.
    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        let _ = item;
        Err(Trouble::unsupported())
    }

    /// Items of a folder that were put with this token. None is an answer too: no such item is there, for certain.
    ///
    /// # Errors
    ///
    /// It can't be found out. Then the item is not put again in this run.
    fn find(
        &mut self,
        folder: &FolderKey,
        token: &PairId,
        marker: Option<&str>,
    ) -> Answer<Vec<RemoteEntry>> {
        let _ = (folder, token, marker);
        Err(Trouble::unsupported())
    }

    /// Adds and removes single flags, and leaves all others as they are (TWOWAY-11). Answers the new version, if the content
    /// is certainly still that of the version that `item` names: what somebody has edited meanwhile must be seen as new.
    ///
    /// # Errors
    ///
    /// The flags are as they were.
    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        let _ = (item, add, remove);
        Err(Trouble::unsupported())
    }

    /// Takes an item out of a folder and puts it into another one. Other folders of it stay. It is never in none. Answers a
    /// version as [`mark`](Self::mark) does.
    ///
    /// # Errors
    ///
    /// It is where it was.
    fn move_item(&mut self, item: &ItemRef, from: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        let _ = (item, from, to);
        Err(Trouble::unsupported())
    }

    /// Replaces the content of an item in place, if it still has the version that `item` names. Only for
    /// [`Editing::InPlace`].
    ///
    /// # Errors
    ///
    /// [`Failure::Stale`](crate::Failure::Stale): somebody else was faster. The item is as it was.
    fn replace(&mut self, item: &ItemRef, content: &[u8]) -> Answer<Placed> {
        let _ = (item, content);
        Err(Trouble::unsupported())
    }

    /// Deletes an item, and nothing but this item (TWOWAY-10). If a version is named, only the item that still has that
    /// one: what somebody has edited since it was listed stays (TWOWAY-29).
    ///
    /// # Errors
    ///
    /// [`Failure::Gone`](crate::Failure::Gone) is as good as done. Otherwise it is still there:
    /// [`Failure::Stale`](crate::Failure::Stale) if it has another version.
    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        let _ = deletion;
        Err(Trouble::unsupported())
    }

    /// Makes a folder. If there is one of that name at that place, it is that one.
    ///
    /// # Errors
    ///
    /// There is none.
    fn create_folder(&mut self, parent: Option<&FolderKey>, name: &str) -> Answer<RemoteFolder> {
        let _ = (parent, name);
        Err(Trouble::unsupported())
    }

    /// Gives a folder another name or parent. Answers what it is called now.
    ///
    /// # Errors
    ///
    /// It is as it was.
    fn rename_folder(
        &mut self,
        folder: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        let _ = (folder, parent, name);
        Err(Trouble::unsupported())
    }

    /// Deletes a folder that has nothing in it.
    ///
    /// # Errors
    ///
    /// [`Failure::Stale`](crate::Failure::Stale): there is something in it. Look right before (TWOWAY-15).
    fn delete_folder(&mut self, deletion: &Deletion<FolderKey>) -> Answer<()> {
        let _ = deletion;
        Err(Trouble::unsupported())
    }
}

/// The flags that a folder keeps: see [`Session::kept_flags`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Keeps {
    /// It was not opened, or has said nothing of it: as it said when it was listed before, and any if it never did.
    #[default]
    AsBefore,
    /// Any: `\\*`.
    Any,
    /// These, and no others.
    Only(Flags),
}

/// What a server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Abilities {
    /// Each folder tells its own changes, and an item's key is good within its folder (IMAP). Otherwise one feed tells
    /// those of the whole account (JMAP), and an item may be in several folders.
    pub per_folder: bool,
    /// It takes new items.
    pub put: bool,
    /// It finds an item by its token.
    pub find: bool,
    /// It keeps flags.
    pub mark: bool,
    /// It moves items.
    pub move_item: bool,
    /// It deletes items.
    pub delete: bool,
    /// How an item gets another content.
    pub editing: Editing,
    /// Folders can be made, renamed and deleted.
    pub folders: bool,
}

impl Abilities {
    /// A feed that is only read: one list for the whole account.
    pub const fn read_only() -> Self {
        Self {
            per_folder: false,
            put: false,
            find: false,
            mark: false,
            move_item: false,
            delete: false,
            editing: Editing::Never,
            folders: false,
        }
    }

    /// Everything, with content that is replaced in place.
    pub const fn all() -> Self {
        Self {
            per_folder: false,
            put: true,
            find: true,
            mark: true,
            move_item: true,
            delete: true,
            editing: Editing::InPlace,
            folders: true,
        }
    }
}

/// How an item gets another content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Editing {
    /// Not at all: what is edited here stays here, and is told.
    Never,
    /// By [`Session::replace`].
    InPlace,
    /// By a new item, after which the old one is deleted (IMAP).
    ByNewItem,
}

/// The unit in which a server tells changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed<'a> {
    /// The whole account.
    Account,
    /// One folder.
    Folder(&'a FolderKey),
}

/// How much of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Its header only.
    Header,
}

/// An item of the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemRef {
    /// The folder in whose feed its key is good; none where one feed tells the whole account.
    pub folder: Option<FolderKey>,
    /// Its key.
    pub key: ItemKey,
    /// The version that is last known.
    pub version: Option<Version>,
}

/// A folder of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteFolder {
    /// Its key.
    pub key: FolderKey,
    /// The folder that it is in; none at the top.
    pub parent: Option<FolderKey>,
    /// Its name as people read it, decoded.
    pub name: String,
    /// Stays the same when it is renamed, and is no other folder's: `MAILBOXID`, or a `UIDVALIDITY` that no other has.
    /// Needed only where the key does not stay the same (TWOWAY-14).
    pub identity: Option<String>,
    /// It can have items in it.
    pub holds_items: bool,
    /// What it is for, if the server says so: `SPECIAL-USE`. Of two with the same role the first one has it.
    pub role: Option<Role>,
}

impl RemoteFolder {
    /// A folder at the top that can have items.
    pub fn new(key: FolderKey, name: impl Into<String>) -> Self {
        Self {
            key,
            parent: None,
            name: name.into(),
            identity: None,
            holds_items: true,
            role: None,
        }
    }
}

/// An item as the server lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteEntry {
    /// Its key, within the feed.
    pub key: ItemKey,
    /// The folders that it is in. In the feed of a folder it is in that one, and this may be empty.
    pub folders: BTreeSet<FolderKey>,
    /// Its flags, all of them.
    pub flags: Flags,
    /// When it arrived, in seconds since 1970.
    pub date: i64,
    /// How large the server says it is, in bytes. Nothing but the limit of size believes it (TWOWAY-18).
    pub size: Option<u64>,
    /// Differs where the content does. None if an item's content never changes under its key.
    pub version: Option<Version>,
    /// Two items with the same one have the same content: a `Message-ID`, an `EMAILID`. So moves are seen, and known items
    /// are found again under new keys, without fetching them.
    pub identity: Option<String>,
    /// What people call it: the subject. For reports. Empty: what was told before, for whoever doesn't look again.
    pub title: String,
}

impl RemoteEntry {
    /// An item without flags.
    pub fn new(key: ItemKey, date: i64) -> Self {
        Self {
            key,
            folders: BTreeSet::new(),
            flags: Flags::new(),
            date,
            size: None,
            version: None,
            identity: None,
            title: String::new(),
        }
    }
}

/// A new item on its way to the server.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Where it goes.
    pub folder: &'a FolderKey,
    /// By which it can be found if the answer is lost. The same for a second attempt.
    pub token: &'a PairId,
    /// Its flags.
    pub flags: &'a Flags,
    /// When it arrived, in seconds since 1970.
    pub date: i64,
    /// Its content.
    pub content: &'a [u8],
}

/// Where an item is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its key in its folder's feed; none if the server does not say (no `UIDPLUS`).
    pub key: Option<ItemKey>,
    /// Its version.
    pub version: Option<Version>,
}
