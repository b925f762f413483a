//! A server whose connection is lost at a call of the test's choice.

use std::cell::Cell;
use std::fmt;
use std::hash::Hasher;

use mapi_provider_twoway::gate::Deletion;
use mapi_provider_twoway::{
    Abilities, Answer, Cursor, Feed, Flags, FolderKey, ItemKey, ItemRef, Keeps, Listed, Listing,
    Monitor, PairId, Part, Placed, Remote, RemoteEntry, RemoteFolder, Session, Stop, Trouble,
    Upload, Version,
};

/// A server of a team's, for its tests: at one call the connection is lost, before the verb has had its effect or after.
///
/// Whatever is lost, the next run has to end as if nothing had been. So a test goes through all of them:
///
/// ```
/// use mapi_provider::twoway::{Faulty, Lost, Remote};
///
/// # fn run(server: &dyn Remote) {}
/// # fn check_that_both_sides_are_equal() {}
/// fn every_call_may_be_lost<R: Remote>(new_world: impl Fn() -> R) {
///     for lost in [Lost::Request, Lost::Answer] {
///         for call in 1.. {
///             let server = Faulty::new(new_world(), call, lost);
///             run(&server);
///             run(server.inner());
///             check_that_both_sides_are_equal();
///             if server.calls() < call {
///                 break; // That many calls a run does not have.
///             }
///         }
///     }
/// }
/// ```
///
/// It belongs to one thread, as a run does.
pub struct Faulty<R> {
    inner: R,
    at: u64,
    lost: Lost,
    calls: Cell<u64>,
}

/// What gets lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The server never hears of it.
    Request,
    /// The server has done it, and nobody hears so.
    Answer,
}

impl<R: Remote> Faulty<R> {
    /// A server that loses its connection at the call of this number, the first one being 1. From then on it works.
    pub fn new(inner: R, at: u64, lost: Lost) -> Self {
        Self {
            inner,
            at,
            lost,
            calls: Cell::new(0),
        }
    }

    /// The server itself, which loses nothing.
    pub fn inner(&self) -> &R {
        &self.inner
    }

    /// How many calls there were.
    pub fn calls(&self) -> u64 {
        self.calls.get()
    }

    /// Has a verb done, unless its connection is lost.
    fn call<T>(&self, verb: impl FnOnce() -> Answer<T>) -> Answer<T> {
        let number = self.calls.get() + 1;
        self.calls.set(number);
        if number != self.at {
            return verb();
        }
        if self.lost == Lost::Answer {
            // What it answers is what is lost.
            drop(verb());
        }
        Err(Trouble::Stop(Stop::Lost(format!(
            "by the test, at call {number}"
        ))))
    }
}

impl<R> fmt::Debug for Faulty<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faulty")
            .field("at", &self.at)
            .field("lost", &self.lost)
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

impl<R: Remote> Remote for Faulty<R> {
    fn account(&self) -> String {
        self.inner.account()
    }

    fn hash_logon(&self, hasher: &mut dyn Hasher) {
        self.inner.hash_logon(hasher);
    }

    fn connect<'r>(&'r self, monitor: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        let session = self.call(|| self.inner.connect(monitor))?;
        Ok(Box::new(FaultySession {
            server: self,
            session,
        }))
    }
}

struct FaultySession<'r, R> {
    server: &'r Faulty<R>,
    session: Box<dyn Session + 'r>,
}

impl<R: Remote> Session for FaultySession<'_, R> {
    fn abilities(&self) -> Abilities {
        self.session.abilities()
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        self.server.call(|| self.session.folders())
    }

    fn has_folder(&mut self, folder: &FolderKey) -> Answer<bool> {
        self.server.call(|| self.session.has_folder(folder))
    }

    fn changes(
        &mut self,
        feed: Feed<'_>,
        since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        self.server
            .call(|| self.session.changes(feed, since, listing))
    }

    fn kept_flags(&mut self, folder: &FolderKey) -> Keeps {
        // It asks nobody.
        self.session.kept_flags(folder)
    }

    fn fetch(&mut self, item: &ItemRef, part: Part) -> Answer<Vec<u8>> {
        self.server.call(|| self.session.fetch(item, part))
    }

    fn fetch_many(
        &mut self,
        items: &[ItemRef],
        part: Part,
        take: &mut dyn FnMut(usize, Answer<Vec<u8>>) -> Answer<()>,
    ) -> Answer<()> {
        self.server
            .call(|| self.session.fetch_many(items, part, take))
    }

    fn marker(&mut self, folder: &FolderKey) -> Answer<Option<String>> {
        self.server.call(|| self.session.marker(folder))
    }

    fn put(&mut self, item: &Upload<'_>) -> Answer<Placed> {
        self.server.call(|| self.session.put(item))
    }

    fn find(
        &mut self,
        folder: &FolderKey,
        token: &PairId,
        marker: Option<&str>,
    ) -> Answer<Vec<RemoteEntry>> {
        self.server
            .call(|| self.session.find(folder, token, marker))
    }

    fn mark(&mut self, item: &ItemRef, add: &Flags, remove: &Flags) -> Answer<Option<Version>> {
        self.server.call(|| self.session.mark(item, add, remove))
    }

    fn move_item(&mut self, item: &ItemRef, from: &FolderKey, to: &FolderKey) -> Answer<Placed> {
        self.server.call(|| self.session.move_item(item, from, to))
    }

    fn replace(&mut self, item: &ItemRef, content: &[u8]) -> Answer<Placed> {
        self.server.call(|| self.session.replace(item, content))
    }

    fn delete(&mut self, deletion: &Deletion<ItemRef>) -> Answer<()> {
        self.server.call(|| self.session.delete(deletion))
    }

    fn create_folder(&mut self, parent: Option<&FolderKey>, name: &str) -> Answer<RemoteFolder> {
        self.server
            .call(|| self.session.create_folder(parent, name))
    }

    fn rename_folder(
        &mut self,
        folder: &FolderKey,
        parent: Option<&FolderKey>,
        name: &str,
    ) -> Answer<RemoteFolder> {
        self.server
            .call(|| self.session.rename_folder(folder, parent, name))
    }

    fn delete_folder(&mut self, deletion: &Deletion<FolderKey>) -> Answer<()> {
        self.server.call(|| self.session.delete_folder(deletion))
    }
}
