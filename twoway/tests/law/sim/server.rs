//! The server, played: as IMAP with everything or nothing, as JMAP with labels, as anything between.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use mapi_provider_twoway::gate::Deletion;
use mapi_provider_twoway::{
    Abilities, Answer, Cursor, Editing, Failure, Feed, Flags, FolderKey, ItemFailure, ItemKey,
    ItemRef, Keeps, Listed, Listing, Monitor, PairId, Part, Placed, Proof, Remote, RemoteEntry,
    RemoteFolder, Role, Session, Stop, Trouble, Upload, Version,
};

#[path = "session.rs"]
mod session;

pub(crate) use self::session::SimRemote;
use super::chaos::Chaos;

// Others mount this file by its path.
#[path = "server_kind.rs"]
mod kind;

pub(crate) use kind::Kind;

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) folders: BTreeSet<u32>,
    pub(crate) flags: Flags,
    pub(crate) content: String,
    pub(crate) date: i64,
    version: u64,
    token: Option<PairId>,
    changed: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) parent: Option<u32>,
    validity: u64,
}

/// What an item is known by, whatever it is edited to: all but the part after a `#`.
pub(crate) fn identity(content: &str) -> String {
    let (name, _) = content.split_once('#').unwrap_or((content, ""));
    name.to_owned()
}

/// What the server has, and how it lies.
pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) items: BTreeMap<u64, Item>,
    pub(crate) folders: BTreeMap<u32, Folder>,
    gone: Vec<(u64, u32, u64)>,
    next: u64,
    clock: u64,
    /// Items that a listing leaves out, though they are there.
    pub(crate) left_out: BTreeSet<u64>,
    /// Folders that a listing leaves out, though they are there.
    pub(crate) folders_left_out: BTreeSet<u32>,
    /// Items that it refuses.
    pub(crate) refused: BTreeSet<String>,
    /// Items that can't be fetched.
    pub(crate) unreadable: BTreeSet<u64>,
    /// Flags that a folder keeps, and no others.
    pub(crate) kept_flags: BTreeMap<u32, Flags>,
    has_said_flags: bool,
    pub(crate) has_room: bool,
    /// It changes what it gets.
    pub(crate) changes_contents: bool,
    pub(crate) takes_password: bool,
    /// What it says that it has made, or moved, whatever that is.
    pub(crate) claims: Option<u64>,
    /// The same of folders.
    pub(crate) claims_folder: Option<u32>,
    /// What folders are for.
    pub(crate) roles: BTreeMap<u32, Role>,
}

pub(crate) type Shared = Rc<RefCell<Server>>;

impl Server {
    pub(crate) fn new(kind: Kind) -> Shared {
        let mut server = Self {
            kind,
            items: BTreeMap::new(),
            folders: BTreeMap::new(),
            gone: Vec::new(),
            next: 1,
            clock: 1,
            left_out: BTreeSet::new(),
            folders_left_out: BTreeSet::new(),
            refused: BTreeSet::new(),
            unreadable: BTreeSet::new(),
            kept_flags: BTreeMap::new(),
            has_said_flags: false,
            has_room: true,
            changes_contents: false,
            takes_password: true,
            claims: None,
            claims_folder: None,
            roles: BTreeMap::new(),
        };
        server.make_folder(None, "Inbox");
        Rc::new(RefCell::new(server))
    }

    pub(crate) fn make_folder(&mut self, parent: Option<u32>, name: &str) -> u32 {
        let id = u32::try_from(self.next).expect("small");
        self.next += 1;
        let folder = Folder {
            name: name.to_owned(),
            parent,
            validity: u64::from(id) + 1000,
        };
        self.folders.insert(id, folder);
        id
    }

    pub(crate) fn key(&self, id: u32) -> FolderKey {
        if self.kind.has_folder_ids {
            FolderKey::new(format!("F{id}"))
        } else {
            FolderKey::new(self.path(id))
        }
    }

    pub(crate) fn path(&self, id: u32) -> String {
        let folder = &self.folders[&id];
        match folder.parent {
            Some(parent) => format!("{}/{}", self.path(parent), folder.name),
            None => folder.name.clone(),
        }
    }

    pub(crate) fn folder(&self, key: &FolderKey) -> Answer<u32> {
        let mut ids = self.folders.keys();
        let found = ids.find(|id| self.key(**id) == *key);
        found.copied().ok_or_else(Trouble::gone)
    }

    pub(crate) fn put(&mut self, folder: u32, content: &str, flags: Flags) -> u64 {
        let key = self.next;
        self.next += 1;
        self.clock += 1;
        let item = Item {
            folders: [folder].into(),
            flags,
            content: content.to_owned(),
            date: i64::try_from(key).expect("small"),
            version: 1,
            token: None,
            changed: self.clock,
        };
        self.items.insert(key, item);
        self.drop_flags(key);
        key
    }

    /// A folder keeps what it can of an item's flags.
    fn drop_flags(&mut self, key: u64) {
        let Some(item) = self.items.get_mut(&key) else {
            return;
        };
        for folder in &item.folders {
            if let Some(kept) = self.kept_flags.get(folder) {
                item.flags = item.flags.without(&item.flags.without(kept));
            }
        }
    }

    pub(crate) fn touch(&mut self, key: u64) -> &mut Item {
        self.clock += 1;
        let item = self.items.get_mut(&key).expect("there");
        item.changed = self.clock;
        item
    }

    pub(crate) fn edit(&mut self, key: u64, content: &str) {
        if self.kind.abilities.editing == Editing::ByNewItem {
            // Content never changes under a key: a new item takes the old one's place.
            let old = self.items[&key].clone();
            let new = self.put(*old.folders.first().expect("one"), content, old.flags);
            self.items.get_mut(&new).expect("made").date = old.date;
            self.remove(key);
        } else {
            let item = self.touch(key);
            item.content = content.to_owned();
            item.version += 1;
        }
    }

    pub(crate) fn remove(&mut self, key: u64) {
        if let Some(item) = self.items.remove(&key) {
            self.clock += 1;
            for folder in item.folders {
                self.gone.push((self.clock, folder, key));
            }
        }
    }

    /// Moves an item; in a server of folders it gets a new key.
    pub(crate) fn move_item(&mut self, key: u64, from: u32, to: u32) -> u64 {
        if self.kind.abilities.per_folder {
            let old = self.items[&key].clone();
            self.remove(key);
            let new = self.put(to, &old.content, old.flags);
            let item = self.items.get_mut(&new).expect("made");
            item.date = old.date;
            item.token = old.token;
            return new;
        }
        let item = self.touch(key);
        item.folders.remove(&from);
        item.folders.insert(to);
        key
    }

    pub(crate) fn remove_folder(&mut self, id: u32) {
        let below: Vec<u32> = self.children(id);
        for child in below {
            self.remove_folder(child);
        }
        let keys: Vec<u64> = self.items.keys().copied().collect();
        for key in keys {
            let folders = &self.items[&key].folders;
            if folders.contains(&id) {
                if folders.len() == 1 {
                    self.remove(key);
                } else {
                    self.touch(key).folders.remove(&id);
                }
            }
        }
        self.folders.remove(&id);
    }

    pub(crate) fn children(&self, id: u32) -> Vec<u32> {
        let folders = self.folders.iter();
        folders
            .filter(|(_, folder)| folder.parent == Some(id))
            .map(|(id, _)| *id)
            .collect()
    }

    /// All keys of all items become new ones, and cursors mean nothing.
    pub(crate) fn new_validity(&mut self) {
        let old = std::mem::take(&mut self.items);
        for (number, (_, mut item)) in old.into_iter().enumerate() {
            self.clock += 1;
            item.changed = self.clock;
            // Old keys and new ones overlap.
            self.items.insert(number as u64 + 1, item);
        }
        for folder in self.folders.values_mut() {
            folder.validity += 1_000_000;
        }
        self.gone.clear();
    }

    fn entry(&self, key: u64) -> RemoteEntry {
        let item = &self.items[&key];
        let mut entry = RemoteEntry::new(ItemKey::new(key.to_string()), item.date);
        entry.folders = item.folders.iter().map(|id| self.key(*id)).collect();
        entry.flags = item.flags.clone();
        entry.version = self.version(item);
        entry.identity = self.kind.says_identity.then(|| identity(&item.content));
        entry.title = item.content.clone();
        // Nobody believes it.
        entry.size = Some(3);
        entry
    }

    fn version(&self, item: &Item) -> Option<Version> {
        let is_fixed = self.kind.abilities.editing == Editing::ByNewItem;
        (!is_fixed).then(|| Version::new(item.version.to_string()))
    }

    fn placed(&self, key: u64) -> Placed {
        let key = self.claims.unwrap_or(key);
        Placed {
            key: self.kind.says_keys.then(|| ItemKey::new(key.to_string())),
            version: self.version(&self.items[&key]),
        }
    }

    fn item(&self, item: &ItemRef) -> Answer<u64> {
        // Of an item in a folder that can't be opened nothing is known.
        let folder = match &item.folder {
            Some(key) => Some(self.folder(key).map_err(|_| Trouble::stale())?),
            None => None,
        };
        let key: u64 = item.key.as_str().parse().map_err(|_| Trouble::gone())?;
        let found = self.items.get(&key).ok_or_else(Trouble::gone)?;
        if folder.is_some_and(|id| !found.folders.contains(&id)) {
            return Err(Trouble::gone());
        }
        Ok(key)
    }

    fn list(
        &self,
        feed: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        let folder = match feed {
            Feed::Account => None,
            Feed::Folder(key) => Some(self.folder(key)?),
        };
        let validity = folder.map_or(0, |id| self.folders[&id].validity);
        let known = since.map(|cursor| {
            let text = String::from_utf8(cursor.0.clone()).expect("ours");
            let (validity, clock) = text.split_once('.').expect("ours");
            (
                validity.parse::<u64>().expect("ours"),
                clock.parse::<u64>().expect("ours"),
            )
        });
        if known.is_some_and(|(was, _)| was != validity) {
            listing.reset()?;
        }
        let since = known.filter(|(was, _)| *was == validity && self.kind.tells_changes);
        let since = since.map_or(0, |(_, clock)| clock);
        let mut count = 0;
        for (key, item) in &self.items {
            if folder.is_some_and(|id| !item.folders.contains(&id)) {
                continue;
            }
            count += 1;
            if item.changed > since && !self.left_out.contains(key) {
                listing.entry(self.entry(*key))?;
            }
        }
        for (at, id, key) in &self.gone {
            let is_here = folder.is_none_or(|folder| folder == *id);
            if *at > since && since > 0 && is_here && !self.items.contains_key(key) {
                listing.gone(ItemKey::new(key.to_string()))?;
            }
        }
        let proof = if since == 0 {
            Proof::Complete { count }
        } else {
            Proof::Told
        };
        Ok(Listed {
            proof,
            cursor: Some(Cursor(format!("{validity}.{}", self.clock).into_bytes())),
        })
    }
}
