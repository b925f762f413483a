//! The databases that are open in this process, each once for all logons.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use super::face::Place;
use super::fault::Result;
use super::identity::Identity;
use super::polling::Polling;
use super::search::Searching;
use super::shared::lock;
use super::teller::Teller;
use crate::database::{Options, Store};

/// All of them.
static OPEN: Mutex<Vec<(Key, Weak<Opened>)>> = Mutex::new(Vec::new());

/// Which database it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// The canonical path of its file.
    File(PathBuf),
    /// Its UID, of one without a file.
    Memory([u8; 16]),
}

/// The store in a file, which is made where there is none: the one that the logons of this process share.
///
/// # Errors
///
/// It can't be opened (STORE-43).
pub fn database(path: &Path, options: Options) -> Result<Store> {
    let opened = Opened::of(Place::File(path.to_owned(), options))?;
    Ok(opened.store.clone())
}

/// A database that is open.
pub(super) struct Opened {
    key: Key,
    /// Before the others, which it uses: it ends first.
    searching: Searching,
    pub(super) store: Store,
    pub(super) teller: Arc<Teller>,
    polling: Polling,
}

impl Opened {
    /// The database of a place, with whoever has it open in this process already.
    ///
    /// # Errors
    ///
    /// It can't be opened (STORE-43).
    pub(super) fn of(place: Place) -> Result<Arc<Self>> {
        // Nothing foreign runs while this is locked.
        let mut all = lock(&OPEN);
        all.retain(|(_, opened)| opened.strong_count() > 0);
        let find = |key: &Key| {
            let mut same = all.iter().filter(|(known, _)| known == key);
            same.find_map(|(_, opened)| opened.upgrade())
        };
        let (key, store) = match place {
            Place::Open(store) => (key_of(&store), store),
            Place::File(path, options) => {
                if let Ok(path) = path.canonicalize()
                    && let Some(known) = find(&Key::File(path))
                {
                    return Ok(known);
                }
                let store = open(&path, options)?;
                (key_of(&store), store)
            }
        };
        if let Some(known) = find(&key) {
            return Ok(known);
        }
        let teller = Arc::new(Teller::new(&store)?);
        let opened = Arc::new(Self {
            key: key.clone(),
            store,
            teller,
            polling: Polling::default(),
            searching: Searching::default(),
        });
        opened.teller.add_watcher(opened.searching.watcher());
        all.push((key, Arc::downgrade(&opened)));
        Ok(opened)
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// From now on somebody wants to hear what other processes do (STORE-41).
    pub(super) fn listen(&self) {
        self.polling.begin(&self.teller);
    }

    /// From now on search folders find what there is (STORE-42).
    ///
    /// # Errors
    ///
    /// There are no threads left.
    pub(super) fn search(&self, identity: &Identity) -> Result<()> {
        let bell = self.polling.bell();
        self.searching.begin(&self.store, identity, bell)
    }

    /// There is something to search.
    pub(super) fn wake_search(&self) {
        self.searching.wake();
    }
}

fn open(path: &Path, options: Options) -> Result<Store> {
    Ok(Store::open_with(path, options)?)
}

fn key_of(store: &Store) -> Key {
    match store.path() {
        // Where the file has just been made, its path leads to it.
        Some(path) => Key::File(path.canonicalize().unwrap_or_else(|_| path.to_owned())),
        None => Key::Memory(store.uid()),
    }
}
