//! The local side, played: with a log of changes, or to be compared.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use mapi_provider_twoway::gate::Deletion;
use mapi_provider_twoway::{
    Answer, Created, Flags, Listing, Local, LocalChange, LocalEntry, LocalFolder, LocalFolderKey,
    LocalKey, NewLocal, PairId, Proof, Trouble, Version,
};

use super::chaos::Chaos;
use super::server::identity;

/// What kind of store it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// It keeps a log of what people did.
    pub(crate) has_log: bool,
    /// An item that is moved gets another key.
    pub(crate) rekeys: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) folder: u32,
    pub(crate) flags: Flags,
    pub(crate) content: String,
    pub(crate) date: i64,
    revision: u64,
    pub(crate) pair: Option<PairId>,
    is_edited: bool,
    /// The server's side has heard of it.
    is_known: bool,
    pub(crate) is_header_only: bool,
}

#[derive(Clone)]
pub(crate) struct Store {
    kind: Kind,
    pub(crate) items: BTreeMap<u32, Item>,
    pub(crate) folders: BTreeMap<u32, (Option<u32>, String)>,
    /// What people did and nobody has acknowledged, with when.
    log: BTreeMap<u32, u64>,
    told: HashMap<u32, u64>,
    next: u32,
    clock: u64,
    pub(crate) unsent: BTreeSet<u32>,
    pub(crate) name: String,
    /// What the last run that did something has left.
    mark: String,
    /// Items that it lists nothing of, though they are there.
    pub(crate) left_out: BTreeSet<u32>,
}

pub(crate) type Shared = Rc<RefCell<Store>>;

impl Store {
    pub(crate) fn new(kind: Kind) -> Shared {
        let mut store = Self {
            kind,
            items: BTreeMap::new(),
            folders: BTreeMap::new(),
            log: BTreeMap::new(),
            told: HashMap::new(),
            next: 1,
            clock: 1,
            unsent: BTreeSet::new(),
            name: "store".to_owned(),
            mark: String::new(),
            left_out: BTreeSet::new(),
        };
        store.make_folder(None, "Inbox");
        Rc::new(RefCell::new(store))
    }

    pub(crate) fn make_folder(&mut self, parent: Option<u32>, name: &str) -> u32 {
        let id = self.next;
        self.next += 1;
        self.folders.insert(id, (parent, name.to_owned()));
        id
    }

    pub(crate) fn path(&self, id: u32) -> String {
        let (parent, name) = &self.folders[&id];
        match parent {
            Some(parent) => format!("{}/{name}", self.path(*parent)),
            None => name.clone(),
        }
    }

    fn note(&mut self, key: u32) {
        self.clock += 1;
        self.log.insert(key, self.clock);
    }

    pub(crate) fn add(&mut self, folder: u32, content: &str, flags: Flags) -> u32 {
        let key = self.next;
        self.next += 1;
        let item = Item {
            folder,
            flags,
            content: content.to_owned(),
            date: i64::from(key),
            revision: 1,
            pair: None,
            is_edited: false,
            is_known: false,
            is_header_only: false,
        };
        self.items.insert(key, item);
        self.note(key);
        key
    }

    pub(crate) fn touch(&mut self, key: u32) -> &mut Item {
        self.note(key);
        self.items.get_mut(&key).expect("there")
    }

    pub(crate) fn edit(&mut self, key: u32, content: &str) {
        let item = self.touch(key);
        item.content = content.to_owned();
        item.revision += 1;
        item.is_edited = true;
    }

    /// Saves it again without a change.
    pub(crate) fn save(&mut self, key: u32) {
        self.touch(key).revision += 1;
    }

    pub(crate) fn move_item(&mut self, key: u32, folder: u32) -> u32 {
        let key = if self.kind.rekeys {
            let item = self.items.remove(&key).expect("there");
            if item.is_known {
                self.note(key);
            } else {
                self.log.remove(&key);
            }
            let new = self.next;
            self.next += 1;
            self.items.insert(new, item);
            new
        } else {
            key
        };
        self.touch(key).folder = folder;
        key
    }

    pub(crate) fn remove(&mut self, key: u32) {
        let item = self.items.remove(&key).expect("there");
        if item.is_known {
            self.note(key);
        } else {
            self.log.remove(&key);
        }
    }

    pub(crate) fn children(&self, id: u32) -> Vec<u32> {
        let folders = self.folders.iter();
        folders
            .filter(|(_, (parent, _))| *parent == Some(id))
            .map(|(id, _)| *id)
            .collect()
    }

    pub(crate) fn remove_folder(&mut self, id: u32) {
        for child in self.children(id) {
            self.remove_folder(child);
        }
        let keys: Vec<u32> = self.items.keys().copied().collect();
        for key in keys {
            if self.items[&key].folder == id {
                self.remove(key);
            }
        }
        self.folders.remove(&id);
    }

    fn entry(&self, key: u32) -> LocalEntry {
        let item = &self.items[&key];
        let keeps_identity = !item.is_edited || item.content.contains('#');
        LocalEntry {
            key: LocalKey::new(key.to_string()),
            folder: LocalFolderKey::new(item.folder.to_string()),
            flags: item.flags.clone(),
            date: item.date,
            revision: Version::new(item.revision.to_string()),
            identity: keeps_identity.then(|| identity(&item.content)),
            pair: item.pair.clone(),
            title: item.content.clone(),
        }
    }

    fn created(&self, key: u32) -> Created {
        Created {
            key: LocalKey::new(key.to_string()),
            revision: Version::new(self.items[&key].revision.to_string()),
        }
    }

    /// A folder in which another one is to be: it has to be there.
    fn parent(&self, key: Option<&LocalFolderKey>) -> Answer<Option<u32>> {
        let parent = key.map(|key| number(key.as_str()));
        match parent {
            Some(id) if !self.folders.contains_key(&id) => Err(Trouble::stale()),
            parent => Ok(parent),
        }
    }

    /// The item, if it is as it was told.
    fn as_told(&self, before: &LocalEntry) -> Answer<u32> {
        let key = number(before.key.as_str());
        if !self.items.contains_key(&key) {
            return Err(Trouble::gone());
        }
        let now = self.entry(key);
        let is_same = now.folder == before.folder
            && now.flags == before.flags
            && now.revision == before.revision;
        if is_same {
            Ok(key)
        } else {
            Err(Trouble::stale())
        }
    }
}

fn number(text: &str) -> u32 {
    text.parse().expect("a key of ours")
}

/// A store as a run has it.
pub(crate) struct SimLocal {
    pub(crate) store: Shared,
    pub(crate) chaos: Chaos,
}

impl SimLocal {
    fn verb<T>(
        &self,
        name: &str,
        writes: bool,
        effect: impl FnOnce(&mut Store) -> Answer<T>,
    ) -> Answer<T> {
        let store = &self.store;
        self.chaos
            .verb(name, writes, || effect(&mut store.borrow_mut()))
    }
}

impl Local for SimLocal {
    fn store(&self) -> String {
        self.store.borrow().name.clone()
    }

    fn mark(&mut self) -> Answer<Option<String>> {
        let store = self.store.borrow();
        // Where there is a log, the state lies beside it in the same file.
        Ok((!store.kind.has_log).then(|| store.mark.clone()))
    }

    fn set_mark(&mut self, mark: &str) -> Answer<()> {
        self.verb("set mark", false, |store| {
            store.mark = mark.to_owned();
            Ok(())
        })
    }

    fn folders(&mut self) -> Answer<Vec<LocalFolder>> {
        let key = |id: u32| LocalFolderKey::new(id.to_string());
        self.verb("local folders", false, |store| {
            let folders = store.folders.iter();
            Ok(folders
                .map(|(id, (parent, name))| LocalFolder {
                    key: key(*id),
                    parent: parent.map(key),
                    name: name.clone(),
                    is_fixed: name == "Inbox",
                    role: None,
                })
                .collect())
        })
    }

    fn changes(
        &mut self,
        all: bool,
        listing: &mut dyn Listing<LocalEntry, LocalKey>,
    ) -> Answer<Proof> {
        self.verb("local changes", false, |store| {
            store.told = store.log.iter().map(|(key, at)| (*key, *at)).collect();
            if store.kind.has_log && !all {
                for key in store.log.keys() {
                    if store.items.contains_key(key) {
                        listing.entry(store.entry(*key))?;
                    } else {
                        listing.gone(LocalKey::new(key.to_string()))?;
                    }
                }
                return Ok(Proof::Told);
            }
            for key in store.items.keys() {
                if !store.left_out.contains(key) {
                    listing.entry(store.entry(*key))?;
                }
            }
            Ok(Proof::Complete {
                count: store.items.len() as u64,
            })
        })
    }

    fn read(&mut self, key: &LocalKey) -> Answer<Vec<u8>> {
        self.verb("read", false, |store| {
            let item = store.items.get(&number(key.as_str()));
            let item = item.ok_or_else(Trouble::gone)?;
            Ok(item.content.clone().into_bytes())
        })
    }

    fn create(&mut self, items: &[NewLocal]) -> Answer<Vec<Answer<Created>>> {
        self.verb("create", true, |store| {
            let mut answers = Vec::new();
            for new in items {
                let folder = number(new.folder.as_str());
                if !store.folders.contains_key(&folder) {
                    answers.push(Err(Trouble::gone()));
                    continue;
                }
                let content = String::from_utf8(new.content.clone()).expect("text");
                let key = store.add(folder, &content, new.flags.clone());
                store.log.remove(&key);
                let item = store.items.get_mut(&key).expect("made");
                item.date = new.date;
                item.pair = Some(new.pair.clone());
                item.is_known = true;
                item.is_header_only = new.is_header_only;
                answers.push(Ok(store.created(key)));
            }
            Ok(answers)
        })
    }

    fn find(&mut self, pair: &PairId) -> Answer<Option<LocalEntry>> {
        self.verb("local find", false, |store| {
            let mut items = store.items.iter();
            let found = items.find(|(_, item)| item.pair.as_ref() == Some(pair));
            Ok(found.map(|(key, _)| store.entry(*key)))
        })
    }

    fn update(&mut self, before: &LocalEntry, change: &LocalChange) -> Answer<Created> {
        self.verb("update", true, |store| {
            let mut key = store.as_told(before)?;
            let log = store.log.clone();
            if let Some(folder) = &change.folder {
                let folder = number(folder.as_str());
                if !store.folders.contains_key(&folder) {
                    return Err(Trouble::stale());
                }
                let old = key;
                key = store.move_item(key, folder);
                store.log = log.clone();
                if let Some(at) = store.log.remove(&old) {
                    store.log.insert(key, at);
                }
                if let Some(at) = store.told.remove(&old) {
                    store.told.insert(key, at);
                }
            } else {
                store.log = log.clone();
            }
            let item = store.items.get_mut(&key).expect("there");
            if let Some(flags) = &change.flags {
                item.flags = flags.clone();
            }
            if let Some(content) = &change.content {
                item.content = String::from_utf8(content.clone()).expect("text");
                item.revision += 1;
                item.is_edited = false;
                item.is_header_only = false;
            }
            Ok(store.created(key))
        })
    }

    fn delete(&mut self, deletion: &Deletion<LocalEntry>) -> Answer<()> {
        self.verb("local delete", true, |store| {
            let key = store.as_told(deletion.what())?;
            store.items.remove(&key);
            store.log.remove(&key);
            Ok(())
        })
    }

    fn acknowledge(&mut self, entry: &LocalEntry, pair: &PairId) -> Answer<()> {
        self.verb("acknowledge", false, |store| {
            let key = number(entry.key.as_str());
            if let Some(item) = store.items.get_mut(&key) {
                item.pair = Some(pair.clone());
                item.is_known = true;
                if store.log.get(&key) == store.told.get(&key) {
                    store.log.remove(&key);
                }
            } else if !store.log.contains_key(&key) {
                // It was new and is deleted meanwhile: now the server has it.
                store.note(key);
            }
            Ok(())
        })
    }

    fn acknowledge_gone(&mut self, key: &LocalKey) -> Answer<()> {
        self.verb("acknowledge gone", false, |store| {
            let key = number(key.as_str());
            if !store.items.contains_key(&key) {
                store.log.remove(&key);
            }
            Ok(())
        })
    }

    fn unbind(&mut self, key: &LocalKey) -> Answer<()> {
        self.verb("unbind", false, |store| {
            if let Some(item) = store.items.get_mut(&number(key.as_str())) {
                item.pair = None;
            }
            Ok(())
        })
    }

    fn mark_unsent(&mut self, key: &LocalKey, why: Option<&str>) -> Answer<()> {
        self.verb("mark unsent", false, |store| {
            let key = number(key.as_str());
            if why.is_some() {
                store.unsent.insert(key);
            } else {
                store.unsent.remove(&key);
            }
            Ok(())
        })
    }

    fn create_folder(
        &mut self,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<LocalFolderKey> {
        self.verb("local create_folder", true, |store| {
            let parent = store.parent(parent)?;
            let mut folders = store.folders.iter();
            let there = folders.find(|(_, (p, n))| *p == parent && n == name);
            let id = match there.map(|(id, _)| *id) {
                Some(id) => id,
                None => store.make_folder(parent, name),
            };
            Ok(LocalFolderKey::new(id.to_string()))
        })
    }

    fn rename_folder(
        &mut self,
        folder: &LocalFolderKey,
        parent: Option<&LocalFolderKey>,
        name: &str,
    ) -> Answer<()> {
        self.verb("local rename_folder", true, |store| {
            let parent = store.parent(parent)?;
            let mut above = parent;
            while let Some(at) = above {
                if at == number(folder.as_str()) {
                    return Err(Trouble::refused("a folder can't be in itself"));
                }
                above = store.folders[&at].0;
            }
            let place = (parent, name.to_owned());
            if store.folders.values().any(|one| *one == place) {
                return Err(Trouble::refused("there is one of that name"));
            }
            let one = store.folders.get_mut(&number(folder.as_str()));
            *one.ok_or_else(Trouble::gone)? = place;
            Ok(())
        })
    }

    fn delete_folder(&mut self, deletion: &Deletion<LocalFolderKey>) -> Answer<()> {
        self.verb("local delete_folder", true, |store| {
            let id = number(deletion.what().as_str());
            let is_used = store.items.values().any(|item| item.folder == id);
            if is_used || !store.children(id).is_empty() {
                return Err(Trouble::stale());
            }
            store.folders.remove(&id);
            Ok(())
        })
    }
}
