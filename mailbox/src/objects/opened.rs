//! The databases that are open in this process, each once for all logons.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};

use super::face::Place;
use super::fault::Result;
use super::identity::Identity;
use super::locks::Locks;
use super::polling::Polling;
use super::search::Searching;
use super::shared::lock;
use super::teller::Teller;
use crate::database::{Options, Store};

/// All of them. Only the list itself is looked at while this is locked: no file, and nothing foreign.
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
    pub(super) locks: Locks,
}

impl Opened {
    /// The database of a place, with whoever has it open in this process already.
    ///
    /// # Errors
    ///
    /// It can't be opened (STORE-43).
    pub(super) fn of(place: Place) -> Result<Arc<Self>> {
        Self::opened_by(place, open)
    }

    /// The same, opened by a function. It waits while another process writes, so nothing is locked then: whoever opens
    /// other files does not wait along.
    fn opened_by(
        place: Place,
        open: impl FnOnce(&Path, Options) -> Result<Store>,
    ) -> Result<Arc<Self>> {
        let (key, store) = match place {
            Place::Open(store) => (key_of(&store), store),
            Place::File(path, options) => {
                if let Ok(path) = path.canonicalize()
                    && let Some(known) = known(&Key::File(path))
                {
                    return Ok(known);
                }
                let store = open(&path, options)?;
                (key_of(&store), store)
            }
        };
        if let Some(known) = known(&key) {
            return Ok(known);
        }
        let teller = Arc::new(Teller::new(&store)?);
        let opened = Arc::new(Self {
            key,
            store,
            teller,
            polling: Polling::default(),
            locks: Locks::default(),
            searching: Searching::default(),
        });
        opened.teller.add_watcher(opened.searching.watcher());
        // Another thread may have opened it meanwhile: then this one is let go, with nothing locked.
        Ok(shared(&opened).unwrap_or(opened))
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

/// Who has a database open in this process.
fn known(key: &Key) -> Option<Arc<Opened>> {
    find(&lock(&OPEN), key)
}

/// Adds what was just opened to the list; answers the one that is in it already.
fn shared(opened: &Arc<Opened>) -> Option<Arc<Opened>> {
    let mut all = lock(&OPEN);
    all.retain(|(_, opened)| opened.strong_count() > 0);
    let known = find(&all, &opened.key);
    if known.is_none() {
        all.push((opened.key.clone(), Arc::downgrade(opened)));
    }
    known
}

fn find(all: &[(Key, Weak<Opened>)], key: &Key) -> Option<Arc<Opened>> {
    let mut same = all.iter().filter(|(known, _)| known == key);
    same.find_map(|(_, opened)| opened.upgrade())
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// Longer than anything takes that does not wait for somebody else.
    const PATIENCE: Duration = Duration::from_secs(20);

    fn file(path: &Path) -> Place {
        Place::File(path.to_owned(), Options::new())
    }

    #[test]
    fn store_43_who_waits_for_a_busy_file_keeps_nobody_from_another_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let (busy, other) = (
            folder.path().join("busy.db"),
            folder.path().join("other.db"),
        );
        let opened = Opened::opened_by(file(&busy), |path, options| {
            // While this one is being opened, which may take seconds.
            let (done, is_done) = mpsc::channel();
            let thread = thread::spawn(move || {
                let opened = Opened::of(file(&other)).map(drop);
                let _ = done.send(opened);
            });
            let other = is_done.recv_timeout(PATIENCE);
            assert_eq!(other, Ok(Ok(())), "the other file waited");
            thread.join().expect("done");
            open(path, options)
        });
        assert!(opened.is_ok());
    }

    #[test]
    fn of_two_who_open_a_file_at_once_both_get_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        let mut first = None;
        let second = Opened::opened_by(file(&path), |path, options| {
            first = Some(Opened::of(file(path))?);
            open(path, options)
        });
        let (first, second) = (first.expect("opened"), second.expect("opened"));
        assert!(Arc::ptr_eq(&first, &second));
        let again = Opened::of(file(&path)).expect("opened");
        assert!(Arc::ptr_eq(&first, &again));
    }
}
